"""Title batches by several processes: the same tables as by one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.processes import in_processes
from aina_assets.titles import batches, make
from aina_assets.titles.make import EVIDENCE, TitleStage
from aina_assets.titles.tables import TITLE, TITLE_FORM, TITLE_ROUTE
from aina_assets_tests.builds import Build, copied, table_digests

PARTITIONED = (TITLE, *EVIDENCE, TITLE_ROUTE)


@pytest.fixture
def engine(starter_build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The starter's state without the tables of its titles, and no list too short for several processes."""
    for name in ("LEAST_FORMS_JOINED", "LEAST_ASSESSED", "LEAST_ROUTED"):
        monkeypatch.setattr(batches, name, 0)
    monkeypatch.setattr(make, "LEAST_NORMALIZED", 0)
    engine = copied(starter_build, tmp_path / "run")
    for contract in PARTITIONED:
        shutil.rmtree(engine.data.tables / contract.name)
    engine.store.path(TITLE_FORM.name).unlink()
    return engine


def test_several_processes_make_what_one_makes(
    starter_build: Build, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []

    def counted(*arguments: object) -> object:
        begun.append(1)
        return in_processes(*arguments)  # type: ignore[arg-type]

    for module in (batches, make):
        monkeypatch.setattr(module, "in_processes", counted)
    keys = engine.settings.title_batch_keys
    assert TitleStage(engine).title_form()[1]
    assert all(is_made for _, is_made in batches.make_titles(engine, keys))
    assert all(is_made for made in batches.make_evidence(engine, keys) for _, is_made in made.values())
    assert all(is_made for _, is_made in batches.make_routes(engine, keys))
    assert len(begun) == 4
    assert table_digests(engine.data.path) == table_digests(starter_build.engine.data.path)
    # Nothing is made again, and one batch needs no second process.
    assert not any(is_made for _, is_made in batches.make_routes(engine, keys[:1]))
    assert len(begun) == 4


def test_one_process_is_enough_where_one_is_asked_for(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "in_processes", None)
    monkeypatch.setattr(make, "in_processes", None)
    alone = Engine(engine.settings.model_copy(update={"processes": 1}))
    assert TitleStage(alone).title_form()[1]
    keys = alone.settings.title_batch_keys
    assert len(batches.make_titles(alone, keys)) == len(keys)
