"""The founder's report: what this build came to, what may be claimed of it and what may not.

Belongs here: which figures are told, in which order, in which words. Does not: counting (receipts and tables
have), looks (`render`), the sentences on claims (`claims`).
"""

from __future__ import annotations

from aina_assets.adjudication.receipts import RECEIPT as ADJUDICATION
from aina_assets.core.receipts import subject_name
from aina_assets.gates.receipts import APPROVAL_RECEIPT as GATES
from aina_assets.learning.receipts import REPLAY, SAFETY_HOLDS
from aina_assets.packets.receipts import QUALITY_GATE
from aina_assets.reports.claims import claimed, not_claimed
from aina_assets.reports.page import (
    Bars,
    Block,
    Book,
    Figure,
    Intervals,
    Page,
    Part,
    Section,
    Stacked,
    Table,
    Text,
    said,
)
from aina_assets.reports.source_report import SOURCE_REPORT, freshness_rows
from aina_assets.sources.receipts import SNAPSHOT
from aina_assets.titles.receipts import COVERAGE
from aina_assets.titles.tables import TITLE_COVERAGE
from aina_assets.verification.manifest import MANIFEST
from aina_assets.verification.results import RESULTS

FOUNDER_REPORT = "founder_report"
ROUTES = ("serve_now", "serve_with_fallback", "adjudicate", "exclude")
ROUTE_NAMES = ("served by an occupation", "served by a group", "waits for a decision", "out of scope")
# A chart of some hundred strata tells nothing: the largest are drawn, the rest are counted.
MOST_STRATA = 16
MOST_NAMED = 12


def founder_report(book: Book) -> Page:
    """The report over what stands in the data root.

    Raises:
        StateError: a receipt or table is absent or damaged.
    """
    served = book.told(ADJUDICATION, "serviceable_rows_after_adjudication", label="titles served")
    titles = book.told(COVERAGE, "titles", label="titles")
    packets = book.told(QUALITY_GATE, "titles", "passed", label="packets passed")
    lead = (
        "Of ", titles, " job titles, ", served, " are settled as serviceable, and ", packets,
        " have a packet of evidence that passed its gate. External use is ",
        book.told(GATES, "external_beta", label="external beta", unit="text"), ".",
    )  # fmt: skip
    sections = (
        Section("claims", "What may be claimed, and what may not", _claims(book)),
        Section("coverage", "From lines to served titles", _coverage(book)),
        Section("functions", "Routes by business function", _functions(book)),
        Section("certificates", "How sure the routes are", _certificates(book)),
        Section("residual", "What is left", _residual(book)),
        Section("waves", "Reviews, wave by wave", _waves(book)),
        Section("packets", "Packets and learners", _packets(book)),
        Section("sources", "Sources and their age", _sources(book)),
        Section("checks", "Checks", _checks(book)),
        Section("gates", "Gates", _gates(book)),
        Section("cost", "Cost", _cost(book)),
        Section("attribution", "Attribution", _attribution(book)),
    )
    return book.page(FOUNDER_REPORT, "Founder report", lead, sections)


def _claims(book: Book) -> tuple[Block, ...]:
    return (
        Text((("It may be claimed that:",),)),
        Text(claimed(book), is_list=True),
        Text((("It may not be claimed that:",),)),
        Text(not_claimed(book), is_list=True),
    )


def _coverage(book: Book) -> tuple[Block, ...]:
    reviewed = [
        book.told(ADJUDICATION, f"{kind}_fallback_promotions", label=f"{name} promoted")
        for kind, name in (
            ("multi_llm", "two language models"),
            ("person", "people"),
            ("recorded", "recorded reviewers"),
            ("simulated", "simulated reviewers"),
        )
    ]
    steps = (
        ("lines of the inventory", book.told(COVERAGE, "lines")),
        ("different titles", book.told(COVERAGE, "titles")),
        (
            "served by evidence alone",
            book.told(ADJUDICATION, "serviceable_rows_before_adjudication", label="served by evidence"),
        ),
        *(
            (f"added by {figure.label.removesuffix(' promoted')}", figure)
            for figure in reviewed
            if figure.value
        ),
        (
            "added by deterministic rules",
            book.told(ADJUDICATION, "deterministic_fallback_promotions", label="promoted by rules"),
        ),
        (
            "served in all",
            book.told(ADJUDICATION, "serviceable_rows_after_adjudication", label="titles served"),
        ),
        (
            "with a packet that passed its gate",
            book.told(QUALITY_GATE, "titles", "passed", label="packets passed"),
        ),
    )
    out = book.told(COVERAGE, "routes", "exclude", label="out of scope by evidence")
    return (
        Bars("Coverage", steps),
        Text(
            (
                (
                    "Evidence puts ",
                    out,
                    " titles out of scope: AINA is not for that work, and says so.",
                ),
            )
        ),
    )


