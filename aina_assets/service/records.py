"""A learner's record as it is told: the folded state with the reviews that are due.

Belongs here: putting both together. Does not: folding or scheduling (`learning`).
"""

from __future__ import annotations

from dataclasses import asdict

from aina_assets.service.acts import record_of
from aina_assets.service.api.models import LearnerRecord, ReviewCardTold, WorkflowTold
from aina_assets.service.rooms import Rooms


def record_told(rooms: Rooms, learner_id: str) -> LearnerRecord:
    """A learner's record.

    Raises:
        NotSyntheticError: this is no synthetic learner's id.
        NotFoundError: the learner has done nothing yet.
    """
    state = record_of(rooms, learner_id)
    told = state.told()
    workflows = {}
    for name, held in state.workflows.items():
        card = rooms.desk.review(held)
        due = None if card is None else ReviewCardTold(**asdict(card))
        workflows[name] = WorkflowTold(**asdict(held), next_review=due)
    return LearnerRecord(**{**told, "workflows": workflows}, sha256=state.sha256)
