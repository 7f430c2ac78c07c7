"""Measures the program beside its floors; see `python -m benchmarks --help`."""
