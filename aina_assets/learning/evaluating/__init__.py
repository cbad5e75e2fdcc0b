"""Evaluation: an answer held against a locked rubric and the task's key, with the spans that show it.

Belongs here: reading an answer, deterministic checks, an optional model judge, score and feedback. Does not:
tasks and keys (`practice`); what a result does to mastery (`mastery`, `records`).
"""
