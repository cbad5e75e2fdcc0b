"""GDPval: ids, counts and digests leave the raw file; its text leaves neither by table nor by message."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aina_assets.core.errors import CellError, HeaderError, HtmlInsteadOfDataError, SourceError
from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.sources.acquire import SourceFiles, acquire
from aina_assets.sources.leaks import LeakSearch
from aina_assets.sources.lock import read_lock
from aina_assets.sources.readers.gdpval import (
    DATA,
    FRAGMENT_CHARACTERS,
    READERS,
    README,
    forbidden_texts,
    read_rubric_items,
    read_tasks,
)
from aina_assets_tests.conftest import source_files

CANARY = "gdpval:made:up:01234567-89ab-cdef-0123-456789abcdef"
PROMPT = "Please plan the made up garden party for the imaginary committee, with a budget of 120 dollars."
CRITERION = "States the imaginary budget of the made up garden party in dollars, to the nearest whole one"


def item(number: int, score: object = 2, criterion: object = CRITERION) -> dict[str, Any]:
    return {"rubric_item_id": f"item-{number}", "score": score, "criterion": criterion, "tags": []}


def task(**changes: Any) -> dict[str, Any]:
    plain = {
        "task_id": "task-1",
        "sector": "Leisure",
        "occupation": "Event Planners",
        "prompt": PROMPT,
        "reference_files": ["a.pdf"],
        "deliverable_files": None,
        "rubric_json": json.dumps([item(1), item(2, -1, "Too late — é"), item(3, 0.5)]),
        "rubric_pretty": "never read",
    }
    return plain | changes


def dataset(
    tmp_path: Path, *tasks: dict[str, Any], readme: str = f"# GDPval\n\nCanary: {CANARY}\n"
) -> SourceFiles:
    pq.write_table(pa.Table.from_pylist(list(tasks)), tmp_path / "train.parquet")
    (tmp_path / "README.md").write_text(readme)
    return source_files(
        "gdpval", "b" * 12, "2025-10", {DATA: tmp_path / "train.parquet", README: tmp_path / "README.md"}
    )


def test_a_task_is_counted_and_digested(tmp_path: Path) -> None:
    (row,) = read_tasks(dataset(tmp_path, task())).to_pylist()
    assert row == {
        "vintage": "b" * 12,
        "source_file": DATA,
        "source_row": 1,
        "task_id": "task-1",
        "occupation": "Event Planners",
        "sector": "Leisure",
        "prompt_characters": len(PROMPT),
        "prompt_sha256": hashlib.sha256(PROMPT.encode()).hexdigest(),
        "rubric_item_count": 3,
        "rubric_points": 2.5,
        "rubric_sha256": hashlib.sha256(task()["rubric_json"].encode()).hexdigest(),
        "reference_file_count": 1,
        "deliverable_file_count": 0,
    }


def test_a_rubrics_items_keep_their_order_points_and_digests(tmp_path: Path) -> None:
    rows = read_rubric_items(dataset(tmp_path, task(), task(task_id="task-2"))).to_pylist()
    columns = ("task_id", "item_number", "rubric_item_id", "points", "criterion_characters", "source_row")
    assert [tuple(row[name] for name in columns) for row in rows][1:4] == [
        ("task-1", 2, "item-2", -1.0, 12, 1),
        ("task-1", 3, "item-3", 0.5, len(CRITERION), 1),
        ("task-2", 1, "item-1", 2.0, len(CRITERION), 2),
    ]
    assert rows[1]["criterion_sha256"] == hashlib.sha256("Too late — é".encode()).hexdigest()


def test_no_text_is_in_a_table(tmp_path: Path) -> None:
    files = dataset(tmp_path, task(), task(task_id="task-2"))
    search = LeakSearch(forbidden_texts(files))
    for name, reader in READERS.items():
        pq.write_table(reader(files), tmp_path / f"{name}.parquet")
        assert search.in_file(tmp_path / f"{name}.parquet") == []
        assert search.in_bytes(repr(reader(files).to_pylist()).encode()) == []
    assert search.in_bytes(repr(task()).encode()) != [], "the search finds nothing at all"


BROKEN_RUBRICS: list[tuple[str | None, str]] = [
    ("not json", "rubric is not JSON"),
    ("[]", "rubric has no items"),
    ('{"score": 1}', "rubric has no items"),
    (json.dumps([{"score": 1, "criterion": PROMPT}]), "lacks"),
    (json.dumps([PROMPT]), "lacks"),
    (json.dumps([item(1, score=PROMPT)]), "score is no number"),
    (json.dumps([item(1, criterion=None)]), "its criterion no text"),
]


@pytest.mark.parametrize(("rubric", "told"), BROKEN_RUBRICS)
@pytest.mark.parametrize("reader", [read_tasks, read_rubric_items, forbidden_texts])
def test_a_broken_rubric_is_named_by_its_task_without_its_text(
    tmp_path: Path, reader: Any, rubric: str, told: str
) -> None:
    files = dataset(tmp_path, task(task_id="task-0"), task(rubric_json=rubric))
    with pytest.raises(CellError, match=told) as caught:
        reader(files)
    assert caught.value.place == "task task-1, column rubric_json"
    assert caught.value.file == str(tmp_path / "train.parquet")
    assert PROMPT not in str(caught.value)


@pytest.mark.parametrize("column", ["task_id", "sector", "occupation", "prompt", "rubric_json"])
@pytest.mark.parametrize("nothing", [None, ""])
def test_a_task_without_a_text_is_named_by_row_and_column(
    tmp_path: Path, column: str, nothing: str | None
) -> None:
    files = dataset(tmp_path, task(task_id="task-0"), task(**{column: nothing}))
    with pytest.raises(CellError) as caught:
        read_tasks(files)
    assert caught.value.place == f"row 2, column {column}"
    assert PROMPT not in str(caught.value)


def test_absent_columns_are_named(tmp_path: Path) -> None:
    short = {name: value for name, value in task().items() if name != "prompt"}
    with pytest.raises(HeaderError, match=r"columns missing: \['prompt'\]"):
        read_tasks(dataset(tmp_path, short))


@pytest.mark.parametrize(
    ("content", "error"), [(b"<!DOCTYPE html><p>gated", HtmlInsteadOfDataError), (b"PAR1 not", SourceError)]
)
def test_a_file_that_is_no_parquet_is_refused(
    tmp_path: Path, content: bytes, error: type[SourceError]
) -> None:
    files = dataset(tmp_path, task())
    files.path(DATA).write_bytes(content)
    with pytest.raises(SourceError) as caught:
        read_tasks(files)
    assert type(caught.value) is error


# --- what must not leave


def test_forbidden_are_the_canary_and_fragments_of_every_text(tmp_path: Path) -> None:
    forbidden = forbidden_texts(dataset(tmp_path, task()))
    assert list(forbidden) == ["canary", *(f"task task-1 fragment {number}" for number in (1, 2, 3))]
    assert forbidden["canary"] == CANARY
    prompt, *criteria = list(forbidden.values())[1:]
    assert prompt in PROMPT
    assert all(criterion in CRITERION for criterion in criteria)
    assert {len(text) for text in (prompt, *criteria)} == {FRAGMENT_CHARACTERS}


def test_a_fragment_is_found_in_an_escaped_copy(tmp_path: Path) -> None:
    quoted = f'"First" — read:\n{PROMPT}\n<b>"Last"</b>'
    forbidden = forbidden_texts(dataset(tmp_path, task(prompt=quoted)))
    copy = json.dumps({"note": quoted}).encode()
    assert "task task-1 fragment 1" in LeakSearch(forbidden).in_bytes(copy)


def test_a_readme_without_a_canary_would_have_the_search_look_for_nothing(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no canary found") as caught:
        forbidden_texts(dataset(tmp_path, task(), readme="# GDPval\n"))
    assert caught.value.file == str(tmp_path / "README.md")


# --- the real dataset


@pytest.fixture(scope="module")
def real_files(real_mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> SourceFiles:
    settings = Settings(sources="mirror", mirror=(real_mirror,), data=tmp_path_factory.mktemp("run"))
    return acquire("gdpval", settings, read_lock(PROJECT_ROOT / "data" / "sources.lock.json"))


@pytest.mark.real_data
def test_the_real_dataset_has_220_tasks_and_10453_items(real_files: SourceFiles) -> None:
    assert read_tasks(real_files).num_rows == 220
    assert read_rubric_items(real_files).num_rows == 10_453


@pytest.mark.real_data
def test_no_committed_file_holds_real_text(real_files: SourceFiles) -> None:
    search = LeakSearch(forbidden_texts(real_files))
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    paths = [PROJECT_ROOT / name for name in tracked.split("\0") if name]
    leaks = [(str(path), found) for path in paths if path.is_file() for found in search.in_file(path)]
    assert len(paths) > 100
    # Place and label alone: the text itself must not reach a log.
    assert leaks == []
