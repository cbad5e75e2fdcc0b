"""Upstream publishers' files: locked, acquired, verified, read.

Order inside: `lock` (what is expected), `acquire` (where it comes from), the readers (what it says),
`drift` (what upstream has now). What belongs here: rows as the source gives them, typed. What does
not: joins between sources; those are the warehouse's.
"""
