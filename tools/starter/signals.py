"""Illustrative numbers, derived from the authored ones: the same name always gives the same number.

Belongs here: variety by digest, and splitting a whole into parts that sum exactly. Does not: what the
numbers mean upstream.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping


def fraction(*names: str) -> float:
    """A number from 0 up to, but not including, 1 that stands for `names`."""
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    return int.from_bytes(digest[:6], "big") / (1 << 48)


def apportion(weights: Mapping[str, float], whole: int) -> dict[str, int]:
    """Split `whole` units in proportion to `weights`; the parts sum to it exactly.

    The units that rounding down leaves over go to the largest remainders, ties by name.
    """
    # Not sum(): Python 3.12 adds floats in another way than 3.11.
    total = math.fsum(weights.values())
    exact = {name: whole * weight / total for name, weight in weights.items()}
    parts = {name: int(share) for name, share in exact.items()}
    by_remainder = sorted(exact, key=lambda name: (parts[name] - exact[name], name))
    for name in by_remainder[: whole - sum(parts.values())]:
        parts[name] += 1
    return parts
