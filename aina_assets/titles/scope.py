"""Which work AINA serves: `data/policies/icp_scope.toml`, typed.

Belongs here: the scope policy, and what every policy over SOC codes and title words is made of (prefixes,
word rules, the reader of its file). Does not: which codes a title may mean, and when its words may decide.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Generic, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from aina_assets.core.errors import SettingsError

FILE_NAME = "icp_scope.toml"
SOC_MAJORS = frozenset(str(major) for major in range(11, 56, 2))

Reason = Literal[
    "frontline_service",
    "clinical_care",
    "care_and_community",
    "performing_and_sport",
    "physical_trade",
    "military",
    "student_or_none",
    "not_a_job",
]
REASONS: tuple[str, ...] = get_args(Reason)

# As the normalizer writes words: some keep their signs (c++, .net, n/a).
Phrase = Annotated[str, Field(pattern=r"^[a-z0-9+#./]+( [a-z0-9+#./]+)*$")]
Sentence = Annotated[str, Field(pattern=r"^[A-Z].*\.$")]
SocPrefix = Annotated[str, Field(pattern=r"^([1-4][13579]|5[135])(-\d{1,4}|-\d{4}\.\d\d)?$")]
Value = TypeVar("Value")
Policy = TypeVar("Policy", bound="PolicyFile")

_SOC_CODE = re.compile(r"([1-4][13579]|5[135])(?:-(\d{4})(\.\d\d)?)?")
_PREFIX_LENGTHS = (10, 7, 6, 5, 4, 2)
_DETAILED_LENGTH = 7


class SocPrefixes(Generic[Value]):
    """Values by prefix of SOC code; the longest prefix that fits a code decides."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = dict(values)

    def of(self, soc_code: str) -> set[Value]:
        """The values that hold for a code: at most one for an occupation, several for a mixed group.

        Args:
            soc_code: a SOC 2018 occupation or group ("43-5052", "43-5050", "43-0000", "43"), or an
                O*NET-SOC code ("29-2072.00").

        Raises:
            ValueError: it is none of these.
        """
        stem = _stem(soc_code)
        covering = next(
            (stem[:n] for n in _PREFIX_LENGTHS if n <= len(stem) and stem[:n] in self._values), None
        )
        found = set() if covering is None else {self._values[covering]}
        if len(stem) < _DETAILED_LENGTH:
            found |= {value for prefix, value in self._values.items() if prefix.startswith(stem)}
        return found


def _stem(soc_code: str) -> str:
    """The digits that a code's members share: "43-5" of "43-5000", all of them of an occupation."""
    match = _SOC_CODE.fullmatch(soc_code)
    if match is None:
        raise ValueError(f"not a SOC 2018 or O*NET-SOC code: {soc_code!r}")
    major, rest, onet = match.groups()
    digits = (rest or "").rstrip("0")
    return f"{major}-{digits}{onet or ''}" if digits else major


