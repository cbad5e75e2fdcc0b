"""What a model is fitted to, read from the warehouse's tables.

Belongs here: which classes each authority title and each sentence on work is of. Does not: the fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from aina_assets.titles.normalizing.match_key import match_key
from aina_assets.titles.retrieval.taxonomy import Taxonomy, build_taxonomy


@dataclass(frozen=True)
class Lesson:
    """What a model is fitted to.

    Attributes:
        taxonomy: the classes.
        classes_of: normalized authority title to the places of its classes.
        texts: normalized sentences on the work of a class (tasks, descriptions).
        text_classes: the class of each sentence.
    """

    taxonomy: Taxonomy
    classes_of: Mapping[str, Sequence[int]]
    texts: Sequence[str]
    text_classes: Sequence[int]


def read_lesson(authority: pa.Table, occupations: pa.Table, tasks: pa.Table, soc_groups: pa.Table) -> Lesson:
    """The lesson of the authority titles and of the sentences on each occupation's work.

    Args:
        authority: `authority_title`.
        occupations: `onet_occupation`, whose codes are the classes.
        tasks: `onet_task`.
        soc_groups: `soc_group`, for the levels above.
    """
    parents = dict(
        zip(soc_groups["soc_code"].to_pylist(), soc_groups["parent_soc_code"].to_pylist(), strict=True)
    )
    parents |= _detailed_parents(soc_groups)
    taxonomy = build_taxonomy(occupations["onet_soc_code"].to_pylist(), parents)
    places = taxonomy.place
    of_soc: dict[str, list[int]] = {}
    for code, place in places.items():
        of_soc.setdefault(code[:7], []).append(place)
    classes_of: dict[str, set[int]] = {}
    for row in authority.select(["core_title", "soc_code", "onet_soc_code"]).to_pylist():
        onet = row["onet_soc_code"]
        # A SOC title says no O*NET occupation: it is of the first one, which is the plain one, of its code.
        found = [places[onet]] if onet in places else of_soc.get(row["soc_code"], [])[:1]
        known = classes_of.setdefault(row["core_title"], set())
        if onet is not None or not known & set(of_soc.get(row["soc_code"], ())):
            known.update(found)
    sentences = [
        (match_key(text), places[code])
        for code, text in (
            *zip(tasks["onet_soc_code"].to_pylist(), tasks["task"].to_pylist(), strict=True),
            *zip(
                occupations["onet_soc_code"].to_pylist(), occupations["description"].to_pylist(), strict=True
            ),
        )
        if text and code in places
    ]
    return Lesson(
        taxonomy,
        {title: sorted(found) for title, found in sorted(classes_of.items()) if found},
        [text for text, _ in sentences],
        [place for _, place in sentences],
    )


def _detailed_parents(soc_groups: pa.Table) -> dict[str, str | None]:
    # Seven codes are both a broad group and its only occupation; the occupation's parent is the broad one.
    rows = soc_groups.select(["soc_code", "level", "parent_soc_code"]).to_pylist()
    return {row["soc_code"]: row["parent_soc_code"] for row in rows if row["level"] == "detailed"}
