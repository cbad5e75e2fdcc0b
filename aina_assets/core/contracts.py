"""Table contracts: one pydantic model types a table for Parquet, Dagster, checks and the dictionary.

Belongs here: what a contract is, and holding an Arrow table against one. Does not: any table's own
contract; those stand in their stage's `tables` module.

A contract's columns are read off the model's JSON Schema, so whatever pydantic can say of a field
(type, null, pattern, bounds, closed list, description) is said once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict

from aina_assets.core.errors import ContractError

ARROW_TYPES: Mapping[tuple[str, str | None], pa.DataType] = {
    ("string", None): pa.string(),
    ("string", "date"): pa.date32(),
    ("integer", None): pa.int64(),
    ("number", None): pa.float64(),
    ("boolean", None): pa.bool_(),
}
# What a column's JSON Schema may say. Another keyword would be a promise that nobody keeps.
KNOWN_KEYWORDS = frozenset(
    {"type", "format", "enum", "const", "pattern", "minimum", "maximum", "minLength", "title", "description"}
)
SAMPLE_ROWS = 10


class Row(BaseModel):
    """A row of a table. Subclasses add fields, each with a description."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Column:
    """One column as its contract promises it."""

    name: str
    type: pa.DataType
    is_nullable: bool
    description: str
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    values: tuple[str, ...] | None = None

    @property
    def rule(self) -> str:
        """The promise beyond the type, in words; empty where there is none."""
        parts = []
        if self.values is not None:
            parts.append("one of " + ", ".join(self.values))
        if self.pattern is not None:
            parts.append(f"matches {self.pattern}")
        if self.min_length is not None:
            parts.append(f"of length at least {self.min_length}")
        if self.minimum is not None:
            parts.append(f"at least {self.minimum:g}")
        if self.maximum is not None:
            parts.append(f"at most {self.maximum:g}")
        return "; ".join(parts)


@dataclass(frozen=True)
class Reference:
    """Values of `columns` must occur as `to` in `table` (rows with a null among them are exempt)."""

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...]


@dataclass(frozen=True)
class Violation:
    """Rows that break one promise: which rule, how many rows, and a sample of them."""

    rule: str
    count: int
    sample: list[dict[str, Any]]


