"""The gates: what may reach out of the local, synthetic engine, and who said so.

Blocked by construction: a gate opens by a signed approval of two people alone, and dies with its term and
with any change of what they looked at. `decide` is the whole rule; everything else here gathers its facts,
keeps its record, or holds an act against its answer.
"""
