"""Deterministic rules on titles in `adjudicate`: `data/policies/adjudication_rules.toml`, typed and applied.

Belongs here: what a rule may ask, and which rule a title falls under. Does not: evidence (`titles`), and
whether the rules are right (`rules`, on gold).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from aina_assets.titles.functions import FunctionPolicy
from aina_assets.titles.scope import PolicyFile, ScopePolicy, Sentence

FILE_NAME = "adjudication_rules.toml"

Share = Annotated[float, Field(ge=0, le=1)]
RuleDecision = Literal["promote_fallback", "exclude"]
EVEN = 0.5


class HeadWordBound(BaseModel):
    """What a title's head word must be: its last word without words of seniority.

    Attributes:
        least_titles: titles that authorities list with this head word, at least.
        least_out_of_scope: share of them that is out of scope, at least.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    least_titles: int = Field(ge=1)
    least_out_of_scope: Share


@dataclass(frozen=True)
class HeadWord:
    """A word that listed titles end in.

    Attributes:
        titles: how many, each with each of its codes.
        out_of_scope: the share of them whose code is out of scope.
        reason: the reason that most of these have; None where there are none.
    """

    titles: int
    out_of_scope: float
    reason: str | None


def head_words(authority: Iterable[Mapping[str, Any]], scope: ScopePolicy) -> dict[str, HeadWord]:
    """The head words of the listed titles.

    Args:
        authority: rows of `authority_title`.
        scope: which codes are in scope.
    """
    listed = {(row["core_title"], row["soc_code"]) for row in authority if row["core_title"]}
    counts: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for core, code in listed:
        word = head_word(core)
        counts[word] += 1
        reason = scope.of_code(code).reason
        if reason is not None:
            reasons[word][reason] += 1
    return {
        word: HeadWord(
            count,
            reasons[word].total() / count,
            # Of equally common reasons the first by name: a set has no order.
            min(reasons[word], key=lambda name: (-reasons[word][name], name)) if reasons[word] else None,
        )
        for word, count in counts.items()
    }


def head_word(core: str) -> str:
    """The head word of a core title; empty where it has none."""
    words = core.split()
    return words[-1] if words else ""


class FilterRule(BaseModel):
    """A rule: a title falls under it where all that it asks holds.

    Attributes:
        id: never given to another rule.
        decision: what becomes of the title; a promotion is to its business function.
        why: the reason, in a sentence.
        bases: bases of evidence that it is for; all where empty.
        words: what the words must say: name_the_function (and the evidence names the same), out_of_scope.
        head_word: what the head word must be.
        least_in_scope_probability, most_in_scope_probability, least_function_probability: bounds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    decision: RuleDecision
    why: Sentence
    bases: tuple[Literal["authority", "ambiguous", "retrieval"], ...] = ()
    words: Literal["name_the_function", "out_of_scope"] | None = None
    head_word: HeadWordBound | None = None
    least_in_scope_probability: Share = 0.0
    most_in_scope_probability: Share = 1.0
    least_function_probability: Share = 0.0

    @model_validator(mode="after")
    def _decides_what_it_has_evidence_for(self) -> FilterRule:
        if self.decision == "promote_fallback" and (
            self.words == "out_of_scope" or self.least_in_scope_probability <= EVEN
        ):
            raise ValueError(f"rule {self.id!r} promotes what is as likely out of scope")
        if self.decision == "exclude" and self.most_in_scope_probability >= EVEN:
            raise ValueError(f"rule {self.id!r} excludes what is as likely in scope")
        return self


class GoldBound(BaseModel):
    """The error on gold that a rule may have."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    most_error: Share
    least_rows: int = Field(ge=1)


class FilterPolicy(PolicyFile):
    """The deterministic rules, in the order in which they are asked."""

    policy: Literal["adjudication_rules"]
    gold: GoldBound
    rules: tuple[FilterRule, ...]
    _by_id: dict[str, FilterRule] = PrivateAttr()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> FilterPolicy:
        if twice := [name for name, count in Counter(rule.id for rule in self.rules).items() if count > 1]:
            raise ValueError(f"rule id {twice[0]!r} is given twice")
        self._by_id = {rule.id: rule for rule in self.rules}
        return self

    def rule(self, rule_id: str) -> FilterRule | None:
        """The rule with this id; None where there is none."""
        return self._by_id.get(rule_id)


def read_filter_policy(policies_root: Path) -> FilterPolicy:
    """Read the rules from the folder of policies.

    Raises:
        SettingsError: the file is absent, malformed or contradicts itself; names the place.
    """
    return FilterPolicy.from_file(policies_root / FILE_NAME)


@dataclass(frozen=True)
class Filter:
    """Applies the rules.

    Args:
        policy: the rules.
        functions, scope: the word rules that they refer to.
        heads: the head words of listed titles.
    """

    policy: FilterPolicy
    functions: FunctionPolicy
    scope: ScopePolicy
    heads: Mapping[str, HeadWord]

    def decide(self, normalized: str, core: str, level: Mapping[str, Any]) -> dict[str, Any] | None:
        """What the first rule that a title falls under makes of it; None where there is none.

        Args:
            normalized: the title.
            core: the same without words of seniority.
            level: its row of `title_level`.

        Returns:
            `rule_id`, `decision`, `level` and `code`: a promotion's function, an exclusion's reason.
        """
        reason = self.scope.of_words(normalized)
        named = self.functions.of_words(normalized)
        head = self.heads.get(head_word(core))
        for rule in self.policy.rules:
            if not (self._fits(rule, level, reason, named) and _has_head(rule, head)):
                continue
            if rule.decision == "exclude":
                by_head = None if head is None else head.reason
                code = reason if rule.words == "out_of_scope" else by_head or level["scope_reason"]
                return {"rule_id": rule.id, "decision": rule.decision, "level": None, "code": code}
            return {
                "rule_id": rule.id,
                "decision": rule.decision,
                "level": "function",
                "code": level["function"],
            }
        return None

    @staticmethod
    def _fits(rule: FilterRule, level: Mapping[str, Any], reason: str | None, named: str | None) -> bool:
        probability = level["in_scope_probability"]
        if rule.bases and level["basis"] not in rule.bases:
            return False
        if not rule.least_in_scope_probability <= probability <= rule.most_in_scope_probability:
            return False
        if rule.decision == "exclude":
            # What an authority lists under work in scope is never excluded without a reviewer.
            return not level["has_in_scope_match"] and (rule.words is None or reason is not None)
        return (
            # A generic title is served at no level, whatever its words resemble.
            level["finest_level"] is not None
            and reason is None
            and level["function_probability"] >= rule.least_function_probability
            and (rule.words is None or named == level["function"])
        )


def _has_head(rule: FilterRule, head: HeadWord | None) -> bool:
    if rule.head_word is None:
        return True
    return (
        head is not None
        and head.titles >= rule.head_word.least_titles
        and head.out_of_scope >= rule.head_word.least_out_of_scope
    )
