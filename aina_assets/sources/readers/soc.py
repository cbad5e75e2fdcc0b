"""Readers of the SOC 2018 workbooks (structure, definitions, direct match titles) and of O*NET's crosswalk.

Belongs here: what the four workbooks look like and how they become tables. Does not: SOC 2010, which no
file of this source covers, nor the OEWS occupations that are no SOC occupations (see `warehouse`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, get_args

import pyarrow as pa

from aina_assets.core.contracts import TableContract
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.readers.workbook import SheetColumn, SheetRow, read_sheet
from aina_assets.sources.tables.soc import CONTRACTS, SocLevel

STRUCTURE = "soc_structure_2018.xlsx"
DEFINITIONS = "soc_2018_definitions.xlsx"
DIRECT_MATCH_TITLES = "soc_2018_direct_match_title_file.xlsx"
CROSSWALK = "2019_to_SOC_Crosswalk.xlsx"

LEVELS: tuple[SocLevel, ...] = get_args(SocLevel)
# Digits that a group's code shares with its parent's. A detailed code may leave its broad group's tens
# (29-1221 in 29-1210), so that only the minor group's digits are shared for sure.
SHARED_PREFIX: Mapping[SocLevel, int] = {"minor": 2, "broad": 4, "detailed": 4}

CODE = re.compile(r"\d{2}-\d{4}")
ONET_CODE = re.compile(r"\d{2}-\d{4}\.\d{2}")

STRUCTURE_COLUMNS = (
    SheetColumn("major", ("Major Group",)),
    SheetColumn("minor", ("Minor Group",)),
    SheetColumn("broad", ("Broad Group",)),
    SheetColumn("detailed", ("Detailed Occupation",)),
    # The titles stand in a column that has no heading.
    SheetColumn("title", ("",)),
)
DEFINITION_COLUMNS = (
    SheetColumn("level", ("SOC Group",)),
    SheetColumn("soc_code", ("SOC Code",)),
    SheetColumn("title", ("SOC Title",)),
    SheetColumn("definition", ("SOC Definition",)),
)
DIRECT_MATCH_COLUMNS = (
    SheetColumn("soc_code", ("2018 SOC Code",)),
    SheetColumn("soc_title", ("2018 SOC Title",)),
    SheetColumn("direct_match_title", ("2018 SOC Direct Match Title",)),
    SheetColumn("illustrative", ("Illustrative Example",)),
)
CROSSWALK_COLUMNS = (
    SheetColumn("onet_soc_code", ("O*NET-SOC 2019 Code",)),
    SheetColumn("onet_title", ("O*NET-SOC 2019 Title",)),
    SheetColumn("soc_code", ("2018 SOC Code",)),
    SheetColumn("soc_title", ("2018 SOC Title",)),
)

_CONTRACTS: Mapping[str, TableContract] = {contract.name: contract for contract in CONTRACTS}


def read_soc_group(files: SourceFiles) -> pa.Table:
    """The classification's groups, each with its parent and, where published, its definition.

    Raises:
        SourceError: a workbook is not what it should be; names the file and the cell.
        ContractError: a code occurs twice.
    """
    groups: dict[str, dict[str, Any]] = {}
    open_groups: dict[SocLevel, str] = {}
    for row in read_sheet(files.path(STRUCTURE), STRUCTURE_COLUMNS):
        level = _level(row)
        code = row.text(level, CODE)
        if code in groups:
            raise row.fault(level, f"{code} occurs twice")
        parent = _parent(row, level, code, open_groups)
        open_groups[level] = code
        for finer in LEVELS[LEVELS.index(level) + 1 :]:
            open_groups.pop(finer, None)
        groups[code] = {
            "soc_code": code,
            "level": level,
            "title": row.text("title"),
            "parent_soc_code": parent,
            "definition": None,
            **_origin(files, STRUCTURE, row),
        }
    _add_definitions(files, groups)
    return _table("soc_group", list(groups.values()))


def read_soc_direct_match_title(files: SourceFiles) -> pa.Table:
    """The direct match title file, row by row."""
    return _table(
        "soc_direct_match_title",
        [
            {
                "soc_code": row.text("soc_code", CODE),
                "soc_title": row.text("soc_title"),
                "direct_match_title": row.text("direct_match_title"),
                "is_illustrative_example": _is_marked(row, "illustrative"),
                **_origin(files, DIRECT_MATCH_TITLES, row),
            }
            for row in read_sheet(files.path(DIRECT_MATCH_TITLES), DIRECT_MATCH_COLUMNS)
        ],
    )


def read_onet_soc_to_soc(files: SourceFiles) -> pa.Table:
    """O*NET's crosswalk from O*NET-SOC 2019 to SOC 2018, row by row."""
    return _table(
        "onet_soc_to_soc",
        [
            {
                "onet_soc_code": row.text("onet_soc_code", ONET_CODE),
                "onet_title": row.text("onet_title"),
                "soc_code": row.text("soc_code", CODE),
                "soc_title": row.text("soc_title"),
                **_origin(files, CROSSWALK, row),
            }
            for row in read_sheet(files.path(CROSSWALK), CROSSWALK_COLUMNS)
        ],
    )


def _level(row: SheetRow) -> SocLevel:
    """The one level in whose column the row has its code."""
    filled = [level for level in LEVELS if row.value(level) is not None]
    if len(filled) != 1:
        raise row.fault(filled[1] if filled else "major", f"one code a row expected, found {len(filled)}")
    return filled[0]


def _parent(row: SheetRow, level: SocLevel, code: str, open_groups: Mapping[SocLevel, str]) -> str | None:
    """The group of the next coarser level under which the row stands."""
    if level == "major":
        return None
    coarser = LEVELS[LEVELS.index(level) - 1]
    parent = open_groups.get(coarser)
    if parent is None:
        raise row.fault(level, f"{code} stands under no {coarser} group")
    digits = SHARED_PREFIX[level]
    if code[:digits] != parent[:digits]:
        raise row.fault(level, f"{code} stands under {coarser} group {parent}, which cannot hold it")
    return parent


def _add_definitions(files: SourceFiles, groups: Mapping[str, dict[str, Any]]) -> None:
    """Fill in the definitions; both workbooks must speak of the same group under the same code."""
    for row in read_sheet(files.path(DEFINITIONS), DEFINITION_COLUMNS):
        code = row.text("soc_code", CODE)
        group = groups.get(code)
        if group is None:
            raise row.fault("soc_code", f"{code} is not in {STRUCTURE}")
        for field, found in (("level", row.text("level").lower()), ("title", row.text("title"))):
            if found != group[field]:
                raise row.fault(field, f"{STRUCTURE} has {group[field]!r} for {code}, found {found!r}")
        group["definition"] = row.optional_text("definition")


def _is_marked(row: SheetRow, field: str) -> bool:
    mark = row.optional_text(field)
    if mark is not None and mark.lower() != "x":
        raise row.fault(field, f"expected x or blank, found {mark!r}")
    return mark is not None


def _origin(files: SourceFiles, name: str, row: SheetRow) -> dict[str, Any]:
    return {"vintage": files.vintage, "source_file": name, "source_row": row.number}


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    contract = _CONTRACTS[name]
    return contract.conform(pa.Table.from_pylist(rows, schema=contract.arrow_schema))


READERS: Mapping[str, Callable[[SourceFiles], pa.Table]] = {
    "soc_group": read_soc_group,
    "soc_direct_match_title": read_soc_direct_match_title,
    "onet_soc_to_soc": read_onet_soc_to_soc,
}
