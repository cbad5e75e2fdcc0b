"""What must hold of the stage's tables. Each rule names the rows that break it.

Belongs here: the rules. Does not: which of them block (`checks`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aina_assets.core.contracts import SAMPLE_ROWS
from aina_assets.core.engine import Engine
from aina_assets.core.errors import NotSyntheticError, StateError
from aina_assets.core.rules import Finding, Severity
from aina_assets.learning.desk import Policies
from aina_assets.learning.edge.signals import signals
from aina_assets.learning.identity import check_learner_id
from aina_assets.learning.records.fold import Folder
from aina_assets.learning.replaying import broken_links, replayed
from aina_assets.learning.tables import (
    CONTRACTS,
    GDPVAL_ROLE_LINK,
    LEARNER_COHORT,
    LEARNER_EVENT,
    LEARNER_MODEL_FIGURE,
    LEARNER_PLAN_ITEM,
    LEARNER_PLAN_SOURCE,
    LEARNER_RECORD,
)
from aina_assets.packets.evidence.rows import RowReader
from aina_assets.sources.leaks import LeakSearch
from aina_assets.sources.make import acquire_source
from aina_assets.sources.readers.gdpval import forbidden_texts
from aina_assets.sources.readers.person_names import read_person_names

MOST_GAP = 0.02
ROUNDING = 1e-6
LINE = "Materialize the cohort again; if it stays, the code that wrote it is wrong."

Row = Mapping[str, Any]


def _finding(
    broken: Sequence[Row],
    good: str,
    bad: str,
    remedy: str,
    figures: Mapping[str, float],
    severity: Severity = Severity.ERROR,
) -> Finding:
    return Finding(
        passed=not broken,
        summary=good if not broken else f"{len(broken)} {bad}",
        failed_rows=len(broken),
        sample=list(broken)[:SAMPLE_ROWS],
        remedy=remedy,
        figures=figures,
        severity=severity,
    )


def learners_are_synthetic(engine: Engine) -> Finding:
    """Every learner is a synthetic one, and no text of theirs looks like a real person's data."""
    store = engine.store
    names = read_person_names(engine.settings.policies_root)
    broken: list[Row] = []
    rows = store.read(LEARNER_COHORT.name, ["learner_id", "title"]).to_pylist()
    events = store.read(LEARNER_EVENT.name, ["learner_id", "event_id", "detail"]).to_pylist()
    for learner_id in sorted({row["learner_id"] for row in (*rows, *events)}):
        try:
            check_learner_id(learner_id)
        except NotSyntheticError:
            broken.append({"table": LEARNER_COHORT.name, "what": "not a synthetic learner's id"})
    texts = [(LEARNER_COHORT.name, row["learner_id"], row["title"]) for row in rows]
    texts += [(LEARNER_EVENT.name, row["event_id"], row["detail"]) for row in events if row["detail"]]
    for table, key, text in texts:
        found = signals(text, names)
        if found:
            # The text is not repeated: it may be a person's.
            broken.append({"table": table, "key": key, "what": ", ".join(found)})
    return _finding(
        broken,
        f"{len(rows)} learners and {len(texts)} texts are synthetic",
        "ids or texts are not a synthetic learner's",
        "Take the row out, and find what let it past the edge.",
        {"learners": len(rows), "texts": len(texts)},
    )


def log_is_whole(engine: Engine) -> Finding:
    """The log has no gap, and every event's chain is that of the one before and its own text."""
    rows = engine.store.read(LEARNER_EVENT.name).to_pylist()
    return _finding(
        broken_links(rows),
        f"{len(rows)} events follow each other without a gap, and their chain holds",
        "places at which the log breaks",
        LINE,
        {"events": len(rows)},
    )


def replay_gives_the_record(engine: Engine) -> Finding:
    """Folding the log anew, whole or from a snapshot at every cut, gives the records that are on record."""
    policies = Policies.read(engine.settings)
    found = replayed(engine.store, Folder(policies.learner_model))
    broken = [
        {"learner_id": learner, "cut": cut, "what": "snapshot"} for learner, cut in found.differing_cuts
    ]
    broken += [{"learner_id": learner, "cut": None, "what": "record"} for learner in found.differing_learners]
    return _finding(
        broken,
        f"{found.learners} records and {found.cuts} cuts of {found.events} events give what is on record",
        "records differ from what the log gives",
        LINE,
        {"events": found.events, "cuts": found.cuts},
    )


