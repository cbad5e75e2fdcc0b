"""Reviewers: an HTTP endpoint, a command, recorded answers, a person, a simulation. One protocol for all.

- `config`: the reviewers' file; `families`: what is worth a warning in it; `options`: each backend's own.
- `openai_http` with `chat_completions`, `command` with `processes`, `recorded`, `person` with `sheets`,
  `simulated` with `faults`: the backends.
- `attempts`, `limits`, `ledger`, `events`: bounded attempts, rate, cost and progress of all that cost.

What belongs here: getting a raw output for a request, within bounds, and saying what it cost. What does not:
what is asked (`prompts`), and whether an output is usable (`validation`).
"""