def _functions(book: Book) -> tuple[Block, ...]:
    rows = book.evidence.rows(TITLE_COVERAGE.name)
    functions = sorted({str(row["function"]) for row in rows})
    table = TITLE_COVERAGE.name

    def figures(function: str) -> tuple[Figure, ...]:
        return tuple(
            book.total(table, "titles", f"{function}: {name}", route=route, function=function)
            for route, name in zip(ROUTES, ROUTE_NAMES, strict=True)
        )

    told = sorted(
        ((function, figures(function)) for function in functions),
        key=lambda row: -sum(f.size for f in row[1]),
    )
    # Titles out of scope mostly have no function; a bar of them would dwarf all others.
    named = tuple((_spaced(function), parts) for function, parts in told if function != "(none)")
    return (
        Stacked("Titles by the function that evidence names", ROUTE_NAMES, named),
        Table(
            ("function", *ROUTE_NAMES),
            tuple((_spaced(function), *parts) for function, parts in told),
        ),
        Text((("Before reviews: what reviewers decided of the titles that wait is told further down.",),)),
    )


def _certificates(book: Book) -> tuple[Block, ...]:
    found = book.evidence.predicate(subject_name(COVERAGE))["certificates"]
    certified = [place for place, row in enumerate(found) if row["state"] == "certified"]
    largest = sorted(certified, key=lambda place: -found[place]["rows"])[:MOST_STRATA]
    strata = tuple(
        (
            _spaced(found[place]["stratum"]),
            book.measured_error(*found[place]["stratum"].split("/", 2)),
            book.told(
                COVERAGE,
                "certificates",
                place,
                "error_bound",
                label=f"{found[place]['stratum']}: bound",
                unit="share",
            ),
        )
        for place in largest
    )
    states = sorted({str(row["state"]) for row in found})
    counts = tuple(
        (_spaced(state), book.rows("title_certificate", f"strata {_spaced(state)}", state=state))
        for state in states
    )
    gold = book.rows("title_gold", "labelled rows")
    bound = book.told(COVERAGE, "most_served_error_bound", label="largest error bound served", unit="share")
    return (
        said(
            "A title is served only in a stratum whose error was measured on labelled rows of the same "
            "inventory. The largest upper bound under which any is served: ",
            bound,
            ". Labelled rows: ",
            gold,
            ".",
        ),
        Bars("Strata by what was found of them", counts),
        Intervals(
            "Certified strata with most labelled rows: measured error (dot), upper bound (number)", strata
        ),
    )


def _residual(book: Book) -> tuple[Block, ...]:
    predicate = book.evidence.predicate(subject_name(ADJUDICATION))
    by_function = sorted(predicate["residual_by_function"].items(), key=lambda item: -item[1])
    rows = tuple(
        (
            "no function" if function == "(none)" else _spaced(function),
            book.told(ADJUDICATION, "residual_by_function", function, label=f"residual: {function}"),
        )
        for function, _ in by_function
    )
    residual = book.told(ADJUDICATION, "residual_rows", label="residual titles")
    waiting = book.told(ADJUDICATION, "review_prompt_candidate_count", label="titles that wait for a review")
    told = Text(
        (
            (residual, " titles were reviewed and kept out of every claim; ", waiting, " wait for a review."),
            ("They leave only by new evidence, or by a review ordered for them by name.",),
        )
    )
    return (told, Bars("Residual by most plausible function", rows)) if rows else (told,)


def _waves(book: Book) -> tuple[Block, ...]:
    waves = book.evidence.predicate(subject_name(ADJUDICATION))["waves"]
    if not waves:
        return (Text((("No batch has been reviewed and merged.",),)),)

    def of(place: int, name: str, unit: str = "count") -> Figure:
        is_share = unit == "share"
        return book.told(
            ADJUDICATION, "waves", place, name, label=f"wave {waves[place]['wave']}: {name}",
            unit="share" if is_share else "usd" if unit == "usd" else "count",
        )  # fmt: skip

    shown = range(len(waves))
    return (
        Bars(
            "Titles decided",
            tuple((f"wave {waves[place]['wave']}", of(place, "candidates")) for place in shown),
        ),
        Table(
            ("wave", "decided", "promoted", "excluded", "kept", "reviewers agree", "cost"),
            tuple(
                (
                    str(waves[place]["wave"]),
                    of(place, "candidates"),
                    of(place, "promoted"),
                    of(place, "excluded"),
                    of(place, "kept"),
                    of(place, "agreement", "share"),
                    of(place, "cost_usd", "usd"),
                )
                for place in shown
            ),
        ),
        Text((("Examples, rules and disputes: title_adjudication_report.html, beside this page.",),)),
    )


