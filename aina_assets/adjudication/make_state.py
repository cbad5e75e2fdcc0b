"""Make the tables of the whole: waves and how they went, and one state a title.

Belongs here: what each is made from. Does not: what a state is (`account`), or what merges say together
(`fold`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from aina_assets.adjudication.account import Account, AccountError, account_of, state_rows
from aina_assets.adjudication.chain import Link
from aina_assets.adjudication.merge import ChainError
from aina_assets.adjudication.protocol import DECISIONS
from aina_assets.adjudication.receipts import lost_since_receipt
from aina_assets.adjudication.stage import CODE_FOLDERS, MERGES, AdjudicationStage, digest_of
from aina_assets.adjudication.statistics import agreement_figures, raw_agreement
from aina_assets.adjudication.tables import (
    REVIEW_BATCH,
    REVIEW_CONFUSION,
    REVIEW_CONSENSUS,
    REVIEW_PROMPT,
    REVIEW_WAVE,
    TITLE_RULE_DECISION,
    TITLE_STATE,
)
from aina_assets.core.contracts import TableContract
from aina_assets.core.store import TableInfo, code_version, provenance_of
from aina_assets.titles.tables import TITLE_ROUTE

Made = tuple[TableInfo, bool]
Rows = list[dict[str, Any]]
COSTS = ("tokens_in", "tokens_out", "cost_usd")
COUNTED = ("promote_fallback", "exclude", "keep")


class StateStage:
    """Makes this stage's unpartitioned tables.

    Args:
        stage: the data root's adjudication, as it is after the batches were settled.
    """

    def __init__(self, stage: AdjudicationStage) -> None:
        self.stage = stage
        self._store = stage.engine.store

    def _links(self) -> list[Link]:
        return list(self.stage.folders.chain.links())

    def _chain_inputs(self) -> dict[str, str]:
        return {
            MERGES: self.stage.folded.head or "none",
            "orders": digest_of(*self.stage.orders),
        }

    # --- waves

    def review_batch(self) -> Made:
        """Make `review_batch`."""
        quarantined = {
            (found.receipt.title_batch, found.receipt.wave): found
            for found in self.stage.folders.quarantines.all()
        }
        told = [f"{key} {found.is_released}" for key, found in quarantined.items()]
        inputs = {**self._chain_inputs(), "quarantine": digest_of(*told)}

        def rows() -> Rows:
            merged = [_merged_batch(link) for link in self._links()]
            shut = [
                _batch_row(
                    title_batch=key[0],
                    title_batches=found.receipt.title_batches,
                    wave=key[1],
                    status="released" if found.is_released else "quarantined",
                    detail=found.receipt.detail,
                    candidates=found.receipt.candidates,
                    known_answers=found.receipt.known_answers,
                )
                for key, found in quarantined.items()
            ]
            standing = {(r["title_batches"], r["title_batch"], r["wave"]) for r in (*merged, *shut)}
            return [*merged, *shut, *self._open_batches(standing)]

        return self._made(REVIEW_BATCH, (REVIEW_PROMPT.name, REVIEW_CONSENSUS.name), inputs, rows)

    def _open_batches(self, standing: set[tuple[int, str, int]]) -> Rows:
        batches = self.stage.folders.title_batches
        found: Rows = []
        for key in self._store.partitions(REVIEW_PROMPT.name):
            prompts = self._store.read(
                REVIEW_PROMPT.name, ["wave", "reviewer", "is_known_answer"], partition=key
            ).to_pylist()
            mine = [row for row in prompts if row["reviewer"] == "reviewer_a"]
            if not mine or (batches, key, mine[0]["wave"]) in standing:
                continue
            consensus = self._store.read(REVIEW_CONSENSUS.name, ["merge_sha256"], partition=key)
            is_held = None in consensus["merge_sha256"].to_pylist()
            known = sum(row["is_known_answer"] for row in mine)
            found.append(
                _batch_row(
                    title_batch=key,
                    title_batches=batches,
                    wave=mine[0]["wave"],
                    status="held" if is_held else "open",
                    detail="the reviewers agree too little: a person has to accept it" if is_held else None,
                    candidates=len(mine) - known,
                    known_answers=known,
                )
            )
        return found

    def review_wave(self) -> Made:
        """Make `review_wave`."""
        policy = self.stage.policies.review
        inputs = {**self._chain_inputs(), f"policies/{policy.policy}.toml": policy.sha256}

        def rows() -> Rows:
            waves: dict[int, list[Link]] = defaultdict(list)
            for link in self._links():
                waves[link.merge["wave"]].append(link)
            return [
                _wave_row(wave, links, policy.interval.confidence, policy.interval.resamples)
                for wave, links in sorted(waves.items())
            ]

        return self._made(REVIEW_WAVE, (), inputs, rows)

    def review_confusion(self) -> Made:
        """Make `review_confusion`."""

        def rows() -> Rows:
            counts: Counter[tuple[int, str, str]] = Counter()
            for link in self._links():
                counts.update((link.merge["wave"], a, b) for a, b in _decision_pairs(link.merge))
            waves = sorted({wave for wave, _, _ in counts})
            return [
                {"wave": wave, "decision_a": a, "decision_b": b, "titles": counts[wave, a, b]}
                for wave in waves
                for a in DECISIONS
                for b in DECISIONS
            ]

        return self._made(REVIEW_CONFUSION, (), self._chain_inputs(), rows)

    # --- the state

    def title_state(self) -> Made:
        """Make `title_state`.

        Raises:
            ChainError: the chain of merges is not whole, decides what it may not, or has lost merges that the
                last receipt names.
            AccountError: the account does not close; nothing was written.
        """
        lost = lost_since_receipt(self.stage.engine, [m.sha256 for m in self.stage.folded.merges])
        if lost:
            raise ChainError(lost, file=self.stage.folders.chain.root)
        scope = self.stage.policies.scope
        inputs = {**self._chain_inputs(), f"policies/{scope.policy}.toml": scope.sha256}

        def rows() -> Rows:
            routes = self._store.read_partitions(TITLE_ROUTE.name).to_pylist()
            rules = self._store.read_partitions(TITLE_RULE_DECISION.name).to_pylist()
            folded = self.stage.folded
            states = state_rows(
                routes, {row["title_id"]: row for row in rules}, folded, self.stage.targets.reasons
            )
            titles = [row["title_id"] for row in routes]
            if [row["title_id"] for row in states] != titles or len(set(titles)) < len(titles):
                raise AccountError(f"{len(states)} states of {len(set(titles))} titles: not one a title")
            for fault in account_of(routes, states, folded).faults():
                raise AccountError(
                    f"{fault['equation']}: {fault['left']} on the left, {fault['right']} on the right"
                )
            return states

        return self._made(TITLE_STATE, (TITLE_ROUTE.name, TITLE_RULE_DECISION.name), inputs, rows)

    def account(self) -> Account:
        """The account of the tables that stand."""
        routes = self._store.read_partitions(TITLE_ROUTE.name, ["title_id", "route"]).to_pylist()
        columns = ["title_id", "route", "state", "settled_by", "function"]
        states = self._store.read(TITLE_STATE.name, columns).to_pylist()
        return account_of(routes, states, self.stage.folded)

    def _made(
        self,
        contract: TableContract,
        tables: Sequence[str],
        inputs: Mapping[str, str],
        rows: Callable[[], Rows],
    ) -> Made:
        # Vintages are those of the routes, whatever else a table is made from.
        provenance = provenance_of(
            self._store, contract, tables or (TITLE_ROUTE.name,), inputs, code=code_version(*CODE_FOLDERS)
        )
        standing = self._store.current(contract.name, provenance)
        if standing is not None:
            return standing, False
        table = pa.Table.from_pylist(rows(), contract.arrow_schema)
        table = table.sort_by([(column, "ascending") for column in contract.key])
        return self._store.write(contract, table, provenance), True


def _batch_row(**told: Any) -> dict[str, Any]:
    return {"promoted": 0, "excluded": 0, "kept": 0, "repaired": 0, **told}


def _merged_batch(link: Link) -> dict[str, Any]:
    merge = link.merge
    decided = Counter(merge["decisions"]["decision"])
    return _batch_row(
        title_batch=merge["title_batch"],
        title_batches=merge["title_batches"],
        wave=merge["wave"],
        status="merged",
        kind=merge["kind"],
        accepted_by=merge["accepted_by"],
        candidates=len(merge["decisions"]["title_id"]),
        known_answers=len(merge["known"]["title_id"]),
        **_right_and_wrong([merge]),
        agreement=_rounded(raw_agreement(_decision_pairs(merge))),
        **dict(zip(("promoted", "excluded", "kept"), (decided[name] for name in COUNTED), strict=True)),
        repaired=sum(merge["repaired"].values()),
        **_costs([merge]),
        merge_sequence=merge["sequence"],
        merge_sha256=link.sha256,
    )


def _wave_row(wave: int, links: Sequence[Link], confidence: float, resamples: int) -> dict[str, Any]:
    merges = [link.merge for link in links]
    pairs = [pair for merge in merges for pair in _decision_pairs(merge)]
    figures = agreement_figures(pairs, len(DECISIONS), confidence=confidence, resamples=resamples)
    decided = Counter(name for merge in merges for name in merge["decisions"]["decision"])
    known = [row for merge in merges for row in zip(*merge["known"].values(), strict=True)]
    columns = list(merges[0]["known"])
    alike = sum(_is_alike_wrong(dict(zip(columns, row, strict=True))) for row in known)
    both = [
        a == b
        for merge in merges
        for a, b in zip(merge["decisions"]["verdict_a"], merge["decisions"]["verdict_b"], strict=True)
        if a.startswith("promote_fallback") and b.startswith("promote_fallback")
    ]
    return {
        "wave": wave,
        "batches": len(merges),
        "candidates": len(pairs),
        "agreement": _rounded(figures.share),
        "kappa": _rounded(figures.kappa),
        "ac1": _rounded(figures.ac1),
        "alpha": _rounded(figures.alpha),
        "alpha_low": _rounded(figures.alpha_low),
        "alpha_high": _rounded(figures.alpha_high),
        "same_target": _rounded(sum(both) / len(both)) if both else None,
        "kept_a": sum(a == "keep" for a, _ in pairs),
        "kept_b": sum(b == "keep" for _, b in pairs),
        "known_answers": len(known),
        **_right_and_wrong(merges),
        "wrong_alike": alike,
        "promoted": decided["promote_fallback"],
        "excluded": decided["exclude"],
        "kept": decided["keep"],
        "repaired": sum(sum(merge["repaired"].values()) for merge in merges),
        **_costs(merges),
    }


def _rounded(figure: float | None) -> float | None:
    # Six digits: beyond them another machine's arithmetic may differ.
    return None if figure is None else round(figure, 6)


def _decision_pairs(merge: Mapping[str, Any]) -> list[tuple[str, str]]:
    decisions = merge["decisions"]
    return [
        (a.split("/", 1)[0], b.split("/", 1)[0])
        for a, b in zip(decisions["verdict_a"], decisions["verdict_b"], strict=True)
    ]


def _is_alike_wrong(row: Mapping[str, Any]) -> bool:
    return row["is_right_a"] is False and row["is_right_b"] is False and row["verdict_a"] == row["verdict_b"]


def _right_and_wrong(merges: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for merge in merges:
        for side in ("a", "b"):
            answers = Counter(merge["known"][f"is_right_{side}"])
            counts[f"right_{side}"] += answers[True]
            counts[f"wrong_{side}"] += answers[False]
    return {name: counts[name] for name in ("right_a", "wrong_a", "right_b", "wrong_b")}


def _costs(merges: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the requests cost together; null where one of them does not tell."""
    found: dict[str, Any] = {}
    for name in COSTS:
        told = [request[name] for merge in merges for request in merge["requests"]]
        found[name] = None if None in told else round(sum(told), 6)
    return found
