"""Rubrics: versioned files that are locked by digest, so that a verdict says under which words it was given.

Belongs here: reading, locking, refusing what is not the locked one. Does not: deciding whether a criterion is
met (`checks`).
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aina_assets.core.errors import RubricError
from aina_assets.core.storage import sha256_file, write_json
from aina_assets.learning.practice.policy import FAMILIES, FamilyName
from aina_assets.learning.practice.task import PublicCriterion
from aina_assets.titles.scope import PolicyFile

FOLDER = "rubrics"
LOCK = "rubrics.lock.json"

Text = Annotated[str, Field(min_length=10)]


class Criterion(BaseModel):
    """What an answer is held against.

    `claim`: the `place`th thing that a right answer says; `figure`: a figure that it works out; `citations`:
    rows that it cites for its claims; `next_step`: whom it asks for what; `judged`: what only a reader can
    tell.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    criterion_id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    kind: Literal["claim", "figure", "citations", "next_step", "judged"]
    weight: int = Field(ge=1)
    text: Text
    advice: Text
    place: int | None = Field(None, ge=1)
    figure: str | None = None
    least: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Criterion:
        needed = {"claim": "place", "figure": "figure", "citations": "least"}.get(self.kind)
        told = {name for name in ("place", "figure", "least") if getattr(self, name) is not None}
        if told != ({needed} if needed else set()):
            raise ValueError(
                f"{self.criterion_id}: a {self.kind} criterion tells {needed or 'none of these'}"
            )
        return self


class Rubric(PolicyFile):
    """A family's criteria."""

    policy: Literal["rubric"]
    rubric_id: FamilyName
    pass_note: Text
    criteria: tuple[Criterion, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _criteria_are_a_set(self) -> Rubric:
        names = [criterion.criterion_id for criterion in self.criteria]
        if len(names) != len(set(names)):
            raise ValueError("a criterion is listed twice")
        places = [criterion.place for criterion in self.criteria if criterion.kind == "claim"]
        if places != list(range(1, len(places) + 1)):
            raise ValueError("claims are placed 1, 2, ...")
        return self

    @property
    def weight(self) -> int:
        """The weight of all criteria."""
        return sum(criterion.weight for criterion in self.criteria)

    def public(self) -> tuple[PublicCriterion, ...]:
        """The criteria as a learner sees them."""
        return tuple(
            PublicCriterion(criterion_id=held.criterion_id, text=held.text, weight=held.weight)
            for held in self.criteria
        )


def read_rubrics(policies_root: Path) -> dict[FamilyName, Rubric]:
    """Every family's rubric, each held against the lock.

    Raises:
        RubricError: a rubric is not the locked one; names it, with expected and found digest.
        SettingsError: a file is absent or malformed.
    """
    folder = policies_root / FOLDER
    lock = read_lock(policies_root)
    return {family: _locked(folder / f"{family}.toml", lock.get(family, {})) for family in FAMILIES}


def _locked(path: Path, lock: dict[str, str]) -> Rubric:
    rubric = _read(path, sha256_file(path))
    expected = lock.get(rubric.version)
    if expected != rubric.sha256:
        raise RubricError(
            f"rubric {rubric.rubric_id} {rubric.version}: locked {expected}, found {rubric.sha256}", file=path
        )
    return rubric


# Remembered by content: an evaluation asks for the rubrics each time.
@lru_cache(maxsize=8)
def _read(path: Path, sha256: str) -> Rubric:  # noqa: ARG001
    return Rubric.from_file(path)


def read_lock(policies_root: Path) -> dict[str, dict[str, str]]:
    """The lock: of each rubric, the digest of every version that was ever used.

    Raises:
        RubricError: it is absent or malformed.
    """
    path = policies_root / FOLDER / LOCK
    try:
        held: dict[str, dict[str, str]] = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError) as error:
        raise RubricError(f"no rubric lock: {error}", file=path) from error
    return held


def lock_rubrics(policies_root: Path) -> list[str]:
    """Lock every rubric of a version that is not locked; give which were.

    Raises:
        RubricError: a rubric was changed without another version.
    """
    folder = policies_root / FOLDER
    lock = read_lock(policies_root) if (folder / LOCK).is_file() else {}
    added = []
    for family in FAMILIES:
        rubric = Rubric.from_file(folder / f"{family}.toml")
        versions = lock.setdefault(family, {})
        if versions.setdefault(rubric.version, rubric.sha256) != rubric.sha256:
            raise RubricError(
                f"rubric {family} {rubric.version} was changed under the same version",
                file=folder / f"{family}.toml",
                remedy="Raise its version, then lock it.",
            )
        if rubric.version not in read_versions(folder, family):
            added.append(f"{family} {rubric.version}")
    write_json(folder / LOCK, lock)
    return added


def read_versions(folder: Path, family: str) -> set[str]:
    """The versions of a rubric that the lock file has."""
    path = folder / LOCK
    return set(json.loads(path.read_text("utf-8")).get(family, {})) if path.is_file() else set()
