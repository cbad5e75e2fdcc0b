"""Titles as reviewers see them: the evidence of the titles' tables, put into groups and sentences.

Belongs here: which groups a title may be promoted to, which of them are shown with it, what else is told.
Does not: the evidence itself (`titles`), or a prompt's words (`prompts`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from aina_assets.adjudication.consensus import Targets
from aina_assets.adjudication.plan import Question
from aina_assets.adjudication.policy import Codebook
from aina_assets.adjudication.prompts import PromptBook
from aina_assets.adjudication.protocol import Option, TargetLevel
from aina_assets.core.store import TableStore
from aina_assets.titles.functions import FunctionPolicy
from aina_assets.titles.scope import ScopePolicy
from aina_assets.titles.tables import (
    TITLE,
    TITLE_EXACT_CANDIDATE,
    TITLE_LEVEL,
    TITLE_RETRIEVED_CANDIDATE,
)

SOC_TARGETS: tuple[TargetLevel, ...] = ("detailed", "broad", "minor", "major")
LEVEL_COLUMNS = (
    "major_code",
    "major_probability",
    "function",
    "function_probability",
    "is_generic",
)
LISTED_BY = {
    "onet_occupation": "O*NET (occupation)",
    "onet_job_title": "O*NET (job title)",
    "onet_reported_title": "O*NET (reported title)",
    "soc_direct_match_title": "the SOC (direct match title)",
}


@dataclass(frozen=True)
class SocNames:
    """SOC groups: their names, and of each level those with work in scope."""

    names: Mapping[str, str]
    levels: Mapping[TargetLevel, frozenset[str]]

    @classmethod
    def of(cls, soc_groups: pa.Table, scope: ScopePolicy) -> SocNames:
        """The groups of the table `soc_group`."""
        rows = soc_groups.select(["soc_code", "level", "title"]).to_pylist()
        detailed = [row["soc_code"] for row in rows if row["level"] == "detailed"]
        levels: dict[TargetLevel, set[str]] = {level: set() for level in SOC_TARGETS}
        # Seven codes are both detailed and broad: the same occupation, one group.
        for row in rows:
            if row["level"] in levels and _has_in_scope(row["soc_code"], detailed, scope):
                levels[row["level"]].add(row["soc_code"])
        return cls(
            {row["soc_code"]: row["title"] for row in rows},
            {level: frozenset(codes) for level, codes in levels.items()},
        )


def _has_in_scope(code: str, detailed: Sequence[str], scope: ScopePolicy) -> bool:
    try:
        return scope.of_group(code, detailed) > 0
    except ValueError:
        # A group without occupations, as the starter's excerpt of the SOC has them.
        return False


def targets_of(soc: SocNames, functions: FunctionPolicy, scope: ScopePolicy) -> Targets:
    """What a title can be promoted to."""
    codes: dict[TargetLevel, frozenset[str]] = {**soc.levels, "function": frozenset(functions.names)}
    return Targets(codes, frozenset(str(reason) for reason in scope.reasons))


def prompt_book(
    codebook: Codebook, soc: SocNames, functions: FunctionPolicy, scope: ScopePolicy
) -> PromptBook:
    """What every prompt says before its rows."""
    shown = sorted(soc.levels["major"] | soc.levels["minor"])
    return PromptBook(
        codebook,
        {str(name): told.description for name, told in functions.functions.items()},
        {str(reason): told for reason, told in scope.reasons.items()},
        {code: soc.names[code] for code in shown},
    )


class QuestionReader:
    """Reads titles with their evidence.

    Args:
        store: the built titles.
        soc: SOC groups.
        scope: which occupations are in scope.
        most_options: groups shown with a title.
    """

    def __init__(self, store: TableStore, soc: SocNames, scope: ScopePolicy, most_options: int) -> None:
        self._store = store
        self._soc = soc
        self._scope = scope
        self._most_options = most_options

    def read(self, title_ids: Collection[str], batches: Iterable[str]) -> dict[str, Question]:
        """The titles' questions, by title.

        Args:
            title_ids: titles that are wanted.
            batches: batches that they are in.
        """
        if not title_ids:
            return {}
        wanted = pa.array(sorted(title_ids), pa.string())
        keys = list(batches)

        def rows(name: str, columns: Sequence[str]) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = []
            for key in keys:
                part = self._store.read(name, ["title_id", *columns], partition=key)
                found += part.filter(pc.is_in(part["title_id"], value_set=wanted)).to_pylist()
            return found

        titles = rows(TITLE.name, ("normalized_title", "raw_title"))
        levels = rows(TITLE_LEVEL.name, LEVEL_COLUMNS)
        exact = rows(TITLE_EXACT_CANDIDATE.name, ("soc_code", "source_table", "source_row"))
        retrieved = rows(TITLE_RETRIEVED_CANDIDATE.name, ("soc_code", "score", "rank"))
        exact.sort(key=lambda row: (row["source_table"], row["source_row"]))
        retrieved.sort(key=lambda row: row["rank"])
        level_of = {row["title_id"]: row for row in levels}
        exact_of, retrieved_of = _grouped(exact), _grouped(retrieved)
        return {
            row["title_id"]: self._question(
                row, level_of[row["title_id"]], exact_of[row["title_id"]], retrieved_of[row["title_id"]]
            )
            for row in titles
        }

    def _question(
        self,
        title: Mapping[str, Any],
        level: Mapping[str, Any],
        exact: Sequence[Mapping[str, Any]],
        retrieved: Sequence[Mapping[str, Any]],
    ) -> Question:
        return Question(
            title_id=title["title_id"],
            title=title["normalized_title"],
            written_as=title["raw_title"],
            options=tuple(self._options(level, exact, retrieved))[: self._most_options],
            notes=tuple(self._notes(level, exact, retrieved)),
        )

    def _options(
        self,
        level: Mapping[str, Any],
        exact: Sequence[Mapping[str, Any]],
        retrieved: Sequence[Mapping[str, Any]],
    ) -> list[Option]:
        scores = {row["soc_code"]: round(row["score"], 2) for row in reversed(retrieved)}
        codes = dict.fromkeys([row["soc_code"] for row in exact] + [row["soc_code"] for row in retrieved])
        detailed = [
            Option(level="detailed", code=code, name=self._soc.names[code], probability=scores.get(code))
            for code in codes
            if code in self._soc.levels["detailed"]
        ]
        coarse: list[Option] = []
        if level["major_code"] in self._soc.levels["major"]:
            name = self._soc.names[level["major_code"]]
            probability = round(level["major_probability"], 2)
            coarse.append(Option(level="major", code=level["major_code"], name=name, probability=probability))
        probability = round(level["function_probability"], 2)
        coarse.append(
            Option(level="function", code=level["function"], name=level["function"], probability=probability)
        )
        return [*coarse, *detailed]

    def _notes(
        self,
        level: Mapping[str, Any],
        exact: Sequence[Mapping[str, Any]],
        retrieved: Sequence[Mapping[str, Any]],
    ) -> list[str]:
        listed = dict.fromkeys((row["soc_code"], row["source_table"]) for row in exact)
        notes = [f"Listed by {LISTED_BY[table]} under {self._called(code)}." for code, table in listed]
        if retrieved and retrieved[0]["soc_code"] not in self._soc.levels["detailed"]:
            notes.append(f"Most resembles {self._called(retrieved[0]['soc_code'])}.")
        if level["is_generic"]:
            notes.append("A rule calls it a generic title.")
        return notes

    def _called(self, code: str) -> str:
        scope = self._scope.of_code(code)
        told = "" if scope.is_in_scope else f" (out of scope: {scope.reason})"
        return f"{code} {self._soc.names.get(code, '')}{told}"


def _grouped(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["title_id"]].append(row)
    return found
