"""What every stage shares: settings, errors, storage, table contracts, rule checks, receipts.

Nothing in here knows a particular source, table or title.
"""
