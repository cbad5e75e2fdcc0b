"""Rule checks: what a check found, told so that a person can act on it.

Belongs here: the finding's shape, and the rules that any table may be held against. Does not: which
table is held against which rule, and Dagster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from aina_assets.core.contracts import SAMPLE_ROWS, Reference, TableContract, Violation

PART_ROWS = 500_000


class Severity(StrEnum):
    """ERROR fails the build; WARN is shown and never blocks."""

    ERROR = "ERROR"
    WARN = "WARN"


class Outcome(StrEnum):
    """How a check came out."""

    PASSED = "passed"
    WARNED = "warned"
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """The result of a rule.

    Attributes:
        passed: whether the rule holds.
        summary: one sentence: what was expected and what was found.
        failed_rows: how many rows break it.
        sample: some of these rows, each with its key.
        remedy: what to do; empty where it holds.
        figures: numbers worth plotting over time.
        severity: what a failure means.
    """

    passed: bool
    summary: str
    failed_rows: int = 0
    sample: Sequence[Mapping[str, Any]] = ()
    remedy: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    severity: Severity = Severity.ERROR


def rows_finding(
    failed: Sequence[Mapping[str, Any]], total: int, what: str, remedy: str, **figures: float
) -> Finding:
    """The finding of a rule that no row may break.

    Args:
        failed: the rows that do.
        total: of how many.
        what: what is wrong with them, after "3 of 40".
        figures: more numbers worth plotting.
    """
    return Finding(
        passed=not failed,
        summary=f"{len(failed)} of {total} {what}",
        failed_rows=len(failed),
        sample=failed[:SAMPLE_ROWS],
        remedy=remedy,
        figures={"rows": total, **figures},
    )


@dataclass(frozen=True)
class Verdict:
    """How a check came out once.

    Attributes:
        at: seconds since 1970.
        outcome: passed, warned or failed.
        failed_rows: how many rows broke the rule.
        summary: what was found.
        remedy: what to do.
    """

    at: float
    outcome: Outcome
    failed_rows: int = 0
    summary: str = ""
    remedy: str = ""


def standing_since(verdicts: Sequence[Verdict]) -> float | None:
    """Since when the latest verdict stands, as far as the verdicts reach; the latest is first."""
    since = None
    for verdict in verdicts:
        if verdict.outcome != verdicts[0].outcome:
            break
        since = verdict.at
    return since


def contract_holds(contract: TableContract, table: pa.Table, partition: str | None = None) -> Finding:
    """Types, nulls, patterns, bounds, closed lists and the key are as the contract promises.

    Args:
        partition: the one that the rows are, where they are one of several; its key is among the promises.
    """
    violations = contract.violations(table)
    # Where a column is of another type, nothing else can be told.
    if not contract.type_violations(table.schema, table.num_rows):
        violations += contract.partition_violations(table, partition)
    return _contract_finding(contract, table.num_rows, violations)


def _contract_finding(contract: TableContract, table_rows: int, violations: Sequence[Violation]) -> Finding:
    rows = sum(violation.count for violation in violations)
    return Finding(
        passed=not violations,
        summary=(
            "; ".join(f"{v.rule}: broken by {v.count} rows" for v in violations)
            or f"{table_rows} rows hold {len(contract.columns)} columns' promises"
        ),
        failed_rows=rows,
        sample=[{"rule": v.rule, **row} for v in violations for row in v.sample][:SAMPLE_ROWS],
        remedy="Compare the file with its page in docs/sources; mend the reader or refuse the file.",
        figures={"rows": table_rows},
    )


def contract_holds_in_file(contract: TableContract, path: Path) -> Finding:
    """As `contract_holds`, in bounded memory, for a table too large to read at once."""
    return _holds_in_files(contract, {None: path})


def contract_holds_in_partitions(contract: TableContract, files: Mapping[str, Path]) -> Finding:
    """As `contract_holds`, over all partitions, part by part; the key is unique over all of them.

    Args:
        files: each partition's file by its key.
    """
    return _holds_in_files(contract, files)


def _holds_in_files(contract: TableContract, files: Mapping[Any, Path]) -> Finding:
    rows = 0
    by_rule: dict[str, Violation] = {}
    for partition, path in files.items():
        with pq.ParquetFile(path) as file:
            mistyped = contract.type_violations(file.schema_arrow, file.metadata.num_rows)
            if mistyped:
                return _contract_finding(contract, file.metadata.num_rows, mistyped)
            for batch in file.iter_batches(batch_size=PART_ROWS):
                part = pa.Table.from_batches([batch])
                rows += part.num_rows
                broken = contract.column_violations(part) + contract.partition_violations(part, partition)
                for found in broken:
                    earlier = by_rule.get(found.rule)
                    by_rule[found.rule] = _together(earlier, found) if earlier else found
    position = {column.name: number for number, column in enumerate(contract.columns)}
    violations = sorted(by_rule.values(), key=lambda found: position[found.rule.split(" ", 1)[0]])
    duplicates = _duplicates_in_files(list(files.values()), contract.key)
    if duplicates.num_rows:
        violations.append(contract.key_violation(duplicates.num_rows, duplicates.slice(0, SAMPLE_ROWS)))
    return _contract_finding(contract, rows, violations)


def _duplicates_in_files(paths: Sequence[Path], key: Sequence[str]) -> pa.Table:
    with duckdb.connect(config={"memory_limit": "1GB", "preserve_insertion_order": False}) as connection:
        columns = ", ".join(key)
        repeated = connection.read_parquet([str(path) for path in paths]).aggregate(
            f"{columns}, count(*) as count", columns
        )
        return repeated.filter("count > 1").to_arrow_table()


def _together(earlier: Violation, later: Violation) -> Violation:
    sample = [*earlier.sample, *later.sample][:SAMPLE_ROWS]
    return Violation(earlier.rule, earlier.count + later.count, sample)


def references_resolve(contract: TableContract, table: pa.Table, targets: Mapping[str, pa.Table]) -> Finding:
    """Every reference of every row points at a row that exists: there are no orphans."""
    orphans: list[tuple[Reference, pa.Table]] = []
    for reference in contract.references:
        missing = orphan_rows(table, reference, targets[reference.table])
        if missing.num_rows:
            orphans.append((reference, missing))
    rows = sum(missing.num_rows for _, missing in orphans)
    return Finding(
        passed=not orphans,
        summary=(
            "; ".join(f"{m.num_rows} rows have no {r.table} ({', '.join(r.columns)})" for r, m in orphans)
            or f"all of {table.num_rows} rows resolve to {', '.join(r.table for r in contract.references)}"
        ),
        failed_rows=rows,
        sample=[row for _, missing in orphans for row in missing.slice(0, SAMPLE_ROWS).to_pylist()][
            :SAMPLE_ROWS
        ],
        remedy="The two files are of different vintages or one is incomplete: verify both.",
        figures={"orphans": rows},
    )


def orphan_rows(table: pa.Table, reference: Reference, target: pa.Table) -> pa.Table:
    """Rows whose reference is not in the target. Rows with a null among the columns are exempt."""
    keys = list(reference.columns)
    complete = table
    for key in keys:
        complete = complete.filter(pc.is_valid(complete.column(key)))
    # Acero cannot join tables with the same column names on both sides unambiguously: rename the target.
    wanted = [f"__target_{number}" for number in range(len(keys))]
    known = target.select(list(reference.to)).rename_columns(wanted).group_by(wanted).aggregate([])
    return complete.join(known, keys=keys, right_keys=wanted, join_type="left anti")


def row_count_is(table_rows: int, expected: int | None, vintage: str) -> Finding:
    """The table has as many rows as its vintage is known to have."""
    if expected is None:
        return Finding(
            passed=True,
            summary=f"{table_rows} rows; no count is on record for vintage {vintage}",
            figures={"rows": table_rows},
        )
    return Finding(
        passed=table_rows == expected,
        summary=f"{table_rows} rows, {expected} expected of vintage {vintage}",
        failed_rows=abs(table_rows - expected),
        sample=[] if table_rows == expected else [{"found": table_rows, "expected": expected}],
        remedy="Compare the file with the publisher's; correct data/policies/source_expectations.toml "
        "only if upstream says so.",
        figures={"rows": table_rows, "expected_rows": expected},
    )
