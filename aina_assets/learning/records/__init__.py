"""Events and record: what happened to a learner, append-only, and the record that is folded from it.

Belongs here: events, their versions, the log, the fold, snapshots, replay. Does not: what an evaluation or a
plan says (`evaluating`, `planning`); how mastery is estimated (`mastery`).
"""
