"""Practice: tasks with materials made on the spot, and the answer keys that never leave the engine.

Belongs here: families of tasks, their materials, their keys. Does not: holding an answer against a key
(`evaluating`).
"""
