"""The gates, measured: every state against Cedar, and what the tests of the decision would let through."""
