"""Memory while many packets are made.

Belongs here: when Python looks for cycles. Does not: what is held.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Make many objects without looking for cycles among them.

    Parts of packets are trees, and there are a million of them: looking through all of them again and again
    takes a fifth of the time of making them. Whatever is dropped is freed as ever, by its count.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