def _packets(book: Book) -> tuple[Block, ...]:
    return (
        Bars(
            "Title packets by what they are of",
            tuple(
                (
                    _spaced(level),
                    book.told(QUALITY_GATE, "titles", "by_level", level, label=f"packets: {level}"),
                )
                for level in book.evidence.predicate(subject_name(QUALITY_GATE))["titles"]["by_level"]
            ),
        ),
        Table(
            ("what", "figure"),
            (
                ("roles described", book.told(QUALITY_GATE, "roles", "packets", label="role packets")),
                ("facts that lead to a source row", book.told(QUALITY_GATE, "facts_with_origin")),
                (
                    "packets held back by the gate",
                    book.told(QUALITY_GATE, "titles", "held", label="packets held"),
                ),
                (
                    "synthetic learners walked through",
                    book.told(REPLAY, "learners", label="synthetic learners"),
                ),
                ("events on record", book.told(REPLAY, "events", label="learner events")),
                (
                    "learners whose record replays differently",
                    book.told(REPLAY, "learners_that_differ", label="learners that differ"),
                ),
                (
                    "open holds on GDPval practice",
                    book.told(SAFETY_HOLDS, "open_holds", label="GDPval holds"),
                ),
            ),
        ),
    )


def _sources(book: Book) -> tuple[Block, ...]:
    return (
        Table(("source", "vintage", "retrieved", "published", "files", "size"), freshness_rows(book)),
        Text(((f"Files, licences and digests: {SOURCE_REPORT}.html, beside this page.",),)),
    )


def _checks(book: Book) -> tuple[Block, ...]:
    predicate = book.evidence.predicate(subject_name(RESULTS))
    rows = (
        ("passed", book.number_of(RESULTS, "passedTests", label="checks passed")),
        ("warned", book.number_of(RESULTS, "warnedTests", label="checks warned")),
        ("failed", book.number_of(RESULTS, "failedTests", label="checks failed")),
    )
    blocks: list[Block] = [Bars("Checks of this build", rows)]
    for name, word in (("failedTests", "failed"), ("warnedTests", "warned")):
        found = predicate[name][:MOST_NAMED]
        if found:
            items: tuple[tuple[Part, ...], ...] = tuple((f"{word}: {one}",) for one in found)
            blocks.append(Text(items, is_list=True))
    return tuple(blocks)


def _gates(book: Book) -> tuple[Block, ...]:
    predicate = book.evidence.predicate(subject_name(GATES))
    rows = tuple(
        (
            _spaced(gate["domain"]),
            book.told(GATES, "gates", place, "state", label=f"gate {gate['domain']}", unit="text"),
            ", ".join(_spaced(reason) for reason in gate["reasons"]) or "open",
        )
        for place, gate in enumerate(predicate["gates"])
    )
    holds = tuple((f"{_spaced(hold['domain'])}: {hold['says']}",) for hold in predicate["open_holds"])
    told: tuple[Block, ...] = (
        Table(("gate", "state", "why"), rows),
        Text((("Open holds: ", book.number_of(GATES, "open_holds", label="open holds"), "."),)),
    )
    return (*told, Text(holds, is_list=True)) if holds else told


def _cost(book: Book) -> tuple[Block, ...]:
    waves = book.evidence.predicate(subject_name(ADJUDICATION))["waves"]
    reviews = tuple(
        (
            f"reviewers of wave {wave['wave']}",
            book.told(
                ADJUDICATION, "waves", place, "cost_usd", label=f"wave {wave['wave']}: cost", unit="usd"
            ),
        )
        for place, wave in enumerate(waves)
    )
    return (
        Table(
            ("what", "figure"),
            (
                *reviews,
                ("source files", book.told(SNAPSHOT, "bytes", label="bytes of sources", unit="bytes")),
                (
                    "tables and files made",
                    book.told(MANIFEST, "total_bytes", label="bytes made", unit="bytes"),
                ),
                ("rows made", book.told(MANIFEST, "total_rows", label="rows made")),
            ),
        ),
        said(
            "None: nobody billed for it. What the machine costs is not known to the engine; "
            "quality_report.html has the seconds."
        ),
    )


def _attribution(book: Book) -> tuple[Block, ...]:
    told = sorted({str(row["attribution"]) for row in book.evidence.rows("source_file")})
    return (
        Text(tuple((text,) for text in told), is_list=True),
        Text(
            (("AINA has modified, joined and reshaped this information; no publisher has endorsed that.",),)
        ),
    )


def _spaced(name: str) -> str:
    return name.replace("_", " ").replace("/", " · ")
