"""Adjudication: rules and two blind reviewers settle what evidence could not; a closed account of it all.

Belongs here: from routed titles to one adjudicated state a title. Does not: evidence or routes (`titles`);
what a title is served with (later stages).
"""
