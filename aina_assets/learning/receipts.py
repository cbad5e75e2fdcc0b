"""The stage's receipts: the replay of the cohort's log, and three of the GDPval sandbox.

Belongs here: the predicates, and filling them from the tables that stand. Does not: any figure that is not
in a table, a policy or the locked files; no word of a GDPval task.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from aina_assets.core.engine import Engine
from aina_assets.core.receipts import Predicate, write_receipt
from aina_assets.learning.desk import Policies
from aina_assets.learning.records.fold import FOLD_VERSION, Folder
from aina_assets.learning.replaying import replayed
from aina_assets.learning.sandbox.holds import Hold, holds
from aina_assets.learning.sandbox.kinds import CHECKABLE, KINDS
from aina_assets.learning.tables import (
    GDPVAL_ROLE_LINK,
    GDPVAL_RUBRIC_KIND,
    LEARNER_COHORT,
    LEARNER_EVENT,
    LEARNER_MODEL_FIGURE,
    LEARNER_RECORD,
)
from aina_assets.sources.lock import LockedFile
from aina_assets.sources.make import acquire_source
from aina_assets.sources.readers.gdpval import has_canary
from aina_assets.titles.scope import ScopePolicy, read_scope_policy

REPLAY = "learner_event_replay_v1"
SANDBOX = "gdpval_sandbox_v1"
RUBRIC_MAP = "gdpval_rubric_map_v1"
SAFETY_HOLDS = "gdpval_safety_holds_v1"
GDPVAL = "gdpval"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# --- replay


class LearnerEventReplay(Predicate):
    """The cohort's log, folded anew: what it came to, and that every way of folding comes to the same."""

    events: int = Field(ge=0)
    learners: int = Field(ge=0)
    events_by_kind: dict[str, int]
    chain_head: str = Field(description="chain after the last event", pattern=r"^[0-9a-f]{64}$")
    records_sha256: str = Field(description="one digest of all records", pattern=r"^[0-9a-f]{64}$")
    late_events: int = Field(ge=0)
    ignored_events: int = Field(ge=0)
    voided_events: int = Field(ge=0)
    cuts: int = Field(ge=0, description="cuts at which snapshot and tail were folded")
    cuts_that_differ: int = Field(ge=0, description="of them with another record than the whole replay")
    learners_that_differ: int = Field(ge=0, description="learners whose record is not the one on record")
    fold_version: int = Field(ge=1)
    learner_model: str
    learner_model_sha256: str
    learner_model_gain_low_nats: float = Field(description="above 0 knowledge tracing ships")
    synthetic_learners_only: bool

    def figures(self) -> dict[str, object]:
        """The figures that people ask first."""
        return {
            "events": self.events,
            "learners": self.learners,
            "cuts": self.cuts,
            "cuts that differ": self.cuts_that_differ,
            "learners that differ": self.learners_that_differ,
            "late": self.late_events,
            "voided": self.voided_events,
            "learner model": self.learner_model,
        }


def write_replay(engine: Engine) -> tuple[Path, LearnerEventReplay]:
    """Replay the cohort's log and write the receipt."""
    store = engine.store
    policies = Policies.read(engine.settings)
    found = replayed(store, Folder(policies.learner_model))
    figures = store.read(LEARNER_MODEL_FIGURE.name, ["gain_low_nats"]).to_pylist()
    predicate = LearnerEventReplay(
        events=found.events,
        learners=found.learners,
        events_by_kind=found.by_kind,
        chain_head=found.chain_head,
        records_sha256=found.records_sha256,
        late_events=found.late_events,
        ignored_events=found.ignored_events,
        voided_events=found.voided_events,
        cuts=found.cuts,
        cuts_that_differ=len(found.differing_cuts),
        learners_that_differ=len(found.differing_learners),
        fold_version=FOLD_VERSION,
        learner_model=policies.learner_model.model,
        learner_model_sha256=policies.learner_model.sha256,
        learner_model_gain_low_nats=figures[0]["gain_low_nats"],
        synthetic_learners_only=True,
    )
    return _write(
        engine, REPLAY, (LEARNER_EVENT, LEARNER_COHORT, LEARNER_RECORD, LEARNER_MODEL_FIGURE), predicate
    )


