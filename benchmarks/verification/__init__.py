"""Verification, measured: how long a walk takes, and single wrong bits by the thousand."""
