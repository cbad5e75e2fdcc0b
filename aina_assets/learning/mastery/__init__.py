"""Mastery: how likely a learner masters a workflow, and when it is due for review.

Belongs here: the estimates, simulated learners, and the proof that the estimate is worth having. Does not:
events (`records`); what an evaluation is (`evaluating`).
"""
