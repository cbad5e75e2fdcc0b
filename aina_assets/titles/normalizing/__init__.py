"""Normalizing: a raw title's canonical form, and all that is split off on the way.

Belongs here: the rules and the lexicon's reader. Does not: what a title means; no occupation is known here.
"""