def plans_keep_their_promises(engine: Engine) -> Finding:
    """What an item rests on stands before it, no week holds too much, and nothing ends too late."""
    store = engine.store
    capacity = {row["plan_id"]: row for row in store.read(LEARNER_COHORT.name).to_pylist()}
    plans: dict[str, list[Row]] = {}
    for row in store.read(LEARNER_PLAN_ITEM.name).to_pylist():
        plans.setdefault(row["plan_id"], []).append(row)
    broken: list[Row] = []
    for plan_id, rows in sorted(plans.items()):
        broken += _faults(plan_id, sorted(rows, key=lambda row: int(row["position"])), capacity[plan_id])
    return _finding(
        broken,
        f"{len(plans)} plans keep prerequisites and capacity",
        "items break prerequisites or capacity",
        LINE,
        {"plans": len(plans)},
    )


def _faults(plan_id: str, rows: Sequence[Row], learner: Row) -> list[Row]:
    found: list[Row] = []
    seen: set[str] = set()
    minute, weekly = 0, learner["weekly_minutes"]
    for row in rows:
        told = {"plan_id": plan_id, "position": row["position"], "item_id": row["item_id"]}
        missing = [held for held in row["prerequisites"].split() if held not in seen]
        if missing:
            found.append({**told, "what": f"stands before {missing[0]}"})
        seen.add(row["item_id"])
        first = minute // weekly + 1 if weekly else 0
        minute += row["minutes"]
        last = (minute - 1) // weekly + 1 if weekly else 0
        if (row["week"], row["last_week"]) != (first, last):
            found.append({**told, "what": f"weeks {row['week']}-{row['last_week']}, not {first}-{last}"})
        if last > learner["horizon_weeks"]:
            found.append({**told, "what": f"ends after week {learner['horizon_weeks']}"})
    if minute != learner["minutes_chosen"]:
        found.append({"plan_id": plan_id, "what": f"{minute} minutes, {learner['minutes_chosen']} are told"})
    return found


def plans_are_near_the_optimum(engine: Engine) -> Finding:
    """No plan is worth less, by more than 2%, than the other method makes it."""
    rows = engine.store.read(LEARNER_COHORT.name).to_pylist()
    compared = [row for row in rows if row["worth_by_other_method"] is not None]
    broken = [
        {name: row[name] for name in ("learner_id", "method", "worth_chosen", "worth_by_other_method")}
        for row in compared
        if row["worth_by_other_method"] - row["worth_chosen"]
        > MOST_GAP * row["worth_by_other_method"] + ROUNDING
    ]
    gaps = [
        1 - row["worth_chosen"] / row["worth_by_other_method"]
        for row in compared
        if row["worth_by_other_method"]
    ]
    return _finding(
        broken,
        f"{len(compared)} plans are within {MOST_GAP:.0%} of what the other method finds",
        f"plans are worth less, by more than {MOST_GAP:.0%}",
        "Compare the two methods on the learner's curriculum input.",
        {"plans": len(compared), "largest_gap": max([0.0, *gaps])},
    )


