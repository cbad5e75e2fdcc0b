"""The titles that authorities list: O*NET's occupations, alternate and reported titles, SOC direct matches.

Belongs here: their written forms, and looking a title up among them. Does not: similar titles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from aina_assets.titles.normalizing.brackets import outside_and_inside
from aina_assets.titles.normalizing.match_key import match_key
from aina_assets.titles.normalizing.normalize import Normalizer
from aina_assets.titles.tables import AUTHORITY_TITLE

# Table to the columns with its titles; the first is the published one, the second its short form.
TITLE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "onet_occupation": ("title",),
    "onet_job_title": ("job_title", "short_title"),
    "onet_reported_title": ("reported_title",),
    "soc_direct_match_title": ("direct_match_title",),
}
LANES: Mapping[str, str] = {
    "onet_occupation": "exact_occupation",
    "soc_direct_match_title": "exact_direct_match",
    "onet_job_title": "exact_alternate",
    "onet_reported_title": "exact_reported",
}
NORMALIZED_LANE = "exact_normalized"
# From the strongest evidence to the weakest.
EXACT_LANES = (*LANES.values(), NORMALIZED_LANE)


def authority_rows(tables: Mapping[str, pa.Table], normalizer: Normalizer) -> pa.Table:
    """Every written form of every listed title, as `authority_title` has them.

    Args:
        tables: the tables of `TITLE_COLUMNS`, with `source_row` and a code.
    """
    rows: list[dict[str, Any]] = []
    for name, columns in TITLE_COLUMNS.items():
        for row in tables[name].to_pylist():
            onet = row.get("onet_soc_code")
            for form, text in _forms([row[column] for column in columns]):
                found = normalizer(text)
                key = match_key(text)
                if found.core and key:
                    rows.append(
                        {
                            "source_table": name,
                            "source_row": row["source_row"],
                            "form": form,
                            "title": text,
                            "match_key": key,
                            "normalized_title": found.normalized,
                            "core_title": found.core,
                            "soc_code": onet[:7] if onet else row["soc_code"],
                            "onet_soc_code": onet,
                        }
                    )
    return AUTHORITY_TITLE.conform(pa.Table.from_pylist(rows, AUTHORITY_TITLE.arrow_schema))


def _forms(titles: Sequence[str | None]) -> Iterator[tuple[str, str]]:
    published, *short = titles
    if not published:
        return
    yield "published", published
    if short and short[0]:
        yield "short", short[0]
    parts = outside_and_inside(published)
    if parts:
        outside, inside = parts
        if outside:
            yield "outside", outside
        yield "inside", inside


@dataclass(frozen=True, slots=True)
class Match:
    """An authority title that equals the title asked about."""

    lane: str
    soc_code: str
    onet_soc_code: str | None
    source_table: str
    source_row: int
    form: str


class AuthorityIndex:
    """Looks titles up by equality: as they stand first, then as they are normalized.

    Attributes:
        columns: of each column of `authority_title` but the written title its values, row by row.
    """

    def __init__(self, authority: pa.Table) -> None:
        # By column: a hundred thousand rows as dicts take a second of every process that looks titles up.
        self.columns: dict[str, list[Any]] = {
            name: authority[name].to_pylist() for name in authority.column_names if name != "title"
        }
        self._by_key = _places(self.columns["match_key"])
        self._by_normalized = _places(self.columns["normalized_title"])
        self._by_core = _places(self.columns["core_title"])

    def matches(self, raw: str, normalized: str, core: str) -> list[Match]:
        """The authority titles that equal a title; none where no form does.

        The first comparison that finds any decides: a title that stands in a list word for word is not
        made ambiguous by what resembles it once more is taken away.
        """
        places = self._by_key.get(match_key(raw))
        if places:
            tables = self.columns["source_table"]
            return [self._match(place, LANES[tables[place]]) for place in places]
        alike = self._by_normalized.get(normalized) or self._by_core.get(core) or []
        return [self._match(place, NORMALIZED_LANE) for place in alike]

    def _match(self, place: int, lane: str) -> Match:
        columns = self.columns
        return Match(
            lane,
            columns["soc_code"][place],
            columns["onet_soc_code"][place],
            columns["source_table"][place],
            columns["source_row"][place],
            columns["form"][place],
        )


def _places(keys: Iterable[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        places[key].append(place)
    return dict(places)
