"""Benchmarks of the packets. Figures: benchmarks/README.md."""
