"""The project's own retrieval on a split: fitted to the split's tables alone, then asked.

Belongs here: fitting, predictions by level, its speed. Does not: figures.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.titles.authority import authority_rows
from aina_assets.titles.certifying.truth import SocTree
from aina_assets.titles.functions import FunctionPolicy, read_function_policy
from aina_assets.titles.normalizing.lexicon import read_lexicon
from aina_assets.titles.normalizing.normalize import Normalizer
from aina_assets.titles.retrieval.model import OccupationModel
from aina_assets.titles.retrieval.model_file import fit_to_tables
from aina_assets.titles.retrieval.taxonomy import (
    LEVELS,
    OUT_OF_SCOPE,
    SOC_LEVELS,
    Grouping,
    Taxonomy,
    grouping,
)
from benchmarks.titles.figures import Flags, Ranked, ranked
from benchmarks.titles.splits import CODE_CHARS, ONET_CODE_CHARS, HeldOutTitle, Split, Tables

POLICIES = PROJECT_ROOT / "data" / "policies"
CHUNK = 2048
FUNCTION = LEVELS[-1]


@lru_cache(maxsize=1)
def project_normalizer() -> Normalizer:
    """The normalizer with the project's lexicon."""
    return Normalizer(read_lexicon(POLICIES))


@lru_cache(maxsize=1)
def project_functions() -> FunctionPolicy:
    """The project's business functions."""
    return read_function_policy(POLICIES)


def fit(tables: Tables, report: Callable[[str], None] = lambda _: None) -> OccupationModel:
    """The model of some tables; `report` is told of each epoch."""
    authority = authority_rows(tables, project_normalizer())
    return fit_to_tables(
        authority, tables["onet_occupation"], tables["onet_task"], tables["soc_group"], report
    )


@dataclass(frozen=True)
class Question:
    """A split's titles with what is right of each at every level.

    Attributes:
        titles: n titles.
        right: level to the right groups of each title; a level that no title has a group at is absent.
        groupings: level to the groups of the classes.
        seen: n; whether a form of the title is among the index's texts.
    """

    titles: Sequence[HeldOutTitle]
    right: dict[str, list[frozenset[str]]]
    groupings: dict[str, Grouping]
    seen: Flags

    @property
    def parts(self) -> dict[str, Flags]:
        """All titles, those that the index has seen, and the others."""
        return {"all": np.ones(len(self.seen), bool), "seen": self.seen, "unseen": ~self.seen}


def question(split: Split, model: OccupationModel) -> Question:
    """The split as a question to a model that was fitted to its tables."""
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
    texts = set(model.authority.texts)
    return Question(
        split.titles,
        {level: groups for level, groups in right.items() if any(groups)},
        {**model.taxonomy.groupings, FUNCTION: function_grouping(model.taxonomy)},
        np.array([not texts.isdisjoint(title.forms) for title in split.titles], bool),
    )


def function_grouping(taxonomy: Taxonomy) -> Grouping:
    """The business function of every class; classes out of scope are one group."""
    functions = project_functions()
    return grouping(FUNCTION, [functions.of_code(code) or OUT_OF_SCOPE for code in taxonomy.classes])


def predict(model: OccupationModel, asked: Question) -> dict[str, Ranked]:
    """What the model says of every title, by level.

    A title's probabilities are the mean of its forms'. A text of the index that equals the title is not
    compared with it (`OccupationModel.score`): what is measured is retrieval, without exact matches.
    """
    parts: dict[str, list[Ranked]] = {level: [] for level in asked.right}
    for first in range(0, len(asked.titles), CHUNK):
        chunk = asked.titles[first : first + CHUNK]
        probability = _mean_of_forms(model, chunk)
        for level, groups in asked.right.items():
            of_level = asked.groupings[level]
            found = ranked(of_level.sums(probability), of_level.names, groups[first : first + CHUNK])
            parts[level].append(found)
    return {level: _calibrated(model, level, joined(found)) for level, found in parts.items()}


def joined(parts: Sequence[Ranked]) -> Ranked:
    """Predictions for titles, one after the other."""
    return Ranked(
        np.concatenate([part.is_first for part in parts]),
        np.concatenate([part.is_among for part in parts]),
        np.concatenate([part.raw for part in parts]),
    )


def _calibrated(model: OccupationModel, level: str, found: Ranked) -> Ranked:
    # Business functions are calibrated on gold rows, not by the model.
    if level not in SOC_LEVELS or level not in model.calibration:
        return found
    return replace(found, calibrated=model.calibration[level](found.raw))


def _mean_of_forms(model: OccupationModel, titles: Sequence[HeldOutTitle]) -> NDArray[np.float32]:
    counts = np.array([len(title.forms) for title in titles])
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    scores = model.score([form for title in titles for form in title.forms])
    mean: NDArray[np.float32] = np.add.reduceat(scores.probability, starts, axis=0) / counts[:, None]
    return mean


def titles_per_second(model: OccupationModel, raw: Sequence[str]) -> float:
    """Speed from raw titles to probabilities of every occupation: normalizing, then scoring."""
    normalizer = project_normalizer()
    start = time.perf_counter()
    for first in range(0, len(raw), CHUNK):
        model.score([normalizer(title).core for title in raw[first : first + CHUNK]])
    return len(raw) / (time.perf_counter() - start)


def without_column(table: pa.Table, name: str) -> pa.Table:
    """The table with nulls alone in a column of text."""
    place = table.schema.get_field_index(name)
    return table.set_column(place, name, pa.nulls(table.num_rows, pa.string()))
