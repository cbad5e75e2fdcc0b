"""The title stage's retrieval, measured: what it finds, what its probabilities are worth, how fast it is.

Belongs here: splits, figures, the naive floor, ablations, throughput. Does not: bounds; those that the
project promises are a test's (`aina_assets_tests/titles/test_benchmark_figures.py`).
"""
