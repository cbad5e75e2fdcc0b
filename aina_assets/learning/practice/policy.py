"""What practice tasks are made of: `data/policies/practice.toml`, typed.

Belongs here: reading the file. Does not: making tasks (`generating`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aina_assets.titles.functions import Name as FunctionName
from aina_assets.titles.scope import PolicyFile

FILE_NAME = "practice.toml"
Stage = Literal["understand", "do_with_ai", "verify", "automate_or_delegate"]
STAGES: tuple[Stage, ...] = get_args(Stage)
FamilyName = Literal["brief", "reconcile", "check_draft", "delegate"]
FAMILIES: tuple[FamilyName, ...] = get_args(FamilyName)
DEFAULT_THEME = "general"

Text = Annotated[str, Field(min_length=3)]
Words = Annotated[tuple[Text, ...], Field(min_length=3)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Family(_Section):
    """A family of tasks."""

    stage: Stage
    minutes: int = Field(ge=5, le=240)
    title: Text
    scenario: Text
    deliverable: Text


class Theme(_Section):
    """The words of some business functions."""

    functions: tuple[FunctionName, ...] = Field(min_length=1)
    records: tuple[Text, Text]
    ids: Annotated[str, Field(pattern=r"^[A-Z]{2,5}$")]
    amount: Text
    unit: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    team: Text
    group: Text
    groups: Annotated[Words, Field(min_length=6)]
    measures: Words
    steps: Annotated[Words, Field(min_length=6)]


class PracticePolicy(PolicyFile):
    """Families and themes."""

    policy: Literal["practice"]
    families: dict[FamilyName, Family]
    themes: dict[str, Theme]

    @model_validator(mode="after")
    def _is_whole(self) -> PracticePolicy:
        if set(self.families) != set(FAMILIES):
            raise ValueError(f"the families are {', '.join(FAMILIES)}")
        if {family.stage for family in self.families.values()} != set(STAGES):
            raise ValueError("each stage has one family")
        if DEFAULT_THEME not in self.themes:
            raise ValueError(f"there is no theme {DEFAULT_THEME!r}")
        named = [name for theme in self.themes.values() for name in theme.functions]
        if len(named) != len(set(named)) or set(named) != set(get_args(FunctionName)):
            raise ValueError("every business function has exactly one theme")
        return self

    def family_of(self, stage: Stage) -> FamilyName:
        """The family that practises a stage."""
        return next(name for name, family in self.families.items() if family.stage == stage)

    def theme_of(self, function: str | None) -> str:
        """The name of the theme of a business function; the general one where there is no function."""
        return next(
            (name for name, theme in self.themes.items() if function in theme.functions), DEFAULT_THEME
        )


def read_practice(policies_root: Path) -> PracticePolicy:
    """Read the policy from the folder of policies.

    Raises:
        SettingsError: the file is absent, malformed or contradicts itself; names the place.
    """
    return PracticePolicy.from_file(policies_root / FILE_NAME)
