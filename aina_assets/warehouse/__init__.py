"""Typed tables that join the sources, and the DuckDB file that holds them all.

What belongs here: crosswalks, links between signals and tasks, roll-ups, the product file and its
views, the data dictionary. What does not: reading source files, or anything about titles' routes.
"""
