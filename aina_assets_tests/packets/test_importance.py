"""Importance: the extract is read strictly, and ranks rest on the best that is at hand, and say on what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.errors import (
    AinaError,
    CellError,
    EmptyFileError,
    HeaderError,
    MissingSourceError,
    RaggedTableError,
)
from aina_assets.packets.importance import extract_vintage, read_extract
from aina_assets.packets.make import PacketStage
from aina_assets_tests.builds import starter_settings
from aina_assets_tests.packets.states import change

HEADER = "Task ID,O*NET-SOC Code,Importance (IM) mean\n"


def written(tmp_path: Path, text: str, name: str = "onet_30_1_task_importance.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_rated_tasks_have_a_row_each_and_unrated_ones_none(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + "1,11-1011.00,4.5\n2,11-1011.00,\n3,11-1011.00,n/a\n4,11-1011.00,2\n")
    rows = read_extract(path).to_pylist()
    assert [(row["task_id"], row["importance"], row["source_row"]) for row in rows] == [
        (1, 4.5, 2),
        (4, 2.0, 5),
    ]
    assert {row["vintage"] for row in rows} == {"30.1"}


def test_without_a_file_there_are_no_ratings() -> None:
    assert read_extract(None).num_rows == 0


@pytest.mark.parametrize(("name", "vintage"), [("onet_29_1_x.csv", "29.1"), ("ratings.csv", "unstated")])
def test_the_release_is_what_the_name_says(tmp_path: Path, name: str, vintage: str) -> None:
    assert extract_vintage(tmp_path / name) == vintage


@pytest.mark.parametrize(
    ("text", "error", "place"),
    [
        ("", EmptyFileError, None),
        (HEADER, EmptyFileError, None),
        ("Task,Code,Importance\n1,2,3\n", HeaderError, "line 1"),
        (HEADER + "1,11-1011.00\n", RaggedTableError, None),
        (HEADER + "x,11-1011.00,4\n", CellError, "record 2"),
        (HEADER + "1,11-1011.00,high\n", CellError, "record 2"),
        (HEADER + "1,11-1011.00,0.5\n", CellError, "record 2"),
        (HEADER + "1,11-1011.00,5.1\n", CellError, "record 2"),
        (HEADER + "1,11-1011.00,nan\n", CellError, "record 2"),
        (HEADER + "1,11-1011.00,4\n1,11-1011.00,3\n", CellError, "record 3"),
    ],
)
def test_another_file_is_refused(
    tmp_path: Path, text: str, error: type[AinaError], place: str | None
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(error) as told:
        read_extract(path)
    assert told.value.file == str(path)
    if place is not None:
        assert told.value.place == place


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingSourceError):
        read_extract(tmp_path / "none.csv")


# --- ranks


def ranks(engine: Engine, code: str) -> list[dict[str, Any]]:
    PacketStage(engine).task_importance()
    rows = engine.store.read("task_importance").to_pylist()
    return [row for row in rows if row["onet_soc_code"] == code]


def occupation(engine: Engine) -> str:
    return str(engine.store.read("onet_task", ["onet_soc_code"])[0][0].as_py())


def test_onets_own_ratings_rank_tasks(engine: Engine) -> None:
    rows = ranks(engine, occupation(engine))
    values = [row["importance"] for row in rows]
    assert values == sorted(values, reverse=True)
    assert {row["importance_source"] for row in rows} == {"onet_task_rating"}
    assert all(row["source_file"] and row["source_row"] for row in rows)


def test_without_ratings_core_comes_first_and_then_the_files_order(engine: Engine) -> None:
    code = occupation(engine)
    change(engine, "onet_task_rating", lambda rows: [])
    rows = ranks(engine, code)
    tasks = {row["task_id"]: row for row in engine.store.read("onet_task").to_pylist()}
    order = [
        (
            {"Core": 1, None: 2, "Supplemental": 3}[tasks[row["task_id"]]["task_type"]],
            tasks[row["task_id"]]["source_row"],
        )
        for row in rows
    ]
    assert order == sorted(order)
    assert {(row["importance"], row["importance_source"]) for row in rows} == {(None, "task_type_and_order")}


def test_a_rating_that_upstream_advises_against_is_not_used(engine: Engine) -> None:
    code = occupation(engine)
    first = ranks(engine, code)[0]["task_id"]
    change(
        engine,
        "onet_task_rating",
        lambda rows: [{**row, "is_suppression_recommended": row["task_id"] == first} for row in rows],
    )
    rows = {row["task_id"]: row for row in ranks(engine, code)}
    assert rows[first]["importance"] is None
    assert rows[first]["rank"] == len(rows)


def test_the_extract_stands_in_where_there_are_no_ratings_and_says_so(engine: Engine, tmp_path: Path) -> None:
    code = occupation(engine)
    change(engine, "onet_task_rating", lambda rows: [])
    ids = [row["task_id"] for row in ranks(engine, code)]
    path = written(tmp_path, HEADER + f"{ids[-1]},{code},4.9\n{ids[0]},{code},1.2\n")
    rows = ranks(Engine(starter_settings(engine.data.path, task_importance=path)), code)
    assert [row["task_id"] for row in rows[:2]] == [ids[-1], ids[0]]
    assert [row["importance_source"] for row in rows[:2]] == ["importance_extract"] * 2
    assert rows[0]["source_file"] == path.name
    assert rows[0]["vintage"] == "30.1"
    assert {row["importance_source"] for row in rows[2:]} == {"task_type_and_order"}


def test_ratings_of_the_lane_come_before_the_extract(engine: Engine, tmp_path: Path) -> None:
    code = occupation(engine)
    ids = [row["task_id"] for row in ranks(engine, code)]
    path = written(tmp_path, HEADER + f"{ids[-1]},{code},5\n")
    rows = ranks(Engine(starter_settings(engine.data.path, task_importance=path)), code)
    assert [row["task_id"] for row in rows] == ids
