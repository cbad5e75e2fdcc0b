"""The authored content: its parts and how they are read.

Belongs here: what a part of `data/starter/authored/` looks like. Does not: whether the parts fit one
another (see `rules`), and how any of it looks upstream.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aina_assets.core.errors import AinaError

# What O*NET's scale RL calls categories 1 to 12.
EDUCATION = (
    "less_than_high_school",
    "high_school",
    "certificate",
    "some_college",
    "associate",
    "bachelor",
    "post_bachelor",
    "master",
    "post_master",
    "professional",
    "doctoral",
    "post_doctoral",
)
# The columns of figures.csv: what OEWS says of an occupation, and the Economic Index's exposure.
ESTIMATES = (
    *("TOT_EMP", "EMP_PRSE", "H_MEAN", "A_MEAN", "MEAN_PRSE"),
    *("H_PCT10", "H_PCT25", "H_MEDIAN", "H_PCT75", "H_PCT90"),
    *("A_PCT10", "A_PCT25", "A_MEDIAN", "A_PCT75", "A_PCT90"),
)
FIGURES = ("OCC_CODE", "OCC_TITLE", "O_GROUP", *ESTIMATES, "ANNUAL", "HOURLY", "observed_exposure")

OnetCode = Annotated[str, Field(pattern=r"^\d{2}-\d{4}\.\d{2}$")]
Line = Annotated[str, Field(pattern=r"^\S([^\t\r\n]*\S)?$")]
M = TypeVar("M", bound=BaseModel)


class AuthoredError(AinaError):
    """The authored content breaks its own rules."""

    default_remedy = "Correct the authored file; data/starter/authored/README.md describes it."


class Model(BaseModel):
    """A checked part of the authored content."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Task(NamedTuple):
    """A task of an occupation, in the order of its TOML list."""

    task_type: Literal["Core", "Supplemental"]
    activity: str
    importance: Annotated[float, Field(ge=1, le=5)]
    penetration: Annotated[float, Field(ge=0, le=1)]
    sentence: Line

    @property
    def legacy_name(self) -> str:
        """The sentence as the Economic Index's usage files write it."""
        return self.sentence.lower().strip()


class Technology(NamedTuple):
    """A product that an occupation uses."""

    example: Line
    category: Line
    is_hot: bool
    is_in_demand: bool


class Occupation(Model):
    """An occupation. As upstream, an `All Other` or military one may have titles and no data."""

    code: OnetCode
    title: Line
    description: Line
    job_zone: Annotated[int, Field(ge=2, le=5)] | None = None
    education: dict[str, int]
    alternate_titles: list[Line]
    reported_titles: list[Line]
    related: list[OnetCode]
    technologies: list[Technology]
    tasks: list[Task]

    @property
    def soc_code(self) -> str:
        """The SOC 2018 detailed code; equal to the O*NET-SOC code's beginning."""
        return self.code[:7]

    @property
    def identified_tasks(self) -> list[tuple[int, Task]]:
        """The tasks with their ids: 9, the SOC digits, the position. Appending a task moves no id."""
        base = int("9" + self.soc_code.replace("-", "")) * 100
        return [(base + number, task) for number, task in enumerate(self.tasks, 1)]


class RubricItem(NamedTuple):
    """Points and what earns them."""

    points: int
    criterion: Line


class Practice(Model):
    """A GDPval-like practice task."""

    occupation: Line
    sector: Line
    prompt: Annotated[str, Field(min_length=200)]
    reference_files: list[Line]
    deliverable_files: Annotated[list[Line], Field(min_length=1)]
    rubric: Annotated[list[RubricItem], Field(min_length=5, max_length=10)]


class Group(Model):
    """A SOC 2018 group or occupation, with what the Economic Index's 2010-style files call it."""

    code: Annotated[str, Field(pattern=r"^\d{2}-\d{4}$")]
    level: Literal["major", "minor", "broad", "detailed"]
    title: Line
    legacy_code: Annotated[str, Field(pattern=r"^(\d{2}-\d{4}\.\d{2})?$")]
    legacy_title: str
    employment_may_2023: Annotated[str, Field(pattern=r"^\d*$")]
    definition: str
    direct_match_titles: str

    @property
    def broad_code(self) -> str:
        """The broad group's code, where the detailed code keeps its digits."""
        return self.code[:6] + "0"


class TechnologyCode(Model):
    """The UNSPSC commodity that an authored technology category is."""

    category: Line
    code: Annotated[str, Field(pattern=r"^\d{8}$")]
    title: Line


