"""Where evidence comes from: listed titles with their file, row and vintage, and the names of codes.

Belongs here: looking them up in the tables that stand. Does not: which of them are evidence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from aina_assets.core.errors import StateError
from aina_assets.core.store import TableInfo, TableStore
from aina_assets.titles.explaining.views import SourceRow
from aina_assets.titles.tables import AUTHORITY_TITLE

Row = dict[str, Any]
Place = tuple[str, int]
PUBLISHED = "published"
PLACE = ("source_table", "source_row")


class Tables:
    """The tables that stand, read with a proof that they are as they were made.

    Args:
        store: the state's.
    """

    def __init__(self, store: TableStore) -> None:
        self._store = store

    def info(self, name: str, partition: str | None = None) -> TableInfo:
        """Describe a table's file.

        Raises:
            StateError: it is absent, or has other bytes than those that were written.
        """
        info = self._store.info(name, partition)
        if not info.provenance.code:
            raise StateError(
                f"table {name!r} is not as it was made: some byte of it was changed since",
                file=info.path,
                remedy="Run `aina build`: it makes anew what is damaged.",
            )
        return info

    def rows(
        self,
        name: str,
        column: str,
        values: Iterable[str | int],
        columns: Sequence[str],
        partition: str | None = None,
    ) -> list[Row]:
        """The rows with one of these values, in the file's order; a part of the file is held at a time.

        Raises:
            StateError: the table is absent or damaged.
        """
        self.info(name, partition)
        wanted = pa.array(sorted(set(values)))
        found: list[Row] = []
        if not len(wanted):
            return found
        for part in self._store.parts(name, columns, partition):
            found += part.filter(pc.is_in(part[column], value_set=wanted)).to_pylist()
        return found

    @cached_property
    def names(self) -> Mapping[tuple[str, str], str]:
        """Level and code to the publisher's name."""
        groups = self._store.read("soc_group", ["soc_code", "level", "title"]).to_pylist()
        occupations = self._store.read("onet_occupation", ["onet_soc_code", "title"]).to_pylist()
        return {
            **{(row["level"], row["soc_code"]): row["title"] for row in groups},
            **{("occupation", row["onet_soc_code"]): row["title"] for row in occupations},
        }

    def name(self, code: str, level: str | None = None) -> str:
        """The publisher's name of a code; a business function is its own name."""
        found = level or ("occupation" if "." in code else "detailed")
        return self.names.get((found, code), code)


class Sources:
    """Listed titles by the place that lists them.

    Args:
        tables: those that stand.
        places: table and row of every listed title that will be asked for.
    """

    def __init__(self, tables: Tables, places: Iterable[Place]) -> None:
        by_table: dict[str, set[int]] = defaultdict(set)
        for table, number in places:
            by_table[table].add(number)
        numbers = set().union(*by_table.values())
        self._forms: dict[Place, dict[str, str]] = defaultdict(dict)
        columns = (*PLACE, "form", "title")
        for row in tables.rows(AUTHORITY_TITLE.name, "source_row", numbers, columns):
            self._forms[_place_of(row)][row["form"]] = row["title"]
        self._files: dict[Place, tuple[str, str]] = {}
        for table, rows in by_table.items():
            for row in tables.rows(table, "source_row", rows, ("source_row", "source_file", "vintage")):
                self._files[table, row["source_row"]] = row["source_file"], row["vintage"]

    def row(self, place: Place, form: str = PUBLISHED) -> SourceRow:
        """The listed title in the form that is equal, or as it was published.

        Raises:
            StateError: no table that stands lists it there.
        """
        forms, file = self._forms.get(place), self._files.get(place)
        if not forms or file is None:
            raise StateError(f"no title stands in row {place[1]} of {place[0]}", remedy="Run `aina build`.")
        title = forms.get(form) or forms.get(PUBLISHED) or next(iter(forms.values()))
        return SourceRow(place[0], file[0], place[1], file[1], title)


def _place_of(row: Row) -> Place:
    return row["source_table"], row["source_row"]
