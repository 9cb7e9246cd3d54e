"""Timing of the program on standard cases: `python -m benchmarks`."""
