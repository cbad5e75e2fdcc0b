"""Planning: which modules and steps, in which weeks, and why.

Belongs here: what could be learned, choosing within capacity, ordering, reasons to source rows. Does not:
what the learner needs (`assessing`); the practice of a step (`practice`).
"""
