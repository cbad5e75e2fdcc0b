"""The policies of adjudication, typed: how titles are reviewed, and the codebook that reviewers get.

Belongs here: reading `data/policies/title_review.toml` and `review_codebook.md`. Does not: the deterministic
rules (`filters`), or deciding anything.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from aina_assets.core.errors import SettingsError
from aina_assets.titles.scope import PolicyFile

FILE_NAME = "title_review.toml"
CODEBOOK_NAME = "review_codebook.md"

Share = Annotated[float, Field(ge=0, le=1)]
Confidence = Annotated[float, Field(gt=0.5, lt=1)]
_TITLE = re.compile(r"# Review codebook (\d+\.\d+\.\d+): .+")


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PromptPolicy(_Section):
    """What a prompt shows."""

    most_options: int = Field(ge=0, le=20)


class KnownAnswerPolicy(_Section):
    """Rows whose answer is known, and what a reviewer must make of them."""

    share: Annotated[float, Field(ge=0, lt=0.5)]
    least_rows: int = Field(ge=0)
    floor: Share
    confidence: Confidence


class RepairPolicy(_Section):
    """How many row ids may go wrong."""

    most_share: Share


class ConsensusPolicy(_Section):
    """When agreement is accepted without a person."""

    least_agreement: Share


class IntervalPolicy(_Section):
    """The bootstrap interval of alpha."""

    confidence: Confidence
    resamples: int = Field(ge=100, le=100_000)


class ResidualPolicy(_Section):
    """How large a bounded review may be."""

    most_titles: int = Field(ge=1)


class ReviewPolicy(PolicyFile):
    """The policy on review."""

    policy: Literal["title_review"]
    prompt: PromptPolicy
    known_answers: KnownAnswerPolicy
    repair: RepairPolicy
    consensus: ConsensusPolicy
    interval: IntervalPolicy
    residual: ResidualPolicy


@dataclass(frozen=True)
class Codebook:
    """What a decision means, as reviewers are told."""

    version: str
    text: str

    @property
    def sha256(self) -> str:
        """Digest of its text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_review_policy(policies_root: Path) -> ReviewPolicy:
    """Read the policy from the folder of policies.

    Raises:
        SettingsError: the file is absent, malformed or contradicts itself; names the place.
    """
    return ReviewPolicy.from_file(policies_root / FILE_NAME)


def read_codebook(policies_root: Path) -> Codebook:
    """Read the reviewers' codebook from the folder of policies.

    Raises:
        SettingsError: the file is absent, or its first line does not tell its version.
    """
    path = policies_root / CODEBOOK_NAME
    try:
        text = path.read_text("utf-8")
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise SettingsError(f"the codebook cannot be read: {error}", file=path) from error
    told = _TITLE.match(text)
    if told is None:
        raise SettingsError(
            "the codebook's first line does not tell its version",
            file=path,
            place="line 1",
            remedy="Begin it with `# Review codebook <version>: <what for>`.",
        )
    return Codebook(told.group(1), text)
