"""Mean task importance from a third party's extract, which may stand in where a lane has no task ratings.

Belongs here: reading that file. Does not: ranking tasks (`sql/task_importance.sql`).
"""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa

from aina_assets.core.errors import CellError
from aina_assets.sources.readers.delimited import SOURCE_ROW, read_delimited

TASK_ID, CODE, IMPORTANCE = "Task ID", "O*NET-SOC Code", "Importance (IM) mean"
# The file's name is all that tells its release.
RELEASE = re.compile(r"onet_(\d+)_(\d+)_")
UNSTATED = "unstated"
LEAST, MOST = 1.0, 5.0

SCHEMA = pa.schema(
    [
        ("onet_soc_code", pa.string()),
        ("task_id", pa.int64()),
        ("importance", pa.float64()),
        ("vintage", pa.string()),
        ("source_file", pa.string()),
        ("source_row", pa.int64()),
    ]
)


def extract_vintage(path: Path) -> str:
    """The O*NET release that the file's name tells, as `30.1`."""
    found = RELEASE.search(path.name)
    return f"{found[1]}.{found[2]}" if found else UNSTATED


def read_extract(path: Path | None) -> pa.Table:
    """The ratings of the file; a task without a rating has no row. Without a file there are none.

    Args:
        path: CSV with the header `Task ID,O*NET-SOC Code,Importance (IM) mean`.

    Raises:
        SourceError: the file is absent, empty, a web page, or of another layout; names the line.
        CellError: a cell is no task id or no rating from 1 to 5, or a task occurs twice.
    """
    if path is None:
        return SCHEMA.empty_table()
    text = read_delimited(path, (TASK_ID, CODE, IMPORTANCE), delimiter=",", has_quotes=True)
    vintage = extract_vintage(path)
    rows = []
    seen: set[tuple[str, int]] = set()
    for record in text.to_pylist():
        place = f"record {record[SOURCE_ROW]}"
        if not record[TASK_ID].isdecimal():
            raise CellError(f"{record[TASK_ID]!r} is no task id", file=path, place=place)
        key = (record[CODE], int(record[TASK_ID]))
        if key in seen:
            raise CellError(f"task {key[1]} of {key[0]} occurs twice", file=path, place=place)
        seen.add(key)
        importance = _importance(record[IMPORTANCE], path, place)
        if importance is not None:
            rows.append(
                {
                    "onet_soc_code": key[0],
                    "task_id": key[1],
                    "importance": importance,
                    "vintage": vintage,
                    "source_file": path.name,
                    "source_row": record[SOURCE_ROW],
                }
            )
    return pa.Table.from_pylist(rows, SCHEMA)


def _importance(cell: str, path: Path, place: str) -> float | None:
    if cell in ("", "n/a"):
        return None
    try:
        value = float(cell)
    except ValueError as error:
        raise CellError(f"{cell!r} is no importance", file=path, place=place) from error
    if not LEAST <= value <= MOST:
        raise CellError(f"importance {cell} is not from 1 to 5", file=path, place=place)
    return value
