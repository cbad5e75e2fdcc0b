"""The starter as BLS and O*NET workbooks: OEWS national, SOC 2018, and the O*NET-SOC to SOC crosswalk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from tools.starter.authored import ESTIMATES, Content
from tools.starter.files import VINTAGE, Cell, StarterFile
from tools.starter.workbook import Sheet, workbook_bytes

OEWS_URL = "https://www.bls.gov/oes/special-requests/oesm24nat/national_M2024_dl.xlsx"
SOC_FOLDER = "https://www.bls.gov/soc/2018"
CROSSWALK_URL = "https://www.onetcenter.org/taxonomy/2019/soc/2019_to_SOC_Crosswalk.xlsx"
# What upstream writes before the occupation in every national row.
AREA: dict[str, Cell] = {
    "AREA": "99",
    "AREA_TITLE": "U.S.",
    "AREA_TYPE": "1",
    "PRIM_STATE": "US",
    "NAICS": "000000",
    "NAICS_TITLE": "Cross-industry",
    "I_GROUP": "cross-industry",
    "OWN_CODE": "1235",
}
NOT_NATIONAL = ("JOBS_1000", "LOC_QUOTIENT", "PCT_TOTAL", "PCT_RPT")
WAGES = ESTIMATES[2:]
FIELDS = (
    *AREA,
    *("OCC_CODE", "OCC_TITLE", "O_GROUP"),
    *ESTIMATES[:2],
    *NOT_NATIONAL,
    *WAGES,
    *("ANNUAL", "HOURLY"),
)
NO_WAGE, NO_EMPLOYMENT = "*", "**"
# May 2024 publishes no row for this code, only for the broad group above it. The starter writes the row
# with nothing but markers, so that the marker for missing employment, which the real workbook explains
# and no national row of May 2024 has, occurs once.
SUPPRESSED_CODE = "13-1021"
MARKERS = (
    "*  = there is no wage estimate",
    "**  = there is no employment estimate",
    "#  = the wage is $115.00 an hour, or $239,200 a year, or more",
    "~ = fewer than 0.5% of establishments reported the occupation",
)
NOTE = f"AINA starter sources ({VINTAGE}), in the layout of the publisher's workbook"
ILLUSTRATIVE = 3


def bls_files(content: Content) -> Iterator[StarterFile]:
    """The OEWS workbook and the four SOC workbooks."""
    yield StarterFile("oews_national", "2023", "national.xlsx", OEWS_URL, _national(content))
    for name, rows in {
        "soc_structure_2018.xlsx": Sheet("2018 Structure", _structure(content)),
        "soc_2018_definitions.xlsx": Sheet("2018 SOC", _definitions(content)),
        "soc_2018_direct_match_title_file.xlsx": Sheet("Sorted by SOC", _direct_titles(content)),
    }.items():
        yield StarterFile("soc", "2018", name, f"{SOC_FOLDER}/{name}", workbook_bytes([rows]))
    crosswalk = workbook_bytes([Sheet("O-NET-SOC 2019 Occupation Listi", _crosswalk(content))])
    yield StarterFile("soc", "2018", "2019_to_SOC_Crosswalk.xlsx", CROSSWALK_URL, crosswalk)


def _national(content: Content) -> bytes:
    records: list[dict[str, Cell]] = [
        {name: _number(text) for name, text in row.items() if name in FIELDS} for row in content.figures
    ]
    for row in list(records):
        # Where OEWS publishes a broad group as if it were one occupation, it has the row at both levels.
        group = content.group.get(str(row["OCC_CODE"]))
        if row["O_GROUP"] == "detailed" and group and group.level == "broad":
            records.append({**row, "O_GROUP": "broad"})
    if SUPPRESSED_CODE not in content.figure:
        records.append(
            {
                "OCC_CODE": SUPPRESSED_CODE,
                "OCC_TITLE": content.group[SUPPRESSED_CODE].title,
                "O_GROUP": "detailed",
                "TOT_EMP": NO_EMPLOYMENT,
                "EMP_PRSE": NO_EMPLOYMENT,
                **dict.fromkeys(WAGES, NO_WAGE),
            }
        )
    records.sort(key=lambda row: (str(row["OCC_CODE"]), str(row["O_GROUP"])))
    rows = [[{**AREA, **row}.get(name) for name in FIELDS] for row in records]
    fields = [[name.lower(), f"Column {name}, as OEWS defines it", None] for name in FIELDS]
    description: list[Sequence[Cell]] = [
        ["May 2024 OEWS Estimates", None, None],
        [],
        [NOTE],
        ["Figures: Occupational Employment and Wage Statistics (OEWS), Bureau of Labor Statistics"],
        ["website:  www.bls.gov/oes "],
        *([] for _ in range(4)),
        ["Field", "Field Description", None],
        *fields,
        [],
        ["Notes:"],
        *([marker] for marker in MARKERS),
    ]
    return workbook_bytes(
        [
            Sheet("national_M2024_dl", [FIELDS, *rows]),
            Sheet("Field Descriptions", description),
            Sheet("UpdateTime", [["alldataupdate"], [VINTAGE]]),
            Sheet("Filler", []),
        ]
    )


def _number(text: str) -> Cell:
    """A figure as a number, a code or marker as text, a blank as an empty cell."""
    try:
        value = float(text)
    except ValueError:
        return text or None
    return int(value) if value.is_integer() else value


def _preamble(header: Sequence[Cell]) -> list[Sequence[Cell]]:
    # Upstream's table begins in row 8, below a few lines of its own.
    return [
        [NOTE],
        ["Codes and titles: 2018 Standard Occupational Classification"],
        *([] for _ in range(5)),
        header,
    ]


def _structure(content: Content) -> list[Sequence[Cell]]:
    levels = ("major", "minor", "broad", "detailed")
    return [
        *_preamble(["Major Group", "Minor Group", "Broad Group", "Detailed Occupation", None]),
        *(
            [*(group.code if group.level == level else None for level in levels), group.title]
            for group in content.groups
        ),
    ]


def _definitions(content: Content) -> list[Sequence[Cell]]:
    own = {occupation.soc_code: occupation.description for occupation in content.occupations}
    return [
        *_preamble(["SOC Group", "SOC Code", "SOC Title", "SOC Definition"]),
        *(
            [
                group.level.capitalize(),
                group.code,
                group.title,
                (group.definition or own.get(group.code)) if group.level == "detailed" else None,
            ]
            for group in content.groups
        ),
    ]


def _direct_titles(content: Content) -> list[Sequence[Cell]]:
    """Titles that one SOC occupation alone has; the first ones are marked as illustrative examples."""
    titles: dict[str, list[str]] = defaultdict(list)
    for group in content.groups:
        if group.direct_match_titles:
            titles[group.code] += group.direct_match_titles.split(";")
    for occupation in content.occupations:
        titles[occupation.soc_code] += occupation.alternate_titles
    holders: dict[str, set[str]] = defaultdict(set)
    for code, names in titles.items():
        for name in names:
            holders[name.casefold()].add(code)
    rows: list[Sequence[Cell]] = [
        ["2018 SOC Code", "2018 SOC Title", "2018 SOC Direct Match Title", "Illustrative Example"]
    ]
    for code in sorted(titles):
        own = [name for name in titles[code] if len(holders[name.casefold()]) == 1]
        for name in sorted(own, key=str.casefold):
            example = "x" if name in own[:ILLUSTRATIVE] else None
            rows.append([code, content.group[code].title, name, example])
    return rows


def _crosswalk(content: Content) -> list[Sequence[Cell]]:
    return [
        ["O*NET-SOC 2019 Code", "O*NET-SOC 2019 Title", "2018 SOC Code", "2018 SOC Title"],
        *(
            [o.code, o.title, o.soc_code, content.group[o.soc_code].title]
            for o in sorted(content.occupations, key=lambda occupation: occupation.code)
        ),
    ]
