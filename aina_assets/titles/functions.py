"""Which business function work belongs to: `data/policies/business_functions.toml`, typed.

Belongs here: the closed list of functions, by SOC code and by words. Does not: whether work is in scope at
all; titles out of scope have no function, and words may still resemble one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from aina_assets.titles.scope import (
    PolicyFile,
    Sentence,
    SocPrefix,
    SocPrefixes,
    WordRule,
    WordRules,
    unique_prefixes,
)

FILE_NAME = "business_functions.toml"

Name = Literal[
    "general_business",
    "administration",
    "customer_success",
    "marketing",
    "finance",
    "sales",
    "engineering",
    "software",
    "data",
    "product",
    "design",
    "it",
    "hr",
    "legal",
    "operations",
    "education",
    "research",
    "healthcare_admin",
    "media",
]
NAMES: tuple[str, ...] = get_args(Name)


class BusinessFunction(BaseModel):
    """A function: what belongs in it, and the SOC prefixes of its occupations."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: Sentence
    soc: tuple[SocPrefix, ...]


class FunctionWords(WordRule):
    """A word rule that gives a function; `overrides_soc` where it decides against a SOC code too."""

    function: Name
    overrides_soc: bool


class FunctionPolicy(PolicyFile):
    """The business functions, and how a title's code and words give one."""

    policy: Literal["business_functions"]
    functions: dict[Name, BusinessFunction] = Field(min_length=len(NAMES))
    words: tuple[FunctionWords, ...]
    _prefixes: SocPrefixes[str] = PrivateAttr()
    _rules: WordRules = PrivateAttr()

    @model_validator(mode="after")
    def _is_complete(self) -> FunctionPolicy:
        by_prefix = unique_prefixes(
            (prefix, name) for name, function in self.functions.items() for prefix in function.soc
        )
        reached = set(by_prefix.values()) | {rule.function for rule in self.words}
        if unused := [name for name in self.functions if name not in reached]:
            raise ValueError(f"no prefix and no rule gives the functions {unused}")
        self._prefixes = SocPrefixes(by_prefix)
        self._rules = WordRules(self.words)
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The closed list of functions, in the order of the policy."""
        return tuple(self.functions)

    def of_code(self, soc_code: str) -> str | None:
        """The function of a SOC 2018 or O*NET-SOC code; None where the code has none.

        That is so for work out of scope, and for a group whose occupations have several functions.

        Raises:
            ValueError: it is no such code.
        """
        found = self._prefixes.of(soc_code)
        return found.pop() if len(found) == 1 else None

    def of_words(self, normalized: str) -> str | None:
        """The function that a title's words name; None where they name none.

        Args:
            normalized: the title in lower case, its words separated by single blanks.
        """
        rule = self._rule(normalized)
        return None if rule is None else rule.function

    def overriding(self, normalized: str) -> str | None:
        """The function that a title's words name whatever its code says; None where no such rule fits.

        Args:
            normalized: the title, as for `of_words`.
        """
        rule = self._rule(normalized)
        return rule.function if rule is not None and rule.overrides_soc else None

    def of(self, normalized: str, soc_code: str | None) -> str | None:
        """The function of a title that is in scope.

        A word rule that overrides SOC comes first, then the code, then the other word rules.

        Args:
            normalized: the title, as for `of_words`.
            soc_code: the title's code, as for `of_code`; None where it has none.

        Raises:
            ValueError: `soc_code` is no such code.
        """
        rule = self._rule(normalized)
        if rule is not None and rule.overrides_soc:
            return rule.function
        by_code = None if soc_code is None else self.of_code(soc_code)
        return by_code or (None if rule is None else rule.function)

    def _rule(self, normalized: str) -> FunctionWords | None:
        number = self._rules.first(normalized)
        return None if number is None else self.words[number]


def read_function_policy(policies_root: Path) -> FunctionPolicy:
    """Read the function policy from the folder of policies.

    Raises:
        SettingsError: the file is absent, malformed or contradicts itself; names the place.
    """
    return FunctionPolicy.from_file(policies_root / FILE_NAME)
