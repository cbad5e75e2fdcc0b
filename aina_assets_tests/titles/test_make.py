"""The titles' tables are left alone where nothing changed, and grow by what was added."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.errors import AinaError, CellError, EncodingError, RaggedTableError
from aina_assets.sources.tables.title_list import TITLE_LIST
from aina_assets.titles.assess import Assessor, Evidence
from aina_assets.titles.make import EVIDENCE, TitleStage
from aina_assets.titles.make_routes import RouteStage
from aina_assets.titles.tables import CONTRACTS, TITLE, TITLE_FORM, TITLE_LEVEL, TITLE_ROUTE
from aina_assets_tests.builds import Build, copied, flip_byte, starter_settings, table_digests

BAD_LINES = {
    "x" * 10_240: "too_long",
    "\N{FIRE}\N{FIRE}": "no_letters",
    "=cmd()|' /C calc'!A0": "formula",
    "\x00\x07\x1b": "empty",
    "<script>alert(1)</script>": "markup",
    "write to jane.doe@example.invalid": "personal_data",
}


@pytest.fixture
def engine(starter_build: Build, tmp_path: Path) -> Engine:
    return copied(starter_build, tmp_path / "data")


def add_lines(engine: Engine, *lines: str) -> None:
    """Lines at the inventory's end, as the reader would have read them."""
    store = engine.store
    table = store.read("title_list")
    last = max(table["source_row"].to_pylist())
    rows = [
        {**table.to_pylist()[0], "source_row": last + n, "raw_title": line} for n, line in enumerate(lines, 1)
    ]
    grown = pa.concat_tables([table, pa.Table.from_pylist(rows, table.schema)])
    store.write(TITLE_LIST, grown, store.info("title_list").provenance)


def make_all(engine: Engine) -> dict[str, bool]:
    """Make the stage's tables up to the evidence; which were made anew."""
    stage = TitleStage(engine)
    made = {"title_form": stage.title_form()[1]}
    for key in engine.settings.title_batch_keys:
        made[f"title/{key}"] = stage.title(key)[1]
    for key in engine.settings.title_batch_keys:
        for name, (_, is_made) in stage.evidence(key).items():
            made[f"{name}/{key}"] = is_made
    return made


def digests(engine: Engine) -> dict[str, str]:
    """Digest of every batch of the evidence and the routes."""
    names = [TITLE.name, TITLE_ROUTE.name, *(contract.name for contract in EVIDENCE)]
    return {f"{name}/{info.partition}": info.sha256 for name in names for info in engine.store.infos(name)}


def test_what_has_not_changed_is_left_alone(engine: Engine) -> None:
    assert not any(make_all(engine).values())
    stage = TitleStage(engine)
    assert stage.title_model()[1] is False
    routes = RouteStage(stage)
    assert not any(
        made for _, made in (routes.title_gold(), routes.title_calibration(), routes.title_certificate())
    )
    assert not any(routes.title_route(key)[1] for key in engine.settings.title_batch_keys)


def test_added_titles_alone_are_assessed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digests(engine)
    assessed: list[str] = []
    plain = Assessor.assess

    def counting(self: Assessor, titles: Sequence[Mapping[str, Any]]) -> Evidence:
        assessed.extend(row["normalized_title"] for row in titles)
        return plain(self, titles)

    monkeypatch.setattr(Assessor, "assess", counting)
    add_lines(
        engine, "Underwater Basket Accountant", "Zeppelin Marketing Analyst", "underwater basket accountant"
    )
    made = make_all(engine)
    assert sorted(assessed) == ["underwater basket accountant", "zeppelin marketing analyst"]
    changed = {key for key, digest in digests(engine).items() if before.get(key) != digest}
    assert {key.split("/")[1] for key in changed} <= {
        key.split("/")[1] for key, is_made in made.items() if is_made and "/" in key
    }
    assert len({key.split("/")[1] for key in changed}) <= 2


def test_titles_that_left_are_dropped(engine: Engine) -> None:
    add_lines(engine, "Underwater Basket Accountant")
    make_all(engine)
    stage = TitleStage(engine)
    table = engine.store.read("title_list")
    engine.store.write(
        TITLE_LIST, table.slice(0, table.num_rows - 1), engine.store.info("title_list").provenance
    )
    make_all(engine)
    titles = engine.store.read_partitions(TITLE.name)["normalized_title"].to_pylist()
    levels = engine.store.read_partitions(TITLE_LEVEL.name)["title_id"].to_pylist()
    assert "underwater basket accountant" not in titles
    assert len(levels) == len(titles)
    assert stage.engine is engine


def test_one_batch_made_anew_touches_its_own_files_alone(engine: Engine) -> None:
    key = next(info.partition for info in engine.store.infos(TITLE_LEVEL.name) if info.rows)
    assert key is not None
    before = digests(engine)
    times = {path: path.stat().st_mtime_ns for path in engine.data.tables.rglob("*.parquet")}
    for contract in EVIDENCE:
        engine.store.path(contract.name, key).unlink()
    TitleStage(engine).evidence(key)
    assert digests(engine) == before
    touched = {path for path, time in times.items() if path.stat().st_mtime_ns != time}
    assert touched == {engine.store.path(contract.name, key) for contract in EVIDENCE}


