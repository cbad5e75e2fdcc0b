"""What identifies a title, and which batch it is in.

Belongs here: the two functions that must never change, since decisions are kept under what they give.
"""

from __future__ import annotations

import hashlib

from aina_assets.core.settings import title_batch_keys

ID_HEX_DIGITS = 16


def title_id_of(normalized: str) -> str:
    """A title's id: 16 hex digits of the hash of its normalized form."""
    return hashlib.sha256(f"aina-title-1:{normalized}".encode()).hexdigest()[:ID_HEX_DIGITS]


def title_batch_of(title_id: str, batches: int) -> str:
    """The key of a title's batch; it depends on nothing but the id and the number of batches."""
    return title_batch_keys(batches)[(int(title_id[:8], 16) * batches) >> 32]
