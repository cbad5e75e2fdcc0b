"""From text cells to typed columns, as a contract wants them.

A cell that does not hold a value of its column's type is an error that names file, row and column;
nothing is guessed, and what counts as missing is said by the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from aina_assets.core.contracts import Column, TableContract
from aina_assets.core.errors import CellError
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.readers.delimited import SOURCE_ROW

YES_NO: Mapping[str, bool] = {"Y": True, "N": False}
TRUE_FALSE: Mapping[str, bool] = {"True": True, "False": False}


def typed_table(
    text: pa.Table,
    contract: TableContract,
    files: SourceFiles,
    name: str,
    *,
    columns: Mapping[str, str],
    missing: Sequence[str] = ("n/a",),
    booleans: Mapping[str, bool] = YES_NO,
    constants: Mapping[str, Any] | None = None,
) -> pa.Table:
    """Type a file's text columns by the contract and add where each row stands.

    Args:
        text: text columns and `source_row`, as `read_delimited` gives them.
        name: the file's name in its source.
        columns: upstream column to contract column.
        missing: texts that mean "no value"; only columns that may be null accept them.
        booleans: texts of true and false.
        constants: contract columns that are the same in every row.

    Returns:
        A table whose columns are the contract's; columns that this vintage lacks are null.

    Raises:
        CellError: names file, row, column and the text found.
    """
    path = files.path(name)
    upstream = {to: source for source, to in columns.items()}
    fixed = {"vintage": files.vintage, "source_file": name, **(constants or {})}
    arrays: list[Any] = []
    for column in contract.columns:
        if column.name == SOURCE_ROW:
            arrays.append(text.column(SOURCE_ROW))
        elif column.name in fixed:
            arrays.append(pa.repeat(pa.scalar(fixed[column.name], column.type), text.num_rows))
        elif column.name in upstream:
            arrays.append(_typed(text, upstream[column.name], column, path, missing, booleans))
        else:
            arrays.append(pa.nulls(text.num_rows, column.type))
    return pa.table(arrays, schema=contract.arrow_schema)


def _typed(
    text: pa.Table,
    upstream: str,
    column: Column,
    path: Path,
    missing: Sequence[str],
    booleans: Mapping[str, bool],
) -> Any:
    cells = text.column(upstream)
    is_missing = pc.is_in(cells, value_set=pa.array(list(missing), pa.string()))
    values = pc.if_else(is_missing, pa.scalar(None, pa.string()), cells)
    typed, is_bad = _converted(values, column, booleans)
    if not column.is_nullable:
        is_bad = pc.or_(is_bad, is_missing)
    if pc.any(is_bad).as_py():
        first = text.filter(is_bad).slice(0, 1)
        raise CellError(
            f"{first.column(upstream)[0].as_py()!r} is not a value of {column.name} ({column.type}"
            f"{'' if column.is_nullable else ', required'})",
            file=path,
            place=f"row {first.column(SOURCE_ROW)[0].as_py()}, column {upstream!r}",
        )
    return typed


def _converted(values: Any, column: Column, booleans: Mapping[str, bool]) -> tuple[Any, Any]:
    """The typed values, and a mask of the cells that have none."""
    if pa.types.is_string(column.type):
        return values, pc.fill_null(pc.equal(values, ""), False)
    if pa.types.is_boolean(column.type):
        position = pc.index_in(values, value_set=pa.array(list(booleans), pa.string()))
        typed = pc.take(pa.array(list(booleans.values()), pa.bool_()), position)
    elif pa.types.is_date32(column.type):
        # Upstream dates are months: MM/YYYY; the first day stands for the month.
        is_month = pc.match_substring_regex(values, pattern=r"^(0[1-9]|1[0-2])/[12]\d{3}$")
        month = pc.if_else(is_month, values, pa.scalar(None, pa.string()))
        iso = pc.replace_substring_regex(month, pattern=r"^(\d\d)/(\d{4})$", replacement=r"\2-\1-01")
        typed = pc.cast(iso, pa.date32())
    else:
        number = (
            # Eighteen digits fit into 64 bits, whatever they are.
            r"^-?\d{1,18}$"
            if pa.types.is_integer(column.type)
            else (r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")
        )
        is_number = pc.match_substring_regex(values, pattern=number)
        typed = pc.cast(pc.if_else(is_number, values, pa.scalar(None, pa.string())), column.type)
        typed = pc.if_else(pc.is_finite(typed), typed, pa.scalar(None, column.type))
    return typed, pc.and_(pc.is_valid(values), pc.is_null(typed))
