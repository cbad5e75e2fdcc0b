"""Reports for people: what a build came to, in charts and plain words, each figure led back to its receipt.

The stage after the gates. Belongs here: from receipts and tables to pages, and whether the pages say what the
receipts say. Does not: any figure of its own, any decision.
"""
