"""Assessment: from what a learner says to what a plan is made of, with every assumption stated.

Belongs here: the learner's input, resolving the title, needs per workflow. Does not: choosing what to learn
(`planning`).
"""
