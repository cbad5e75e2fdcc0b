"""The quality gate of packets: what each must hold, and which fail.

Belongs here: rules over a finished packet, as its reader would get it, against the tables. Does not:
composing; no rule trusts the code that made the packet.
"""
