"""Which GDPval tasks belong to which roles, and what is known of them without their words.

Belongs here: rows of links and of rubric kinds. Does not: holds and receipts (`holds`, `receipts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aina_assets.learning.sandbox.kinds import CHECKABLE, kind_of
from aina_assets.sources.readers.gdpval import TaskText
from aina_assets.titles.scope import ScopePolicy

Row = dict[str, Any]


def links(
    tasks: Iterable[Mapping[str, Any]],
    occupations: Iterable[Mapping[str, Any]],
    roles: Iterable[Mapping[str, Any]],
    scope: ScopePolicy,
    detailed_codes: Iterable[str],
) -> Iterator[Row]:
    """A row for each pair of task and role; a task whose occupation has no role has none.

    Args:
        tasks: rows of `gdpval_task`.
        occupations: rows of `gdpval_occupation_soc`.
        roles: rows of `role_packet`, ids and codes.
        detailed_codes: all SOC detailed occupations, for the scope of groups.
    """
    codes = {row["occupation"]: row["soc_code"] for row in occupations}
    known = sorted(set(detailed_codes))
    by_soc: dict[str, list[Mapping[str, Any]]] = {}
    for role in roles:
        by_soc.setdefault(str(role["code"])[:7], []).append(role)
    for task in tasks:
        code = codes.get(task["occupation"])
        if code is None:
            continue
        share = scope.of_group(code, known)
        # A broad group's task belongs to each of its occupations as well.
        inside = by_soc.get(code, []) + [
            role
            for stem, held in sorted(by_soc.items())
            if code.endswith("0") and stem != code and stem.startswith(code[:-1])
            for role in held
        ]
        for role in inside:
            yield {
                "task_id": task["task_id"],
                "role_id": role["role_id"],
                "soc_code": code,
                "relation": _relation(str(role["code"]), code),
                "in_scope_share": round(share, 6),
            }


def _relation(code: str, soc_code: str) -> str:
    if code == soc_code:
        return "group"
    return "occupation" if code[:7] == soc_code else "member"


def rubric_kinds(items: Iterable[Mapping[str, Any]], texts: Iterable[TaskText]) -> Iterator[Row]:
    """A row for each rubric item: its kind, told from its words, which are not kept.

    Args:
        items: rows of `gdpval_rubric_item`.
    """
    words = {
        (text.task_id, number): criterion
        for text in texts
        for number, (_, criterion) in enumerate(text.criteria, 1)
    }
    for item in items:
        kind = kind_of(words[item["task_id"], item["item_number"]], item["points"])
        yield {
            "task_id": item["task_id"],
            "item_number": item["item_number"],
            "kind": kind,
            "points": item["points"],
            "is_checkable": kind in CHECKABLE,
            "criterion_sha256": item["criterion_sha256"],
        }
