"""The control map: which gate and which evidence speak to which control of two frameworks.

Belongs here: reading `data/policies/control_map.toml`. Does not: any claim; the map helps a reviewer look.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aina_assets.core.capabilities import Domain
from aina_assets.titles.scope import PolicyFile

FILE_NAME = "control_map.toml"
LABEL: Literal["a mapping, not a claim of compliance"] = "a mapping, not a claim of compliance"


class Control(BaseModel):
    """One control, and what here speaks to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    framework: str
    control: str = Field(min_length=1)
    title: str = Field(min_length=1)
    gates: tuple[Domain, ...] = Field(min_length=1)
    evidence: tuple[str, ...] = Field(min_length=1)
    how: str = Field(min_length=1)


class ControlMap(PolicyFile):
    """The whole map."""

    policy: Literal["control_map"]
    frameworks: dict[str, str]
    controls: tuple[Control, ...]

    @model_validator(mode="after")
    def _known_and_once(self) -> ControlMap:
        seen: set[tuple[str, str]] = set()
        for control in self.controls:
            if control.framework not in self.frameworks:
                raise ValueError(f"{control.control}: no framework {control.framework!r}")
            if (control.framework, control.control) in seen:
                raise ValueError(f"{control.control} is mapped twice")
            seen.add((control.framework, control.control))
        return self


def read_control_map(folder: Path) -> ControlMap:
    """Read the map.

    Raises:
        SettingsError: the file is absent, malformed or contradicts itself.
    """
    return ControlMap.from_file(folder / FILE_NAME)
