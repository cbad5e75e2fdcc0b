"""The rules that the titles' tables are held against.

Belongs here: what must be true between tables. Does not: what one table's contract already promises.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from aina_assets.core.contracts import SAMPLE_ROWS
from aina_assets.core.engine import Engine
from aina_assets.core.rules import Finding, Severity, rows_finding
from aina_assets.titles.certifying.certificate import CERTIFIED
from aina_assets.titles.identity import title_batch_of, title_id_of
from aina_assets.titles.make import Policies
from aina_assets.titles.retrieval.taxonomy import LEVELS
from aina_assets.titles.routing import EXCLUDED
from aina_assets.titles.tables import (
    TITLE,
    TITLE_CERTIFICATE,
    TITLE_COVERAGE,
    TITLE_FORM,
    TITLE_GOLD,
    TITLE_LEVEL,
    TITLE_ROUTE,
)

# A function's share of the routes that moves by more than this from one build to the next is looked at.
MOST_DRIFT = 0.02
LEAST_TITLES_FOR_DRIFT = 50

Rows = list[dict[str, Any]]


def _read(engine: Engine, name: str, columns: Iterable[str], partition: str | None) -> Rows:
    store = engine.store
    wanted = list(columns)
    table = (
        store.read_whole(name, wanted) if partition is None else store.read(name, wanted, partition=partition)
    )
    rows: Rows = table.to_pylist()
    return rows


def every_line_is_accounted_for(engine: Engine) -> Finding:
    """Every line of the inventory is a form of a title or has a defect; the defects are counted."""
    lines = {row["source_row"] for row in _read(engine, "title_list", ["source_row"], None)}
    forms = _read(engine, TITLE_FORM.name, ["source_row", "title_id", "defect"], None)
    seen = Counter(row["source_row"] for row in forms)
    failed = [
        {"source_row": number, "finding": "a line of the list without a form"}
        for number in sorted(lines - seen.keys())
    ]
    failed += [
        {"source_row": number, "finding": "a form of no line"} for number in sorted(seen.keys() - lines)
    ]
    failed += [
        {"source_row": row["source_row"], "finding": "neither a title nor a defect, or both"}
        for row in forms
        if (row["title_id"] is None) == (row["defect"] is None)
    ]
    defects = Counter(row["defect"] for row in forms if row["defect"])
    return rows_finding(
        failed,
        len(lines),
        "lines of the inventory are not accounted for",
        "Materialize `title_form` again; if it stays, the reader and the normalizer disagree: report it.",
        **{f"defect_{name}": count for name, count in sorted(defects.items())},
    )


def no_title_is_lost(engine: Engine) -> Finding:
    """The titles are exactly those that forms are of, with as many forms as there are."""
    forms = Counter(
        row["title_id"] for row in _read(engine, TITLE_FORM.name, ["title_id"], None) if row["title_id"]
    )
    titles = _read(engine, TITLE.name, ["title_id", "form_count"], None)
    held = {row["title_id"]: row["form_count"] for row in titles}
    failed: Rows = [
        {"title_id": title_id, "forms": count, "form_count": held.get(title_id)}
        for title_id, count in sorted(forms.items())
        if held.get(title_id) != count
    ]
    failed += [
        {"title_id": title_id, "forms": 0, "form_count": held[title_id]}
        for title_id in sorted(held.keys() - forms.keys())
    ]
    return rows_finding(
        failed,
        len(forms),
        "titles are not what their forms make them",
        "Materialize `title` for all batches.",
    )


def identity_is_of_the_words(engine: Engine, partition: str | None) -> Finding:
    """A title's id is the hash of its normalized form, and its batch follows from the id alone."""
    rows = _read(engine, TITLE.name, ["title_id", "title_batch", "normalized_title"], partition)
    batches = engine.settings.title_batches
    failed = [
        row
        for row in rows
        if row["title_id"] != title_id_of(row["normalized_title"])
        or row["title_batch"] != title_batch_of(row["title_id"], batches)
    ]
    return rows_finding(
        failed,
        len(rows),
        "titles have an id or a batch that is not theirs",
        "Materialize `title` anew. Decisions are kept under ids: never change how they are made.",
    )


def one_route_a_title(engine: Engine, partition: str | None) -> Finding:
    """Every title has exactly one route, and every route is of a title."""
    titles = {row["title_id"] for row in _read(engine, TITLE.name, ["title_id"], partition)}
    routes = Counter(row["title_id"] for row in _read(engine, TITLE_ROUTE.name, ["title_id"], partition))
    failed = [
        {"title_id": title_id, "routes": routes[title_id], "is_title": title_id in titles}
        for title_id in sorted(titles | routes.keys())
        if routes[title_id] != 1 or title_id not in titles
    ]
    return rows_finding(
        failed,
        len(titles),
        "titles do not have exactly one route",
        "Materialize `title_route` for the batch.",
    )


def excluded_have_no_match_in_scope(engine: Engine, partition: str | None) -> Finding:
    """No title is excluded that an authority lists under work in scope."""
    levels = _read(engine, TITLE_LEVEL.name, ["title_id", "has_in_scope_match"], partition)
    matched = {row["title_id"] for row in levels if row["has_in_scope_match"]}
    routes = _read(engine, TITLE_ROUTE.name, ["title_id", "normalized_title", "route", "reason"], partition)
    excluded = [row for row in routes if row["route"] == EXCLUDED]
    failed = [row for row in excluded if row["title_id"] in matched]
    return rows_finding(
        failed,
        len(excluded),
        "excluded titles have an exact match in scope",
        "Look at the title with `aina titles explain`; a rule in icp_scope.toml takes too much.",
    )


