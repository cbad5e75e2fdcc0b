"""What packets are made of: the rows of the warehouse and of this stage's tables, joined, with their origins.

Belongs here: reading tables into parts of the contract. Does not: choosing what a packet shows.
"""

from __future__ import annotations

from dataclasses import dataclass

from aina_assets.core.store import TableStore
from aina_assets.packets.evidence.classification import Classification
from aina_assets.packets.evidence.facts import Facts
from aina_assets.packets.evidence.rows import RowReader
from aina_assets.packets.evidence.work import Work


@dataclass(frozen=True)
class Evidence:
    """All that packets are made of; each part reads its rows once, when it is asked.

    Attributes:
        rows: files and attributions.
        soc: occupations and groups.
        work: tasks.
        facts: everything else.
    """

    rows: RowReader
    soc: Classification
    work: Work
    facts: Facts

    @classmethod
    def of(cls, store: TableStore, *, memory_limit: str = "1GB", threads: int = 2) -> Evidence:
        """The evidence of the tables that stand.

        Args:
            store: tables of the sources, the warehouse and this stage.
            memory_limit: DuckDB's, such as `1GB`.
            threads: DuckDB's.
        """
        rows = RowReader(store, memory_limit=memory_limit, threads=threads)
        return cls(rows, Classification(rows), Work(rows), Facts(rows))
