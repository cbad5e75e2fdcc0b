"""Certifying: what may be claimed of a title, at which measured error.

Belongs here: claims, right and wrong, what scores are worth, the bound of every stratum. Does not: where a
score comes from, or the route that follows.
"""
