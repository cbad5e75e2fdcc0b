"""The work intelligence graph: titles, occupations, tasks, activities, technologies, signals, wages and
practice.

Belongs here: nodes and edges as tables, the DuckDB file with views over them, and paths. Does not: packets.
"""
