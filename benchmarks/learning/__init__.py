"""The learning stage, measured: replay, crashes and writers; the planner; the learner model; the evaluator."""
