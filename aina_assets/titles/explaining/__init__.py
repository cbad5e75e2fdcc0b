"""Explaining a title: what was decided of it, on what evidence, and what would have to be true for more.

Belongs here: gathering and wording. Does not: deciding; that is `certifying`'s and `routing`'s. Printing.
"""
