"""A small made-up table with every kind of promise, for the tests of contracts, tables and rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Literal

import pyarrow as pa
from pydantic import Field

from aina_assets.core.contracts import Reference, Row, TableContract
from aina_assets.core.store import Provenance, contract_digest


class Sample(Row):
    """A row with a promise of
    every kind."""

    code: str = Field(description="code", pattern=r"^[a-z]\d$")
    part: int | None = Field(description="part of the code", ge=1, le=9)
    level: Literal["high", "low"] | None = Field(description="level")
    share: float | None = Field(description="share", ge=0, le=1)
    label: str = Field(description="label", min_length=1)
    is_new: bool = Field(description="new")
    month: date | None = Field(description="month")
    parent: str | None = Field(description="code of another row")


SAMPLE = TableContract(
    "sample",
    Sample,
    "a code and part",
    ("code", "part"),
    "made_up",
    (Reference(("parent",), "sample", ("code",)),),
)
# The same rows, a file a level; `level` is part of no key, so that a key can occur in two partitions.
PARTITIONED = replace(
    SAMPLE,
    name="parted",
    references=(Reference(("parent",), "parted", ("code",)),),
    partitioned_by="level",
)
PLAIN: dict[str, Any] = {
    "code": "a1",
    "part": 1,
    "level": "high",
    "share": 0.5,
    "label": "one",
    "is_new": True,
    "month": date(2026, 1, 1),
    "parent": None,
}


def sample_table(*changes: dict[str, Any]) -> pa.Table:
    """A row for each change of the plain row; without a change of their own, parts count up."""
    rows = [{**PLAIN, "part": number, **change} for number, change in enumerate(changes, 1)]
    return pa.Table.from_pylist(rows, schema=SAMPLE.arrow_schema)


def provenance(vintage: str = "v1", **inputs: str) -> Provenance:
    """What the sample was made from."""
    return Provenance({"made_up": vintage}, inputs, "code-1", contract_digest(SAMPLE))
