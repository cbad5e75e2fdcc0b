"""The review desk's reading side: batches, their titles with both verdicts, and what a title may become.

Belongs here: gathering rows of the reviews' tables, and decisions that came after them. Does not: deciding
(`adjudication.deciding`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import RLock
from typing import Any

from aina_assets.adjudication.commands import UnknownBatchError
from aina_assets.adjudication.consensus import verdict_of
from aina_assets.adjudication.deciding import PersonDecision, decide
from aina_assets.adjudication.plan import Question
from aina_assets.adjudication.protocol import Verdict
from aina_assets.adjudication.review_rules import DISPUTES
from aina_assets.adjudication.stage import AdjudicationStage
from aina_assets.adjudication.tables import REVIEW_BATCH, REVIEW_CONSENSUS, TITLE_STATE
from aina_assets.core.engine import Engine
from aina_assets.service.errors import NotFoundError
from aina_assets.titles.tables import TITLE

# Disputed ones first, then what both kept, then what they agreed on.
ORDER = (*DISPUTES, "both_keep", "agreed")


@dataclass(frozen=True)
class Side:
    """One reviewer's verdict, taken apart."""

    decision: str
    level: str | None
    code: str | None


@dataclass(frozen=True)
class ReviewedTitle:
    """A title as two reviewers left it, and what a person made of it since.

    Attributes:
        why: how the two verdicts came together; all but `agreed` keep the title.
        can_decide: whether a person can decide it here and now.
        decided: what a person decided after the tables were made; None where nobody did.
    """

    title_id: str
    title: str
    title_batch: str
    wave: int
    why: str
    decision: str
    level: str | None
    code: str | None
    a: Side
    b: Side
    state: str | None
    can_decide: bool
    decided: Side | None = None

    @property
    def is_disputed(self) -> bool:
        """Whether the two verdicts contradict each other."""
        return self.why in DISPUTES


@dataclass(frozen=True)
class BatchOverview:
    """A batch and how much of it waits for a person.

    Attributes:
        status: of its last wave; `unasked` where no wave was ever begun.
        waiting: titles that no reviewer has been asked about.
        since: decisions of people that the tables do not have yet.
    """

    title_batch: str
    wave: int
    status: str
    kind: str | None
    candidates: int
    agreement: float | None
    promoted: int
    excluded: int
    kept: int
    disputed: int
    waiting: int
    since: int
    detail: str | None = None
    titles: Sequence[ReviewedTitle] = field(default_factory=tuple)


