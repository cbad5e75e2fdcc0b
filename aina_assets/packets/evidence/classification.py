"""Occupations and the SOC groups that they are in.

Belongs here: codes, names and what is in what. Does not: what occupations do.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from aina_assets.packets.evidence.rows import RowReader
from aina_assets.packets.parts import Group, Origin


@dataclass(frozen=True)
class Occupation:
    """An O*NET occupation and where it is in the SOC.

    Attributes:
        code: O*NET-SOC code.
        detailed: SOC detailed code; None where the crosswalk lacks it.
    """

    code: str
    title: str
    description: str
    detailed: str | None
    origin: Origin


class Classification:
    """Occupations and groups.

    Args:
        rows: the tables.
    """

    def __init__(self, rows: RowReader) -> None:
        self._rows = rows

    @cached_property
    def occupations(self) -> dict[str, Occupation]:
        """O*NET occupations by code."""
        return {
            code: Occupation(code, title, description, detailed, self._rows.origin("onet", file, row))
            for code, title, description, detailed, file, row in self._rows.fetch(
                "select o.onet_soc_code, o.title, o.description, c.soc_code, o.source_file, o.source_row "
                "from onet_occupation o left join onet_soc_to_soc c using (onet_soc_code) order by 1"
            )
        }

    @cached_property
    def groups(self) -> dict[str, Group]:
        """SOC groups by code."""
        return {
            code: Group(level=level, code=code, title=title, origin=self._rows.origin("soc", file, row))
            for code, level, title, file, row in self._rows.fetch(
                "select soc_code, level, title, source_file, source_row from soc_group order by soc_code"
            )
        }

    @cached_property
    def definitions(self) -> dict[str, str]:
        """Definitions of SOC groups that have one."""
        return dict(
            self._rows.fetch("select soc_code, definition from soc_group where definition is not null")
        )

    @cached_property
    def _parents(self) -> dict[str, str | None]:
        return dict(self._rows.fetch("select soc_code, parent_soc_code from soc_group"))

    def path_up(self, soc_code: str | None) -> list[Group]:
        """The group of a code and those above it, the finest first; none of an unknown code."""
        found: list[Group] = []
        code = soc_code
        while code is not None and code in self.groups:
            found.append(self.groups[code])
            code = self._parents[code]
        return found

    @cached_property
    def occupations_of(self) -> dict[str, tuple[str, ...]]:
        """The O*NET occupations of every SOC group, by code."""
        found: dict[str, list[str]] = defaultdict(list)
        for occupation in self.occupations.values():
            for group in self.path_up(occupation.detailed):
                found[group.code].append(occupation.code)
        return {code: tuple(sorted(members)) for code, members in found.items()}

    @cached_property
    def job_titles(self) -> dict[str, tuple[str, ...]]:
        """Alternate titles by occupation."""
        found: dict[str, list[str]] = defaultdict(list)
        for code, title in self._rows.fetch(
            "select onet_soc_code, job_title from onet_job_title order by source_row"
        ):
            found[code].append(title)
        return {code: tuple(titles) for code, titles in found.items()}

    @cached_property
    def listed_titles(self) -> list[tuple[str, str]]:
        """Occupation and normalized form of every title that an authority lists under an occupation."""
        return [
            (code, title)
            for code, title in self._rows.fetch(
                "select distinct onet_soc_code, normalized_title from authority_title "
                "where onet_soc_code is not null order by 1, 2"
            )
        ]

    @cached_property
    def related(self) -> frozenset[tuple[str, str]]:
        """Pairs of O*NET's own Related Occupations."""
        return frozenset(
            (code, other)
            for code, other in self._rows.fetch(
                "select onet_soc_code, related_onet_soc_code from onet_related_occupation"
            )
        )