def recommendations_lead_to_rows(engine: Engine) -> Finding:
    """Every item of a plan rests on source rows that are there, of files with the digests that are told."""
    store = engine.store
    rows = store.read(LEARNER_PLAN_SOURCE.name).to_pylist()
    # As packets name files: an extract that a person gave is one, though it is no source's.
    digests = {file: held.sha256 for file, held in RowReader(store).files.items()}
    known: dict[str, set[int]] = {}
    for table in sorted({row["source_table"] for row in rows}):
        try:
            known[table] = set(store.read_whole(table, ["source_row"])["source_row"].to_pylist())
        except StateError:
            known[table] = set()
    broken: list[Row] = []
    for row in rows:
        what = (
            "the file has another digest"
            if digests.get(row["file"]) != row["sha256"]
            else "the row is not there"
            if row["source_row"] not in known[row["source_table"]]
            else ""
        )
        if what:
            broken.append(
                {"item_id": row["item_id"], "file": row["file"], "row": row["source_row"], "what": what}
            )
    traced = {(row["plan_id"], row["item_id"]) for row in rows}
    items = store.read(LEARNER_PLAN_ITEM.name, ["plan_id", "item_id"]).to_pylist()
    broken += [
        {**row, "file": "", "row": None, "what": "rests on no row"}
        for row in items
        if (row["plan_id"], row["item_id"]) not in traced
    ]
    return _finding(
        broken,
        f"{len(items)} items lead to {len(rows)} rows of locked files",
        "recommendations do not lead to a source row",
        "Build packets and cohort again: a source changed between them.",
        {"items": len(items), "rows": len(rows)},
    )


def learner_model_ships(engine: Engine) -> Finding:
    """The estimate that the policy names is the one that foretells held-out learners better."""
    policy = Policies.read(engine.settings).learner_model
    rows = engine.store.read(LEARNER_MODEL_FIGURE.name).to_pylist()
    low = rows[0]["gain_low_nats"]
    better = "knowledge_tracing" if low > 0 else "average"
    broken = [] if better == policy.model else [{"policy": policy.model, "better": better, "gain_low": low}]
    return _finding(
        broken,
        f"{policy.model}: knowledge tracing gains {rows[0]['gain_nats']:.4f} nats, at least {low:.4f}",
        f"model does not ship: {better} foretells better than {policy.model}",
        "Set `model` in data/policies/learner_model.toml to the better one, or fit anew.",
        {"gain_nats": rows[0]["gain_nats"], "gain_low_nats": low},
    )


def mastery_follows_results(engine: Engine) -> Finding:
    """A record tells a next review exactly where there was a result, and never more passes than results."""
    rows = engine.store.read(LEARNER_RECORD.name).to_pylist()
    broken = [
        {name: row[name] for name in ("learner_id", "workflow_id", "attempts", "passes", "due")}
        for row in rows
        if row["passes"] > row["attempts"]
        or (row["due"] is None) is not (row["attempts"] == 0)
        or (row["attempts"] == 0 and row["mastery"] != row["prior"])
    ]
    return _finding(
        broken,
        f"{len(rows)} workflows have a review where they have a result",
        "workflows whose mastery does not follow from results",
        LINE,
        {"workflows": len(rows), "practised": sum(row["attempts"] > 0 for row in rows)},
    )


def gdpval_tasks_are_linked(engine: Engine) -> Finding:
    """Every GDPval task belongs to a role packet; a WARN where one does not: it is then shown nowhere."""
    store = engine.store
    linked = set(store.read(GDPVAL_ROLE_LINK.name, ["task_id"])["task_id"].to_pylist())
    tasks = store.read("gdpval_task", ["task_id", "occupation"]).to_pylist()
    broken = [row for row in tasks if row["task_id"] not in linked]
    return _finding(
        broken,
        f"{len(tasks)} tasks belong to roles",
        "tasks belong to no role",
        "See `gdpval_occupation_soc` for the occupation's SOC code, and `role_packet` for its packet.",
        {"tasks": len(tasks), "linked": len(linked)},
        Severity.WARN,
    )


def sandbox_wrote_no_text(engine: Engine) -> Finding:
    """Neither GDPval's canary nor a sample of its sentences is in any table or receipt of this stage."""
    search = LeakSearch(forbidden_texts(acquire_source("gdpval", engine)))
    paths = [engine.store.path(contract.name) for contract in CONTRACTS]
    paths += sorted(engine.data.receipts.glob("*.json")) + sorted(engine.data.learning.rglob("*"))
    held = [path for path in paths if path.is_file()]
    leaks = [
        {"file": str(path.relative_to(engine.data.path)), "place": place, "text": label}
        for path in held
        for place, label in search.in_file(path)
    ]
    return _finding(
        leaks,
        f"none of GDPval's words is in {len(held)} files",
        "places hold words of GDPval",
        "Delete the file named, find what wrote the text, and mend it before building again.",
        {"files": len(held)},
    )
