"""Makes the evaluator's suites: attacks must raise no score, paraphrases must lower none."""
