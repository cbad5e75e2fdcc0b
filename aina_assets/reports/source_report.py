"""The source report: every source with its vintage, age, files, licence, and what it is the authority for.

Belongs here: which figures are told. Does not: counting, looks.
"""

from __future__ import annotations

from aina_assets.core.receipts import subject_name
from aina_assets.core.store import NOT_AVAILABLE
from aina_assets.reports.page import Bars, Block, Book, Page, Part, Section, Table, Text, said
from aina_assets.sources.catalog import SOURCES
from aina_assets.sources.receipts import SNAPSHOT
from aina_assets.warehouse.receipts import AUTHORITY

SOURCE_REPORT = "source_report"
DIGEST_SHOWN = 16


def source_report(book: Book) -> Page:
    """The report over the sources that stand in the data root.

    Raises:
        StateError: a receipt or table is absent or damaged.
    """
    lead = (
        "This state rests on ", book.told(SNAPSHOT, "files", label="source files"), " files, ",
        book.told(SNAPSHOT, "bytes", label="bytes of sources", unit="bytes"), ", lane ",
        book.told(SNAPSHOT, "lane", label="lane", unit="text"), ". Each was held against its lock.",
    )  # fmt: skip
    sections = [
        Section(
            "vintages",
            "Vintages and age",
            (
                Table(("source", "vintage", "retrieved", "published", "files", "size"), freshness_rows(book)),
                said(
                    "Retrieved: the date of the oldest file, as the lock says. Published: how often there is "
                    "something new. A newer release is a proposal to review, never a silent change."
                ),
            ),
        ),
        Section("authority", "Who speaks for what", _authority(book)),
        *_by_source(book),
    ]
    return book.page(SOURCE_REPORT, "Source report", lead, sections)


def freshness_rows(book: Book) -> tuple[tuple[Part, ...], ...]:
    """A row a source: name, vintage, when it was retrieved, how often it is published, files, bytes."""
    snapshots = book.evidence.predicate(subject_name(SNAPSHOT))["sources"]
    rows: list[tuple[Part, ...]] = []
    for place, snapshot in enumerate(snapshots):
        source = snapshot["source"]
        is_locked = snapshot["status"] != NOT_AVAILABLE
        rows.append(
            (
                source,
                book.told(SNAPSHOT, "sources", place, "vintage", label=f"{source}: vintage", unit="text"),
                book.retrieved(source) if is_locked else "",
                SOURCES[source].cadence,
                book.told(SNAPSHOT, "sources", place, "files", label=f"{source}: files"),
                book.told(SNAPSHOT, "sources", place, "bytes", label=f"{source}: bytes", unit="bytes"),
            )
        )
    return tuple(rows)


def _authority(book: Book) -> tuple[Block, ...]:
    families = book.evidence.predicate(subject_name(AUTHORITY))["families"]
    return (
        Table(
            ("family of facts", "authority", "vintage", "rows"),
            tuple(
                (
                    family["family"],
                    book.told(
                        AUTHORITY,
                        "families",
                        place,
                        "authority",
                        label=f"{family['family']}: authority",
                        unit="text",
                    ),
                    book.told(
                        AUTHORITY,
                        "families",
                        place,
                        "vintage",
                        label=f"{family['family']}: vintage",
                        unit="text",
                    ),
                    book.told(AUTHORITY, "families", place, "rows", label=f"{family['family']}: rows"),
                )
                for place, family in enumerate(families)
            ),
        ),
    )


def _by_source(book: Book) -> list[Section]:
    snapshots = book.evidence.predicate(subject_name(SNAPSHOT))["sources"]
    files = book.evidence.rows("source_file")
    sections = []
    for place, snapshot in enumerate(snapshots):
        source = snapshot["source"]
        own = [row for row in files if row["source"] == source]
        if not own:
            sections.append(
                Section(source, source, (Text((("Not in this lane; its tables have no rows.",),)),))
            )
            continue
        tables = tuple(
            (table, book.told(SNAPSHOT, "sources", place, "rows", table, label=f"{table}: rows"))
            for table in snapshot["rows"]
        )
        licences = sorted({f"{row['licence']}: {row['attribution']}" for row in own})
        sections.append(
            Section(
                source,
                source,
                (
                    Text(((f"{SOURCES[source].summary} Published by {snapshot['publisher']}.",),)),
                    Bars("Rows by table", tables),
                    Table(
                        ("file", "size", "sha256"),
                        tuple(
                            (row["name"], book.file_bytes(source, row["name"]), row["sha256"][:DIGEST_SHOWN])
                            for row in own
                        ),
                    ),
                    Text(tuple((text,) for text in licences), is_list=True),
                ),
            )
        )
    return sections