@dataclass(frozen=True)
class TableContract:
    """What a table promises.

    Attributes:
        name: the table's, its asset's and its file's name.
        row: the pydantic model of a row; its docstring describes the table.
        grain: what one row is, in words.
        key: columns that identify a row.
        source: id of the source (or stage) that the table is made from.
        references: foreign keys.
        partitioned_by: column whose value is the key of the file that a row stands in; the table is one
            file where None.
    """

    name: str
    row: type[Row]
    grain: str
    key: tuple[str, ...]
    source: str
    references: tuple[Reference, ...] = ()
    partitioned_by: str | None = None

    def __post_init__(self) -> None:
        if self.partitioned_by is not None and self.partitioned_by not in self.row.model_fields:
            raise TypeError(f"{self.name}: there is no column {self.partitioned_by} to partition by")

    @property
    def description(self) -> str:
        """The model's docstring as one paragraph."""
        return " ".join((self.row.__doc__ or "").split())

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns in the model's order."""
        schema = self.row.model_json_schema()
        return tuple(_column(self.name, name, field) for name, field in schema["properties"].items())

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        """The Parquet file's schema, with column descriptions as field metadata."""
        return pa.schema(
            pa.field(
                column.name, column.type, column.is_nullable, metadata={"description": column.description}
            )
            for column in self.columns
        )

    def conform(self, table: pa.Table, partition: str | None = None) -> pa.Table:
        """The table, or one partition of it, with exactly the contract's columns, order and types.

        Raises:
            ContractError: a column is missing, unexpected or of another type, a row breaks a promise
                or is another partition's; names the table, the column, the rule and the first rows.
        """
        expected, found = [c.name for c in self.columns], table.column_names
        if set(expected) != set(found):
            missing, unexpected = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
            raise ContractError(
                f"{self.name}: columns missing {missing}, unexpected {unexpected}", place=self.name
            )
        try:
            # Nulls are let through here, so that the violation can name their rows.
            nullable = pa.schema(field.with_nullable(True) for field in self.arrow_schema)
            typed = table.select(expected).cast(nullable)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
            raise ContractError(f"{self.name}: {error}", place=self.name) from error
        for violation in (*self.violations(typed), *self.partition_violations(typed, partition)):
            raise ContractError(
                f"{self.name}: {violation.rule}: {violation.count} rows, such as {violation.sample[0]}",
                place=self.name,
            )
        return typed.cast(self.arrow_schema).combine_chunks()

    def violations(self, table: pa.Table) -> list[Violation]:
        """Every broken promise of the table: types, nulls, patterns, bounds, closed lists, key."""
        found = self.type_violations(table.schema, table.num_rows)
        if found:
            return found
        found = self.column_violations(table)
        duplicates = duplicate_rows(table, self.key)
        if duplicates.num_rows:
            found.append(self.key_violation(duplicates.num_rows, duplicates.slice(0, SAMPLE_ROWS)))
        return found

    def type_violations(self, schema: pa.Schema, rows: int) -> list[Violation]:
        """Every column that is absent or of another type; where there is one, nothing else can be told."""
        types = {field.name: field.type for field in schema}
        return [
            Violation(f"{c.name} is of type {c.type}", rows, [{"found": str(types.get(c.name))}])
            for c in self.columns
            if types.get(c.name) != c.type
        ]

    def column_violations(self, table: pa.Table) -> list[Violation]:
        """Every broken promise of single columns; rows can be held against it in parts."""
        return [found for column in self.columns for found in self._column_violations(table, column)]

    def check_partition(self, partition: str | None) -> None:
        """Refuse a partition of a table that has none, and no partition of one that has.

        Raises:
            ContractError: the caller takes the table for what it is not.
        """
        if (partition is None) != (self.partitioned_by is None):
            kind = "not partitioned" if partition else f"partitioned by {self.partitioned_by}"
            raise ContractError(f"{self.name} is {kind}; partition {partition!r} was asked", place=self.name)

    def partition_violations(self, table: pa.Table, partition: str | None) -> list[Violation]:
        """Rows that stand in another partition's file; a table without partitions has none."""
        if partition is None or self.partitioned_by is None:
            return []
        is_at_home = pc.fill_null(pc.equal(table.column(self.partitioned_by), partition), False)
        strays = table.filter(pc.invert(is_at_home))
        if not strays.num_rows:
            return []
        sample = [{"partition": partition, **row} for row in strays.slice(0, SAMPLE_ROWS).to_pylist()]
        return [Violation(f"{self.partitioned_by} is the partition's key", strays.num_rows, sample)]

    def key_violation(self, count: int, sample: pa.Table) -> Violation:
        """The finding that `count` key values occur more than once."""
        return Violation(f"key ({', '.join(self.key)}) is unique", count, sample.to_pylist())

    def _column_violations(self, table: pa.Table, column: Column) -> Iterator[Violation]:
        values = table.column(column.name)
        tests: list[tuple[str, Any]] = []
        if not column.is_nullable:
            tests.append(("is never null", pc.is_null(values)))
        if column.values is not None:
            known = pc.is_in(values, value_set=pa.array(column.values, pa.string()))
            tests.append(("is one of the closed list", pc.and_(pc.is_valid(values), pc.invert(known))))
        if column.pattern is not None:
            tests.append(
                (
                    f"matches {column.pattern}",
                    pc.invert(pc.match_substring_regex(values, pattern=column.pattern)),
                )
            )
        if column.min_length is not None:
            tests.append(
                (
                    f"is of length at least {column.min_length}",
                    pc.less(pc.utf8_length(values), column.min_length),
                )
            )
        if pa.types.is_floating(column.type):
            # Not a number is below no bound and equal to nothing: it would pass every other rule.
            tests.append(("is a finite number", pc.invert(pc.is_finite(values))))
        if column.minimum is not None:
            tests.append((f"is at least {column.minimum:g}", pc.less(values, column.minimum)))
        if column.maximum is not None:
            tests.append((f"is at most {column.maximum:g}", pc.greater(values, column.maximum)))
        for rule, mask in tests:
            broken = table.filter(mask)
            if broken.num_rows:
                yield Violation(
                    f"{column.name} {rule}", broken.num_rows, broken.slice(0, SAMPLE_ROWS).to_pylist()
                )

    def empty(self) -> pa.Table:
        """The table without rows: what stands where a source is not available."""
        return self.arrow_schema.empty_table()


def duplicate_rows(table: pa.Table, key: tuple[str, ...]) -> pa.Table:
    """Key values that occur more than once, with their `count`."""
    counted = table.group_by(list(key)).aggregate([([], "count_all")])
    repeated = counted.filter(pc.greater(counted.column("count_all"), 1))
    return repeated.select([*key, "count_all"]).rename_columns([*key, "count"])


def _column(table: str, name: str, field: dict[str, Any]) -> Column:
    options = field.get("anyOf", [field])
    typed = [option for option in options if option.get("type") != "null"]
    if len(typed) != 1 or "description" not in field:
        raise TypeError(f"{table}.{name}: a column needs one type (or null) and a description")
    option = typed[0]
    arrow_type = ARROW_TYPES.get((option.get("type", "string"), option.get("format")))
    if arrow_type is None:
        raise TypeError(f"{table}.{name}: no Arrow type for {option}")
    unknown = sorted(set(option) - KNOWN_KEYWORDS)
    if unknown:
        raise TypeError(f"{table}.{name}: nothing holds a column against {', '.join(unknown)}")
    values = option.get("enum") or ([option["const"]] if "const" in option else None)
    return Column(
        name=name,
        type=arrow_type,
        is_nullable=len(typed) < len(options),
        description=field["description"],
        pattern=option.get("pattern"),
        minimum=option.get("minimum"),
        maximum=option.get("maximum"),
        min_length=option.get("minLength"),
        values=tuple(values) if values else None,
    )
