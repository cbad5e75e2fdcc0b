"""The semantic review of packets: by rule and similarity, without a model, the same on every run.

Belongs here: what looks odd about packets that are sound. Does not: holding anything back; a finding is for
people.
"""
