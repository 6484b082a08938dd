"""The program as one archive that runs on any Linux of x86_64 without anything installed: `python -m tools.bundle`."""
