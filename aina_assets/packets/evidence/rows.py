"""Rows of the tables that packets are made from, and the files that their origins name.

Belongs here: asking DuckDB, origins, files. Does not: what rows mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb

from aina_assets.core.errors import StateError
from aina_assets.core.store import NOT_AVAILABLE, TableStore
from aina_assets.packets.parts import Origin, PacketSource

# Table that holds rows of a source's files, and the source; an origin names the file, this tells the table.
SOURCE_OF: Mapping[str, str] = {
    "onet_occupation": "onet",
    "onet_task": "onet",
    "onet_task_rating": "onet",
    "onet_task_dwa": "onet",
    "onet_iwa": "onet",
    "onet_content_model": "onet",
    "onet_software_skill": "onet",
    "onet_job_zone": "onet",
    "onet_education": "onet",
    "onet_job_title": "onet",
    "onet_reported_title": "onet",
    "soc_group": "soc",
    "soc_direct_match_title": "soc",
    "aei_job_exposure": "economic_index",
    "aei_task_penetration": "economic_index",
    "aei_task_usage": "economic_index",
    "aei_task_collaboration": "economic_index",
    "aei_task_thinking": "economic_index",
    "gdpval_task": "gdpval",
    "oews_national": "oews_national",
    "oews_flat": "oews_flat",
    "oews_api_observation": "oews_api",
}
EXTRACT = "task_importance_extract"
# Tables beside the source tables that packets are made from.
DERIVED_INPUTS = (
    "source_file",
    "authority_title",
    "onet_dwa",
    "onet_soc_to_soc",
    "onet_education_category",
    "onet_job_zone_reference",
    "onet_related_occupation",
    "wage_fact",
    "oews_soc_rollup",
    "gdpval_occupation_soc",
    "task_importance",
    "task_ai_signal",
)
INPUTS: tuple[str, ...] = (*SOURCE_OF, *DERIVED_INPUTS)


@dataclass(frozen=True)
class SourceBook:
    """Files that origins may name, by that name, and the text that each source must be shown with."""

    files: Mapping[str, PacketSource]
    attributions: Mapping[str, str]

    @cached_property
    def plain(self) -> Mapping[str, dict[str, Any]]:
        """The files as plain data."""
        return {name: source.model_dump(mode="json") for name, source in self.files.items()}


class RowReader:
    """Reads rows of tables, with their origins.

    Args:
        store: tables of the sources, the warehouse and this stage.
        memory_limit: DuckDB's, such as `1GB`.
        threads: DuckDB's.
    """

    def __init__(self, store: TableStore, *, memory_limit: str = "1GB", threads: int = 2) -> None:
        self._store = store
        self._connection = duckdb.connect(config={"memory_limit": memory_limit, "threads": threads})
        for name in INPUTS:
            # A table that is not there yet is told when it is asked for.
            if store.path(name).is_file():
                self._connection.read_parquet(str(store.path(name))).create_view(name)
        self._origins: dict[tuple[str, int], Origin] = {}

    def fetch(self, sql: str, params: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query over the tables.

        Raises:
            StateError: a table that it asks is not there, or is damaged.
        """
        try:
            return self._connection.execute(sql, params or []).fetchall()
        except duckdb.Error as error:
            raise StateError(
                f"a table that packets are made from cannot be read: {error}", file=self._store.root
            ) from error

    def origin(self, source: str, file: str, row: int) -> Origin:
        """An origin; equal ones are one object."""
        key = (f"{source}/{file}", row)
        found = self._origins.get(key)
        if found is None:
            found = self._origins[key] = Origin(file=key[0], row=row)
        return found

    @cached_property
    def files(self) -> dict[str, PacketSource]:
        """Every file that an origin may name, by that name."""
        tables: dict[str, str] = {}
        for table, source in SOURCE_OF.items():
            # Tables name the file of each row: which table a file fills is asked of the rows.
            for (file,) in self.fetch(f"select distinct source_file from {table}"):  # noqa: S608
                tables[f"{source}/{file}"] = table
        found: dict[str, PacketSource] = {}
        for source, vintage, name, sha256, is_locked, licence in self.fetch(
            "select source, vintage, name, sha256, is_locked, licence from source_file"
        ):
            file = f"{source}/{name}"
            if file in tables:
                found[file] = PacketSource(
                    file=file,
                    source=source,
                    vintage=vintage,
                    table=tables[file],
                    sha256=sha256,
                    is_locked=is_locked,
                    licence=licence,
                )
        return found | self._extract_file

    @cached_property
    def _extract_file(self) -> dict[str, PacketSource]:
        inputs = self._store.info("task_importance").provenance.inputs
        rows = self.fetch(
            "select distinct source_file, vintage from task_importance "
            "where importance_source = 'importance_extract'"
        )
        return {
            f"{EXTRACT}/{name}": PacketSource(
                file=f"{EXTRACT}/{name}",
                source=EXTRACT,
                vintage=vintage,
                table="task_importance",
                sha256=inputs[EXTRACT],
                is_locked=False,
                licence="figures of O*NET, CC BY 4.0; the extract is a third party's and declares none",
            )
            for name, vintage in rows
        }

    @cached_property
    def attributions(self) -> dict[str, str]:
        """The text that whatever shows a source's data must carry, by source."""
        return dict(self.fetch("select source, min(attribution) from source_file group by source"))

    @cached_property
    def book(self) -> SourceBook:
        """Files and attributions together."""
        return SourceBook(self.files, self.attributions)

    def is_available(self, table: str) -> bool:
        """Whether this build has the source of a table."""
        info = self._store.info(table)
        return info.rows > 0 and set(info.provenance.vintages.values()) != {NOT_AVAILABLE}

    def sources_of(self, origins: Iterable[Origin]) -> tuple[PacketSource, ...]:
        """The files that origins name, in the files' order."""
        return tuple(self.files[file] for file in sorted({origin.file for origin in origins}))
