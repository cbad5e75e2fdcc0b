"""Gold: titles whose answer is known, by which claims are measured.

Belongs here: labels and their file, samples, sheets, two passes that become one set. Does not: what a claim
is, or whether it is right.
"""
