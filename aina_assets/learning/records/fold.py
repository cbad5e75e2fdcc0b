"""The fold, from a learner's events to the record. Pure: no clock, chance or file; inputs are left as is.

Belongs here: what each kind of event does. Does not: storing (`log`, `snapshots`).

The rules, which the tests hold:
- Events count in the order of their numbers. One that is folded in already is passed over (a *duplicate*);
  one that is missing is an error (a *gap*).
- An event that tells an earlier time than one before it is *late*: it counts where it stands, at the time
  of the latest one, so that the record's clock never goes back.
- An event that makes no sense where it stands (a submission without an attempt, a second evaluation) is
  *ignored*, with its reason. It is no error: the log is append-only, and one bad event must not lock a
  record.
- A *void* makes the record what it would be had its target never been, whatever rested on it. It may come
  before its target. A void of a void, and a second void of one event, void nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from aina_assets.core.errors import EventError, EventGapError
from aina_assets.core.storage import sha256_bytes
from aina_assets.learning.mastery.policy import LearnerModelPolicy
from aina_assets.learning.mastery.tracing import mastery_model
from aina_assets.learning.records.state import (
    AssessmentState,
    AttemptState,
    PlanState,
    RecordState,
    WorkflowState,
)
from aina_assets.learning.records.stored import Fact, StoredFact

Ignored = str | None
Data = dict[str, Any]
# Raised with every change of what an event does: snapshots of another version are passed over.
FOLD_VERSION = 1


class Folder:
    """Folds events under one policy. It holds nothing of any learner."""

    def __init__(self, policy: LearnerModelPolicy) -> None:
        self.policy = policy
        self.policy_sha256 = policy.sha256
        self.sha256 = sha256_bytes(f"fold {FOLD_VERSION}\0{policy.sha256}".encode())
        self._model = mastery_model(policy)
        self._kinds: dict[str, Callable[[RecordState, Data, str], Ignored]] = {
            "assessed": self._assessed,
            "planned": self._planned,
            "started": self._started,
            "submitted": self._submitted,
            "evaluated": self._evaluated,
        }

    def fold(self, learner_id: str, events: Iterable[StoredFact]) -> RecordState:
        """The record of all of a learner's events.

        Raises:
            EventGapError: an event is missing.
            EventError: an event is another learner's.
        """
        return self._advanced(RecordState(learner_id, self.policy_sha256), events)

    def resumed(self, snapshot: RecordState, events: Iterable[StoredFact]) -> RecordState:
        """The record of a snapshot and the events after it. The snapshot is left as it is.

        Raises:
            EventGapError, EventError: as for `fold`.
        """
        return self._advanced(copied(snapshot), events)

    def _advanced(self, state: RecordState, events: Iterable[StoredFact]) -> RecordState:
        for stored in events:
            if stored.learner_id != state.learner_id:
                raise EventError("the event is another learner's", place=f"number {stored.number}")
            if stored.number <= state.number:
                continue
            if stored.number != state.number + 1:
                raise EventGapError(
                    f"event {state.number + 1} of the learner is missing; {stored.number} follows",
                    place=state.learner_id,
                )
            state.number = stored.number
            state = self._arrived(state, stored.read())
        return state

    def _arrived(self, state: RecordState, fact: Fact) -> RecordState:
        event_id, data = fact["event_id"], fact["data"]
        if data["kind"] == "voided":
            return self._voided(state, event_id, data["target_event_id"])
        # What a void that came before it names is kept out: it counts as if it had never been.
        if event_id not in state.voids:
            state.facts.append(fact)
            self._count(state, fact)
        return state

    def _voided(self, state: RecordState, void_id: str, target: str) -> RecordState:
        state.void_events.append(void_id)
        if void_id in state.voids:
            # A void of this void came before it.
            state.refused_voids[state.voids.pop(void_id)] = "target_is_a_void"
        if target in state.void_events:
            state.refused_voids[void_id] = "target_is_a_void"
        elif target in state.voids:
            state.refused_voids[void_id] = "voided_before"
        else:
            state.voids[target] = void_id
            if any(fact["event_id"] == target for fact in state.facts):
                return self._refolded(state, target)
        return state

    def _refolded(self, state: RecordState, target: str) -> RecordState:
        """The state that the facts give without the target."""
        fresh = RecordState(
            state.learner_id,
            state.policy_sha256,
            number=state.number,
            voids=state.voids,
            void_events=state.void_events,
            refused_voids=state.refused_voids,
        )
        for fact in state.facts:
            if fact["event_id"] != target:
                fresh.facts.append(fact)
                self._count(fresh, fact)
        return fresh

    def _count(self, state: RecordState, fact: Fact) -> None:
        at, data = fact["occurred_at"], fact["data"]
        if at < state.clock:
            state.late_events += 1
        else:
            state.clock = at
        ignored = self._kinds[data["kind"]](state, data, state.clock)
        if ignored is not None:
            state.ignored[fact["event_id"]] = ignored

    # --- what each kind does; each gives why it changed nothing, or None

    def _assessed(self, state: RecordState, data: Data, at: str) -> Ignored:
        if data["assessment_id"] in state.assessments:
            return "assessment_known"
        state.assessments[data["assessment_id"]] = data["assessment_sha256"]
        state.assessment = AssessmentState(
            assessment_id=data["assessment_id"],
            assessment_sha256=data["assessment_sha256"],
            packet_id=data["packet_id"],
            packet_sha256=data["packet_sha256"],
            route=data["route"],
            weekly_minutes=data["weekly_minutes"],
            horizon_weeks=data["horizon_weeks"],
            assessed_at=at,
            readiness=dict(data["readiness"]),
        )
        # What was practised tells more than what is said of it: only a workflow without results starts anew.
        for workflow_id, rating in data["readiness"].items():
            held = state.workflows.get(workflow_id)
            if held is None or held.attempts == 0:
                prior = self._model.prior(rating)
                state.workflows[workflow_id] = WorkflowState(prior=prior, mastery=prior)
        return None

    def _planned(self, state: RecordState, data: Data, at: str) -> Ignored:
        if data["assessment_id"] not in state.assessments:
            return "unknown_assessment"
        if state.plan is not None and state.plan.plan_id == data["plan_id"]:
            return "plan_known"
        # What was done under an earlier plan stays done.
        before = {} if state.plan is None else state.plan.items
        items = {item["item_id"]: before.get(item["item_id"], "planned") for item in data["items"]}
        state.plan = PlanState(data["plan_id"], data["plan_sha256"], data["assessment_id"], at, items)
        return None

    def _started(self, state: RecordState, data: Data, at: str) -> Ignored:
        if data["attempt_id"] in state.attempts:
            return "attempt_known"
        state.attempts[data["attempt_id"]] = AttemptState(
            data["attempt_id"], data["task_id"], data["task_sha256"], data["workflow_id"], data["item_id"], at
        )
        _move_item(state, data["item_id"], "started")
        return None

    def _submitted(self, state: RecordState, data: Data, at: str) -> Ignored:
        attempt = state.attempts.get(data["attempt_id"])
        if attempt is None:
            return "unknown_attempt"
        if attempt.submission_id is not None:
            return "attempt_submitted"
        if data["submission_id"] in state.submissions:
            return "submission_known"
        attempt.submission_id, attempt.submitted_at = data["submission_id"], at
        state.submissions[data["submission_id"]] = data["attempt_id"]
        _move_item(state, attempt.item_id, "submitted")
        return None

    def _evaluated(self, state: RecordState, data: Data, at: str) -> Ignored:
        attempt_id = state.submissions.get(data["submission_id"])
        if attempt_id is None:
            return "unknown_submission"
        attempt = state.attempts[attempt_id]
        if attempt.evaluation_id is not None:
            return "submission_evaluated"
        attempt.evaluation_id, attempt.evaluated_at = data["evaluation_id"], at
        attempt.score, attempt.is_pass = data["score"], data["is_pass"]
        attempt.score_low, attempt.score_high = data["score_low"], data["score_high"]
        if data["is_pass"] is not None:
            self._learn(state, attempt.workflow_id, data["score"], at, is_pass=data["is_pass"])
            _move_item(state, attempt.item_id, "passed" if data["is_pass"] else "failed")
        return None

    def _learn(self, state: RecordState, workflow_id: str, score: float, at: str, *, is_pass: bool) -> None:
        held = state.workflows.get(workflow_id)
        if held is None:
            prior = self._model.prior(None)
            held = state.workflows[workflow_id] = WorkflowState(prior=prior, mastery=prior)
        held.mastery = self._model.updated(
            held.mastery, passes=held.passes, attempts=held.attempts, is_pass=is_pass
        )
        held.attempts += 1
        held.passes += is_pass
        held.reviews.append((at, score))


def copied(state: RecordState) -> RecordState:
    """A state that shares nothing that changes with the given one."""
    return RecordState.from_value(json.loads(state.to_text()))


def _move_item(state: RecordState, item_id: str | None, status: str) -> None:
    plan = state.plan
    if plan is None or item_id is None or item_id not in plan.items:
        return
    # A pass stays a pass, whatever is tried again later.
    if plan.items[item_id] != "passed":
        plan.items[item_id] = status
