"""The words by which titles are normalized: `data/policies/title_lexicon.toml`, typed.

Belongs here: reading the file, and refusing one that contradicts itself. Does not: the rules that use it;
`normalize` and the modules beside it have them.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from aina_assets.core.errors import SettingsError

FILE_NAME = "title_lexicon.toml"

Word = Annotated[str, Field(pattern=r"^[a-z0-9]+$")]
Phrase = Annotated[str, Field(pattern=r"^[a-z0-9]+( [a-z0-9]+)*$")]
# A number stands for #.
Pattern = Annotated[str, Field(pattern=r"^(#|[a-z0-9]+)( (#|[a-z0-9]+))*$")]
Rule = Literal["any", "head", "next", "never"]


class Section(BaseModel):
    """A part of the file: nothing unknown in it, and nothing changes it later."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(Section):
    """What is too much of a title."""

    longest_title_chars: int = Field(gt=0)


class Words(Section):
    """Which signs are parts of words."""

    signed: tuple[Annotated[str, Field(pattern=r"^[a-z0-9+#.]+$")], ...]
    slashed: tuple[Annotated[str, Field(pattern=r"^[a-z]/[a-z]$")], ...]
    gender_endings: tuple[Word, ...]
    gender_markers: tuple[Annotated[str, Field(pattern=r"^[a-z](/[a-z])+$")], ...]


class Contextual(Section):
    """A word whose reading depends on its place in the core; None leaves it as it is."""

    word: Word
    alone: Phrase | None = None
    first: Phrase | None = None
    last: Phrase | None = None
    other: Phrase | None = None
    before: Mapping[Word, Phrase] = {}
    after: Mapping[Word, Phrase] = {}


class Modifier(Section):
    """A word of seniority that is split off, and the places where it is."""

    word: Phrase
    rank: Word
    writes: Phrase | None = None
    side: Literal["before", "after"] = "before"
    first: Rule = "never"
    inner: Rule = "never"
    last: Rule = "never"
    group: Word = "heads"
    inner_group: Word | None = None
    not_after: tuple[Word, ...] = ()

    @property
    def canonical(self) -> str:
        """The words that the normalized title has for it."""
        return self.writes or self.word


class SeniorityWords(Section):
    """Ranks, ascending, and the words that tell them."""

    ranks: tuple[Annotated[str, Field(pattern=r"^[a-z_]+$")], ...] = Field(min_length=2)
    overriding: tuple[str, ...]
    prepositions: tuple[Word, ...]
    connectors: tuple[Word, ...]
    no_chief_officers: tuple[Word, ...]
    leading_heads: tuple[Word, ...]
    kept: tuple[Phrase, ...]
    modifiers: tuple[Modifier, ...]
    groups: Mapping[Word, tuple[Word, ...]]
    heads: Mapping[Phrase, str]
    anywhere: Mapping[Phrase, str]

    @model_validator(mode="after")
    def _closed(self) -> SeniorityWords:
        told = [
            *self.overriding,
            *(modifier.rank for modifier in self.modifiers),
            *(rank for rank in self.heads.values() if rank),
            *self.anywhere.values(),
        ]
        _refuse(sorted(set(told) - set(self.ranks)), "not in seniority.ranks")
        groups = {"heads", *(modifier.group for modifier in self.modifiers)}
        groups |= {modifier.inner_group for modifier in self.modifiers if modifier.inner_group}
        _refuse(sorted(groups - set(self.groups)), "no such group in seniority.groups")
        return self


class Inversion(Section):
    """Which heads are turned behind the part that follows them."""

    also: tuple[Word, ...]
    never: tuple[Word, ...]


class VicePresident(Section):
    """What may stand before "vice president"."""

    ranks: tuple[Word, ...]


class Levels(Section):
    """Numbers and numerals that tell a level, and where they do not."""

    words: tuple[Word, ...]
    leading: tuple[Word, ...]
    numerals: tuple[Word, ...]
    letters: tuple[Word, ...]
    not_after: tuple[Word, ...]
    not_before: tuple[Word, ...]
    not_with: tuple[Word, ...]


