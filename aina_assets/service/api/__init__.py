"""The API: one module for each kind of thing, each address a few lines over the acts and the rooms.

Belongs here: addresses, parameters, statuses, schemas. Does not: doing anything.
"""