class Label(Model):
    """What one blind coder said of a title, as the gold codebook has it; lists are separated by blanks."""

    title: Annotated[str, Field(min_length=1)]
    scope: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    codes: Annotated[str, Field(pattern=r"^(\d\d(-\d{4})?( \d\d(-\d{4})?)*)?$")]
    level: Literal["detailed", "broad", "minor", "major", "function", "none"]
    functions: Annotated[str, Field(pattern=r"^([a-z_]+( [a-z_]+)*)?$")]
    confidence: Literal["h", "m", "l"]


class IntermediateActivity(Model):
    """An intermediate work activity and its detailed ones, by key."""

    name: Line
    detailed: dict[str, Line]


class GeneralActivity(Model):
    """A general work activity under its O*NET element id."""

    id: Annotated[str, Field(pattern=r"^4\.A\.\d\.[a-z]\.\d$")]
    name: Line
    intermediate: list[IntermediateActivity]


class Activity(NamedTuple):
    """A detailed work activity with its place under an intermediate and a general one."""

    key: str
    general_id: str
    general_name: str
    intermediate_id: str
    intermediate_name: str
    detailed_id: str
    sentence: str


@dataclass(frozen=True)
class Content:
    """All that was authored."""

    occupations: tuple[Occupation, ...]
    practice: tuple[Practice, ...]
    activities: tuple[Activity, ...]
    figures: tuple[dict[str, str], ...]
    groups: tuple[Group, ...]
    technology_codes: tuple[TechnologyCode, ...]
    titles: bytes
    passes: Mapping[str, tuple[Label, ...]]

    @cached_property
    def figure(self) -> dict[str, dict[str, str]]:
        """The published figures of a code."""
        return {row["OCC_CODE"]: row for row in self.figures}

    @cached_property
    def group(self) -> dict[str, Group]:
        """The SOC group of a code."""
        return {group.code: group for group in self.groups}


def read_content(root: Path) -> Content:
    """Read everything below `root`, each part held against its model.

    Raises:
        AuthoredError: names the file and the place of what cannot be read.
    """
    return Content(
        occupations=tuple(_entries(root / "occupations", "occupation", Occupation)),
        practice=tuple(_entries(root / "gdpval", "task", Practice)),
        activities=tuple(_activities(root / "activities.toml")),
        figures=tuple(_rows(root / "figures.csv", FIGURES)),
        groups=tuple(_records(root / "soc_groups.csv", Group)),
        technology_codes=tuple(_records(root / "technology_codes.csv", TechnologyCode)),
        titles=(root / "titles.txt").read_bytes(),
        passes={side: tuple(_records(root / "reviews" / f"pass_{side}.csv", Label)) for side in ("a", "b")},
    )


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise AuthoredError(f"not TOML: {error}", file=path) from error


def _entries(folder: Path, key: str, model: type[M]) -> Iterator[M]:
    for path in sorted(folder.glob("*.toml")):
        for number, entry in enumerate(_toml(path).get(key, []), 1):
            name = entry.get("code") or entry.get("occupation") or ""
            yield _checked(model, entry, path, f"[[{key}]] {number} {name}".rstrip())


def _rows(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle, strict=True)
        rows = list(reader)
    if list(reader.fieldnames or ()) != list(columns):
        raise AuthoredError(
            f"header differs: expected {', '.join(columns)}", file=path, place=f"row 1: {reader.fieldnames}"
        )
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise AuthoredError("row is longer or shorter than the header", file=path, place=f"row {number}")
    return rows


def _records(path: Path, model: type[M]) -> Iterator[M]:
    for number, row in enumerate(_rows(path, model.model_fields), 2):
        yield _checked(model, row, path, f"row {number}")


def _checked(model: type[M], entry: dict[str, Any], path: Path, place: str) -> M:
    try:
        return model.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise AuthoredError(
            f"{first['msg']} (found {first['input']!r})", file=path, place=f"{place}, {where}"
        ) from error


def _activities(path: Path) -> Iterator[Activity]:
    for position, entry in enumerate(_toml(path).get("general", []), 1):
        general = _checked(GeneralActivity, entry, path, f"[[general]] {position}")
        for number, intermediate in enumerate(general.intermediate, 1):
            intermediate_id = f"{general.id}.I{number:02d}"
            for last, (key, sentence) in enumerate(intermediate.detailed.items(), 1):
                yield Activity(
                    key=key,
                    general_id=general.id,
                    general_name=general.name,
                    intermediate_id=intermediate_id,
                    intermediate_name=intermediate.name,
                    detailed_id=f"{intermediate_id}.D{last:02d}",
                    sentence=sentence,
                )
