"""Makes the evaluator's suites: attacks, which must raise no score, and paraphrases, which must lower none."""
