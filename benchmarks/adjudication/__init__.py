"""Benchmarks of adjudication: chaos, the fold of a million decisions, rules on gold, a wave at full size.

Belongs here: measuring and proving at sizes that tests have no time for. Does not: what is measured.
"""
