"""Questline beside the same work written by hand; see `python -m benchmarks --help`."""
