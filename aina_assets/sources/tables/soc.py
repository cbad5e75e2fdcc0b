"""Contracts of the SOC 2018 tables and of the O*NET-SOC 2019 to SOC 2018 crosswalk."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aina_assets.core.contracts import Reference, TableContract
from aina_assets.sources.tables.base import OnetSocCode, SocCode, SourceRow

SOURCE = "soc"
GROUP = Reference(("soc_code",), "soc_group", ("soc_code",))

SocLevel = Literal["major", "minor", "broad", "detailed"]


class SocGroup(SourceRow):
    """A group of the SOC 2018 at one of its four levels, with the group that it belongs to.

    Codes do not tell the parent: 29-1221 is in broad group 29-1210. The structure's order does.
    """

    soc_code: SocCode = Field(description="SOC 2018 code of the group")
    level: SocLevel = Field(description="level of the group; detailed is the finest")
    title: str = Field(description="group's title in the structure", min_length=1)
    parent_soc_code: SocCode | None = Field(description="next coarser group; null for a major group")
    definition: str | None = Field(description="definition; published for detailed occupations only")


class SocDirectMatchTitle(SourceRow):
    """A job title that belongs to one SOC 2018 detailed occupation whatever the employer."""

    soc_code: SocCode = Field(description="SOC 2018 detailed code")
    soc_title: str = Field(
        description="occupation's title as this file spells it (eight differ from the structure's)",
        min_length=1,
    )
    direct_match_title: str = Field(description="job title", min_length=1)
    is_illustrative_example: bool = Field(description="also printed as an example in the definition")


class OnetSocToSoc(SourceRow):
    """An O*NET-SOC 2019 occupation and the SOC 2018 detailed occupation that holds it."""

    onet_soc_code: OnetSocCode = Field(description="O*NET-SOC 2019 code")
    onet_title: str = Field(description="O*NET-SOC 2019 title", min_length=1)
    soc_code: SocCode = Field(description="SOC 2018 detailed code")
    soc_title: str = Field(description="SOC 2018 title as this file spells it", min_length=1)


CONTRACTS: tuple[TableContract, ...] = (
    TableContract(
        "soc_group",
        SocGroup,
        "a group of the classification",
        ("soc_code",),
        SOURCE,
        (Reference(("parent_soc_code",), "soc_group", ("soc_code",)),),
    ),
    TableContract(
        "soc_direct_match_title",
        SocDirectMatchTitle,
        "a job title of a detailed occupation",
        ("soc_code", "direct_match_title"),
        SOURCE,
        (GROUP,),
    ),
    TableContract(
        "onet_soc_to_soc", OnetSocToSoc, "an O*NET-SOC occupation", ("onet_soc_code",), SOURCE, (GROUP,)
    ),
)
