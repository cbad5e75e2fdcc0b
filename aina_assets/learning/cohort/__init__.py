"""A cohort of synthetic learners: who they are, what they say, and how they fare at the desk.

Belongs here: making learners and walking their journeys, for builds, tests and demonstrations. Does not:
any part of the desk; a cohort uses it as a person would.
"""
