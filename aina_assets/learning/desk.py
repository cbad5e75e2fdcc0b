"""The learning desk: assess, plan, practise, submit, evaluate, record, in the order in which a learner goes.

Belongs here: one call for each thing that a learner does, with its event. Does not: how each is done (the
rooms). Whatever shows the engine to people (a command, the service) speaks to this and to nothing below
it.

Under an event id of the caller's a call is idempotent: sent again, it changes nothing and gives what it gave.
Without one the id is made of what is said and when. Times are the caller's: nothing here looks at a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from aina_assets.core.errors import EventConflictError, LearnerError
from aina_assets.core.settings import Settings
from aina_assets.core.storage import sha256_bytes
from aina_assets.learning.assessing.assessor import Assessor
from aina_assets.learning.assessing.curriculum import CurriculumInputPacket
from aina_assets.learning.assessing.inputs import AssessmentInput
from aina_assets.learning.assessing.resolving import Resolved, TitleResolver
from aina_assets.learning.edge.guard import Edge
from aina_assets.learning.evaluating.evaluator import Evaluation, Evaluator
from aina_assets.learning.evaluating.judge import Judge
from aina_assets.learning.mastery.policy import LearnerModelPolicy, read_learner_model
from aina_assets.learning.mastery.reviewing import ReviewCard, Reviews
from aina_assets.learning.planning.plan import Plan, PlanItem
from aina_assets.learning.planning.planner import Planner
from aina_assets.learning.planning.policy import PlanningPolicy, read_planning
from aina_assets.learning.practice.context import Contexts
from aina_assets.learning.practice.generating import Practice
from aina_assets.learning.practice.task import PracticeTask
from aina_assets.learning.records.documents import Document, Documents
from aina_assets.learning.records.events import (
    Assessed,
    CriterionVerdict,
    Data,
    Evaluated,
    LearnerEvent,
    Planned,
    PlannedItem,
    Started,
    Submitted,
    parse_event,
)
from aina_assets.learning.records.fold import Folder
from aina_assets.learning.records.log import Acknowledgement, EventLog
from aina_assets.learning.records.replay import Records
from aina_assets.learning.records.state import RecordState, WorkflowState

# Assessments, plans and tasks of that many learners stay at hand.
DOCUMENTS_KEPT = 512


@dataclass(frozen=True)
class Policies:
    """The policies of the stage."""

    planning: PlanningPolicy
    learner_model: LearnerModelPolicy
    practice: Practice

    @classmethod
    def read(cls, settings: Settings) -> Policies:
        """Read them.

        Raises:
            SettingsError, RubricError: one is absent, malformed or not the locked one.
        """
        root = settings.policies_root
        return cls(read_planning(root), read_learner_model(root), Practice.read(root))


@dataclass(frozen=True)
class Begun:
    """A practice task that was begun."""

    attempt_id: str
    task: PracticeTask


class Desk:
    """The desk over a log.

    Args:
        policies: the stage's.
        log: learners' events and documents.
        titles: resolves titles over a built state.
        contexts: what a plan item stands for, as a practice task shows it.
        edge: lets typed text in, or not.
        judge: asked about what only a reader can tell; none where None.
    """

    def __init__(
        self,
        policies: Policies,
        log: EventLog,
        titles: TitleResolver,
        contexts: Contexts,
        edge: Edge,
        judge: Judge | None = None,
    ) -> None:
        self._policies = policies
        self._log = log
        self._titles = titles
        self._contexts = contexts
        self._edge = edge
        self._documents = Documents(log.engine)
        self._reviews = Reviews(policies.learner_model)
        self._records = Records(log, Folder(policies.learner_model))
        self._assessor = Assessor(policies.planning, policies.learner_model)
        self._planner = Planner(policies.planning, policies.practice.policy)
        self._evaluator = Evaluator(policies.practice, policies.learner_model.pass_score, judge)
        # Documents are stored once and never change: what was read of them is kept.
        self._assessments = lru_cache(DOCUMENTS_KEPT)(self._read_assessment)
        self._plans = lru_cache(DOCUMENTS_KEPT)(self._read_plan)
        self._tasks = lru_cache(DOCUMENTS_KEPT)(self._read_task)

    # --- assess and plan

    def resolve(self, title: str, function: str | None = None) -> Resolved:
        """What a title comes to, before anything is said of it; what is shown while somebody types."""
        return self._titles.resolve(title, function)

    def assess(self, told: AssessmentInput, at: str, event_id: str | None = None) -> CurriculumInputPacket:
        """Take what a learner says, and give what a plan is made of.

        Raises:
            PersonalDataError, NotSyntheticError: the edge refuses it.
            LearnerError: a workflow is named that the role does not have.
        """
        self._edge.admit(told.learner_id, told.texts(), at)
        earlier = self._earlier(event_id, told.learner_id)
        if isinstance(earlier, Assessed):
            return self.read_assessment(earlier.assessment_id)
        resolved = self._titles.resolve(told.title, told.function)
        record = self._records.of_learner(told.learner_id)
        packet = self._assessor.assess(told, resolved, record.workflows)
        document = Document("assessment", packet.assessment_id, told.learner_id, packet.model_dump_json())
        answer = packet.title
        data = Assessed(
            assessment_id=packet.assessment_id,
            assessment_sha256=packet.sha256,
            title_id=answer.title_id,
            packet_id=answer.role_id or "none",
            packet_sha256=answer.packet_sha256 or "0" * 64,
            route=answer.route,
            weekly_minutes=packet.weekly_minutes,
            horizon_weeks=packet.horizon_weeks,
            readiness={
                held.workflow_id: held.readiness for held in packet.workflows if held.readiness is not None
            },
            assumptions=tuple(held.assumption_id for held in packet.assumptions),
        )
        self._append(told.learner_id, data, at, event_id, document)
        return packet

    def plan(self, assessment_id: str, at: str, event_id: str | None = None) -> Plan:
        """Plan what was assessed.

        Raises:
            LearnerError: there is no such assessment.
        """
        packet = self.read_assessment(assessment_id)
        earlier = self._earlier(event_id, packet.learner_id)
        if isinstance(earlier, Planned):
            return self.read_plan(earlier.plan_id)
        plan = self._planner.plan(packet)
        document = Document("plan", plan.plan_id, plan.learner_id, plan.model_dump_json())
        data = Planned(
            plan_id=plan.plan_id,
            plan_sha256=plan.sha256,
            assessment_id=assessment_id,
            items=tuple(
                PlannedItem(
                    item_id=item.item_id,
                    module_id=item.module_id,
                    workflow_id=item.workflow_id,
                    week=item.week,
                    minutes=item.minutes,
                )
                for item in plan.items
            ),
        )
        self._append(plan.learner_id, data, at, event_id, document)
        return plan

    def read_assessment(self, assessment_id: str) -> CurriculumInputPacket:
        """An assessment that was made.

        Raises:
            LearnerError: there is none of this id.
        """
        return self._assessments(assessment_id)

    def _read_assessment(self, assessment_id: str) -> CurriculumInputPacket:
        return CurriculumInputPacket.model_validate_json(self._documents.read("assessment", assessment_id))

    def read_plan(self, plan_id: str) -> Plan:
        """A plan that was made.

        Raises:
            LearnerError: there is none of this id.
        """
        return self._plans(plan_id)

    def _read_plan(self, plan_id: str) -> Plan:
        return Plan.model_validate_json(self._documents.read("plan", plan_id))

    # --- practise

    def practice_of(self, plan: Plan, item: PlanItem) -> PracticeTask:
        """The practice task of a plan item, whether it was begun or not."""
        context = self._contexts.of_item(plan, item)
        held = item.practice
        return self._policies.practice.task(held.family, held.theme, held.seed, context)

    def start(
        self, plan_id: str, item_id: str, at: str, attempt: int = 1, event_id: str | None = None
    ) -> Begun:
        """Begin the practice of a plan item; `attempt` counts tries, each with materials of its own.

        Raises:
            LearnerError: there is no such plan or item.
        """
        plan = self.read_plan(plan_id)
        item = plan.item(item_id)
        if item is None:
            raise LearnerError("the plan has no such item", place=item_id)
        again = item.practice.model_copy(update={"seed": item.practice.seed + attempt - 1})
        task = self.practice_of(plan, item.model_copy(update={"practice": again}))
        told = sha256_bytes(f"{plan.learner_id}\0{plan_id}\0{item_id}\0{attempt}".encode())
        attempt_id = f"attempt-{told[:24]}"
        document = Document("attempt", attempt_id, plan.learner_id, task.model_dump_json())
        data = Started(
            attempt_id=attempt_id,
            task_id=task.task_id,
            task_sha256=task.sha256,
            workflow_id=item.workflow_id,
            item_id=item_id,
        )
        self._append(plan.learner_id, data, at, event_id, document)
        return Begun(attempt_id, task)

    def task_of(self, attempt_id: str) -> PracticeTask:
        """The task of an attempt.

        Raises:
            LearnerError: there is no such attempt.
        """
        return self._tasks(attempt_id)

    def _read_task(self, attempt_id: str) -> PracticeTask:
        return PracticeTask.model_validate_json(self._documents.read("attempt", attempt_id))

    def submit(
        self, learner_id: str, attempt_id: str, text: str, at: str, event_id: str | None = None
    ) -> tuple[str, Evaluation]:
        """Hand an answer in, and have it evaluated; give the submission's id and the evaluation.

        Raises:
            PersonalDataError, NotSyntheticError: the edge refuses it. LearnerError: there is no such
            attempt of this learner, or it was handed in before with another text.
        """
        self._edge.admit(learner_id, {"answer": text}, at)
        record = self._records.of_learner(learner_id)
        attempt = record.attempts.get(attempt_id)
        if attempt is None:
            raise LearnerError("this learner has no such attempt", place=attempt_id)
        task = self.task_of(attempt_id)
        told = sha256_bytes(f"{attempt_id}\0{text}".encode())
        submission_id = f"submission-{told[:24]}"
        if attempt.submission_id not in (None, submission_id):
            raise LearnerError(
                "the attempt was handed in before with another text",
                place=attempt_id,
                remedy="Begin another attempt.",
            )
        evaluation = self._evaluator.evaluate(task, text)
        submitted = Submitted(submission_id=submission_id, attempt_id=attempt_id, text=text)
        evaluated = evaluated_data(submission_id, evaluation)
        # Both or none: an answer that is in the record has its evaluation there.
        self._log.append(
            self._event(learner_id, submitted, at, event_id),
            self._event(learner_id, evaluated, at, None if event_id is None else f"{event_id[:61]}-ev"),
        )
        return submission_id, evaluation

    def evaluation_of(self, attempt_id: str, text: str) -> Evaluation:
        """What an answer to an attempt comes to, with its notes; nothing is recorded.

        Raises:
            LearnerError: there is no such attempt.
        """
        return self._evaluator.evaluate(self.task_of(attempt_id), text)

    # --- the edge

    def admit(self, learner_id: str, texts: Mapping[str, str], at: str) -> None:
        """Let a learner's texts in, before anything is done with them.

        Raises:
            PersonalDataError, NotSyntheticError: the edge refuses them, and the refusal is on record.
        """
        self._edge.admit(learner_id, texts, at)

    def admit_texts(self, texts: Mapping[str, str], at: str) -> None:
        """Let texts in that are of no learner.

        Raises:
            PersonalDataError: as `admit`.
        """
        self._edge.admit_texts(texts, at)

    # --- record

    @property
    def pass_score(self) -> float:
        """Share of a rubric's weight from which an answer passes."""
        return self._policies.learner_model.pass_score

    def review(self, state: WorkflowState) -> ReviewCard | None:
        """When a workflow is due for review; None where it was not practised."""
        return self._reviews.card(state.reviews)

    def record(self, learner_id: str) -> RecordState:
        """A learner's record."""
        return self._records.of_learner(learner_id)

    def _earlier(self, event_id: str | None, learner_id: str) -> Data | None:
        """What an earlier call under this event id told; None where there was none."""
        stored = None if event_id is None else self._log.find(event_id)
        if stored is None:
            return None
        if stored.event.learner_id != learner_id:
            raise EventConflictError("this event id is another learner's", place="event_id")
        return stored.event.data

    def _append(
        self, learner_id: str, data: Data, at: str, event_id: str | None, document: Document
    ) -> Acknowledgement:
        return self._log.append(self._event(learner_id, data, at, event_id), documents=[document])[0]

    @staticmethod
    def _event(learner_id: str, data: Data, at: str, event_id: str | None) -> LearnerEvent:
        told = data.model_dump(mode="json")
        made = sha256_bytes(f"{learner_id}\0{at}\0{data.model_dump_json()}".encode())[:40]
        return parse_event(
            {"event_id": event_id or made, "learner_id": learner_id, "occurred_at": at, "data": told}
        )


def evaluated_data(submission_id: str, evaluation: Evaluation) -> Evaluated:
    """An evaluation as its event tells it."""
    told = f"{submission_id}\0{evaluation.rubric_sha256}\0{evaluation.judge}"
    return Evaluated(
        evaluation_id=f"evaluation-{sha256_bytes(told.encode())[:24]}",
        submission_id=submission_id,
        rubric_id=evaluation.rubric_id,
        rubric_version=evaluation.rubric_version,
        rubric_sha256=evaluation.rubric_sha256,
        score=evaluation.score,
        score_low=evaluation.score_low,
        score_high=evaluation.score_high,
        is_pass=evaluation.is_pass,
        judge=evaluation.judge,
        criteria=tuple(
            CriterionVerdict(criterion_id=held.criterion_id, verdict=held.verdict, spans=held.spans)
            for held in evaluation.criteria
        ),
    )
