"""The change report: what is other than in the build before, from the receipts of both.

Belongs here: keeping the receipts of the last builds of a data root, and telling two apart. Does not: rows;
`aina diff` compares those of two data roots.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import suppress

from aina_assets.adjudication.receipts import RECEIPT as ADJUDICATION
from aina_assets.core.engine import Engine
from aina_assets.core.receipts import receipt_path, subject_name
from aina_assets.core.storage import sha256_file, write_bytes, write_json
from aina_assets.reports.page import Block, Book, Page, Part, Section, Table, Text
from aina_assets.titles.receipts import COVERAGE
from aina_assets.verification.diff import ManifestDifference, compare_manifests
from aina_assets.verification.manifest import MANIFEST, BuildManifest

CHANGE_REPORT = "change_report"
BUILDS = "reports/builds"
KEPT_RECEIPTS = (MANIFEST, COVERAGE, ADJUDICATION)
KEPT_BUILDS = 12
SHOWN = 16
NAMES = 40


def keep_build(engine: Engine) -> str | None:
    """Keep this build's receipts beside those of the builds before it.

    Returns:
        The folder of the build before this one, by its place in the data root; None where there is none.
    """
    folder = engine.data.path / BUILDS
    index = folder / "index.json"
    now = sha256_file(receipt_path(engine.data.receipts, MANIFEST))[:SHOWN]
    known: list[str] = []
    with suppress(FileNotFoundError, ValueError):
        known = [name for name in json.loads(index.read_bytes()) if (folder / str(name)).is_dir()]
    for name in KEPT_RECEIPTS:
        write_bytes(folder / now / f"{name}.json", receipt_path(engine.data.receipts, name).read_bytes())
    kept = [name for name in known if name != now] + [now]
    write_json(index, kept[-KEPT_BUILDS:])
    for gone in kept[:-KEPT_BUILDS]:
        shutil.rmtree(folder / gone, ignore_errors=True)
    return f"{BUILDS}/{kept[-2]}" if len(kept) > 1 else None


def change_report(book: Book, before: str | None) -> Page:
    """The report.

    Args:
        before: folder of the earlier build's receipts, by its place in the data root.

    Raises:
        StateError: a receipt is absent or damaged.
    """
    rows_now = book.told(MANIFEST, "total_rows", label="rows now")
    if before is None:
        lead: tuple[Part, ...] = (
            "This is the first build that is known here: ",
            rows_now,
            " rows. The next one is compared with it.",
        )
        return book.page(CHANGE_REPORT, "Change report", lead, ())
    earlier = f"{before}/{MANIFEST}.json"
    then_rows = book.told(earlier, "total_rows", label="rows before")
    lead = ("Compared with the build before: ", then_rows, " rows then, ", rows_now, " now.")
    then, now = (
        BuildManifest.model_validate(book.evidence.predicate(file))
        for file in (earlier, subject_name(MANIFEST))
    )
    found = compare_manifests(then, now)
    sections = [
        Section("figures", "Figures that people ask first", _figures(book, before)),
        Section("origin", "What it was made from", _origin(found)),
        Section("tables", "Tables", _tables(found)),
    ]
    return book.page(
        CHANGE_REPORT, "Change report", lead, [Section(f"s-{s.id}", s.title, s.blocks) for s in sections]
    )


def _figures(book: Book, before: str) -> tuple[Block, ...]:
    asked: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("titles", COVERAGE, ("titles",)),
        ("served at once", COVERAGE, ("routes", "serve_now")),
        ("served by a group", COVERAGE, ("routes", "serve_with_fallback")),
        ("wait for a decision", COVERAGE, ("routes", "adjudicate")),
        ("out of scope", COVERAGE, ("routes", "exclude")),
        ("served after reviews", ADJUDICATION, ("serviceable_rows_after_adjudication",)),
        ("residual", ADJUDICATION, ("residual_rows",)),
    )
    return (
        Table(
            ("figure", "before", "now"),
            tuple(
                (
                    label,
                    book.told(f"{before}/{receipt}.json", *steps, label=f"{label}, before"),
                    book.told(receipt, *steps, label=f"{label}, now"),
                )
                for label, receipt, steps in asked
                if _has(book, f"{before}/{receipt}.json", steps) and _has(book, subject_name(receipt), steps)
            ),
        ),
    )


def _has(book: Book, file: str, steps: tuple[str, ...]) -> bool:
    found: object = book.evidence.predicate(file)
    for step in steps:
        if not isinstance(found, Mapping) or step not in found:
            return False
        found = found[step]
    return True


def _origin(found: ManifestDifference) -> tuple[Block, ...]:
    rows: list[tuple[Part, ...]] = []
    by_kind = {
        "vintage": found.vintages,
        "code": found.code,
        "policy, gold or lock": found.inputs,
        "file": found.files,
    }
    for kind, changes in by_kind.items():
        rows += [
            (kind, name, _short(then), _short(now)) for name, (then, now) in list(changes.items())[:NAMES]
        ]
    if found.lane:
        rows.insert(0, ("lane", "", *found.lane))
    if not rows:
        return (Text((("Sources, code, policies and files are those of the build before.",),)),)
    return (Table(("what", "name", "before", "now"), tuple(rows)),)


def _tables(
    found: ManifestDifference,
) -> tuple[Block, ...]:
    if not found.tables:
        return (Text((("Every table is byte for byte that of the build before.",),)),)
    rows: list[tuple[Part, ...]] = []
    for name, (before, after) in found.tables.items():
        rows.append((name, _counted(before), _counted(after), _moved(before, after)))
    return (Table(("table", "rows before", "rows now", "change"), tuple(rows[:NAMES])),)


def _counted(rows: int | None) -> str:
    return "absent" if rows is None else f"{rows:,}"


def _moved(before: int | None, after: int | None) -> str:
    if before is None or after is None:
        return "new" if before is None else "gone"
    return "other content" if before == after else f"{after - before:+,} rows"


def _short(value: str | None) -> str:
    return "absent" if value is None else value[:SHOWN]
