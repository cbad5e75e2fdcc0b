"""From evidence to probabilities at every level of the ladder.

Belongs here: joining exact matches with the model's scores, scope, functions, and the caps that words set.
Does not: thresholds, certificates or routes.

An exact match moves the share of probability that its lane is trusted with to the codes that it names; a
code's part of it is as the model sees the codes among them. Several codes that a list gives to one title
thus stay several: no score hides that they disagree, and a rule caps the title at what they have in common.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aina_assets.titles.authority import EXACT_LANES, AuthorityIndex, Match
from aina_assets.titles.combining import CombinedMatch, MatchCombiner
from aina_assets.titles.functions import FunctionPolicy
from aina_assets.titles.retrieval.model import OccupationModel, Scores
from aina_assets.titles.retrieval.taxonomy import LEVELS
from aina_assets.titles.retrieval.training import one_thread
from aina_assets.titles.retrieval.word_support import WordSupport
from aina_assets.titles.scope import REASONS, ScopePolicy
from aina_assets.titles.serve_policy import ServePolicy
from aina_assets.titles.source_rows import SourceRow, SourceRows
from aina_assets.titles.tables import TITLE_EXACT_CANDIDATE, TITLE_LEVEL, TITLE_RETRIEVED_CANDIDATE

Floats = NDArray[np.float32]

CHUNK = 4096
CANDIDATES_KEPT = 5
# Probabilities are kept to four places: what differs beyond is the machine's arithmetic, not evidence.
PLACES = 4


@dataclass(frozen=True)
class Evidence:
    """The three tables that one batch of titles gives."""

    exact: pa.Table
    retrieved: pa.Table
    levels: pa.Table


class Assessor:
    """Assesses titles.

    Args:
        model: scores titles.
        authority: looks titles up.
        scope: which work is served.
        functions: what function work belongs to.
        serve: the trust in each lane, and the generic words.
    """

    def __init__(
        self,
        model: OccupationModel,
        authority: AuthorityIndex,
        scope: ScopePolicy,
        functions: FunctionPolicy,
        serve: ServePolicy,
    ) -> None:
        self._model = model
        self._authority = authority
        self._scope = scope
        self._functions = functions
        self._serve = serve
        taxonomy = model.taxonomy
        self._onet_codes = pa.array(taxonomy.classes, pa.string())
        self._soc_codes = pa.array([code[:7] for code in taxonomy.classes], pa.string())
        self._combined = MatchCombiner(taxonomy, scope, serve.trust)
        scopes = [scope.of_code(code) for code in taxonomy.classes]
        self._is_in = np.array([found.is_in_scope for found in scopes])
        # Classes in scope have no reason, classes out of scope no function: their columns are empty.
        self._reasons = _one_hot([found.reason for found in scopes], REASONS)
        self._function_of = _one_hot(
            [
                functions.of_code(code) if is_in else None
                for code, is_in in zip(taxonomy.classes, self._is_in, strict=True)
            ],
            functions.names,
        )
        self._source_rows = SourceRows(model.authority.texts, taxonomy.classes, authority.columns)
        self._support = WordSupport(
            zip(authority.columns["core_title"], authority.columns["soc_code"], strict=True)
        )

    def assess(self, titles: Sequence[Mapping[str, Any]]) -> Evidence:
        """Assess titles, some thousands at a time.

        Args:
            titles: rows of `title`, all of one batch.
        """
        exact: list[dict[str, Any]] = []
        retrieved: list[pa.Table] = []
        levels: list[pa.Table] = []
        for first in range(0, len(titles), CHUNK):
            chunk = titles[first : first + CHUNK]
            found = [self._matches(row) for row in chunk]
            exact += _exact_rows(chunk, found)
            with one_thread():
                scores = self._scores(chunk)
                retrieved.append(self._retrieved_rows(chunk, scores))
                levels.append(self._level_rows(chunk, found, scores))
        return Evidence(
            pa.Table.from_pylist(exact, TITLE_EXACT_CANDIDATE.arrow_schema),
            pa.concat_tables(retrieved) if retrieved else TITLE_RETRIEVED_CANDIDATE.empty(),
            pa.concat_tables(levels) if levels else TITLE_LEVEL.empty(),
        )

    def probabilities(self, titles: Sequence[Mapping[str, Any]]) -> Floats:
        """What exact matches and the model say together. Shape: titles x the taxonomy's classes.

        Args:
            titles: rows of `title`, at most some thousands.
        """
        matched = [self._combined(self._matches(row)) for row in titles]
        return self._joined(matched, self._scores(titles).probability)

    def is_listed(self, title: Mapping[str, Any]) -> bool:
        """Whether an authority lists a title."""
        return bool(self._matches(title))

    def stated(
        self, level: str, probability: NDArray[np.floating], is_listed: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """The probabilities of titles' top groups as they are stated.

        Those of titles that no list has are calibrated as the model was on held-out titles. What a list
        says has its lane's trust, which the policy gives.
        """
        return np.where(is_listed, probability, self._model.calibrated(level, probability))

    def _matches(self, title: Mapping[str, Any]) -> list[Match]:
        found = self._authority.matches(title["raw_title"], title["normalized_title"], title["core_title"])
        second = title["bracketed_core_title"]
        return found or (self._authority.matches(second, second, second) if second else [])

    def _scores(self, titles: Sequence[Mapping[str, Any]]) -> Scores:
        """The model's scores; of a title with a second one in brackets the mean of both."""
        scores = self._model.score([row["core_title"] for row in titles])
        places = [
            place
            for place, row in enumerate(titles)
            if row["bracketed_core_title"] and self._support.is_head(row["bracketed_core_title"].split()[-1])
        ]
        if places:
            second = self._model.score([titles[place]["bracketed_core_title"] for place in places])
            for place, probability, candidates, similarity, text in zip(
                places,
                second.probability,
                second.candidates,
                second.neighbours.similarity,
                second.neighbours.text,
                strict=True,
            ):
                # The surer of both is what a reader is shown.
                if probability.max() > scores.probability[place].max():
                    scores.candidates[place] = candidates
                    scores.neighbours.similarity[place] = similarity
                    scores.neighbours.text[place] = text
                scores.probability[place] = (scores.probability[place] + probability) / 2
        return scores

    def _level_rows(
        self, titles: Sequence[Mapping[str, Any]], found: Sequence[Sequence[Match]], scores: Scores
    ) -> pa.Table:
        taxonomy = self._model.taxonomy
        matched = [self._combined(matches) for matches in found]
        joined = self._joined(matched, scores.probability)
        in_scope = joined * self._is_in
        in_scope_probability = in_scope.sum(axis=1)
        reasons = joined @ self._reasons
        has_reason = reasons.max(axis=1) > 0
        best_reason = reasons.argmax(axis=1)
        by_function = self._function_sums(titles, in_scope)
        finest = [self._finest(row["core_title"], match) for row, match in zip(titles, matched, strict=True)]
        nearest = scores.neighbours.similarity.max(axis=1)
        nearest_rows = self._source_rows(scores.candidates[:, 0], scores.neighbours.text[:, 0])
        best = [
            _strongest(matches) if matches else row for matches, row in zip(found, nearest_rows, strict=True)
        ]
        columns: dict[str, Any] = {
            "title_id": [row["title_id"] for row in titles],
            "title_batch": [row["title_batch"] for row in titles],
            "lane": [match.lane for match in matched],
            "basis": [match.basis for match in matched],
            "exact_codes": [match.exact_codes for match in matched],
            "has_in_scope_match": [match.is_any_in_scope for match in matched],
            "in_scope_probability": _rounded(in_scope_probability),
            "scope_reason": [
                REASONS[reason] if has else None for reason, has in zip(best_reason, has_reason, strict=True)
            ],
            "word_reason": [self._scope.of_words(row["normalized_title"]) for row in titles],
            "finest_level": finest,
            "is_generic": [row["core_title"] in self._serve.generic for row in titles],
            "nearest_similarity": np.round(nearest.astype(np.float64), PLACES),
            "source_table": [None if row is None else row[0] for row in best],
            "source_row": [None if row is None else row[1] for row in best],
        }
        is_listed = np.array([bool(matches) for matches in found])
        finer: NDArray[np.float64] = np.zeros(len(titles))
        for level, sums in taxonomy.sums(in_scope):
            names = taxonomy.groupings[level].names
            top = sums.argmax(axis=1)
            columns[f"{level}_code"] = [names[place] for place in top]
            # Each level has a map of its own; a group is never less probable than what it contains.
            finer = np.maximum(finer, self.stated(level, sums[np.arange(len(sums)), top], is_listed))
            columns[f"{level}_probability"] = _rounded(finer)
        top = by_function.argmax(axis=1)
        columns["function"] = [self._functions.names[place] for place in top]
        columns["function_probability"] = _rounded(by_function[np.arange(len(top)), top])
        support = [
            self._support.of(row["core_title"], code[:2])
            for row, code in zip(titles, columns["major_code"], strict=True)
        ]
        columns["head_support"] = [round(found.head, PLACES) for found in support]
        columns["least_modifier_support"] = [round(found.least, PLACES) for found in support]
        columns["most_modifier_support"] = [round(found.most, PLACES) for found in support]
        schema = TITLE_LEVEL.arrow_schema
        return pa.table({name: columns[name] for name in schema.names}, schema=schema)

    def _joined(self, combined: Sequence[CombinedMatch], probability: Floats) -> Floats:
        joined = probability.copy()
        for row, match in enumerate(combined):
            places = match.places
            if len(places):
                # What the model sees in the codes, with a little for each: a list's code is never impossible.
                among = probability[row, places] + np.float32(0.05 / len(places))
                joined[row] *= np.float32(match.doubt)
                joined[row, places] += np.float32(1 - match.doubt) * among / among.sum()
        return joined

    def _function_sums(self, titles: Sequence[Mapping[str, Any]], in_scope: Floats) -> Floats:
        sums: Floats = in_scope @ self._function_of
        for row, title in enumerate(titles):
            # A word rule decides against SOC for a title whose work is in scope; scope stays the codes'.
            function = self._functions.overriding(title["normalized_title"])
            if function is not None:
                total = in_scope[row].sum()
                sums[row] = 0
                sums[row, self._functions.names.index(function)] = total
        return sums

    def _finest(self, core: str, matched: CombinedMatch) -> str | None:
        cap = self._serve.finest_level(core)
        return None if cap is None else max(cap, matched.finest_level, key=LEVELS.index)

    def _retrieved_rows(self, titles: Sequence[Mapping[str, Any]], scores: Scores) -> pa.Table:
        of_candidates = np.take_along_axis(scores.probability, scores.candidates, 1)
        order = np.argsort(-of_candidates, axis=1, kind="stable")[:, :CANDIDATES_KEPT]
        width = order.shape[1]
        numbers = np.take_along_axis(scores.candidates, order, 1).ravel()
        texts = np.take_along_axis(scores.neighbours.text, order, 1).ravel()
        similarity = np.take_along_axis(scores.neighbours.similarity, order, 1).ravel()
        sources = self._source_rows(numbers, texts)
        each = np.repeat(np.arange(len(titles)), width)
        return pa.table(
            {
                "title_id": pa.array([row["title_id"] for row in titles], pa.string()).take(each),
                "title_batch": pa.array([row["title_batch"] for row in titles], pa.string()).take(each),
                "rank": np.tile(np.arange(1, width + 1), len(titles)),
                "onet_soc_code": self._onet_codes.take(numbers),
                "soc_code": self._soc_codes.take(numbers),
                "score": _rounded(np.take_along_axis(of_candidates, order, 1).ravel()),
                "similarity": np.round(similarity.astype(np.float64), PLACES),
                "source_table": [None if source is None else source[0] for source in sources],
                "source_row": [None if source is None else source[1] for source in sources],
            },
            schema=TITLE_RETRIEVED_CANDIDATE.arrow_schema,
        )


def _strongest(matches: Sequence[Match]) -> SourceRow:
    first = min(matches, key=lambda match: (EXACT_LANES.index(match.lane), match.source_row))
    return first.source_table, first.source_row


def _exact_rows(
    titles: Sequence[Mapping[str, Any]], found: Sequence[Sequence[Match]]
) -> list[dict[str, Any]]:
    return [
        {
            "title_id": title["title_id"],
            "title_batch": title["title_batch"],
            "lane": match.lane,
            "soc_code": match.soc_code,
            "onet_soc_code": match.onet_soc_code,
            "score": 1.0,
            "source_table": match.source_table,
            "source_row": match.source_row,
            "form": match.form,
        }
        for title, matches in zip(titles, found, strict=True)
        for match in matches
    ]


def _one_hot(values: Sequence[str | None], names: Sequence[str]) -> Floats:
    place = {name: number for number, name in enumerate(names)}
    matrix = np.zeros((len(values), len(names)), np.float32)
    for row, value in enumerate(values):
        if value is not None:
            matrix[row, place[value]] = 1
    return matrix


def _rounded(values: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.clip(np.round(values.astype(np.float64), PLACES), 0, 1)
