"""How the inventory is covered: routes, certificates, gold and defects, from the tables that stand.

Belongs here: counting what stands. Does not: making any of it, or printing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, get_args

from aina_assets.core.engine import Engine
from aina_assets.core.store import TableStore
from aina_assets.titles.tables import (
    NO_LEVEL,
    TITLE_CERTIFICATE,
    TITLE_COVERAGE,
    TITLE_FORM,
    TITLE_GOLD,
    Route,
)

# Not from the modules that decide: they bring numpy and scipy, which no figure needs.
ROUTES: tuple[str, ...] = get_args(Route)
SERVED = ("serve_now", "serve_with_fallback")
CERTIFIED = "certified"
PARTS = ("tune", "test")


def title_figures(engine: Engine) -> dict[str, int | float | None]:
    """The figures that `aina status` adds for this stage; all None where it was not built yet.

    Raises:
        StateError: a table of the stage is damaged.
    """
    store = engine.store
    names = [f"titles_{route}" for route in ROUTES]
    empty = ("titles_routed", "titles_served", *names, "gold_tune_rows", "gold_test_rows")
    tables = (TITLE_COVERAGE, TITLE_CERTIFICATE, TITLE_GOLD)
    if not all(store.path(contract.name).exists() for contract in tables):
        return dict.fromkeys((*empty, "titles_largest_error_bound"))
    routes = _routes(store)
    gold = _gold(store)
    bounds = [row["error_bound"] for row in _certificates(store) if row["state"] == CERTIFIED]
    return {
        "titles_routed": sum(routes.values()),
        "titles_served": sum(routes[route] for route in SERVED),
        **{f"titles_{route}": routes[route] for route in ROUTES},
        **{f"gold_{part}_rows": gold[part] for part in PARTS},
        "titles_largest_error_bound": max(bounds, default=None),
    }


def coverage(engine: Engine) -> dict[str, Any]:
    """What `aina titles routes` tells.

    Returns:
        `lines` and `defects` of the inventory; `titles`; `routes`; `coverage` (titles by route, reason, basis
        and level); `certificates` (by basis, claim and state) and their single `strata`; `gold_rows`.

    Raises:
        StateError: the stage was not built, or a table is damaged.
    """
    store = engine.store
    kinds: Counter[tuple[str, str, str, str]] = Counter()
    for row in store.read(TITLE_COVERAGE.name).to_pylist():
        kinds[row["route"], row["reason"], row["basis"], row["level"]] += row["titles"]
    defects = Counter(filter(None, store.read(TITLE_FORM.name, ["defect"])["defect"].to_pylist()))
    routes = _routes(store)
    strata = _certificates(store)
    return {
        "lines": store.info(TITLE_FORM.name).rows,
        "defects": dict(sorted(defects.items())),
        "titles": sum(routes.values()),
        "routes": {route: routes[route] for route in ROUTES},
        "coverage": [
            {
                "route": route,
                "reason": reason,
                "basis": basis,
                "level": None if level == NO_LEVEL else level,
                "titles": titles,
            }
            for (route, reason, basis, level), titles in sorted(kinds.items())
            if titles
        ],
        "certificates": _by_state(strata),
        "strata": strata,
        "gold_rows": dict(_gold(store)),
    }


def _routes(store: TableStore) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in store.read(TITLE_COVERAGE.name, ["route", "titles"]).to_pylist():
        found[row["route"]] += row["titles"]
    return found


def _gold(store: TableStore) -> Counter[str]:
    found = Counter(store.read(TITLE_GOLD.name, ["split"])["split"].to_pylist())
    return Counter({part: found[part] for part in PARTS})


def _certificates(store: TableStore) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = store.read(TITLE_CERTIFICATE.name).to_pylist()
    return rows


def _by_state(strata: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Certificates by basis, claim and state."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in strata:
        groups[row["basis"], row["claim"], row["state"]].append(row)
    return [
        {
            "basis": basis,
            "claim": claim,
            "state": state,
            "strata": len(rows),
            "pooled": sum(row["is_pooled"] for row in rows),
            "rows": sum(row["rows"] for row in rows),
            "errors": sum(row["errors"] for row in rows),
            "largest_bound": max(row["error_bound"] for row in rows),
        }
        for (basis, claim, state), rows in sorted(groups.items())
    ]
