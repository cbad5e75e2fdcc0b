"""The rules that adjudication's tables and merges are held against.

Belongs here: what must be true between tables, merges, orders and evidence. Does not: what one table's
contract already promises, or how reviews of single batches went (`review_rules`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aina_assets.adjudication.account import ADJUDICATE, CANDIDATE, RESIDUAL
from aina_assets.adjudication.chain import Link
from aina_assets.adjudication.fold import fold
from aina_assets.adjudication.make_state import StateStage
from aina_assets.adjudication.merge import ChainError
from aina_assets.adjudication.orders import BoundedReview, OrderError
from aina_assets.adjudication.receipts import RECEIPT, lost_since_receipt
from aina_assets.adjudication.stage import AdjudicationStage
from aina_assets.adjudication.tables import REVIEW_BATCH, REVIEW_WAVE, TITLE_RULE_DECISION, TITLE_STATE
from aina_assets.core.contracts import SAMPLE_ROWS
from aina_assets.core.engine import Engine
from aina_assets.core.rules import Finding, Severity
from aina_assets.titles.tables import TITLE

Rows = list[dict[str, Any]]
REBUILD = "Materialize `title_state` again; if it stays, a merge or a rule is not what it was: report it."


def finding(failed: Rows, total: int, what: str, remedy: str, **figures: float) -> Finding:
    """A finding of the rows that fail; the rule holds where there are none."""
    return Finding(
        passed=not failed,
        summary=f"{len(failed)} of {total} {what}",
        failed_rows=len(failed),
        sample=failed[:SAMPLE_ROWS],
        remedy=remedy if failed else "",
        figures={"rows": total, **figures},
    )


def _states(engine: Engine, columns: Iterable[str]) -> Rows:
    rows: Rows = engine.store.read(TITLE_STATE.name, list(columns)).to_pylist()
    return rows


def account_is_closed(engine: Engine) -> Finding:
    """The three equations hold: routes, merges and states, counted apart, agree."""
    account = StateStage(AdjudicationStage(engine)).account()
    failed = account.faults()
    return Finding(
        passed=not failed,
        summary=f"{len(failed)} of 3 equations do not hold: {account.ambiguous} ambiguous = "
        f"{account.rule_promotions} + {account.rule_exclusions} by rules + {account.promotions} + "
        f"{account.exclusions} by review + {account.residual} residual + {account.candidates} waiting",
        failed_rows=len(failed),
        sample=failed,
        remedy="A title is lost, or counted twice: `one_state_a_title` and `hash_chain_is_whole` name which.",
        figures={
            "ambiguous": account.ambiguous,
            "serviceable_before": account.serviceable_before,
            "serviceable_after": account.serviceable_after,
            "review_decisions": account.review_decisions,
        },
    )


def one_state_a_title(engine: Engine) -> Finding:
    """Every title of the inventory has exactly one state, and every state is of a title."""
    titles = set(engine.store.read_partitions(TITLE.name, ["title_id"])["title_id"].to_pylist())
    states = Counter(row["title_id"] for row in _states(engine, ["title_id"]))
    failed = [
        {"title_id": title_id, "states": states[title_id], "is_title": title_id in titles}
        for title_id in sorted(titles | states.keys())
        if states[title_id] != 1 or title_id not in titles
    ]
    return finding(failed, len(titles), "titles do not have exactly one state", REBUILD)


def settled_titles_have_a_merge_or_a_rule(engine: Engine) -> Finding:
    """Every promotion, exclusion and residual among ambiguous titles is what a merge or a rule says."""
    stage = AdjudicationStage(engine)
    rules = {
        row["title_id"]: row for row in engine.store.read_partitions(TITLE_RULE_DECISION.name).to_pylist()
    }
    merged = _decided(stage.folders.chain.links())
    columns = ["title_id", "route", "state", "settled_by", "level", "code", "rule_id", "merge_sha256"]
    settled = [
        row for row in _states(engine, columns) if row["route"] == ADJUDICATE and row["state"] != CANDIDATE
    ]
    failed = []
    for row in settled:
        fault = _unproved(row, rules.get(row["title_id"]), merged)
        if fault:
            failed.append({"title_id": row["title_id"], "state": row["state"], "finding": fault})
    return finding(failed, len(settled), "settled titles stand on no merge and no rule", REBUILD)


def _decided(links: Iterable[Link]) -> dict[tuple[str, str], tuple[str, str | None, str | None]]:
    found: dict[tuple[str, str], tuple[str, str | None, str | None]] = {}
    for link in links:
        columns = link.merge["decisions"]
        names = ("title_id", "decision", "level", "code")
        for title_id, *decided in zip(*(columns[name] for name in names), strict=True):
            found[link.sha256, title_id] = (decided[0], decided[1], decided[2])
    return found


def _unproved(
    row: Mapping[str, Any],
    rule: Mapping[str, Any] | None,
    merged: Mapping[tuple[str, str], tuple[str, str | None, str | None]],
) -> str | None:
    if row["settled_by"] == "rule":
        if rule is None or rule["rule_id"] != row["rule_id"]:
            return f"no rule {row['rule_id']} decided it"
        decided = (rule["decision"], rule["level"], rule["code"])
    else:
        found = merged.get((row["merge_sha256"] or "", row["title_id"]))
        if found is None:
            return "no merge decided it"
        decided = found
    expected = {
        "serve_with_fallback": ("promote_fallback", row["level"], row["code"]),
        "exclude": ("exclude", None, decided[2]),
        RESIDUAL: ("keep", None, None),
    }.get(row["state"])
    return None if decided == expected else f"decided was {decided}"


def residuals_leave_by_receipt(engine: Engine) -> Finding:
    """A title that was kept is decided anew only under a bounded review that names it."""
    stage = AdjudicationStage(engine)
    orders = stage.orders
    kept: dict[str, int] = {}
    failed: Rows = []
    reviewed_again = 0
    for link in stage.folders.chain.links():
        columns = link.merge["decisions"]
        for title_id, decision, order in zip(
            columns["title_id"], columns["decision"], columns["order"], strict=True
        ):
            if title_id in kept:
                reviewed_again += 1
                fault = _unordered(title_id, order, orders)
                if fault:
                    failed.append(
                        {
                            "title_id": title_id,
                            "kept_by": kept[title_id],
                            "decided_by": link.file.sequence,
                            "finding": fault,
                        }
                    )
            if decision == "keep":
                kept[title_id] = link.file.sequence
    return finding(
        failed,
        reviewed_again,
        "titles that were kept were decided anew without a bounded review that names them",
        "Restore reviews/orders from a backup; else remove what was decided from the backup's chain on.",
        residual=len(kept),
    )


def _unordered(title_id: str, order: str | None, orders: Mapping[str, BoundedReview]) -> str | None:
    if order is None:
        return "no bounded review"
    if order not in orders:
        return f"there is no bounded review {order}"
    return None if title_id in orders[order].title_ids else f"bounded review {order} does not name it"


def hash_chain_is_whole(engine: Engine) -> Finding:
    """Every merge is unchanged, in its place, and decides what it may; none was lost since the receipt."""
    stage = AdjudicationStage(engine)
    failed: Rows = []
    links: list[Link] = []
    try:
        for link in stage.folders.chain.links():
            links.append(link)
        fold(links, stage.folders.orders.orders())
    except (ChainError, OrderError) as error:
        failed.append({"file": _name(error.file), "finding": error.message})
    lost = lost_since_receipt(engine, [link.sha256 for link in links])
    if lost:
        failed.append({"file": f"{RECEIPT}.json", "finding": lost})
    told = (
        "the chain was not read to its end"
        if failed
        else f"head {links[-1].sha256[:16]}"
        if links
        else "none"
    )
    return Finding(
        passed=not failed,
        summary=f"{len(failed)} faults in a chain of {len(links)} merges; {told}",
        failed_rows=len(failed),
        sample=failed,
        remedy="Restore reviews/merges from a backup: merges cannot be made anew." if failed else "",
        figures={"merges": len(links)},
    )


def _name(file: str | None) -> str:
    return "" if file is None else file.rsplit("/", 1)[-1]


def prompt_queue_is_empty(engine: Engine) -> Finding:
    """A WARN while titles wait for a review; says who could review them."""
    stage = AdjudicationStage(engine)
    waiting = [
        row
        for row in _states(engine, ["title_id", "title_batch", "function", "route_reason", "state"])
        if row["state"] == CANDIDATE
    ]
    who = ", ".join(f"{seat}: {spec.backend} {spec.model}" for seat, spec in sorted(stage.specs.items()))
    waves = engine.store.read(REVIEW_WAVE.name, ["candidates", "cost_usd"]).to_pylist()
    costs = [row["cost_usd"] for row in waves if row["cost_usd"] is not None]
    return Finding(
        passed=not waiting,
        summary=f"{len(waiting)} titles wait for a review; reviewers: {who or 'none is configured'}",
        failed_rows=len(waiting),
        sample=waiting[:SAMPLE_ROWS],
        remedy="Name two reviewers (AINA_REVIEWERS, docs/reviewers.md), then `aina review run`.",
        figures={
            "waiting": len(waiting),
            "reviewed": sum(row["candidates"] for row in waves),
            "cost_usd": round(sum(costs), 4),
        },
        severity=Severity.WARN,
    )


def no_batch_is_stuck(engine: Engine) -> Finding:
    """A WARN where a batch's wave is quarantined, or held for a person."""
    rows = engine.store.read(
        REVIEW_BATCH.name, ["title_batch", "wave", "status", "detail", "candidates"]
    ).to_pylist()
    failed = [row for row in rows if row["status"] in ("held", "quarantined")]
    return Finding(
        passed=not failed,
        summary=f"{len(failed)} of {len(rows)} waves of batches are quarantined or held",
        failed_rows=len(failed),
        sample=failed[:SAMPLE_ROWS],
        remedy="Look at the outputs named in reviews/quarantine, then `aina review run --again BATCH`; a "
        "held batch is accepted by `aina review accept BATCH`.",
        figures={"batches": len(rows), "stuck": len(failed)},
        severity=Severity.WARN,
    )


Rule = Callable[[Engine], Finding]
