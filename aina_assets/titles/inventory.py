"""The inventory: raw titles become titles, and every raw form is kept.

Belongs here: normalizing lines, joining the forms of one title, batches. Does not: reading the list's file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from aina_assets.titles.identity import title_batch_of, title_id_of
from aina_assets.titles.normalizing.brackets import outside_and_inside
from aina_assets.titles.normalizing.normalize import Normalizer
from aina_assets.titles.tables import TITLE, TITLE_FORM

# Defects whose text says something of a person, or is an attack: it goes no further than its count.
WITHHELD = "withheld"
LEAST_BRACKETED_WORDS = 2
# What a title has of the form that it is shown by.
OF_ANY_FORM = (
    "title_id",
    "title_batch",
    "normalized_title",
    "core_title",
    "raw_title",
    "bracketed_core_title",
)


Line = tuple[int, str | None]
"""Its number and its text; None where the reader withheld it."""


def form_rows(lines: Iterable[Line], normalizer: Normalizer, batches: int) -> pa.Table:
    """The forms of lines of the inventory.

    Args:
        lines: of the inventory.
        batches: number of title batches.
    """
    rows = [{"source_row": number, **_form(raw, normalizer, batches)} for number, raw in lines]
    return pa.Table.from_pylist(rows, TITLE_FORM.arrow_schema)


def _form(raw: str | None, normalizer: Normalizer, batches: int) -> Mapping[str, Any]:
    if raw is None:
        return {"defect": WITHHELD}
    found = normalizer(raw)
    if found.defect:
        # No text is kept of what is no title: it may be a person's name or an instruction to a machine.
        return {"defect": found.defect}
    title_id = title_id_of(found.normalized)
    return {
        "raw_title": raw,
        "title_id": title_id,
        "title_batch": title_batch_of(title_id, batches),
        "normalized_title": found.normalized,
        "core_title": found.core,
        "bracketed_core_title": bracketed_core(raw, normalizer),
        "seniority": found.seniority,
        "level_code": found.level_code,
        "employment_form": " ".join(found.employment_form) or None,
        "location": found.location,
        "employer": found.employer,
        "codes": " ".join(found.codes) or None,
        "noise": " | ".join(found.noise) or None,
    }


def bracketed_core(raw: str, normalizer: Normalizer) -> str | None:
    """The core of a second title that a raw title has in brackets; None where there is none.

    One word there is a credential or an abbreviation (`(RN)`), not a title.
    """
    parts = outside_and_inside(raw) if "(" in raw else None
    if parts is None or not parts[0] or len(parts[1].split()) < LEAST_BRACKETED_WORDS:
        return None
    return normalizer(parts[1]).core or None


def title_rows(forms: Sequence[Mapping[str, Any]]) -> pa.Table:
    """The titles of one batch, in the order of their ids.

    Args:
        forms: rows of `title_form` of that batch, in the order of their lines.
    """
    by_title: dict[str, list[Mapping[str, Any]]] = {}
    for form in forms:
        by_title.setdefault(form["title_id"], []).append(form)
    return pa.Table.from_pylist(
        [_title(by_title[title_id]) for title_id in sorted(by_title)], TITLE.arrow_schema
    )


def _title(forms: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The title of its forms, in the order of their lines."""
    shown, seniority = forms[0], forms[0]["seniority"]
    if len(forms) > 1:
        counts = Counter(form["raw_title"] for form in forms)
        shown = min(forms, key=lambda form: (-counts[form["raw_title"]], form["raw_title"]))
        # Forms of one title may differ in what their words tell of rank: the most told holds.
        seniority = Counter(form["seniority"] for form in forms).most_common(1)[0][0]
    return {
        **{name: shown[name] for name in OF_ANY_FORM},
        "seniority": seniority,
        "form_count": len(forms),
        "first_source_row": forms[0]["source_row"],
    }
