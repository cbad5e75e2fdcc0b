"""Make the tables of each batch: rule decisions, prompts, verdicts, consensus.

Belongs here: what each is made from, and when it must be made anew. Does not: what a wave asks (`stage`),
or how it is settled (`wave`).

A wave's tables are made from its plan while it is open and from its merge once it is accepted, with the
same rows: a build after the merge leaves them alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from aina_assets.adjudication.account import ADJUDICATE
from aina_assets.adjudication.asking import Part
from aina_assets.adjudication.chain import Link
from aina_assets.adjudication.plan import BatchPlan
from aina_assets.adjudication.prompts import chunked, requests_of
from aina_assets.adjudication.protocol import (
    SEATS,
    ReviewAnswer,
    ReviewerError,
    ReviewRequest,
    Seat,
)
from aina_assets.adjudication.review_rows import (
    held_consensus,
    merged_consensus,
    merged_prompts,
    merged_verdicts,
    part_verdicts,
)
from aina_assets.adjudication.reviewers.factory import threads_of
from aina_assets.adjudication.stage import CODE_FOLDERS, MERGES, AdjudicationStage, digest_of
from aina_assets.adjudication.tables import (
    REVIEW_CONSENSUS,
    REVIEW_PROMPT,
    TITLE_RULE_DECISION,
    VERDICTS,
)
from aina_assets.adjudication.wave import BY_POLICY, WaveState
from aina_assets.core.contracts import TableContract
from aina_assets.core.store import Provenance, TableInfo, code_version, provenance_of
from aina_assets.titles.tables import AUTHORITY_TITLE, TITLE, TITLE_LEVEL, TITLE_ROUTE

Made = tuple[TableInfo, bool]
# These answer from files or arithmetic: a build asks them. All others cost money, time or a person's
# patience, and are asked by `aina review run` alone.
ASKED_BY_BUILDS = ("recorded", "simulated")
# What rests on what, for whoever asks what a wrong file voids: the same batch of these tables.
ORIGINS: Mapping[str, tuple[str, ...]] = {
    REVIEW_PROMPT.name: (TITLE_ROUTE.name,),
    **{contract.name: (REVIEW_PROMPT.name,) for contract in VERDICTS.values()},
    REVIEW_CONSENSUS.name: tuple(contract.name for contract in VERDICTS.values()),
}


@dataclass(frozen=True)
class Asked:
    """What came of asking a reviewer about a batch."""

    part: Part | None
    fault: ReviewerError | None


class ReviewStage:
    """Makes this stage's partitioned tables.

    Args:
        stage: the data root's adjudication.
    """

    def __init__(self, stage: AdjudicationStage) -> None:
        self.stage = stage
        self._store = stage.engine.store
        self._plans: dict[str, BatchPlan] = {}

    def plan(self, key: str) -> BatchPlan:
        """A batch's open wave, as it was when this was first asked."""
        if key not in self._plans:
            self._plans[key] = self.stage.plan(key)
        return self._plans[key]

    # --- deterministic rules

    def title_rule_decision(self, key: str) -> Made:
        """Make one batch of `title_rule_decision`."""
        policies = self.stage.policies
        provenance = provenance_of(
            self._store,
            TITLE_RULE_DECISION,
            (TITLE.name, TITLE_ROUTE.name, TITLE_LEVEL.name),
            {
                AUTHORITY_TITLE.name: self._store.info(AUTHORITY_TITLE.name).sha256,
                f"policies/{policies.filters.policy}.toml": policies.filters.sha256,
                f"policies/{policies.scope.policy}.toml": policies.scope.sha256,
                f"policies/{policies.functions.policy}.toml": policies.functions.sha256,
            },
            key,
            code=code_version(*CODE_FOLDERS),
        )

        def rows() -> list[dict[str, Any]]:
            routes = self._store.read(
                TITLE_ROUTE.name, ["title_id", "normalized_title", "route"], partition=key
            ).to_pylist()
            levels = {
                row["title_id"]: row for row in self._store.read(TITLE_LEVEL.name, partition=key).to_pylist()
            }
            titles = self._store.read(TITLE.name, ["title_id", "core_title"], partition=key).to_pylist()
            core = {row["title_id"]: row["core_title"] for row in titles}
            found = []
            for row in routes:
                if row["route"] != ADJUDICATE:
                    continue
                title_id = row["title_id"]
                decided = self.stage.filter.decide(row["normalized_title"], core[title_id], levels[title_id])
                if decided is not None:
                    found.append(
                        {
                            "title_id": row["title_id"],
                            "title_batch": key,
                            "normalized_title": row["normalized_title"],
                            "policy_sha256": policies.filters.sha256,
                            **decided,
                        }
                    )
            return found

        return self._made(TITLE_RULE_DECISION, provenance, key, rows)

    # --- prompts

    def review_prompt(self, key: str) -> Made:
        """Make one batch of `review_prompt`."""
        plan = self.plan(key)
        if plan.rows:
            requests = self._requests(plan)
            ids = [request.request_id for seat in SEATS for request in requests.get(seat, ())]
            return self._made(
                REVIEW_PROMPT,
                self._provenance(REVIEW_PROMPT, key, plan.digest, ids),
                key,
                lambda: self._planned(plan, requests),
            )
        link = self._last_merge(key)
        if link is None:
            return self._made(REVIEW_PROMPT, self._provenance(REVIEW_PROMPT, key, plan.digest, ()), key, list)
        ids = [request["request_id"] for request in link.merge["requests"] if not request["round"]]
        provenance = self._provenance(REVIEW_PROMPT, key, link.merge["plan"], ids)
        return self._made(REVIEW_PROMPT, provenance, key, lambda: merged_prompts(link.merge))

    def _requests(self, plan: BatchPlan) -> dict[Seat, tuple[ReviewRequest, ...]]:
        asking = self.stage.asking
        return {
            seat: requests_of(plan, spec, asking.book, asking.chunk_rows)
            for seat, spec in self.stage.specs.items()
        }

    def _planned(
        self, plan: BatchPlan, requests: Mapping[Seat, Sequence[ReviewRequest]]
    ) -> list[dict[str, Any]]:
        return [
            {
                "title_batch": plan.title_batch,
                "wave": plan.wave,
                "reviewer": seat,
                "title_id": row.question.title_id,
                "is_known_answer": row.known is not None,
                "order_sha256": row.order,
                "chunk": chunk,
                "request_id": requests[seat][chunk].request_id if seat in requests else None,
            }
            for seat in SEATS
            for chunk, rows in enumerate(chunked(plan, seat, self.stage.asking.chunk_rows))
            for row in rows
        ]

    # --- verdicts

    def ask(
        self,
        key: str,
        seat: Seat,
        *,
        is_asking_all: bool = False,
        on_answer: Callable[[ReviewRequest, ReviewAnswer], None] = lambda request, answer: None,
    ) -> Asked:
        """Ask whoever takes a seat for what is outstanding of a batch's open wave.

        Args:
            is_asking_all: ask reviewers too that cost money or time.
            on_answer: told of each answer.
        """
        plan = self.plan(key)
        reviewer = self.stage.reviewer(seat)
        is_quarantined = self.stage.folders.quarantines.of(key, plan.wave) is not None
        if not plan.rows or reviewer is None or is_quarantined:
            return Asked(None, None)
        if not is_asking_all and reviewer.spec.backend not in ASKED_BY_BUILDS:
            return Asked(None, None)
        threads = threads_of(reviewer.spec)
        return Asked(*self.stage.asking.ask(plan, reviewer, threads=threads, on_answer=on_answer))

    def review_verdict(self, seat: Seat, key: str) -> Made:
        """Make one batch of a reviewer's verdicts, from what it has said so far; nobody is asked."""
        contract = VERDICTS[seat]
        plan = self.plan(key)
        if plan.rows:
            spec = self.stage.specs.get(seat)
            is_quarantined = self.stage.folders.quarantines.of(key, plan.wave) is not None
            part = None if spec is None or is_quarantined else self.stage.asking.part(plan, spec)
            answers = [] if part is None else [a for _, a in part.asked if a is not None]
            # Of an output that may not be used no verdict is told.
            used = [] if part is None or part.status == "unusable" else answers
            return self._made(
                contract,
                self._provenance(contract, key, plan.digest, _told(used)),
                key,
                lambda: part_verdicts(plan, part, {answer.request_id: answer for answer in used}),
            )
        link = self._last_merge(key)
        if link is None:
            return self._made(contract, self._provenance(contract, key, plan.digest, ()), key, list)
        requests = [request for request in link.merge["requests"] if request["reviewer"] == seat]
        told = [f"{request['request_id']} {request['answer_sha256']}" for request in requests]
        provenance = self._provenance(contract, key, link.merge["plan"], told)
        return self._made(contract, provenance, key, lambda: merged_verdicts(link.merge, seat))

    # --- consensus

    def review_consensus(self, key: str, accepted_by: str = BY_POLICY) -> tuple[Made, WaveState]:
        """Settle a batch's open wave, merging what is accepted, and make its batch of `review_consensus`.

        Args:
            accepted_by: a person's name accepts a batch that is held.
        """
        plan = self.plan(key)
        state = self.stage.room.settle(plan, accepted_by)
        links = self.stage.folders.chain.links_of(key, self.stage.folders.title_batches)
        held = plan if state.status == "held" else None
        told = [link.sha256 for link in links] + ([] if held is None else [held.digest])
        provenance = self._provenance(REVIEW_CONSENSUS, key, digest_of(*told), ())
        made = self._made(
            REVIEW_CONSENSUS,
            provenance,
            key,
            lambda: [
                *(row for link in links for row in merged_consensus(link)),
                *held_consensus(plan, state),
            ],
        )
        return made, state

    # --- making

    def _last_merge(self, key: str) -> Link | None:
        links = self.stage.folders.chain.links_of(key, self.stage.folders.title_batches)
        return links[-1] if links else None

    def _provenance(
        self, contract: TableContract, key: str, asked: str, answered: Iterable[str]
    ) -> Provenance:
        route = provenance_of(
            self._store, contract, (TITLE_ROUTE.name,), None, key, code=code_version(*CODE_FOLDERS)
        )
        # What is asked holds all that a route and its evidence say; a route that changed elsewhere does
        # not matter.
        origins = {f"{name}/{key}": asked for name in ORIGINS[contract.name]}
        told = {MERGES: asked, "answered": digest_of(*sorted(answered))}
        return replace(route, inputs={**origins, **told})

    def _made(
        self,
        contract: TableContract,
        provenance: Provenance,
        key: str,
        rows: Callable[[], list[dict[str, Any]]],
    ) -> Made:
        standing = self._store.current(contract.name, provenance, key)
        if standing is not None:
            return standing, False
        table = pa.Table.from_pylist(rows(), contract.arrow_schema)
        table = table.sort_by([(column, "ascending") for column in contract.key])
        return self._store.write(contract, table, provenance, key), True


def _told(answers: Iterable[ReviewAnswer]) -> list[str]:
    return [f"{answer.request_id} {answer.content_sha256}" for answer in answers]
