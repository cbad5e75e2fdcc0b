"""Titles that begin as somebody types, or have a word that does: an index in memory over the built state.

Belongs here: the index, finding, ranking. Does not: what a title comes to (`learning.assessing`).

Every title is held once for each of its words, by what follows from that word on, in one sorted list: two
bisections find all that begin with the words typed. Where nothing does, titles that have all the words, in
any order, are found.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from aina_assets.core.engine import Engine
from aina_assets.titles.tables import AUTHORITY_TITLE, TITLE_ROUTE

Origin = Literal["inventory", "authority"]
MOST_LOOKED_AT = 4_000
MOST_FOUND = 500
KEPT = 2_048
_ROUTES = {"serve_now": 0, "serve_with_fallback": 1, "adjudicate": 2, "exclude": 3, None: 1}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A title that is known.

    Attributes:
        title: its text, in lower case as titles are compared.
        title_id: of a title of the inventory; None of one that only an authority lists.
        route: its route by evidence; None of an authority's.
        state: what it is after adjudication; None of an authority's.
    """

    title: str
    title_id: str | None
    route: str | None
    state: str | None
    origin: Origin


class TitleIndex:
    """Finds titles by what is typed.

    Args:
        titles: all of them; the first of several with one text stands.
    """

    def __init__(self, titles: Iterable[Suggestion]) -> None:
        self._titles: list[Suggestion] = []
        seen: set[str] = set()
        tails: list[tuple[str, int]] = []
        for told in titles:
            if told.title in seen:
                continue
            seen.add(told.title)
            number = len(self._titles)
            self._titles.append(told)
            tails += [(tail, number) for tail in _tails(told.title)]
        tails.sort()
        self._tails = [tail for tail, _ in tails]
        self._numbers = [number for _, number in tails]
        self._ids = {told.title_id: told for told in self._titles if told.title_id is not None}
        self.find = lru_cache(KEPT)(self._find)

    def __len__(self) -> int:
        return len(self._titles)

    def of_id(self, title_id: str) -> Suggestion | None:
        """The title of the inventory that has this id."""
        return self._ids.get(title_id)

    def _find(self, typed: str) -> tuple[Suggestion, ...]:
        """Titles for what is typed, the likeliest first; a bounded number of them."""
        wanted = " ".join(typed.lower().split())
        if not wanted:
            return ()
        found = self._beginning(wanted)
        if not found:
            found = self._with_all(wanted.split())
        ranked = sorted(found, key=lambda number: self._rank(number, wanted))
        return tuple(self._titles[number] for number in ranked[:MOST_FOUND])

    def _beginning(self, wanted: str) -> set[int]:
        start = bisect_left(self._tails, wanted)
        end = bisect_left(self._tails, wanted + "\U0010ffff", start)
        return set(self._numbers[start : min(end, start + MOST_LOOKED_AT)])

    def _with_all(self, words: list[str]) -> set[int]:
        sets = [self._beginning(word) for word in sorted(words, key=len, reverse=True)]
        return set.intersection(*sets)

    def _rank(self, number: int, wanted: str) -> tuple[bool, bool, int, int, str]:
        told = self._titles[number]
        is_start = told.title.startswith(wanted)
        return (
            told.title != wanted,
            not is_start,
            len(told.title) // 6,
            _ROUTES.get(told.route, 2),
            told.title,
        )


def _tails(title: str) -> list[str]:
    words = title.split()
    return [" ".join(words[place:]) for place in range(len(words))]


def open_index(engine: Engine) -> TitleIndex:
    """The index over a built state: titles of the inventory, then those that authorities list.

    Raises:
        StateError: the titles were not built.
    """
    store = engine.store
    columns = ["title_id", "normalized_title", "route"]
    states = dict(
        zip(
            *(
                store.read("title_state", ["title_id", "state"])[name].to_pylist()
                for name in ("title_id", "state")
            ),
            strict=True,
        )
    )
    routes = store.read_partitions(TITLE_ROUTE.name, columns).to_pylist()
    listed = store.read(AUTHORITY_TITLE.name, ["normalized_title"])["normalized_title"].to_pylist()
    inventory = (
        Suggestion(
            row["normalized_title"],
            row["title_id"],
            row["route"],
            states.get(row["title_id"]),
            "inventory",
        )
        for row in routes
    )
    authority = (Suggestion(title, None, None, None, "authority") for title in dict.fromkeys(listed))
    return TitleIndex([*inventory, *authority])