class WordRule(BaseModel):
    """A rule over the words of a normalized title.

    Attributes:
        name: what the rule is called.
        titles: whole titles, compared after the words of `qualifiers` are taken out.
        qualifiers: words that change nothing about a whole title.
        phrases: words in a row, anywhere in a title.
        beside: phrases of which one must be in the title too, where there are any; for `phrases` only.
        unless: phrases that must not be in the title; for `phrases` only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    titles: tuple[Phrase, ...] = ()
    qualifiers: frozenset[Phrase] = frozenset()
    phrases: tuple[Phrase, ...] = ()
    beside: tuple[Phrase, ...] = ()
    unless: tuple[Phrase, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> WordRule:
        if not self.titles and not self.phrases:
            raise ValueError(f"rule {self.name!r} has neither titles nor phrases")
        for field in (self.titles, self.phrases, self.beside, self.unless):
            if twice := [phrase for phrase, count in Counter(field).items() if count > 1]:
                raise ValueError(f"rule {self.name!r} lists {twice[0]!r} twice")
        return self

    def examples(self) -> Iterable[tuple[str, list[str]]]:
        """What each title or phrase looks like as a title; one of its examples must fall to the rule."""
        yield from ((title, [title]) for title in self.titles)
        for phrase in self.phrases:
            yield phrase, [f"{word} {phrase}" for word in self.beside] + [phrase]


class WordRules:
    """Word rules in order, looked up by word: a title costs a few dictionary lookups.

    One alternation of a few hundred phrases would try each of them at each letter.

    Raises:
        ValueError: a title or phrase can never reach its rule, because an earlier one takes it.
    """

    def __init__(self, rules: Sequence[WordRule]) -> None:
        self._rules = rules
        self._beside = [_AnyOf(rule.beside) for rule in rules]
        self._unless = [_AnyOf(rule.unless) for rule in rules]
        self._phrases: dict[str, list[tuple[int, list[str]]]] = {}
        for number, rule in enumerate(rules):
            for phrase in _with_plurals(rule.phrases):
                words = phrase.split()
                self._phrases.setdefault(words[0], []).append((number, words))
        self._first_words = frozenset(self._phrases)
        self._wholes = [
            (number, frozenset(_with_plurals(rule.titles)), rule.qualifiers)
            for number, rule in enumerate(rules)
            if rule.titles
        ]
        # Most titles hold a word that is in no whole title: one look tells that none can match.
        self._words_of_wholes: set[str] = set()
        for _, wholes, qualifiers in self._wholes:
            self._words_of_wholes |= qualifiers.union(*(whole.split() for whole in wholes))
        dead = [
            f"{phrase!r} of {rule.name!r}"
            for number, rule in enumerate(rules)
            for phrase, examples in rule.examples()
            if number not in {self.first(example) for example in examples}
        ]
        if dead:
            raise ValueError(f"an earlier rule or an exception takes {', '.join(dead)}")

    def first(self, normalized: str) -> int | None:
        """The number of the first rule that a normalized title falls under; None where there is none."""
        words = normalized.split()
        by_phrase, by_whole = self._by_phrase(words), self._by_whole(words)
        if by_phrase is None or by_whole is None:
            return by_whole if by_phrase is None else by_phrase
        return min(by_phrase, by_whole)

    def _by_phrase(self, words: list[str]) -> int | None:
        if self._first_words.isdisjoint(words):
            return None
        found: set[int] = set()
        for place, word in enumerate(words):
            for number, phrase in self._phrases.get(word, ()):
                if words[place : place + len(phrase)] == phrase:
                    found.add(number)
        return next((number for number in sorted(found) if self._allows(number, words)), None)

    def _by_whole(self, words: list[str]) -> int | None:
        if not self._words_of_wholes.issuperset(words):
            return None
        title = " ".join(words)
        for number, wholes, qualifiers in self._wholes:
            if title in wholes or " ".join([word for word in words if word not in qualifiers]) in wholes:
                return number
        return None

    def _allows(self, number: int, words: list[str]) -> bool:
        has_company = not self._rules[number].beside or self._beside[number].is_in(words)
        return has_company and not self._unless[number].is_in(words)


class _AnyOf:
    """Phrases of which one may stand in a title."""

    def __init__(self, phrases: Iterable[str]) -> None:
        both = _with_plurals(phrases)
        self._words = frozenset(phrase for phrase in both if " " not in phrase)
        self._phrases = [f" {phrase} " for phrase in both if " " in phrase]

    def is_in(self, words: list[str]) -> bool:
        if not self._words.isdisjoint(words):
            return True
        title = f" {' '.join(words)} "
        return any(phrase in title for phrase in self._phrases)


def _with_plurals(phrases: Iterable[str]) -> list[str]:
    """The phrases, and each with its last word in the plural."""
    both: dict[str, None] = {}
    for phrase in phrases:
        both[phrase] = None
        both[phrase[:-1] + "ies" if re.search("[^aeiou]y$", phrase) else phrase + "s"] = None
    return list(both)


class PolicyFile(BaseModel):
    """A versioned policy; `sha256` is its file's digest, for what is decided under it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    _sha256: str = PrivateAttr(default="")

    @property
    def sha256(self) -> str:
        """The digest of the file that the policy was read from."""
        return self._sha256

    @classmethod
    def from_file(cls: type[Policy], path: Path) -> Policy:
        """Read a policy.

        Raises:
            SettingsError: the file is absent, malformed or contradicts itself; names the place.
        """
        try:
            content = path.read_bytes()
            policy = cls.model_validate(tomllib.loads(content.decode("utf-8")))
        except FileNotFoundError as error:
            raise SettingsError("the policy file is absent", file=path, remedy=_REMEDY) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"not TOML: {error}", file=path, remedy=_REMEDY) from error
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or None
            raise SettingsError(
                f"malformed policy: {first['msg']}", file=path, place=place, remedy=_REMEDY
            ) from error
        policy._sha256 = hashlib.sha256(content).hexdigest()
        return policy


