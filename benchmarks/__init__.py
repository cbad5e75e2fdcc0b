"""Benchmarks: each prints its figures as ratios, or against its bound, in one run."""
