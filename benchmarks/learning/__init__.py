"""The learning stage, measured: the log, the planner, the learner model, the evaluator."""
