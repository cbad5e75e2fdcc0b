"""Who a learner is: a synthetic one by construction.

Belongs here: making and recognizing learners' ids. Does not: anything that is known of a learner.

An id is a seed, a number and check digits made of the two. Nothing about a person can be an id: an id that
was not made here does not have its check digits.
"""

from __future__ import annotations

import hashlib
import re

from aina_assets.core.errors import NotSyntheticError

ID = re.compile(r"syn-(0|[1-9]\d{0,5})-(0|[1-9]\d{0,8})-([0-9a-f]{12})")


def synthetic_learner_id(seed: int, number: int) -> str:
    """The id of the synthetic learner `number` of the population `seed`."""
    told = hashlib.sha256(f"aina synthetic learner\0{seed}\0{number}".encode()).hexdigest()
    return f"syn-{seed}-{number}-{told[:12]}"


def check_learner_id(learner_id: str) -> str:
    """The id, if it is a synthetic learner's.

    Raises:
        NotSyntheticError: it is not; the id itself is not repeated, since it may be a person's.
    """
    found = ID.fullmatch(learner_id)
    if found is None or synthetic_learner_id(int(found[1]), int(found[2])) != learner_id:
        raise NotSyntheticError("the learner's id is not one of a synthetic learner", place="learner_id")
    return learner_id
