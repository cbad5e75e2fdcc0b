"""One state a title, and the account that must close over them.

Belongs here: from route, rule and accepted decision to a title's state; the three equations. Does not:
reading tables (`make_state`), or how decisions come about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from aina_assets.adjudication.fold import Folded
from aina_assets.core.errors import AinaError

ADJUDICATE = "adjudicate"
SERVED = ("serve_now", "serve_with_fallback")
RESIDUAL, CANDIDATE = "residual", "prompt_candidate"
STATE_OF = {"promote_fallback": "serve_with_fallback", "exclude": "exclude", "keep": RESIDUAL}
NO_FUNCTION = "(none)"


class AccountError(AinaError):
    """The account of adjudication does not close: a title is lost, or counted twice."""

    default_remedy: ClassVar[str] = (
        "Nothing downstream is made of it. Run `aina build` again; if it stays, `aina review status` names "
        "the merges and rules: report it."
    )


def state_rows(
    routes: Iterable[Mapping[str, Any]],
    rules: Mapping[str, Mapping[str, Any]],
    folded: Folded,
    reasons: frozenset[str],
) -> list[dict[str, Any]]:
    """The rows of `title_state`: one a route, in the routes' order.

    An accepted promotion or exclusion stands before a rule that came later, and a rule before a title
    that was kept: a rule is new deterministic evidence. What evidence routes needs neither.

    Args:
        routes: rows of `title_route`.
        rules: rows of `title_rule_decision` by title.
        folded: the accepted decisions.
        reasons: reasons for being out of scope.
    """
    return [_state(route, rules.get(route["title_id"]), folded, reasons) for route in routes]


def _state(
    route: Mapping[str, Any], rule: Mapping[str, Any] | None, folded: Folded, reasons: frozenset[str]
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "title_id": route["title_id"],
        "title_batch": route["title_batch"],
        "normalized_title": route["normalized_title"],
        "route": route["route"],
        "route_reason": route["reason"],
        "function": route["function"],
    }
    if route["route"] != ADJUDICATE:
        return row | {
            "state": route["route"],
            "settled_by": "evidence",
            "level": route["served_level"],
            "code": route["served_code"],
            "onet_soc_code": route["onet_soc_code"],
            "scope_reason": route["scope_reason"],
            "error_bound": route["error_bound"],
        }
    decision = folded.get(route["title_id"])
    if rule is not None and (decision is None or decision.decision == "keep"):
        return (
            row
            | _settled(rule["decision"], rule["level"], rule["code"], row["function"], reasons)
            | {
                "settled_by": "rule",
                "rule_id": rule["rule_id"],
            }
        )
    if decision is None:
        return row | {"state": CANDIDATE, "settled_by": None}
    merge = folded.merges[decision.merge]
    return (
        row
        | _settled(decision.decision, decision.level, decision.code, row["function"], reasons)
        | {
            "settled_by": merge.kind.value,
            "merge_sequence": merge.file.sequence,
            "merge_sha256": merge.sha256,
            "order_sha256": decision.order,
        }
    )


def _settled(
    decision: str, level: str | None, code: str | None, function: str | None, reasons: frozenset[str]
) -> dict[str, Any]:
    state = {"state": STATE_OF[decision]}
    if decision == "exclude":
        return state | {"function": None, "scope_reason": code if code in reasons else None}
    if decision == "promote_fallback":
        return state | {"level": level, "code": code, "function": code if level == "function" else function}
    return state


@dataclass(frozen=True)
class Tally:
    """Titles that one kind of reviewers settled."""

    promotions: int = 0
    exclusions: int = 0
    residual: int = 0

    @property
    def decisions(self) -> int:
        """All of them."""
        return self.promotions + self.exclusions + self.residual


@dataclass(frozen=True)
class Account:
    """What became of the titles that evidence could not route.

    The first two figures are counted in the routes, `review_decisions` in the merges, all others in the
    states: the equations hold three countings against each other.

    Attributes:
        ambiguous: routes to adjudicate.
        serviceable_before: routes that serve.
        serviceable_after: states that serve.
        rule_promotions, rule_exclusions: by deterministic rules.
        reviews: by kind of reviewers.
        candidates: titles that wait for a review.
        review_decisions: accepted decisions on titles that are ambiguous and that no rule took over.
        superseded: accepted decisions on titles that evidence or a rule settles now.
        gone: accepted decisions on titles that are not in the inventory any more.
        residual_by_function: residual titles by their most plausible function.
    """

    ambiguous: int
    serviceable_before: int
    serviceable_after: int
    rule_promotions: int
    rule_exclusions: int
    reviews: Mapping[str, Tally]
    candidates: int
    review_decisions: int
    superseded: int
    gone: int
    residual_by_function: Mapping[str, int] = field(default_factory=dict)

    @property
    def promotions(self) -> int:
        """Titles that reviewers promoted."""
        return sum(tally.promotions for tally in self.reviews.values())

    @property
    def exclusions(self) -> int:
        """Titles that reviewers excluded."""
        return sum(tally.exclusions for tally in self.reviews.values())

    @property
    def residual(self) -> int:
        """Titles that reviewers kept."""
        return sum(tally.residual for tally in self.reviews.values())

    def equations(self) -> dict[str, tuple[int, int]]:
        """The three equations: of each both sides, which must be equal."""
        settled = self.rule_promotions + self.rule_exclusions + self.promotions + self.exclusions
        return {
            "ambiguous = deterministic fallback + deterministic exclusion + review fallback "
            "+ review exclusion + residual + prompt candidates": (
                self.ambiguous,
                settled + self.residual + self.candidates,
            ),
            "serviceable after = serviceable before + deterministic fallback + review fallback": (
                self.serviceable_after,
                self.serviceable_before + self.rule_promotions + self.promotions,
            ),
            "review decisions = review fallback + review exclusion + residual reviewed": (
                self.review_decisions,
                self.promotions + self.exclusions + self.residual,
            ),
        }

    def faults(self) -> list[dict[str, Any]]:
        """The equations that do not hold, with both sides."""
        return [
            {"equation": name, "left": left, "right": right, "difference": left - right}
            for name, (left, right) in self.equations().items()
            if left != right
        ]


def account_of(
    routes: Iterable[Mapping[str, Any]], states: Iterable[Mapping[str, Any]], folded: Folded
) -> Account:
    """Count the account.

    Args:
        routes: `title_id` and `route` of every title.
        states: `title_id`, `route`, `state`, `settled_by`, `function` of every title.
        folded: the accepted decisions.
    """
    route_of = {row["title_id"]: row["route"] for row in routes}
    by_route = Counter(route_of.values())
    after: Counter[str] = Counter()
    settled: Counter[tuple[str, str | None]] = Counter()
    residual: Counter[str] = Counter()
    by_rule: set[str] = set()
    for row in states:
        after[row["state"]] += 1
        if row["route"] != ADJUDICATE:
            continue
        settled[row["state"], row["settled_by"]] += 1
        if row["state"] == RESIDUAL:
            residual[row["function"] or NO_FUNCTION] += 1
        if row["settled_by"] == "rule":
            by_rule.add(row["title_id"])
    decided = [title_id for title_id in folded.title_ids() if title_id in route_of]
    applied = sum(route_of[title_id] == ADJUDICATE and title_id not in by_rule for title_id in decided)
    kinds = sorted({kind for _, kind in settled if kind not in (None, "rule", "evidence")}, key=str)
    return Account(
        ambiguous=by_route[ADJUDICATE],
        serviceable_before=sum(by_route[route] for route in SERVED),
        serviceable_after=sum(after[state] for state in SERVED),
        rule_promotions=settled["serve_with_fallback", "rule"],
        rule_exclusions=settled["exclude", "rule"],
        reviews={
            str(kind): Tally(
                settled["serve_with_fallback", kind], settled["exclude", kind], settled[RESIDUAL, kind]
            )
            for kind in kinds
        },
        candidates=settled[CANDIDATE, None],
        review_decisions=applied,
        superseded=len(decided) - applied,
        gone=len(folded) - len(decided),
        residual_by_function=dict(sorted(residual.items())),
    )