_REMEDY = "Correct the place named, or restore the file from git."


def unique_prefixes(values: Iterable[tuple[str, Value]]) -> dict[str, Value]:
    """The prefixes with their values.

    Raises:
        ValueError: a prefix is listed twice.
    """
    unique: dict[str, Value] = {}
    for prefix, value in values:
        if prefix in unique:
            raise ValueError(f"SOC prefix {prefix!r} is listed twice: {unique[prefix]} and {value}")
        unique[prefix] = value
    return unique


@dataclass(frozen=True)
class Scope:
    """Whether work is in scope; `reason` says why it is not."""

    is_in_scope: bool
    reason: str | None

    def __str__(self) -> str:
        return self.reason or "in scope"


class SocScope(BaseModel):
    """The SOC prefixes of the work in scope, and of the work out of scope by reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    in_scope: tuple[SocPrefix, ...]
    out_of_scope: dict[Reason, tuple[SocPrefix, ...]]

    def by_prefix(self) -> dict[str, Scope]:
        """The verdict of each prefix."""
        verdicts = [(prefix, Scope(True, None)) for prefix in self.in_scope]
        for reason, prefixes in self.out_of_scope.items():
            verdicts += [(prefix, Scope(False, reason)) for prefix in prefixes]
        return unique_prefixes(verdicts)


class ScopeWords(WordRule):
    """A word rule that gives the reason why a title is out of scope."""

    reason: Reason


class ScopePolicy(PolicyFile):
    """The scope of AINA: by SOC code, and by the words of titles that no code describes."""

    policy: Literal["icp_scope"]
    reasons: dict[Reason, Sentence] = Field(min_length=len(REASONS))
    soc: SocScope
    words: tuple[ScopeWords, ...]
    _prefixes: SocPrefixes[Scope] = PrivateAttr()
    _rules: WordRules = PrivateAttr()

    @model_validator(mode="after")
    def _is_complete(self) -> ScopePolicy:
        by_prefix = self.soc.by_prefix()
        if absent := sorted(SOC_MAJORS - by_prefix.keys()):
            raise ValueError(f"no verdict on SOC major groups {absent}")
        reached = {scope.reason for scope in by_prefix.values()} | {rule.reason for rule in self.words}
        if unused := [reason for reason in REASONS if reason not in reached]:
            raise ValueError(f"no rule gives the reasons {unused}")
        self._prefixes = SocPrefixes(by_prefix)
        self._rules = WordRules(self.words)
        return self

    def of_code(self, soc_code: str) -> Scope:
        """Whether an occupation is in scope.

        Args:
            soc_code: SOC 2018 ("43-5052") or O*NET-SOC ("29-2072.00"); a group ("55", "43-5050") too,
                where the policy says the same of all that is in it.

        Raises:
            ValueError: not such a code, or a group that is in scope in parts: `of_group` tells its share.
        """
        verdicts = self._prefixes.of(soc_code)
        if len(verdicts) > 1:
            raise ValueError(f"{soc_code} is in scope in parts: ask of its occupations, or of_group")
        return verdicts.pop()

    def of_group(self, group: str, detailed_codes: Iterable[str]) -> float:
        """The share of a SOC group's occupations that is in scope, from 0 to 1.

        Args:
            group: a SOC code of any level.
            detailed_codes: the occupations that there are; those of other groups are passed over.

        Raises:
            ValueError: the group is no SOC code, or none of the occupations is in it.
        """
        stem = _stem(group)
        inside = [self.of_code(code).is_in_scope for code in detailed_codes if code.startswith(stem)]
        if not inside:
            raise ValueError(f"no occupation of SOC group {group} was given")
        return sum(inside) / len(inside)

    def codes(self, soc_codes: Iterable[str]) -> dict[str, Scope]:
        """The verdict on each of many occupations."""
        return {code: self.of_code(code) for code in set(soc_codes)}

    def of_words(self, normalized: str) -> str | None:
        """Why a title's words alone put it out of scope; None where they do not.

        Words are weaker than codes: ask only where no in-scope occupation is a plausible reading.

        Args:
            normalized: the title in lower case, its words separated by single blanks.
        """
        number = self._rules.first(normalized)
        return None if number is None else self.words[number].reason


def read_scope_policy(policies_root: Path) -> ScopePolicy:
    """Read the scope policy from the folder of policies.

    Raises:
        SettingsError: the file is absent, malformed or contradicts itself; names the place.
    """
    return ScopePolicy.from_file(policies_root / FILE_NAME)
