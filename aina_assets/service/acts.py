"""What can be done through the service, each act under an idempotency key; the API and the pages share it.

Belongs here: finding what an act is about, its key, and the answer's bytes. Does not: doing it
(`learning.desk`, `adjudication.deciding`), or addresses and forms.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from aina_assets.adjudication.protocol import Verdict
from aina_assets.core.errors import EventConflictError, LearnerError
from aina_assets.core.storage import sha256_bytes
from aina_assets.learning.assessing.inputs import AssessmentInput
from aina_assets.learning.evaluating.evaluator import Evaluation
from aina_assets.learning.identity import check_learner_id
from aina_assets.learning.planning.plan import Plan, PlanItem
from aina_assets.learning.practice.task import PracticeTask
from aina_assets.learning.records.events import Started
from aina_assets.learning.records.state import RecordState
from aina_assets.service.api.models import (
    CriterionTold,
    CurriculumRequest,
    EvaluationTold,
    SubmissionAnswer,
    SubmissionRequest,
)
from aina_assets.service.api.review_models import DecisionAnswer, DecisionRequest
from aina_assets.service.errors import ConflictError, NotFoundError
from aina_assets.service.idempotency import Answered
from aina_assets.service.rooms import Rooms

PRACTICE_ID = re.compile(r"(plan-[0-9a-f]{24})\.([1-9]\d{0,2})(?:\.([1-9]\d?))?")


@dataclass(frozen=True)
class Practice:
    """A plan item to be practised, and which try it is.

    Attributes:
        practice_id: `<plan>.<number of the item>`, and `.<try>` from the second try on.
    """

    practice_id: str
    plan: Plan
    item: PlanItem
    attempt: int

    @property
    def next_id(self) -> str:
        """The practice id of the next try."""
        return practice_id_of(self.plan, self.item, self.attempt + 1)


def practice_id_of(plan: Plan, item: PlanItem, attempt: int = 1) -> str:
    """The practice id of a plan item."""
    number = 1 + next(place for place, held in enumerate(plan.items) if held.item_id == item.item_id)
    return f"{plan.plan_id}.{number}" + (f".{attempt}" if attempt > 1 else "")


# --- reading


def read_plan(rooms: Rooms, plan_id: str) -> Plan:
    """A plan.

    Raises:
        NotFoundError: there is none of this id.
    """
    try:
        return rooms.desk.read_plan(plan_id)
    except LearnerError as error:
        raise NotFoundError("there is no plan of this id", place="plan_id") from error


def find_practice(rooms: Rooms, practice_id: str) -> Practice:
    """What a practice id names.

    Raises:
        NotFoundError: it names nothing.
    """
    found = PRACTICE_ID.fullmatch(practice_id)
    if found is None:
        raise NotFoundError("there is no practice of this id", place="practice_id")
    plan, number = read_plan(rooms, found[1]), int(found[2])
    if number > len(plan.items):
        raise NotFoundError("the plan has no such item", place="practice_id")
    item, attempt = plan.items[number - 1], int(found[3] or 1)
    return Practice(practice_id_of(plan, item, attempt), plan, item, attempt)


def task_of(rooms: Rooms, practice: Practice) -> PracticeTask:
    """The task as it is, or would be, begun."""
    attempt_id = attempt_of(rooms, practice)
    if attempt_id is not None:
        return rooms.desk.task_of(attempt_id)
    held = practice.item.practice
    again = held.model_copy(update={"seed": held.seed + practice.attempt - 1})
    return rooms.desk.practice_of(practice.plan, practice.item.model_copy(update={"practice": again}))


def attempt_of(rooms: Rooms, practice: Practice) -> str | None:
    """The attempt that a practice was begun as; None where it was not."""
    stored = rooms.log.find(_started_id(practice))
    data = None if stored is None else stored.event.data
    return data.attempt_id if isinstance(data, Started) else None


def record_of(rooms: Rooms, learner_id: str) -> RecordState:
    """A learner's record.

    Raises:
        NotSyntheticError: this is no synthetic learner's id.
        NotFoundError: the learner has done nothing yet.
    """
    check_learner_id(learner_id)
    state = rooms.desk.record(learner_id)
    if state.number == 0:
        raise NotFoundError("this learner has no events", place="learner_id")
    return state


# --- acts


def assess(rooms: Rooms, told: AssessmentInput, key: str) -> Answered:
    """Take what a learner says. The answer is a `curriculum_input_v1`."""

    def do(at: str, event_id: str) -> tuple[int, bytes]:
        rooms.desk.admit(told.learner_id, told.texts(), at)
        with rooms.work:
            # What a title comes to is kept: the models are asked by one thread at a time.
            rooms.desk.resolve(told.title, told.function)
        return 201, rooms.desk.assess(told, at, event_id).model_dump_json().encode()

    return rooms.keys.once("assess", key, told.model_dump_json().encode(), rooms.at(), do)


def plan(rooms: Rooms, told: CurriculumRequest, key: str) -> Answered:
    """Plan what was assessed. The answer is a `learning_plan_v1`."""

    def do(at: str, event_id: str) -> tuple[int, bytes]:
        try:
            rooms.desk.read_assessment(told.assessment_id)
        except LearnerError as error:
            raise NotFoundError("there is no assessment of this id", place="assessment_id") from error
        return 201, rooms.desk.plan(told.assessment_id, at, event_id).model_dump_json().encode()

    return rooms.keys.once("curriculum", key, told.model_dump_json().encode(), rooms.at(), do)


def begin(rooms: Rooms, practice: Practice, at: str) -> str:
    """Begin a practice, or go on with it; gives the attempt. It is one event, whoever begins it how often."""
    begun = attempt_of(rooms, practice)
    if begun is not None:
        return begun
    try:
        made = rooms.desk.start(
            practice.plan.plan_id, practice.item.item_id, at, practice.attempt, _started_id(practice)
        )
        return made.attempt_id
    except EventConflictError:
        # Somebody else began it in this very moment, at another second.
        begun = attempt_of(rooms, practice)
        if begun is None:
            raise
        return begun


def start(rooms: Rooms, practice: Practice, key: str) -> Answered:
    """Begin a practice. The answer is a `practice_task_v1`."""

    def do(at: str, _: str) -> tuple[int, bytes]:
        attempt_id = begin(rooms, practice, at)
        return 201, rooms.desk.task_of(attempt_id).model_dump_json().encode()

    return rooms.keys.once("start", key, practice.practice_id.encode(), rooms.at(), do)


def submit(rooms: Rooms, practice: Practice, told: SubmissionRequest, key: str) -> Answered:
    """Hand an answer in, and have it evaluated."""

    def do(at: str, event_id: str) -> tuple[int, bytes]:
        if told.learner_id != practice.plan.learner_id:
            raise NotFoundError("this learner has no such practice", place="learner_id")
        attempt_id = attempt_of(rooms, practice)
        if attempt_id is None:
            # A refused answer begins nothing; of a practice that was begun the desk asks the edge itself.
            rooms.desk.admit(told.learner_id, {"answer": told.text}, at)
            attempt_id = begin(rooms, practice, at)
        standing = rooms.desk.record(told.learner_id).attempts[attempt_id]
        earlier = rooms.log.find(event_id)
        if standing.submission_id is not None and earlier is None:
            raise ConflictError(
                "this try was handed in before",
                place="practice_id",
                remedy=f"Begin the next one: {practice.next_id}.",
            )
        submission_id, evaluation = rooms.desk.submit(told.learner_id, attempt_id, told.text, at, event_id)
        answer = SubmissionAnswer(
            practice_id=practice.practice_id,
            next_practice_id=practice.next_id,
            attempt_id=attempt_id,
            submission_id=submission_id,
            evaluation=evaluation_told(evaluation),
        )
        return 201, answer.model_dump_json().encode()

    request = f"{practice.practice_id}\0{told.model_dump_json()}".encode()
    return rooms.keys.once("submit", key, request, rooms.at(), do)


def decide(rooms: Rooms, told: DecisionRequest, key: str) -> Answered:
    """Append a person's decision on a title that two reviewers kept."""

    def do(at: str, _: str) -> tuple[int, bytes]:
        # Not a title that reviewers saw: said so before anything is written.
        rooms.review.title(told.title_id)
        rooms.desk.admit_texts({"reason": told.reason, "by": told.by}, at)
        verdict = Verdict(decision=told.decision, level=told.level, code=told.code)
        made = rooms.review.decide(told.title_id, verdict, told.reason, told.by)
        answer = DecisionAnswer(
            title_id=made.title_id,
            title_batch=made.title_batch,
            decision=made.decision,
            level=made.level,
            code=made.code,
            kind="person",
            order_sha256=made.order,
            merge_sequence=made.appended.file.sequence,
            merge_sha256=made.appended.sha256,
        )
        return 201, answer.model_dump_json().encode()

    return rooms.keys.once("decide", key, told.model_dump_json().encode(), rooms.at(), do)


def evaluation_told(evaluation: Evaluation) -> EvaluationTold:
    """An evaluation as an answer tells it."""
    values = asdict(evaluation)
    criteria = tuple(CriterionTold(**held) for held in values.pop("criteria"))
    return EvaluationTold(**values, criteria=criteria)


def _started_id(practice: Practice) -> str:
    return f"started-{sha256_bytes(practice.practice_id.encode())[:40]}"
