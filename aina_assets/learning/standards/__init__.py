"""Standards: learner events as xAPI 2.0 statements, and the tree of roles, tasks and skills as CASE 1.1.

Belongs here: shapes of others, and the way there and back. Does not: sending anything anywhere.
"""
