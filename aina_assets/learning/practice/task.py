"""Practice tasks: what a learner is given, and the answer key that stays in the engine.

Belongs here: shapes and their digests. Does not: making them (`generating`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from aina_assets.learning.practice.policy import FamilyName, Stage

MaterialKind = Literal["table", "message", "draft", "rules"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Material(_Part):
    """A document of the task; its lines are cited as `[M1:4]`, counted from 1."""

    material_id: str = Field(pattern=r"^M[1-9]$")
    kind: MaterialKind
    title: str
    columns: tuple[str, ...] = Field(description="of a table; empty else")
    lines: tuple[tuple[str, ...], ...] = Field(description="cells of a table's row, or one text")

    def text(self) -> str:
        """The material as it is read."""
        head = [f"{self.material_id} {self.title}"]
        if self.columns:
            head.append(" | ".join(("row", *self.columns)))
        return "\n".join([*head, *(" | ".join((str(n), *line)) for n, line in enumerate(self.lines, 1))])


class PublicCriterion(_Part):
    """A criterion as the learner sees it: what is asked, and its weight; never the answer."""

    criterion_id: str
    text: str
    weight: int = Field(ge=1)


class WorkContext(_Part):
    """Which real work the task stands for; shown with the task, never asked about."""

    role_title: str
    workflow_id: str
    workflow_name: str
    task_ids: tuple[int, ...]
    statements: tuple[str, ...] = Field(description="task statements of the packet")
    technologies: tuple[str, ...]
    attribution: tuple[str, ...]


class PracticeTask(_Part):
    """A task as a learner gets it."""

    schema_version: Literal["1.0.0"] = "1.0.0"
    task_id: str
    family: FamilyName
    stage: Stage
    theme: str
    seed: int = Field(ge=0)
    practice_sha256: str = Field(description="digest of the practice policy")
    title: str
    scenario: str
    context: WorkContext | None
    materials: tuple[Material, ...]
    deliverable: str
    minutes: int
    rubric_id: str
    rubric_version: str
    rubric_sha256: str
    criteria: tuple[PublicCriterion, ...]

    def given_text(self) -> str:
        """All that the learner was given: an answer that repeats it says nothing of its own."""
        context = () if self.context is None else (self.context.workflow_name, *self.context.statements)
        return "\n".join(
            (
                self.title,
                self.scenario,
                *context,
                *(material.text() for material in self.materials),
                self.deliverable,
                *(criterion.text for criterion in self.criteria),
            )
        )

    @property
    def sha256(self) -> str:
        """Digest of the whole task."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


# --- the key

Stance = Literal["differs", "automate", "delegate", "keep"]


@dataclass(frozen=True)
class Evidence:
    """What a clause must hold to show that a claim was worked out: all of these.

    Attributes:
        numbers: amounts, counts or minutes, whatever their sign.
        dates: days.
        codes: ids of rules.
    """

    numbers: tuple[Decimal, ...] = ()
    dates: tuple[date, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExpectedClaim:
    """Something that a right answer says of an entity.

    Attributes:
        entity: the line, statement, item or step.
        stance: what is said of it.
        evidence: ways to show it; one is enough.
        rows: rows of materials that it can be read from, as `M1:4`.
    """

    entity: str
    stance: Stance
    evidence: tuple[Evidence, ...]
    rows: frozenset[str]


@dataclass(frozen=True)
class ExpectedFigure:
    """A figure that a right answer works out; it stands in no material.

    Attributes:
        name: the figure's, as criteria name it.
        values: right values; any is right (a total of one record or of the other).
        labels: groups of words; a clause about the figure has one of each.
        is_minutes: whether hours tell it as well.
    """

    name: str
    values: tuple[Decimal, ...]
    labels: tuple[tuple[str, ...], ...]
    is_minutes: bool = False


@dataclass(frozen=True)
class AnswerKey:
    """What a right answer says. It is made anew from the seed when an answer is evaluated.

    Attributes:
        entities: all ids of lines, statements, items or steps of the task.
        claims: what is to be said of them.
        figures: what is to be worked out.
        given_numbers: numbers that stand in the materials: no sign of work.
        recipients: whom the next step may ask.
        wrong_costs: how many right claims a wrong one takes away: so many that to claim all that the
            materials put forward gains nothing.
    """

    entities: tuple[str, ...]
    claims: tuple[ExpectedClaim, ...]
    figures: tuple[ExpectedFigure, ...]
    recipients: tuple[str, ...]
    given_numbers: frozenset[Decimal] = field(default_factory=frozenset)
    wrong_costs: int = 1

    def figure(self, name: str) -> ExpectedFigure:
        """The figure of this name."""
        return next(figure for figure in self.figures if figure.name == name)
