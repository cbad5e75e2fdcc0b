"""The network: fetching locked files, asking the BLS API, looking for newer releases, proposing a lock.

Nothing in here runs unless somebody asks for the live lane or for drift. What belongs here: clients and
what upstream has. What does not: what a file says.
"""
