"""Whether a line is a person's name: `data/policies/person_names.toml`, typed, and the grammar over it.

Belongs here: reading the names, and how the words of a name follow each other. Does not: which names there
are (tools/make_person_names.py gathers them), and what becomes of a line that is a name.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from aina_assets.core.errors import SettingsError
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.core.storage import sha256_file

FILE_NAME = "person_names.toml"
POLICIES = PROJECT_ROOT / "data" / "policies"
HONORIFICS = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof"})
# Words inside a family name that are no name by themselves.
_PARTICLES = """
abu al ap bin bint da dal das de del della den der des di dos du
el ibn la las los mac mc st ten ter van von
"""
PARTICLES = frozenset(_PARTICLES.split())
# What may follow a name and tells of the same person.
SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "esq", "md", "ph", "phd", "rn", "lpn", "cpa", "mba"})
# Names in a person's name, the family's among them.
FEWEST_NAMES, MOST_NAMES = 2, 4
# A segment of more words is no name alone, and would only cost time.
MOST_WORDS = 10

_REMEDY = "Make it anew with tools/make_person_names.py, or restore it from git."
_LETTERS = re.compile(r"[a-z]+")
_SEPARATOR = re.compile(r"\s*([-,–—|/();:&•·\[\]\t\n])\s*")
_WORD = re.compile(r"[^\s.\"“”_]+")
# Letters that Unicode does not decompose, and signs inside a name that are written or left out at will.
_UNDECOMPOSED = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ə": "e"}
    | dict.fromkeys("'’ʼ`´", "")
)
# A letter for each word: given name, family name, both, honorific, initial, particle, suffix, other. Where
# the family comes first and no comma says so, names that are both would turn places ("San Jose") into people.
_WHOLE = re.compile(r"H*I*[GB][GBI]*[PI]*[FB](P*[FB])?[SI]*|H*P*F(P*F)?G[GI]*S*")
_FAMILY = re.compile(r"H*P*[FB](P*[FB])?S*")
_GIVEN = re.compile(r"H*I*[GB][GBI]*P*S*")


def folded(text: str) -> str:
    """The text in lower case, without diacritics and apostrophes: the form that names are compared in."""
    if text.isascii():
        return text.lower().replace("'", "").replace("`", "")
    # Marks go last: casefold turns some of them into letters.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).translate(_UNDECOMPOSED)


@dataclass(frozen=True)
class PersonNames:
    """The names of a policy file.

    Attributes:
        version: the policy's version.
        sha256: its file's digest.
        given_names: given names, folded.
        family_names: family names, folded; some names are in both.
        exceptions: employers and places called as a person, folded: "edward jones" is no person's name.
    """

    version: str
    sha256: str
    given_names: frozenset[str]
    family_names: frozenset[str]
    exceptions: frozenset[str]

    def is_person_name(self, text: str) -> bool:
        """Whether a segment of the text is a person's full name, whatever its letter case.

        A segment ends at a comma, hyphen, dash, bar, slash, bracket, colon, semicolon, ampersand or middle
        dot. A name has two to four given and family names, at least one of each, and nothing else but
        honorifics, initials, particles ("van") and what may follow a name ("RN"). "Family, Given" is one
        too; a given name alone is not.
        """
        plain = folded(text)
        if self.given_names.isdisjoint(_LETTERS.findall(plain)):
            return False
        before: str | None = None
        # Segments and separators in turn: a comma is the one separator that a name may go across.
        parts = _SEPARATOR.split(plain)
        for place in range(0, len(parts), 2):
            words = _WORD.findall(parts[place])
            kinds = "".join(map(self._kind, words)) if len(words) <= MOST_WORDS else "X"
            is_named = _has_names(kinds) and " ".join(words) not in self.exceptions
            if is_named and _WHOLE.fullmatch(kinds):
                return True
            is_turned = before is not None and parts[place - 1] == ","
            if is_turned and _has_names(f"{before}{kinds}") and _GIVEN.fullmatch(kinds):
                return True
            before = kinds if _FAMILY.fullmatch(kinds) else None
        return False

    def _kind(self, word: str) -> str:
        if len(word) == 1:
            return "I" if "a" <= word <= "z" else "X"
        for kind, closed in (("H", HONORIFICS), ("P", PARTICLES), ("S", SUFFIXES)):
            if word in closed:
                return kind
        if word in self.given_names:
            return "B" if word in self.family_names else "G"
        return "F" if word in self.family_names else "X"


def _has_names(kinds: str) -> bool:
    return FEWEST_NAMES <= sum(map(kinds.count, "GFB")) <= MOST_NAMES


def _listed(text: object) -> object:
    """The names of a block of text; a list would take ten times as long to read."""
    if not isinstance(text, str):
        raise ValueError("not a text of names, separated by blanks")
    names = text.split()
    if names != sorted(set(names)):
        wrong = next(later for name, later in pairwise(names) if later <= name)
        raise ValueError(f"{wrong!r} is listed twice or out of order")
    if reserved := sorted((HONORIFICS | PARTICLES | SUFFIXES).intersection(names)):
        raise ValueError(f"{reserved[0]!r} is an honorific, a particle or a suffix")
    if odd := next(
        (name for name in names if not (name.isascii() and name.isalpha() and name.islower())), None
    ):
        raise ValueError(f"{odd!r} is not folded: lower case letters a to z alone")
    return frozenset(names)


_Names = Annotated[frozenset[str], BeforeValidator(_listed), Field(min_length=1)]
_Exception = Annotated[str, Field(pattern=r"^[a-z]+( [a-z]+)+$")]


class _PolicyFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    policy: Literal["person_names"]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    given_names: _Names
    family_names: _Names
    exceptions: frozenset[_Exception]


def read_person_names(policies_root: Path = POLICIES) -> PersonNames:
    """Read the policy file.

    Raises:
        SettingsError: it is absent or malformed; names the place.
    """
    path = policies_root / FILE_NAME
    try:
        return _parsed(path.read_bytes())
    except FileNotFoundError as error:
        raise SettingsError("the policy file is absent", file=path, remedy=_REMEDY) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"not TOML: {error}", file=path, remedy=_REMEDY) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(
            f"malformed policy: {first['msg']}",
            file=path,
            place=".".join(map(str, first["loc"])),
            remedy=_REMEDY,
        ) from error


# Remembered by content: reading 40,000 names takes 50 ms, and a changed file is another content.
@lru_cache(maxsize=1)
def _parsed(content: bytes) -> PersonNames:
    policy = _PolicyFile.model_validate(tomllib.loads(content.decode("utf-8")))
    return PersonNames(
        policy.version,
        hashlib.sha256(content).hexdigest(),
        policy.given_names,
        policy.family_names,
        policy.exceptions,
    )


def person_names_digest(policies_root: Path = POLICIES) -> str:
    """The sha256 of the policy file, for what is made under it; names are not read.

    Raises:
        SettingsError: the file is absent.
    """
    path = policies_root / FILE_NAME
    try:
        return sha256_file(path)
    except FileNotFoundError as error:
        raise SettingsError("the policy file is absent", file=path, remedy=_REMEDY) from error
