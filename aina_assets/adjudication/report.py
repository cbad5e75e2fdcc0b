"""The page on adjudication for people: the account, the waves, what is left and why.

Belongs here: from figures to one HTML file without scripts or outside files. Does not: any figure of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from html import escape
from pathlib import Path
from typing import Any

from aina_assets.adjudication.account import CANDIDATE, NO_FUNCTION, RESIDUAL, Account
from aina_assets.adjudication.make_state import StateStage
from aina_assets.adjudication.tables import (
    REVIEW_BATCH,
    REVIEW_CONFUSION,
    REVIEW_WAVE,
    TITLE_RULE_DECISION,
    TITLE_STATE,
)
from aina_assets.core.storage import write_bytes

REPORT = "title_adjudication_report"
EXAMPLES = 5
BAR_WIDTH = 420
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color:
#222; } table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
td, th { border-bottom: 1px solid #ddd; padding: .25rem .75rem; text-align: left; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
svg text { font: 12px system-ui, sans-serif; fill: #222; }
.note { color: #666; }
"""


def write_report(stage: StateStage) -> tuple[Path, int]:
    """Write the page; gives its path and how many titles it is about."""
    store = stage.stage.engine.store
    states = store.read(TITLE_STATE.name).to_pylist()
    account = stage.account()
    rules = store.read_partitions(TITLE_RULE_DECISION.name, ["rule_id"])["rule_id"].to_pylist()
    waves = store.read(REVIEW_WAVE.name).to_pylist()
    batches = store.read(REVIEW_BATCH.name).to_pylist()
    confusion = store.read(REVIEW_CONFUSION.name).to_pylist()
    body = "\n".join(
        (
            "<h1>Adjudication of titles</h1>",
            _introduction(account),
            "<h2>The account</h2>",
            _account(account),
            "<h2>What decided</h2>",
            _deciders(account, rules),
            "<h2>Waves</h2>",
            _waves(waves, batches),
            _confusion(confusion),
            "<h2>What is left</h2>",
            _left(account, states),
        )
    )
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Adjudication of titles</title>'
        f"<style>{STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )
    path = stage.stage.engine.data.reports / f"{REPORT}.html"
    write_bytes(path, page.encode())
    return path, len(states)


def _introduction(account: Account) -> str:
    kinds = ", ".join(f"{tally.decisions:,} by {kind} reviewers" for kind, tally in account.reviews.items())
    return (
        f"<p>Evidence left {account.ambiguous:,} titles open. Rules settled "
        f"{account.rule_promotions + account.rule_exclusions:,}; two reviewers each reviewed "
        f"{account.review_decisions:,} ({kinds or 'none so far'}). {account.residual:,} were kept and stay "
        f"out of every claim, {account.candidates:,} wait for a review.</p>"
        '<p class="note">What a rule or reviewers decided carries no certified error bound. Recorded and '
        "simulated decisions are counted under their own names, never as decisions of language models.</p>"
    )


def _account(account: Account) -> str:
    served = (
        ("served by evidence", account.serviceable_before),
        ("promoted by rules", account.rule_promotions),
        ("promoted by reviewers", account.promotions),
        ("excluded by rules", account.rule_exclusions),
        ("excluded by reviewers", account.exclusions),
        ("residual", account.residual),
        ("waiting for a review", account.candidates),
    )
    rows = [
        (name, f"{left:,}", f"{right:,}", "holds" if left == right else "BROKEN")
        for name, (left, right) in account.equations().items()
    ]
    return bars(served) + table(("equation", "left", "right", ""), rows, numbers={1, 2})


def _deciders(account: Account, rules: Iterable[str]) -> str:
    counts: dict[str, int] = defaultdict(int)
    for rule_id in rules:
        counts[f"rule {rule_id}"] += 1
    for kind, tally in account.reviews.items():
        counts[f"{kind} reviewers"] = tally.decisions
    return bars(sorted(counts.items(), key=lambda item: -item[1]))