class Employment(Section):
    """Phrases that tell a form of employment, by where they do."""

    forms: tuple[Annotated[str, Field(pattern=r"^[a-z_]+$")], ...]
    kept: tuple[Phrase, ...]
    nouns: tuple[Phrase, ...]
    anywhere: Mapping[Pattern, str]
    first: Mapping[Pattern, str]
    first_before_head: Mapping[Pattern, str]
    last_after_head: Mapping[Pattern, str]
    separated: Mapping[Pattern, str]

    @model_validator(mode="after")
    def _closed(self) -> Employment:
        tables = (
            self.anywhere,
            self.first,
            self.first_before_head,
            self.last_after_head,
            self.separated,
        )
        told = {form for table in tables for form in table.values()}
        _refuse(sorted(told - set(self.forms)), "not in employment.forms")
        return self


class Noise(Section):
    """Remarks that are no part of a title."""

    separated: tuple[Pattern, ...]
    first: tuple[Phrase, ...]
    credentials: tuple[Phrase, ...]


class Codes(Section):
    """How requisition numbers are written."""

    words: tuple[Word, ...]
    fillers: tuple[Word, ...]
    fewest_digits: int = Field(gt=0)


class Locations(Section):
    """Places, understood in separated parts only."""

    regions: tuple[Phrase, ...]
    countries: tuple[Phrase, ...]
    cities: tuple[Phrase, ...]
    states: tuple[Phrase, ...]
    codes: tuple[Word, ...]
    lonely_codes: tuple[Word, ...]
    endings: tuple[Word, ...]


class Glue(Section):
    """Words without a meaning of their own between those of a separated part."""

    words: tuple[Word, ...]


class Employers(Section):
    """How an employer's name ends."""

    legal_forms: tuple[Phrase, ...]
    at_forms: tuple[Word, ...]


class Defects(Section):
    """Words of texts that are no titles."""

    orders: tuple[Word, ...]
    ordered: tuple[Word, ...]


class Lexicon(Section):
    """The whole file, with the digest of its bytes."""

    policy: Literal["title_lexicon"]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    limits: Limits
    words: Words
    spellings: Mapping[Phrase, Phrase]
    abbreviations: Mapping[Phrase, Phrase]
    contextual: tuple[Contextual, ...]
    seniority: SeniorityWords
    inversion: Inversion
    vice_president: VicePresident
    levels: Levels
    employment: Employment
    noise: Noise
    codes: Codes
    locations: Locations
    glue: Glue
    employers: Employers
    defects: Defects
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    @cached_property
    def replacements(self) -> Mapping[str, str]:
        """Spellings and abbreviations: what is replaced wherever it stands."""
        return {**self.spellings, **self.abbreviations}

    @model_validator(mode="after")
    def _settled(self) -> Lexicon:
        twice = sorted(set(self.spellings) & set(self.abbreviations))
        _refuse(twice, "both a spelling and an abbreviation")
        # A replacement that can be replaced again would make the normalized form depend on the passes.
        keys = {*self.spellings, *self.abbreviations}
        unsettled = (
            f"{key} -> {value}"
            for table in (self.spellings, self.abbreviations)
            for key, value in table.items()
            # What is written as itself is thereby kept from a shorter key within it.
            if key != value and keys & _phrases_in(value)
        )
        _refuse(sorted(unsettled), "what replaces is itself replaced")
        return self


def _phrases_in(text: str) -> set[str]:
    words = text.split()
    return {" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}


def _refuse(entries: Iterable[str], fault: str) -> None:
    named = list(entries)
    if named:
        raise ValueError(f"{fault}: {', '.join(named[:5])}")


def read_lexicon(policies_root: Path) -> Lexicon:
    """Read the lexicon.

    Raises:
        SettingsError: it is absent, malformed or contradicts itself; names the place.
    """
    path = policies_root / FILE_NAME
    remedy = "Restore it from git."
    try:
        content = path.read_bytes()
        table = tomllib.loads(content.decode("utf-8"))
        return Lexicon.model_validate({**table, "sha256": hashlib.sha256(content).hexdigest()})
    except FileNotFoundError as error:
        raise SettingsError("the title lexicon is absent", file=path, remedy=remedy) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"not TOML: {error}", file=path, remedy=remedy) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(
            f"malformed lexicon: {first['msg']}",
            file=path,
            place=".".join(map(str, first["loc"])),
            remedy=remedy,
        ) from error