# --- the sandbox


class OccupationTasks(_Part):
    """The tasks of a GDPval occupation and the roles that they are linked to."""

    occupation: str
    soc_code: str | None
    tasks: int = Field(ge=1)
    roles: int = Field(ge=0)
    in_scope_share: float = Field(ge=0, le=1)


class GdpvalSandbox(Predicate):
    """What the sandbox shows beside which roles; its words stay in the publisher's file."""

    tasks: int = Field(ge=0)
    linked_tasks: int = Field(ge=0)
    linked_roles: int = Field(ge=0)
    links: int = Field(ge=0)
    occupations: tuple[OccupationTasks, ...]
    is_text_exported: bool = Field(description="always false: words are shown from the raw file alone")
    open_holds: tuple[str, ...]

    def figures(self) -> dict[str, object]:
        """The figures that people ask first."""
        return {
            "tasks": self.tasks,
            "linked tasks": self.linked_tasks,
            "linked roles": self.linked_roles,
            "open holds": len(self.open_holds),
        }


class TaskRubric(_Part):
    """The structure of a task's rubric."""

    task_id: str
    items: int = Field(ge=1)
    points: float
    penalty_points: float = Field(le=0)
    checkable_points: float = Field(ge=0, description="points of kinds that a deterministic check decides")
    kinds: dict[str, int]


class GdpvalRubricMap(Predicate):
    """What GDPval's rubrics ask for, by kind; told from their words, which are not kept."""

    tasks: int = Field(ge=0)
    items: int = Field(ge=0)
    kinds: dict[str, int]
    checkable_kinds: tuple[str, ...]
    checkable_points_share: float = Field(ge=0, le=1)
    rubrics: tuple[TaskRubric, ...]

    def figures(self) -> dict[str, object]:
        """The figures that people ask first."""
        return {
            "tasks": self.tasks,
            "items": self.items,
            **{f"{kind} items": count for kind, count in self.kinds.items()},
            "checkable share of points": self.checkable_points_share,
        }


class SafetyHold(_Part):
    """A named reason why GDPval tasks are looked at and not practised."""

    hold_id: str
    is_open: bool
    tasks: int = Field(ge=0)
    figure: int = Field(ge=0)
    detail: str
    closes_when: str


class GdpvalSafetyHolds(Predicate):
    """The holds on GDPval; while one is open, its tasks are shown on the screen alone."""

    holds: tuple[SafetyHold, ...]
    open_holds: int = Field(ge=0)
    is_practice_allowed: bool

    def figures(self) -> dict[str, object]:
        """The figures that people ask first."""
        return {held.hold_id: "open" if held.is_open else "closed" for held in self.holds}


def current_holds(engine: Engine) -> tuple[Hold, ...]:
    """The holds of the state that stands."""
    store = engine.store
    files = acquire_source(GDPVAL, engine)
    scope = read_scope_policy(engine.settings.policies_root)
    occupations = {
        row["occupation"]: row["soc_code"]
        for row in store.read("gdpval_occupation_soc").to_pylist()
        if row["soc_code"] is not None
    }
    return holds(
        store.read("gdpval_task").to_pylist(),
        store.read(GDPVAL_RUBRIC_KIND.name).to_pylist(),
        _scope_shares(engine, set(occupations.values()), scope),
        occupations,
        [file.record.licence for file in files.files.values() if isinstance(file.record, LockedFile)],
        has_canary=has_canary(files),
    )


def _scope_shares(engine: Engine, codes: set[str], scope: ScopePolicy) -> dict[str, float]:
    groups = engine.store.read("soc_group", ["soc_code", "level"]).to_pylist()
    detailed = sorted(row["soc_code"] for row in groups if row["level"] == "detailed")
    return {code: scope.of_group(code, detailed) for code in sorted(codes)}


