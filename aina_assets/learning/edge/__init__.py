"""The edge: what a person typed comes in here, and what looks like a real person's data does not.

Belongs here: signals of personal data, refusing, recording a refusal without the data. Does not: deciding
whether the gate `real_user_data` is open (`gates`); that is asked through one protocol, `guard.RealUserData`.
"""
