"""Composing packets from evidence: an occupation's, a fallback's, and a title's over one of them.

Belongs here: what a packet shows, in which order, and what it says of what it lacks. Does not: reading
tables, or holding packets against the quality gate.
"""
