"""Verification: what a state consists of, whether it still is what its receipts say, what a difference voids.

It is built over what lies in the data root, not over a list of stages: tables by the table store, receipts by
their seals and by what they rest on, other files by their folder (see `state`). A new stage is covered by
writing its tables and receipts as the others do. `tools/verify_alone.py` does the same walk with none of this
package's code.
"""
