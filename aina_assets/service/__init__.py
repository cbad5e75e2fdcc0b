"""Service: the local beta. An API and pages over a built state and the learning desk, on this machine alone.

Belongs here: addresses, forms and answers; who may write; what a refusal looks like; keys that make a
repeated request harmless. Does not: assessing, planning, evaluating, routing, deciding. Each of those is a
call into the stage that does it.
"""
