"""Measurements, printed as ratios: evaluation against other engines, start-up, printing. Run `python -m benchmarks`."""
