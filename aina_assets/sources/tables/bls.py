"""Contracts of the BLS OEWS tables, and the words that they share: measures and value statuses."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aina_assets.core.contracts import Reference, TableContract
from aina_assets.sources.tables.base import SocCode, SourceRow

NATIONAL, FLAT, API = "oews_national", "oews_flat", "oews_api"

OewsMeasure = Literal[
    "employment_jobs",
    "employment_prse_percent",
    "hourly_mean_wage_usd",
    "annual_mean_wage_usd",
    "mean_wage_prse_percent",
    "hourly_p10_wage_usd",
    "hourly_p25_wage_usd",
    "hourly_median_wage_usd",
    "hourly_p75_wage_usd",
    "hourly_p90_wage_usd",
    "annual_p10_wage_usd",
    "annual_p25_wage_usd",
    "annual_median_wage_usd",
    "annual_p75_wage_usd",
    "annual_p90_wage_usd",
]
# In the order of BLS's data types 01 to 17.
OewsFlatMeasure = Literal[OewsMeasure, "jobs_per_1000", "location_quotient"]

OccupationGroup = Literal["total", "major", "minor", "broad", "detailed"]
AreaType = Literal["N", "S", "M"]
ValueStatus = Literal[
    "published", "not_released", "top_coded", "other_pay_basis", "below_half_percent", "missing"
]

AreaCode = Annotated[str, Field(pattern=r"^\d{7}$")]
FootnoteCode = Annotated[str, Field(pattern=r"^\d$")]

VALUE = "published figure in the measure's unit; null unless published"
STATUS = (
    "published, or why there is no figure: not_released, top_coded (at or above the highest wage "
    "published), other_pay_basis (paid by the year or by the hour only), below_half_percent, missing"
)


class OewsNational(SourceRow):
    """A national, cross-industry employment or wage figure of an occupation, from the OEWS workbook.

    Seven codes are a broad group and a detailed occupation at once, so the group is part of the key.
    Nothing that BLS withholds becomes a number.
    """

    occupation_code: SocCode = Field(description="OEWS occupation code; 00-0000 is all occupations")
    occupation_title: str = Field(description="OEWS occupation title", min_length=1)
    occupation_group: OccupationGroup = Field(description="level of the row")
    measure: OewsMeasure = Field(description="what is measured, with its unit; prse is a relative error")
    value: float | None = Field(description=VALUE, ge=0)
    value_status: ValueStatus = Field(description=STATUS)


class OewsFlat(SourceRow):
    """An employment or wage figure of an occupation in an area and industry, from the full flat file.

    The file gives a broad group that is published as one occupation once, and tells no levels.
    """

    area_type: AreaType = Field(description="N nation, S state, M metropolitan or nonmetropolitan area")
    area_code: AreaCode = Field(description="BLS area code; 0000000 is the nation")
    industry_code: str = Field(
        description="industry code, with BLS's own groupings such as 31--34; 000000 is cross-industry",
        pattern=r"^[0-9A-Z-]{6}$",
    )
    occupation_code: SocCode = Field(description="OEWS occupation code; 00-0000 is all occupations")
    measure: OewsFlatMeasure = Field(description="what is measured, with its unit")
    year: int = Field(description="reference year; the month is May", ge=1997)
    value: float | None = Field(description=VALUE, ge=0)
    value_status: ValueStatus = Field(description=STATUS)
    footnote_codes: FootnoteCode | None = Field(description="BLS footnote, as published; null for none")


class OewsApiObservation(SourceRow):
    """An employment or wage figure of a series that was asked of the BLS Public Data API."""

    series_id: str = Field(description="BLS series id, 25 characters", min_length=25)
    area_type: AreaType = Field(description="N nation, S state, M metropolitan or nonmetropolitan area")
    area_code: AreaCode = Field(description="BLS area code; 0000000 is the nation")
    industry_code: str = Field(description="industry code; 000000 is cross-industry", min_length=6)
    occupation_code: SocCode = Field(description="OEWS occupation code")
    measure: OewsFlatMeasure = Field(description="what is measured, with its unit")
    year: int = Field(description="reference year; the month is May", ge=1997)
    value: float | None = Field(description=VALUE, ge=0)
    value_status: ValueStatus = Field(description=STATUS)
    footnote_codes: str | None = Field(description="BLS footnotes, comma-separated; null for none")


class OewsArea(SourceRow):
    """An area of the full flat file."""

    state_code: str = Field(description="FIPS code of the state; 00 is the nation", pattern=r"^\d{2}$")
    area_code: AreaCode = Field(description="BLS area code")
    area_type: AreaType = Field(description="N nation, S state, M metropolitan or nonmetropolitan area")
    area_name: str = Field(description="area's name", min_length=1)


class OewsFootnote(SourceRow):
    """A footnote of the full flat file: what BLS says beside a figure, or in its place."""

    footnote_code: FootnoteCode = Field(description="footnote's code")
    footnote_text: str = Field(description="footnote's text", min_length=1)


OEWS_NATIONAL = TableContract(
    "oews_national",
    OewsNational,
    "a measure of an occupation at a level",
    ("occupation_code", "occupation_group", "measure"),
    NATIONAL,
)
OEWS_FLAT = TableContract(
    "oews_flat",
    OewsFlat,
    "a measure of an occupation in an area and industry",
    ("area_type", "area_code", "industry_code", "occupation_code", "measure", "year"),
    FLAT,
    (
        Reference(("area_code",), "oews_area", ("area_code",)),
        Reference(("footnote_codes",), "oews_footnote", ("footnote_code",)),
    ),
)
OEWS_AREA = TableContract("oews_area", OewsArea, "an area", ("area_code",), FLAT)
OEWS_FOOTNOTE = TableContract("oews_footnote", OewsFootnote, "a footnote", ("footnote_code",), FLAT)
OEWS_API = TableContract(
    "oews_api_observation", OewsApiObservation, "a series' figure of a year", ("series_id", "year"), API
)


CONTRACTS: tuple[TableContract, ...] = (OEWS_NATIONAL, OEWS_FLAT, OEWS_AREA, OEWS_FOOTNOTE, OEWS_API)
