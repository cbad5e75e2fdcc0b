"""openai/gdpval: ids, names, counts and digests out; prompts and rubrics stay in the raw file.

The dataset declares no licence and carries a canary. So its text is only ever read here, in place: by
the readers, which keep counts and digests, and by `forbidden_texts`, which gives the leak check what
to look for.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from aina_assets.core.errors import CellError, HeaderError, SourceError
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.lock import refuse_html
from aina_assets.sources.tables.hub import GDPVAL_CONTRACTS

DATA, README = "data/train-00000-of-00001.parquet", "README.md"
COLUMNS = (
    "task_id",
    "sector",
    "occupation",
    "prompt",
    "reference_files",
    "deliverable_files",
    "rubric_json",
)
REQUIRED = ("task_id", "sector", "occupation", "prompt", "rubric_json")
TASK, RUBRIC_ITEM = GDPVAL_CONTRACTS
CANARY = re.compile(r"gdpval:\S*[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Long enough that no other text holds it by chance, short enough that a line break seldom splits it.
FRAGMENT_CHARACTERS = 48
# Characters that JSON, HTML and SQL write as they are, so that an escaped copy is found too.
PLAIN_RUN = re.compile(rf"[A-Za-z0-9 ,.;:()$%-]{{{FRAGMENT_CHARACTERS},}}")
FRAGMENTS_A_TASK = 6


def _records(path: Path) -> list[dict[str, Any]]:
    refuse_html(path)
    try:
        file = pq.ParquetFile(path)
        missing = [name for name in COLUMNS if name not in file.schema_arrow.names]
        if missing:
            raise HeaderError(f"columns missing: {missing}", file=path, place="Parquet schema")
        rows: list[dict[str, Any]] = file.read(columns=list(COLUMNS)).to_pylist()
    except (pa.ArrowInvalid, OSError) as error:
        raise SourceError(f"not a readable Parquet file: {error}", file=path) from error
    for number, row in enumerate(rows, 1):
        blank = [name for name in REQUIRED if not row[name] or not isinstance(row[name], str)]
        if blank:
            raise CellError("no text", file=path, place=f"row {number}, column {blank[0]}")
    return rows


def _rubric(record: Mapping[str, Any], path: Path) -> list[dict[str, Any]]:
    # The place is a task id: the text itself must not reach a message.
    place = f"task {record['task_id']}, column rubric_json"
    try:
        items = json.loads(record["rubric_json"])
    except ValueError as error:
        raise CellError("rubric is not JSON", file=path, place=place) from error
    if not isinstance(items, list) or not items:
        raise CellError("rubric has no items", file=path, place=place)
    for item in items:
        if not isinstance(item, dict) or not {"score", "criterion", "rubric_item_id"} <= set(item):
            raise CellError("rubric item lacks score, criterion or rubric_item_id", file=path, place=place)
        if not isinstance(item["score"], int | float) or not isinstance(item["criterion"], str):
            raise CellError(
                "rubric item's score is no number or its criterion no text", file=path, place=place
            )
    return items


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read_tasks(files: SourceFiles) -> pa.Table:
    """One row a task; `source_row` is the row's number in the Parquet file, from 1."""
    path = files.path(DATA)
    rows = []
    for number, record in enumerate(_records(path), 1):
        items = _rubric(record, path)
        rows.append(
            {
                "vintage": files.vintage,
                "source_file": DATA,
                "source_row": number,
                "task_id": record["task_id"],
                "occupation": record["occupation"],
                "sector": record["sector"],
                "prompt_characters": len(record["prompt"]),
                "prompt_sha256": _sha256(record["prompt"]),
                "rubric_item_count": len(items),
                "rubric_points": float(sum(max(item["score"], 0) for item in items)),
                "rubric_sha256": _sha256(record["rubric_json"]),
                "reference_file_count": len(record["reference_files"] or ()),
                "deliverable_file_count": len(record["deliverable_files"] or ()),
            }
        )
    return TASK.conform(pa.Table.from_pylist(rows, schema=TASK.arrow_schema))


def read_rubric_items(files: SourceFiles) -> pa.Table:
    """One row a rubric item: points, length and digest."""
    path = files.path(DATA)
    rows = [
        {
            "vintage": files.vintage,
            "source_file": DATA,
            "source_row": number,
            "task_id": record["task_id"],
            "item_number": position,
            "rubric_item_id": item["rubric_item_id"],
            "points": float(item["score"]),
            "criterion_characters": len(item["criterion"]),
            "criterion_sha256": _sha256(item["criterion"]),
        }
        for number, record in enumerate(_records(path), 1)
        for position, item in enumerate(_rubric(record, path), 1)
    ]
    return RUBRIC_ITEM.conform(pa.Table.from_pylist(rows, schema=RUBRIC_ITEM.arrow_schema))


@dataclass(frozen=True)
class TaskText:
    """A task's own words, in memory: they are shown where a person looks, and written nowhere.

    Attributes:
        prompt: what is asked.
        criteria: points and words of each rubric item, in order.
        reference_files, deliverable_files: names of attachments, which are not fetched.
    """

    task_id: str
    prompt: str
    criteria: tuple[tuple[float, str], ...]
    reference_files: tuple[str, ...]
    deliverable_files: tuple[str, ...]


def task_texts(files: SourceFiles) -> Iterator[TaskText]:
    """Every task's words, read in place."""
    path = files.path(DATA)
    for record in _records(path):
        yield TaskText(
            record["task_id"],
            record["prompt"],
            tuple((float(item["score"]), item["criterion"]) for item in _rubric(record, path)),
            tuple(record["reference_files"] or ()),
            tuple(record["deliverable_files"] or ()),
        )


def has_canary(files: SourceFiles) -> bool:
    """Whether the dataset's README carries its canary."""
    return CANARY.search(files.path(README).read_text("utf-8")) is not None


def forbidden_texts(files: SourceFiles) -> dict[str, str]:
    """What must occur in no written file: the canary, and fragments of every task's text.

    Returns:
        The text to look for, by the label that a finding may show: `canary`, or the task's id. A
        finding shows the label alone.

    Raises:
        SourceError: the README carries no canary, so that the check would look for nothing.
    """
    readme = files.path(README)
    canary = CANARY.search(readme.read_text("utf-8"))
    if canary is None:
        raise SourceError("no canary found", file=readme, remedy="Look at the README; mend CANARY.")
    found = {"canary": canary.group()}
    path = files.path(DATA)
    for record in _records(path):
        texts = [record["prompt"], *(item["criterion"] for item in _rubric(record, path))]
        fragments = [fragment for text in texts if (fragment := _fragment(text))]
        step = max(1, len(fragments) // FRAGMENTS_A_TASK)
        for number, fragment in enumerate(fragments[::step][:FRAGMENTS_A_TASK], 1):
            found[f"task {record['task_id']} fragment {number}"] = fragment
    return found


def _fragment(text: str) -> str | None:
    """The middle of the text's longest plain run; None where no run is long enough to be telling."""
    run = max(PLAIN_RUN.findall(text), key=len, default="").strip()
    if len(run) < FRAGMENT_CHARACTERS:
        return None
    start = (len(run) - FRAGMENT_CHARACTERS) // 2
    return str(run[start : start + FRAGMENT_CHARACTERS])


READERS: Mapping[str, Callable[[SourceFiles], pa.Table]] = {
    TASK.name: read_tasks,
    RUBRIC_ITEM.name: read_rubric_items,
}