def test_a_damaged_batch_and_a_damaged_model_are_made_anew(engine: Engine) -> None:
    key = next(info.partition for info in engine.store.infos(TITLE_LEVEL.name) if info.rows)
    assert key is not None
    before = digests(engine)
    stage = TitleStage(engine)
    for path in (engine.store.path(TITLE_LEVEL.name, key), stage.model_path):
        flip_byte(path, path.stat().st_size // 2)
    sha256, is_made = stage.title_model()
    assert is_made
    assert stage.title_model() == (sha256, False)
    assert TitleStage(engine).evidence(key)[TITLE_LEVEL.name][1]
    assert digests(engine) == before


def test_every_bad_line_has_its_answer_and_leaves_no_text(engine: Engine) -> None:
    first = max(engine.store.read(TITLE_FORM.name)["source_row"].to_pylist()) + 1
    add_lines(engine, *BAD_LINES)
    TitleStage(engine).title_form()
    forms = {row["source_row"]: row for row in engine.store.read(TITLE_FORM.name).to_pylist()}
    found = {line: forms[first + n] for n, line in enumerate(BAD_LINES)}
    assert {line: row["defect"] for line, row in found.items()} == BAD_LINES
    assert all(row["raw_title"] is None and row["title_id"] is None for row in found.values())


def make_whole(engine: Engine) -> None:
    """Make every table of the stage."""
    stage = TitleStage(engine)
    stage.authority_title()
    stage.title_model()
    make_all(engine)
    routes = RouteStage(stage)
    for make in (routes.title_gold, routes.title_calibration, routes.title_certificate):
        make()
    for key in engine.settings.title_batch_keys:
        routes.title_route(key)
    routes.title_coverage()


@pytest.mark.parametrize("share", [0.02, 0.97])
def test_one_wrong_byte_in_every_table_at_once_is_made_good(
    starter_build: Build, engine: Engine, share: float
) -> None:
    for contract in CONTRACTS:
        path = engine.store.path(contract.name, "12" if contract.partitioned_by else None)
        flip_byte(path, int(path.stat().st_size * share))
    make_whole(Engine(engine.settings))
    assert table_digests(engine.data.path) == table_digests(starter_build.engine.data.path)


def test_a_damaged_gold_set_is_told_and_the_routes_stay(engine: Engine, tmp_path: Path) -> None:
    shutil.copytree(engine.settings.gold_root, tmp_path / "gold")
    path = tmp_path / "gold" / "starter_titles.csv"
    before = table_digests(engine.data.path)
    settings = starter_settings(engine.data.path, gold=tmp_path / "gold")
    content = path.read_bytes()
    faults: list[tuple[bytes, bytes, type[AinaError]]] = [
        (b",in,", b",innn,", CellError),
        (b"\n", b"\r\n", EncodingError),
        (b",", b"", RaggedTableError),
    ]
    for good, bad, error in faults:
        path.write_bytes(content[:1000] + content[1000:].replace(good, bad, 1))
        with pytest.raises(error) as caught:
            RouteStage(TitleStage(Engine(settings))).title_gold()
        assert caught.value.file == str(path)
    path.write_bytes(content)
    assert table_digests(engine.data.path) == before
    assert RouteStage(TitleStage(Engine(settings))).title_gold()[1] is False


@pytest.mark.parametrize("lines", [2])
def test_an_inventory_of_a_few_titles_is_routed_whole(engine: Engine, lines: int) -> None:
    """Most batches have no title then, and no gold set speaks for it."""
    table, provenance = engine.store.read("title_list"), engine.store.info("title_list").provenance
    engine.store.write(TITLE_LIST, table.slice(0, lines), provenance)
    make_all(engine)
    routes = RouteStage(TitleStage(engine))
    assert routes.title_gold()[0].rows == 0
    routes.title_calibration()
    assert routes.title_certificate()[0].rows == 0
    made = [routes.title_route(key)[0].rows for key in engine.settings.title_batch_keys]
    assert sum(made) == lines
    assert made.count(0) >= len(made) - lines
    coverage = routes.title_coverage()[0]
    assert sum(engine.store.read(coverage.name)["titles"].to_pylist()) == lines


def test_every_form_of_a_title_is_kept(engine: Engine) -> None:
    add_lines(
        engine, "Sr. Zeppelin Accountant - EMEA", "senior zeppelin accountant", "SENIOR ZEPPELIN ACCOUNTANT"
    )
    make_all(engine)
    forms = [
        row
        for row in engine.store.read(TITLE_FORM.name).to_pylist()
        if "zeppelin" in (row["core_title"] or "")
    ]
    assert len({row["title_id"] for row in forms}) == 1
    assert len({row["raw_title"] for row in forms}) == 3
    assert {row["location"] for row in forms} == {"emea", None}
    (title,) = [
        row
        for row in engine.store.read_partitions(TITLE.name).to_pylist()
        if row["title_id"] == forms[0]["title_id"]
    ]
    assert (title["form_count"], title["seniority"]) == (3, "senior")
