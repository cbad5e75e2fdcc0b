"""Load on the real server: simulated learners, figures of their requests, and processes that are killed."""
