"""Runs the measurements: all of them, or those named."""

from __future__ import annotations

import argparse

NAMES = ("evaluate", "start", "documents", "answers", "scans", "register", "tables")


def main() -> None:
    """Print the measurements asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)}; all if none is named")
    parser.add_argument("--seed", type=int, default=1, help="makes the rules and sites of evaluate (1)")
    parser.add_argument("--sites", type=int, default=200, help="sites of evaluate (200)")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(NAMES))
    if unknown or options.sites < 1:
        parser.error(f"no such measurement: {', '.join(unknown)}" if unknown else "--sites must be at least 1")
    print("Medians of 5 interleaved rounds, least and most beside them.")
    for name in NAMES:
        if name in (options.names or NAMES):
            print()
            _run(name, options)


def _run(name: str, options: argparse.Namespace) -> None:
    """Import only what is measured: start must not need zen-engine."""
    if name == "evaluate":
        from benchmarks import evaluate

        evaluate.run(options.seed, options.sites)
    elif name == "start":
        from benchmarks import start

        start.run()
    elif name == "answers":
        from benchmarks import answers

        answers.run()
    elif name == "register":
        from benchmarks import register

        register.run()
    elif name == "tables":
        from benchmarks import tables

        tables.run(options.seed)
    elif name == "scans":
        from benchmarks.scans import scan

        scan.run()
    else:
        from benchmarks.documents import blanks, records

        blanks.run()
        print()
        records.run()


if __name__ == "__main__":
    main()