class ReviewDesk:
    """The reviews of a data root.

    Args:
        engine: a built state's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = RLock()
        self._stage: AdjudicationStage | None = None

    # --- reading

    def batches(self) -> list[BatchOverview]:
        """Every batch: those with most disputed titles first."""
        since = self._since
        last = {row["title_batch"]: row for row in self._batch_rows}
        found = []
        for key in self._engine.settings.title_batch_keys:
            row = last.get(key)
            titles = self._by_batch.get(key, ())
            open_ = [title for title in titles if title.is_disputed and title.title_id not in since]
            told = {} if row is None else row
            found.append(
                BatchOverview(
                    title_batch=key,
                    wave=told.get("wave", 0),
                    status=told.get("status", "unasked"),
                    kind=told.get("kind"),
                    candidates=told.get("candidates", 0),
                    agreement=told.get("agreement"),
                    promoted=told.get("promoted", 0),
                    excluded=told.get("excluded", 0),
                    kept=told.get("kept", 0),
                    disputed=len(open_),
                    waiting=self._waiting.get(key, 0),
                    since=sum(title.title_id in since for title in titles),
                    detail=told.get("detail"),
                )
            )
        return sorted(found, key=lambda told: (-told.disputed, -told.waiting, told.title_batch))

    def titles(self, key: str) -> list[ReviewedTitle]:
        """The reviewed titles of a batch, disputed ones first.

        Raises:
            UnknownBatchError: there is no such batch.
        """
        if key not in self._engine.settings.title_batch_keys:
            raise UnknownBatchError(f"there is no batch {key[:8]!r}", place="title_batch")
        since = self._since
        return [
            title
            if title.title_id not in since
            else ReviewedTitle(**{**_fields(title), "can_decide": False, "decided": since[title.title_id]})
            for title in self._by_batch.get(key, ())
        ]

    def title(self, title_id: str) -> ReviewedTitle:
        """One reviewed title.

        Raises:
            NotFoundError: no reviewer was asked about it.
        """
        key = self._batch_of.get(title_id)
        found = next((told for told in self.titles(key) if told.title_id == title_id), None) if key else None
        if found is None:
            raise NotFoundError("no reviewer was asked about this title", place="title_id")
        return found

    def question(self, title: ReviewedTitle) -> Question:
        """What reviewers saw of a title."""
        with self._lock:
            stage = self._stage or AdjudicationStage(self._engine)
            return stage.questions([title.title_id], title.title_batch)[title.title_id]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reasons to exclude a title."""
        with self._lock:
            stage = self._stage or AdjudicationStage(self._engine)
            return tuple(sorted(stage.targets.reasons))

    @property
    def functions(self) -> tuple[str, ...]:
        """Business functions that a title can be promoted to."""
        with self._lock:
            stage = self._stage or AdjudicationStage(self._engine)
            return tuple(sorted(stage.targets.codes["function"]))

    # --- deciding

    def decide(self, title_id: str, verdict: Verdict, reason: str, by: str) -> PersonDecision:
        """Append a person's decision.

        Raises:
            PersonDecisionError, MergeConflictError, MergeLockedError, ChainError: as `deciding.decide`.
        """
        with self._lock:
            made = decide(AdjudicationStage(self._engine), title_id, verdict, reason, by)
            self._stage = AdjudicationStage(self._engine)
            self.__dict__.pop("_since", None)
        return made

    # --- tables

    @cached_property
    def _batch_rows(self) -> list[dict[str, Any]]:
        rows = self._engine.store.read(REVIEW_BATCH.name).to_pylist()
        mine = [row for row in rows if row["title_batches"] == self._engine.settings.title_batches]
        return sorted(mine, key=lambda row: (row["title_batch"], row["wave"]))

    @cached_property
    def _waiting(self) -> Counter[str]:
        rows = self._engine.store.read(TITLE_STATE.name, ["title_batch", "state"]).to_pylist()
        return Counter(row["title_batch"] for row in rows if row["state"] == "prompt_candidate")

    @cached_property
    def _by_batch(self) -> dict[str, tuple[ReviewedTitle, ...]]:
        store = self._engine.store
        states = {
            row["title_id"]: row["state"]
            for row in store.read(TITLE_STATE.name, ["title_id", "state"]).to_pylist()
        }
        names = store.read_whole(TITLE.name, ["title_id", "normalized_title"]).to_pylist()
        titles = {row["title_id"]: row["normalized_title"] for row in names}
        last: dict[str, dict[str, Any]] = {}
        rows = store.read_whole(REVIEW_CONSENSUS.name).to_pylist()
        for row in sorted(rows, key=lambda told: told["wave"]):
            if not row["is_known_answer"]:
                last[row["title_id"]] = row
        found: dict[str, list[ReviewedTitle]] = defaultdict(list)
        for title_id, row in last.items():
            if title_id in titles:
                found[row["title_batch"]].append(_title(row, titles[title_id], states.get(title_id)))
        return {
            key: tuple(sorted(held, key=lambda told: (ORDER.index(told.why), told.title)))
            for key, held in found.items()
        }

    @cached_property
    def _batch_of(self) -> dict[str, str]:
        return {told.title_id: key for key, held in self._by_batch.items() for told in held}

    @cached_property
    def _since(self) -> dict[str, Side]:
        """What people decided after the tables were made: read from the chain, which is the truth."""
        with self._lock:
            self._stage = AdjudicationStage(self._engine)
            known = {row["merge_sha256"] for row in self._batch_rows}
            later: dict[str, Side] = {}
            for number, merge in enumerate(self._stage.folded.merges):
                if merge.sha256 in known:
                    continue
                for title_id in self._stage.folded.title_ids():
                    standing = self._stage.folded.get(title_id)
                    if standing is not None and standing.merge == number:
                        later[title_id] = Side(standing.decision, standing.level, standing.code)
            return later


def _title(row: dict[str, Any], title: str, state: str | None) -> ReviewedTitle:
    return ReviewedTitle(
        title_id=row["title_id"],
        title=title,
        title_batch=row["title_batch"],
        wave=row["wave"],
        why=row["why"],
        decision=row["decision"],
        level=row["level"],
        code=row["code"],
        a=_side(row["verdict_a"]),
        b=_side(row["verdict_b"]),
        state=state,
        can_decide=row["decision"] == "keep" and state == "residual",
    )


def _side(text: str) -> Side:
    verdict = verdict_of(text)
    return Side(verdict.decision, verdict.level, verdict.code)


def _fields(title: ReviewedTitle) -> dict[str, Any]:
    return {name: getattr(title, name) for name in ReviewedTitle.__dataclass_fields__}
