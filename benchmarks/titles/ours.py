"""The project's own retrieval on a split: fitted to the split's tables alone, then asked.

Belongs here: fitting, predictions by level, its speed. Does not: figures.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from aina_assets.titles.assess import Assessor
from aina_assets.titles.authority import AuthorityIndex, authority_rows
from aina_assets.titles.certifying.truth import SocTree
from aina_assets.titles.inventory import bracketed_core
from aina_assets.titles.retrieval.fitting import fit_to_tables
from aina_assets.titles.retrieval.model import OccupationModel
from aina_assets.titles.retrieval.taxonomy import (
    LEVELS,
    OUT_OF_SCOPE,
    SOC_LEVELS,
    Grouping,
    Taxonomy,
    grouping,
)
from aina_assets.titles.scope import read_scope_policy
from aina_assets.titles.serve_policy import read_serve_policy
from benchmarks.titles.figures import Flags, Ranked, ranked
from benchmarks.titles.project import POLICIES, project_functions, project_normalizer
from benchmarks.titles.splits import CODE_CHARS, ONET_CODE_CHARS, HeldOutTitle, Split, Tables

CHUNK = 2048
FUNCTION = LEVELS[-1]


@dataclass(frozen=True)
class Fitted:
    """The title stage over some tables, as the product has it.

    Attributes:
        model: fitted to them.
        authority: their titles.
    """

    model: OccupationModel
    authority: pa.Table

    @cached_property
    def index(self) -> AuthorityIndex:
        """Looks titles up."""
        return AuthorityIndex(self.authority)

    @cached_property
    def assessor(self) -> Assessor:
        """The product's assessor, under the project's policies."""
        policies = read_scope_policy(POLICIES), project_functions(), read_serve_policy(POLICIES)
        return Assessor(self.model, self.index, *policies)


def fit(tables: Tables, report: Callable[[str], None] = lambda _: None) -> Fitted:
    """The stage of some tables; `report` is told of each epoch."""
    authority = authority_rows(tables, project_normalizer())
    model = fit_to_tables(
        authority, tables["onet_occupation"], tables["onet_task"], tables["soc_group"], report
    )
    return Fitted(model, authority)


@dataclass(frozen=True)
class Question:
    """A split's titles with what is right of each at every level.

    Attributes:
        titles: n titles.
        rows: the same as rows of `title`.
        right: level to the right groups of each title; a level that no title has a group at is absent.
        groupings: level to the groups of the classes.
        seen: n; whether a list that the stage was fitted to has the title.
    """

    titles: Sequence[HeldOutTitle]
    rows: Sequence[Mapping[str, Any]]
    right: dict[str, list[frozenset[str]]]
    groupings: dict[str, Grouping]
    seen: Flags

    @property
    def parts(self) -> dict[str, Flags]:
        """All titles, those that the index has seen, and the others."""
        return {"all": np.ones(len(self.seen), bool), "seen": self.seen, "unseen": ~self.seen}


def question(split: Split, fitted: Fitted) -> Question:
    """The split as a question to what was fitted to its tables."""
    tree = SocTree(split.tables["soc_group"])
    right: dict[str, list[frozenset[str]]] = {level: [] for level in LEVELS}
    for title in split.titles:
        of_title: dict[str, set[str]] = {level: set() for level in LEVELS}
        for code in title.codes:
            if len(code) == ONET_CODE_CHARS:
                of_title["occupation"].add(code)
            for level, group in tree.groups(code[:CODE_CHARS]).items():
                of_title[level].add(group)
            # The codes' functions: what words say against their code is no question of retrieval.
            of_title[FUNCTION].add(project_functions().of_code(code) or OUT_OF_SCOPE)
        for level, groups in of_title.items():
            right[level].append(frozenset(groups))
    rows = [title_row(title.raw) for title in split.titles]
    return Question(
        split.titles,
        rows,
        {level: groups for level, groups in right.items() if any(groups)},
        {**fitted.model.taxonomy.groupings, FUNCTION: function_grouping(fitted.model.taxonomy)},
        np.array([fitted.assessor.is_listed(row) for row in rows], bool),
    )


def function_grouping(taxonomy: Taxonomy) -> Grouping:
    """The business function of every class; classes out of scope are one group."""
    functions = project_functions()
    return grouping(FUNCTION, [functions.of_code(code) or OUT_OF_SCOPE for code in taxonomy.classes])


def title_row(raw: str) -> dict[str, Any]:
    """A raw title as the inventory has it."""
    found = project_normalizer()(raw)
    return {
        "raw_title": raw,
        "normalized_title": found.normalized,
        "core_title": found.core,
        "bracketed_core_title": bracketed_core(raw, project_normalizer()),
    }


def predict(fitted: Fitted, asked: Question) -> dict[str, Ranked]:
    """What the stage says of every title, by level: exact matches and the model's scores joined."""
    assessor = fitted.assessor
    parts: dict[str, list[Ranked]] = {level: [] for level in asked.right}
    for first in range(0, len(asked.rows), CHUNK):
        chunk = slice(first, first + CHUNK)
        probability = assessor.probabilities(asked.rows[chunk])
        for level, groups in asked.right.items():
            of_level = asked.groupings[level]
            found = ranked(of_level.sums(probability), of_level.names, groups[chunk])
            # Business functions are calibrated on gold rows, not by the model.
            stated = assessor.stated(level, found.raw, asked.seen[chunk]) if level in SOC_LEVELS else None
            parts[level].append(replace(found, calibrated=stated))
    return {level: joined(found) for level, found in parts.items()}


def joined(parts: Sequence[Ranked]) -> Ranked:
    """Predictions for titles, one after the other."""
    return Ranked(
        np.concatenate([part.is_first for part in parts]),
        np.concatenate([part.is_among for part in parts]),
        np.concatenate([part.raw for part in parts]),
        None
        if any(part.calibrated is None for part in parts)
        else np.concatenate([part.calibrated for part in parts if part.calibrated is not None]),
    )


def titles_per_second(fitted: Fitted, raw: Sequence[str]) -> float:
    """Speed from raw titles to probabilities of every occupation."""
    assessor = fitted.assessor
    start = time.perf_counter()
    for first in range(0, len(raw), CHUNK):
        assessor.probabilities([title_row(title) for title in raw[first : first + CHUNK]])
    return len(raw) / (time.perf_counter() - start)


def without_column(table: pa.Table, name: str) -> pa.Table:
    """The table with nulls alone in a column of text."""
    place = table.schema.get_field_index(name)
    return table.set_column(place, name, pa.nulls(table.num_rows, pa.string()))