def _waves(waves: Sequence[Mapping[str, Any]], batches: Sequence[Mapping[str, Any]]) -> str:
    if not waves:
        return "<p>No batch has been merged.</p>" + _stuck(batches)
    names = (
        "wave",
        "batches",
        "candidates",
        "promoted",
        "excluded",
        "kept",
        "agreement",
        "kappa",
        "ac1",
        "alpha",
        "alpha_low",
        "alpha_high",
        "known_answers",
        "right_a",
        "right_b",
        "wrong_alike",
        "cost_usd",
    )
    rows = [[_number(wave[name]) for name in names] for wave in waves]
    charts = "".join(
        f"<p>{what} by wave</p>"
        + bars([(f"wave {wave['wave']}", wave[name]) for wave in waves if wave[name] is not None])
        for what, name in (
            ("Titles decided", "candidates"),
            ("Titles promoted", "promoted"),
            ("Cost in USD", "cost_usd"),
        )
        if any(wave[name] for wave in waves)
    )
    note = (
        '<p class="note">Agreement is on the decision. `wrong_alike`: known answers that both reviewers got '
        "wrong with the same verdict; where there are such, agreement is weak evidence.</p>"
    )
    headers = [name.replace("_", " ") for name in names]
    return table(headers, rows, numbers=set(range(len(names)))) + note + charts + _stuck(batches)


def _stuck(batches: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (row["title_batch"], str(row["wave"]), row["status"], f"{row['candidates']:,}", row["detail"] or "")
        for row in batches
        if row["status"] != "merged"
    ]
    if not rows:
        return ""
    return "<h3>Not merged</h3>" + table(("batch", "wave", "status", "titles", "why"), rows, numbers={3})


def _confusion(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return ""
    names = list(dict.fromkeys(row["decision_a"] for row in rows))
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        counts[row["decision_a"], row["decision_b"]] += row["titles"]
    lines = [[a, *(f"{counts[a, b]:,}" for b in names)] for a in names]
    return "<p>Decisions of reviewer a (rows) and b (columns), all waves</p>" + table(
        ["", *names], lines, numbers=set(range(1, len(names) + 1))
    )


def _left(account: Account, states: Sequence[Mapping[str, Any]]) -> str:
    examples: dict[str, list[str]] = defaultdict(list)
    for row in states:
        if row["state"] == RESIDUAL and len(examples[row["function"] or NO_FUNCTION]) < EXAMPLES:
            examples[row["function"] or NO_FUNCTION].append(row["normalized_title"])
    waiting = sum(row["state"] == CANDIDATE for row in states)
    rows = [
        (function, f"{count:,}", "; ".join(examples[function]))
        for function, count in sorted(account.residual_by_function.items(), key=lambda item: -item[1])
    ]
    told = f"<p>{waiting:,} titles wait for a review.</p>" if waiting else "<p>The queue is empty.</p>"
    return told + table(("residual, by most plausible function", "titles", "such as"), rows, numbers={1})


def bars(values: Iterable[tuple[str, float]]) -> str:
    """A bar chart as SVG: a bar a value, each with its number; no scripts."""
    shown = list(values)
    most = max((value for _, value in shown), default=0) or 1
    lines = []
    for place, (name, value) in enumerate(shown):
        top, width = place * 24, BAR_WIDTH * value / most
        lines.append(
            f'<text x="230" y="{top + 15}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="240" y="{top + 3}" width="{width:.1f}" height="16" fill="#4a7ebb"/>'
            f'<text x="{246 + width:.1f}" y="{top + 15}">{_number(value)}</text>'
        )
    height = 24 * len(shown)
    label = escape(", ".join(f"{name}: {_number(value)}" for name, value in shown), quote=True)
    return (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 760 {height}" width="760" height="{height}">'
        + "".join(lines)
        + "</svg>"
    )


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], numbers: Set[int] = frozenset()) -> str:
    """An HTML table; what is in `numbers` is aligned to the right."""

    def cells(tag: str, values: Sequence[str]) -> str:
        aligned = [' class="n"' if place in numbers else "" for place in range(len(values))]
        return "".join(
            f"<{tag}{how}>{escape(value)}</{tag}>" for how, value in zip(aligned, values, strict=True)
        )

    lines = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><tr>{cells('th', headers)}</tr>{lines}</table>"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"
