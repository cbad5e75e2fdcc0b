"""Walk a synthetic learner through the desk: assess, plan, practise step after step, hand in, learn.

Belongs here: the walk, and what it looked like. Does not: the desk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from aina_assets.core.storage import sha256_bytes
from aina_assets.learning.assessing.curriculum import CurriculumInputPacket
from aina_assets.learning.cohort.people import Learner
from aina_assets.learning.desk import Desk
from aina_assets.learning.evaluating.evaluator import Evaluation
from aina_assets.learning.planning.plan import Plan, PlanItem
from aina_assets.learning.practice.answering import answer, by_skill
from aina_assets.learning.practice.generating import Practice
from aina_assets.learning.practice.task import PracticeTask
from aina_assets.learning.records.state import RecordState
from aina_assets.learning.times import instant, time_text

FIRST_DAY = "2026-01-05T09:00:00Z"
# What a learner gains by trying and by being told what was missing.
GAIN = 0.15
MOST_TRIES = 2


@dataclass(frozen=True)
class Try:
    """One practice task, from its beginning to its evaluation."""

    item: PlanItem
    task: PracticeTask
    attempt_id: str
    started_at: str
    text: str
    evaluation: Evaluation


@dataclass(frozen=True)
class Journey:
    """A learner's way; `due` tells the next review by workflow."""

    learner: Learner
    packet: CurriculumInputPacket
    plan: Plan
    tries: tuple[Try, ...]
    record: RecordState
    due: dict[str, str]


class Walker:
    """Walks learners through a desk.

    Args:
        practice: what the learner's answers are made with; the desk makes its own keys.
        most_items: plan items that are practised, from the first.
    """

    def __init__(self, desk: Desk, practice: Practice, most_items: int) -> None:
        self._desk = desk
        self._practice = practice
        self._most_items = most_items

    def walk(self, learner: Learner, at: str = FIRST_DAY) -> Journey:
        """Walk a learner from the first word to the record."""
        learner_id = learner.said.learner_id
        when = instant(at)
        # Ids of the walk's own: a learner who is walked again is where the first walk ended.
        told = sha256_bytes(f"{learner.said.model_dump_json()}\0{at}".encode())[:32]
        packet = self._desk.assess(learner.said, at, f"walk-{told}-assess")
        later = time_text(when + timedelta(minutes=5))
        plan = self._desk.plan(packet.assessment_id, later, f"walk-{told}-plan")
        skill = dict(learner.skill)
        tries: list[Try] = []
        begin = when
        for item in plan.items[: self._most_items]:
            # Not before its week, and not before what was done last.
            begin = max(begin + timedelta(hours=2), when + timedelta(weeks=item.week - 1, days=1))
            for number in range(1, MOST_TRIES + 1):
                held = skill.get(item.workflow_id, 0.5)
                made = self._try(learner_id, plan, item, number, held, time_text(begin))
                tries.append(made)
                skill[item.workflow_id] = min(1.0, held + GAIN)
                if made.evaluation.is_pass:
                    break
                begin += timedelta(days=2)
        record = self._desk.record(learner_id)
        cards = {name: self._desk.review(state) for name, state in record.workflows.items()}
        due = {name: card.due for name, card in cards.items() if card is not None}
        return Journey(learner, packet, plan, tuple(tries), record, due)

    def _try(self, learner_id: str, plan: Plan, item: PlanItem, number: int, skill: float, at: str) -> Try:
        begun = self._desk.start(plan.plan_id, item.item_id, at, attempt=number)
        key = self._practice.key(begun.task)
        text = answer(begun.task, key, by_skill(key, skill))
        later = time_text(instant(at) + timedelta(minutes=begun.task.minutes))
        _, evaluation = self._desk.submit(learner_id, begun.attempt_id, text, later)
        return Try(item, begun.task, begun.attempt_id, at, text, evaluation)
