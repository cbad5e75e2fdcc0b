"""AINA: a job title becomes a provable learning path.

One folder a stage, in the order in which data flows: core, sources, warehouse, and those that follow.
A stage imports only what stands before it. Importing this package imports neither Dagster nor DuckDB.
"""

__version__ = "0.1.0"