def claims_are_certified(engine: Engine, partition: str | None) -> Finding:
    """What is served or excluded is in a certified stratum whose bound it carries, at a level it may have."""
    policy = Policies.read(engine.settings.policies_root).serve.certificate
    certificates = {
        f"{row['basis']}/{row['claim']}/{row['group']}": row
        for row in _read(
            engine, TITLE_CERTIFICATE.name, ["basis", "claim", "group", "state", "error_bound"], None
        )
    }
    finest = {
        row["title_id"]: row["finest_level"]
        for row in _read(engine, TITLE_LEVEL.name, ["title_id", "finest_level"], partition)
    }
    columns = ["title_id", "route", "reason", "stratum", "served_level", "error_bound"]
    routes = _read(engine, TITLE_ROUTE.name, columns, partition)
    claimed = [row for row in routes if row["route"] != "adjudicate"]
    failed = []
    for row in claimed:
        fault = _fault(row, certificates, finest.get(row["title_id"]), policy.most_error)
        if fault:
            failed.append({"title_id": row["title_id"], "stratum": row["stratum"], "finding": fault})
    return rows_finding(
        failed,
        len(claimed),
        "claims stand on no certificate",
        "Materialize `title_certificate`, then `title_route`: what is no longer certified is demoted.",
    )


def _fault(
    row: Mapping[str, Any], certificates: Mapping[str, Mapping[str, Any]], finest: str | None, most: float
) -> str | None:
    level = row["served_level"]
    if level is not None and (finest is None or LEVELS.index(level) < LEVELS.index(finest)):
        return f"served at {level}, allowed from {finest}"
    if row["reason"] == "authoritative_match":
        return "certificates exist, and it was served without one" if certificates else None
    certificate = certificates.get(row["stratum"] or "")
    if certificate is None:
        return "no such certificate"
    if certificate["state"] != CERTIFIED or certificate["error_bound"] > most:
        return f"its certificate is {certificate['state']}, bound {certificate['error_bound']}"
    if row["error_bound"] != certificate["error_bound"]:
        return f"carries the bound {row['error_bound']}, the certificate says {certificate['error_bound']}"
    return None


def bounds_hold_or_are_demoted(engine: Engine) -> Finding:
    """A stratum is certified exactly where its bound holds; the summary names those that were demoted."""
    most = Policies.read(engine.settings.policies_root).serve.certificate.most_error
    rows = _read(
        engine,
        TITLE_CERTIFICATE.name,
        ["basis", "claim", "group", "rows", "errors", "is_pooled", "bound_rows", "error_bound", "state"],
        None,
    )
    failed = [row for row in rows if row["state"] == CERTIFIED and row["error_bound"] > most]
    demoted: dict[str, int] = defaultdict(int)
    for row in rows:
        if row["state"] != CERTIFIED:
            demoted[f"{row['basis']}/{row['claim']}"] += 1
    return rows_finding(
        failed,
        len(rows),
        f"strata are certified above {most}; demoted: "
        + (", ".join(f"{name} ({count})" for name, count in sorted(demoted.items())) or "none"),
        "Materialize `title_certificate` anew.",
        certified=sum(row["state"] == CERTIFIED for row in rows),
        demoted=sum(demoted.values()),
    )


def gold_speaks_for_the_inventory(engine: Engine) -> Finding:
    """A gold set was sampled from this inventory; without one nothing can be measured."""
    parts = Counter(row["split"] for row in _read(engine, TITLE_GOLD.name, ["split"], None))
    empty = [{"split": split, "rows": 0} for split in ("tune", "test") if not parts[split]]
    return Finding(
        passed=not empty,
        summary=f"{parts['tune']} tune and {parts['test']} test rows speak for this inventory",
        failed_rows=len(empty),
        sample=empty,
        remedy="Label a sample: `aina gold sample`, `aina gold label`, `aina gold import`. Until then what "
        "is served rests on publishers' lists alone.",
        figures={"tune_rows": parts["tune"], "test_rows": parts["test"]},
        severity=Severity.WARN,
    )


def route_shares_are_steady(engine: Engine) -> Finding:
    """No function's share of titles in a route moved by more than two points since the build before."""
    rows = _read(engine, TITLE_COVERAGE.name, ["route", "function", "titles", "previous_titles"], None)
    now: Counter[tuple[str, str]] = Counter()
    before: Counter[tuple[str, str]] = Counter()
    for row in rows:
        key = (row["function"], row["route"])
        now[key] += row["titles"]
        before[key] += row["previous_titles"] or 0
    moved = []
    for function, route in sorted(now):
        total = sum(count for (name, _), count in now.items() if name == function)
        past = sum(count for (name, _), count in before.items() if name == function)
        if past < LEAST_TITLES_FOR_DRIFT or total < LEAST_TITLES_FOR_DRIFT:
            continue
        share, was = now[function, route] / total, before[function, route] / past
        if abs(share - was) > MOST_DRIFT:
            moved.append(
                {"function": function, "route": route, "share": round(share, 4), "was": round(was, 4)}
            )
    return Finding(
        passed=not moved,
        summary=f"{len(moved)} shares of a route within a function moved by more than {MOST_DRIFT:.0%}",
        failed_rows=len(moved),
        sample=moved[:SAMPLE_ROWS],
        remedy="Look at what changed: the inventory, a policy, the gold set or a source. If it is meant, "
        "the next build compares with this one.",
        figures={"moved": len(moved)},
        severity=Severity.WARN,
    )
