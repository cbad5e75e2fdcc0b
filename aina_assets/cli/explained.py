"""How an explanation looks at a terminal.

Belongs here: its tables and words. Does not: any figure; those are `titles.explaining`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from aina_assets.titles.explaining.views import (
    CertificateView,
    ClaimView,
    Evidence,
    Explanation,
    RouteView,
    SourceRow,
)
from aina_assets.titles.normalizing.normalize import NormalizedTitle

NOTHING = "-"
EXCLUDE = "exclude"


def shown(explanation: Explanation) -> RenderableType:
    """The explanation: the route first, then all that it rests on."""
    return Group(*_parts(explanation), Text())


def _parts(explanation: Explanation) -> Iterator[RenderableType]:
    evidence, form = explanation.evidence, explanation.normalized
    if evidence is None or form is None or explanation.text is None:
        yield _text(f"{explanation.number}. no usable title: {explanation.defect}", "bold")
        yield _text(f"{explanation.defect_meaning}. Its text goes no further than this.")
        return
    yield _text(f"{explanation.number}. {explanation.text}", "bold")
    yield _facts(_route(evidence))
    yield _facts(_identity(explanation, form, evidence))
    yield _exact(evidence)
    yield _retrieved(evidence)
    yield _facts(_scope(evidence))
    yield _claims(evidence)
    yield _text(
        "decided by "
        + ", ".join(
            f"{policy.name} {policy.version} ({policy.sha256[:12]})" for policy in explanation.policies
        ),
        "dim",
    )


def _route(evidence: Evidence) -> Mapping[str, str]:
    route = evidence.route
    facts = {
        "route": f"{route.route}: {route.reason}",
        "why": route.meaning,
        "served": _served(route),
        "occupation": route.onet_soc_code or "",
        "function": route.function or "",
        "out of scope": route.scope_reason or "",
        "probability": "" if route.probability is None else f"{route.probability:.4f}, calibrated",
        "certificate": NOTHING if evidence.certificate is None else _certificate(evidence.certificate),
    }
    finer = evidence.next_finer
    if finer is not None and finer.obstacle is not None:
        facts["more"] = f"{finer.claim} is not served: {finer.obstacle}"
    if not route.is_of_these_policies:
        facts["policies"] = "it was decided under other policies than those that stand: run `aina build`"
    return facts


def _served(route: RouteView) -> str:
    if route.served_level is None or route.served_code is None:
        return ""
    return f"{route.served_level}: {_named(route.served_code, route.served_name)}"


def _identity(explanation: Explanation, form: NormalizedTitle, evidence: Evidence) -> Mapping[str, str]:
    where = "in the inventory" if evidence.is_in_inventory else "not in the inventory"
    facts = {
        "normalized": form.normalized,
        "core": form.core,
        "seniority": form.seniority or "",
        "level code": form.level_code or "",
        "employment": " ".join(form.employment_form),
        "location": form.location or "",
        "employer": form.employer or "",
        "codes": " ".join(form.codes),
        "noise": " | ".join(form.noise),
        "title": f"{explanation.title_id}, batch {explanation.title_batch}, {where}",
    }
    if evidence.deciding_form != explanation.text:
        facts["assessed as"] = f"{evidence.deciding_form} (the inventory's commonest form)"
    if evidence.forms:
        more = evidence.form_count - len(evidence.forms)
        lines = [f"line {form.line}: {form.text}" for form in evidence.forms]
        facts["forms"] = "\n".join([*lines, *([f"and {more} more"] if more else [])])
    return facts


def _exact(evidence: Evidence) -> RenderableType:
    if not evidence.exact:
        return _text("No listed title equals it.")
    table = _table("listed titles that equal it", ("lane", "occupation", "listed as", "source"))
    for found in evidence.exact:
        listed = f"{found.source.title} ({found.form})"
        code = _named(found.code, found.occupation) + _out(found.is_in_scope)
        table.add_row(*map(_text, (found.lane, code, listed, _place(found.source))))
    return table


def _retrieved(evidence: Evidence) -> RenderableType:
    table = _table(
        "plausible occupations, by the model", ("score", "occupation", "nearest listed title", "source")
    )
    for found in evidence.retrieved:
        nearest, place = NOTHING, NOTHING
        if found.nearest is not None:
            nearest, place = f"{found.nearest.title} ({found.similarity:.2f})", _place(found.nearest)
        code = _named(found.code, found.occupation) + _out(found.is_in_scope)
        table.add_row(*map(_text, (f"{found.score:.4f}", code, nearest, place)))
    return table


def _scope(evidence: Evidence) -> Mapping[str, str]:
    in_scope = f"probability {evidence.in_scope_probability:.4f}"
    if evidence.scope_reason and evidence.in_scope_probability < 1:
        in_scope += f"; if out, most likely {evidence.scope_reason}"
    if evidence.word_reason:
        in_scope += f"; its words say {evidence.word_reason}"
    return {
        "evidence": f"lane {evidence.lane}, basis {evidence.basis}",
        "in scope": in_scope,
        "caps": "\n".join(evidence.caps),
        "finest level": evidence.finest_level or "none: no level may be served",
    }


def _claims(evidence: Evidence) -> RenderableType:
    table = _table(
        "what could be claimed, in the order in which it is tried",
        ("claim", "group", "raw", "calibrated", "needs", "what becomes of it"),
    )
    names = {level.level: level.name for level in evidence.levels}
    occupation = evidence.levels[0]
    for claim in evidence.claims:
        name = None if claim.claim == EXCLUDE else names[claim.claim]
        row = (
            claim.claim,
            _named(claim.group, name),
            f"{claim.raw:.4f}",
            _probability(claim.calibrated),
            _probability(claim.needs),
            _verdict(claim),
        )
        table.add_row(*map(_text, row), style="bold" if claim.is_standing else None)
    # Gold rows have SOC codes: nothing measures what is told of an O*NET occupation.
    last = (occupation.level, _named(occupation.code, occupation.name), f"{occupation.probability:.4f}")
    table.add_row(*map(_text, (*last, NOTHING, NOTHING, "never certified")), style="dim")
    return table


def _verdict(claim: ClaimView) -> str:
    if claim.is_standing:
        return "stands"
    if claim.needs is not None and claim.calibrated is not None and not claim.is_made and claim.is_allowed:
        return "too unsure"
    return claim.obstacle or "a finer claim stands"


def _certificate(held: CertificateView) -> str:
    own = f"{held.errors:,} of {held.rows:,} gold test rows wrong"
    if held.is_pooled:
        own += f", with its pool {held.bound_errors:,} of {held.bound_rows:,}"
    state = "certified" if held.state == "certified" else "demoted"
    return f"{held.stratum} {state}: {own}; error at most {held.error_bound:.2%}"


def _out(is_in_scope: bool) -> str:
    return "" if is_in_scope else " (out of scope)"


def _place(source: SourceRow) -> str:
    return f"{source.file} row {source.row:,}, {source.vintage}"


def _named(code: str, name: str | None) -> str:
    return code if name is None or name == code else f"{code} {name}"


def _probability(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.4f}"


def _facts(facts: Mapping[str, str]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(min_width=12)
    grid.add_column(overflow="fold")
    for name, value in facts.items():
        if value:
            grid.add_row(_text(name, "dim"), _text(value))
    return grid


def _table(title: str, names: Iterable[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in names:
        table.add_column(name, overflow="fold")
    return table


def _text(value: str, style: str = "") -> Text:
    """A text that is neither markup nor an order to the terminal: a title may hold both."""
    safe = (sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in value)
    return Text("".join(safe), style)