def write_sandbox(engine: Engine) -> tuple[Path, GdpvalSandbox]:
    """Write the sandbox receipt from the tables that stand."""
    store = engine.store
    links = store.read(GDPVAL_ROLE_LINK.name).to_pylist()
    tasks = store.read("gdpval_task", ["task_id", "occupation"]).to_pylist()
    occupations = store.read("gdpval_occupation_soc").to_pylist()
    scope = read_scope_policy(engine.settings.policies_root)
    shares = _scope_shares(engine, {row["soc_code"] for row in occupations if row["soc_code"]}, scope)
    roles: dict[str, set[str]] = {}
    for link in links:
        roles.setdefault(link["soc_code"], set()).add(link["role_id"])
    predicate = GdpvalSandbox(
        tasks=len(tasks),
        linked_tasks=len({link["task_id"] for link in links}),
        linked_roles=len({link["role_id"] for link in links}),
        links=len(links),
        occupations=tuple(
            OccupationTasks(
                occupation=row["occupation"],
                soc_code=row["soc_code"],
                tasks=row["gdpval_task_count"],
                roles=len(roles.get(row["soc_code"], ())),
                in_scope_share=round(shares.get(row["soc_code"], 0.0), 6),
            )
            for row in occupations
        ),
        is_text_exported=False,
        open_holds=tuple(hold.hold_id for hold in current_holds(engine) if hold.is_open),
    )
    return _write(engine, SANDBOX, (GDPVAL_ROLE_LINK,), predicate, tables=("gdpval_task",))


def write_rubric_map(engine: Engine) -> tuple[Path, GdpvalRubricMap]:
    """Write the rubric map from the tables that stand."""
    rows = engine.store.read(GDPVAL_RUBRIC_KIND.name).to_pylist()
    by_task: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_task.setdefault(row["task_id"], []).append(row)
    points = sum(max(row["points"], 0.0) for row in rows)
    checkable = sum(max(row["points"], 0.0) for row in rows if row["is_checkable"])
    predicate = GdpvalRubricMap(
        tasks=len(by_task),
        items=len(rows),
        kinds=_kinds(rows),
        checkable_kinds=tuple(sorted(CHECKABLE)),
        checkable_points_share=round(checkable / points, 6) if points else 0.0,
        rubrics=tuple(
            TaskRubric(
                task_id=task_id,
                items=len(items),
                points=sum(max(item["points"], 0.0) for item in items),
                penalty_points=sum(min(item["points"], 0.0) for item in items),
                checkable_points=sum(max(item["points"], 0.0) for item in items if item["is_checkable"]),
                kinds=_kinds(items),
            )
            for task_id, items in sorted(by_task.items())
        ),
    )
    return _write(engine, RUBRIC_MAP, (GDPVAL_RUBRIC_KIND,), predicate, tables=("gdpval_rubric_item",))


def write_safety_holds(engine: Engine) -> tuple[Path, GdpvalSafetyHolds]:
    """Write the holds of the state that stands."""
    held = current_holds(engine)
    predicate = GdpvalSafetyHolds(
        holds=tuple(
            SafetyHold(
                hold_id=hold.hold_id,
                is_open=hold.is_open,
                tasks=hold.tasks,
                figure=hold.figure,
                detail=hold.detail,
                closes_when=hold.closes_when,
            )
            for hold in held
        ),
        open_holds=sum(hold.is_open for hold in held),
        is_practice_allowed=not any(hold.is_open for hold in held),
    )
    return _write(
        engine,
        SAFETY_HOLDS,
        (GDPVAL_RUBRIC_KIND,),
        predicate,
        tables=("gdpval_task", "gdpval_occupation_soc"),
        files={f"{GDPVAL}/{name}": sha for name, sha in acquire_source(GDPVAL, engine).digests().items()},
    )


def _kinds(rows: list[Mapping[str, Any]] | list[dict[str, Any]]) -> dict[str, int]:
    counts = Counter(row["kind"] for row in rows)
    return {kind: counts[kind] for kind in KINDS}


def _write(
    engine: Engine,
    name: str,
    contracts: Any,
    predicate: Any,
    *,
    tables: tuple[str, ...] = (),
    files: Mapping[str, str] | None = None,
) -> tuple[Path, Any]:
    names = [*(contract.name for contract in contracts), *tables]
    digests = {f"tables/{table}.parquet": engine.store.info(table).sha256 for table in names}
    return write_receipt(engine.data.receipts, name, {**digests, **(files or {})}, predicate), predicate
