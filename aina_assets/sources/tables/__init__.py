"""Contracts of the tables that hold what a source says, row for row.

One module a publisher. What belongs here: row models and keys. What does not: reading.
"""
