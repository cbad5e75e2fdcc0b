"""Commands that write copies: below the data root freely, anywhere else behind the gate, the same for all."""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets_tests.builds import Build, copied, invoke

# Every command that a person can name a place to. `{}` is the place.
EXPORTS = {
    "packets": ("packets", "export", "--kind", "roles", "--out", "{}"),
    "prompts": ("review", "prompts", "--out", "{}"),
    "xapi": ("learn", "export", "xapi", "{}"),
    "case": ("learn", "export", "case", "soc:13-0000", "{}"),
    "sample": ("gold", "sample", "{}", "--size", "60", "--floor", "1"),
}


def typed(name: str, place: Path) -> list[str]:
    return [word.format(place) for word in EXPORTS[name]]


@pytest.mark.parametrize("name", EXPORTS)
def test_below_the_data_root_nobody_is_asked(starter_build: Build, tmp_path: Path, name: str) -> None:
    engine = copied(starter_build, tmp_path / "run")
    place = engine.data.exports / name
    told = invoke(engine.data.path, *typed(name, place))
    assert told.exit_code == 0, told.output
    # The starter's queue is empty: there is no prompt to write.
    assert place.exists() or name == "prompts"
    assert not (engine.data.gates / "decisions.jsonl").exists() or "external_writes" not in (
        engine.data.gates / "decisions.jsonl"
    ).read_text("utf-8")


@pytest.mark.parametrize("name", EXPORTS)
def test_another_place_is_refused_with_the_gates_explanation_and_on_record(
    starter_build: Build, tmp_path: Path, name: str
) -> None:
    engine = copied(starter_build, tmp_path / "run")
    place = tmp_path / "outside"
    told = invoke(engine.data.path, *typed(name, place))
    assert told.exit_code == 1
    assert f"GateClosedError: external_writes: {place}: blocked: there is no approval" in told.stderr
    assert str(engine.data.exports) in told.stderr
    assert not place.exists()
    assert str(place) in (engine.data.gates / "decisions.jsonl").read_text("utf-8").splitlines()[-1]


@pytest.mark.parametrize("name", ["label", "import"])
def test_a_sheet_of_gold_elsewhere_is_refused(starter_build: Build, tmp_path: Path, name: str) -> None:
    engine = copied(starter_build, tmp_path / "run")
    sheet = tmp_path / "outside.csv"
    words = {"label": (str(sheet),), "import": (str(tmp_path), str(sheet))}[name]
    told = invoke(engine.data.path, "gold", name, *words)
    assert told.exit_code == 1
    assert "GateClosedError: external_writes" in told.stderr
    assert not sheet.exists()


def test_without_a_place_a_copy_lies_below_the_data_root(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "run")
    for words in (EXPORTS["packets"][:4], EXPORTS["xapi"][:3], EXPORTS["case"][:4]):
        told = invoke(engine.data.path, *words)
        assert told.exit_code == 0, told.output
    assert {path.name for path in engine.data.exports.iterdir()} == {
        *("packets-roles-jsonl", "xapi.jsonl", "case-soc-13-0000.json"),
    }


def test_what_decides_is_written_by_no_export(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "run")
    told = invoke(
        engine.data.path, *typed("xapi", PROJECT_ROOT / "data" / "policies" / "rubrics" / "xapi.jsonl")
    )
    assert told.exit_code == 1
    assert "nothing here writes" in told.stderr


def test_a_link_below_the_data_root_leads_nowhere_else(starter_build: Build, tmp_path: Path) -> None:
    engine = copied(starter_build, tmp_path / "run")
    (tmp_path / "outside").mkdir()
    engine.data.exports.mkdir()
    (engine.data.exports / "link").symlink_to(tmp_path / "outside")
    told = invoke(engine.data.path, *typed("xapi", engine.data.exports / "link" / "xapi.jsonl"))
    assert told.exit_code == 1
    assert "external_writes" in told.stderr
    assert list((tmp_path / "outside").iterdir()) == []
