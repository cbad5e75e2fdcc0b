"""What was decided of a title, by whom and on what: its state, its rule, and every merge that speaks of it.

Belongs here: gathering. Does not: why evidence routed it as it did (`titles.explain`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aina_assets.adjudication.make_reviews import ReviewStage
from aina_assets.adjudication.stage import AdjudicationStage
from aina_assets.adjudication.tables import TITLE_RULE_DECISION, TITLE_STATE
from aina_assets.titles.explaining.explain import is_withheld
from aina_assets.titles.identity import title_batch_of
from aina_assets.titles.inventory import WITHHELD
from aina_assets.titles.make import TitleStage


@dataclass(frozen=True)
class TitleHistory:
    """What is known of a title's adjudication.

    Attributes:
        asked: the text; empty where it is no usable title, since it may be a person's data.
        title_id, title_batch: the title's; None where the text is no usable title.
        defect: why it is none.
        state: its row of `title_state`; None where the inventory has not the title.
        rule: what a deterministic rule says of it, and why; None where none does.
        decisions: every accepted decision on it, in order: the merge, both verdicts and their requests.
        open_wave: the wave that asks about it now; None where none does.
        orders: bounded reviews that name it.
    """

    asked: str
    title_id: str | None
    title_batch: str | None
    defect: str | None
    state: dict[str, Any] | None = None
    rule: dict[str, Any] | None = None
    decisions: tuple[dict[str, Any], ...] = ()
    open_wave: int | None = None
    orders: tuple[dict[str, Any], ...] = ()


def explain(stage: AdjudicationStage, text: str) -> TitleHistory:
    """Gather what is known of a title's adjudication.

    Raises:
        StateError: the stage was not built.
        ChainError: the chain of merges is not whole.
    """
    if is_withheld(text):
        return TitleHistory("", None, None, WITHHELD)
    found = TitleStage(stage.engine).normalizer(text)
    if found.defect:
        return TitleHistory("", None, None, found.defect)
    title_id = TitleStage(stage.engine).title_id(text) or ""
    batch = title_batch_of(title_id, stage.folders.title_batches)
    store = stage.engine.store
    states = store.read(TITLE_STATE.name).to_pylist()
    rules = store.read(TITLE_RULE_DECISION.name, partition=batch).to_pylist()
    rule = next((row for row in rules if row["title_id"] == title_id), None)
    plan = ReviewStage(stage).plan(batch)
    is_asked = any(row.question.title_id == title_id for row in plan.candidates)
    return TitleHistory(
        asked=text,
        title_id=title_id,
        title_batch=batch,
        defect=None,
        state=next((_told(row) for row in states if row["title_id"] == title_id), None),
        rule=None if rule is None else _with_reason(stage, rule),
        decisions=tuple(_decisions(stage, title_id)),
        open_wave=plan.wave if is_asked else None,
        orders=tuple(
            {"order": digest, "reason": order.reason, "ordered_by": order.ordered_by}
            for digest, order in stage.orders.items()
            if title_id in order.title_ids
        ),
    )


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def _with_reason(stage: AdjudicationStage, rule: dict[str, Any]) -> dict[str, Any]:
    policy = stage.policies.filters.rule(rule["rule_id"])
    why = "" if policy is None else policy.why
    return {"rule_id": rule["rule_id"], "why": why, "version": stage.policies.filters.version, **_told(rule)}


def _decisions(stage: AdjudicationStage, title_id: str) -> list[dict[str, Any]]:
    found = []
    for link in stage.folders.chain.links():
        columns = link.merge["decisions"]
        if title_id not in columns["title_id"]:
            continue
        place = columns["title_id"].index(title_id)
        row = {name: values[place] for name, values in columns.items()}
        told = {
            "merge": link.file.sequence,
            "merge_sha256": link.sha256,
            "wave": link.merge["wave"],
            "kind": link.merge["kind"],
            "accepted_by": link.merge["accepted_by"],
            **{name: row[name] for name in ("decision", "level", "code", "why", "order")},
        }
        for side in ("a", "b"):
            request = link.merge["requests"][row[f"request_{side}"]]
            told |= {
                f"verdict_{side}": row[f"verdict_{side}"],
                f"provider_{side}": request["provider"],
                f"model_{side}": request["model"],
                f"request_{side}": request["request_id"],
                f"answer_sha256_{side}": request["answer_sha256"],
            }
        found.append(_told(told))
    return found
