"""`aina packets` and `aina graph`, as somebody types them."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import Result

from aina_assets.packets.contract import RolePacket, TitlePacket, read_packet
from aina_assets.packets.reader import PacketReader
from aina_assets_tests.builds import Build, copied, invoke


def asked(build: Build, *arguments: str) -> Result:
    return invoke(build.engine.data.path, *arguments)


def test_show_tells_a_title_with_its_role(starter_build: Build, reader: PacketReader) -> None:
    title_id = next(reader.title_ids())
    title = reader.title(title_id)
    told = asked(starter_build, "packets", "show", title.title)
    assert told.exit_code == 0, told.output
    assert title_id in told.output
    # A name may be broken at the end of a cell; its words are there.
    for words in ("Tasks by workflow", "AI signals", "error", *title.role.workflows[0].name.split(), "row"):
        assert words in told.output
    as_json = asked(starter_build, "packets", "show", title.title, "--json")
    assert read_packet(as_json.stdout, TitlePacket) == title


def test_show_tells_a_role(starter_build: Build, reader: PacketReader) -> None:
    told = asked(starter_build, "packets", "show", "13-2011.00")
    assert told.exit_code == 0
    assert "Wages: OEWS" in told.output
    assert "GDPval tasks" in told.output
    as_json = asked(starter_build, "packets", "show", "13-2011.00", "--json")
    assert read_packet(as_json.stdout, RolePacket) == reader.role("onet:13-2011.00")


def test_show_of_a_title_that_is_not_served_ends_with_3(starter_build: Build) -> None:
    told = asked(starter_build, "packets", "show", "senior quantum llama wrangler")
    assert told.exit_code == 3, told.output
    assert "not_serviceable" in told.output
    assert "not in the inventory" in told.output


def test_show_of_a_held_title_tells_its_candidates_and_how_to_see_them(starter_build: Build) -> None:
    rows = starter_build.engine.store.read("title_state").to_pylist()
    row = next(row for row in rows if row["state"] == "residual")
    told = asked(starter_build, "packets", "show", row["normalized_title"])
    assert told.exit_code == 3, told.output
    assert "looked at it and kept it" in " ".join(told.output.split())
    as_json = asked(starter_build, "packets", "show", row["title_id"], "--json")
    assert as_json.exit_code == 3
    answer = json.loads(as_json.stdout)
    assert (answer["kind"], answer["state"]) == ("no_packet", "not_serviceable")
    assert answer["title"]["title_id"] == row["title_id"]
    first = answer["title"]["candidates"][0]
    assert first["command"] == f"aina packets show {first['role_id']}"
    shown = asked(starter_build, *first["command"].split()[1:])
    assert shown.exit_code == 0, shown.output


def test_show_of_no_title_tells_so_and_repeats_nothing(starter_build: Build) -> None:
    told = asked(starter_build, "packets", "show", "jane.doe@example.org", "--json")
    assert told.exit_code == 3
    assert json.loads(told.stdout) == {
        "kind": "no_packet",
        "state": "no_title",
        "detail": "the text is no usable title",
        "title": None,
    }


def test_show_before_a_build_says_what_to_do(tmp_path: Path) -> None:
    told = invoke(tmp_path, "packets", "show", "accountant")
    assert told.exit_code == 1
    assert "aina build" in told.output


def test_export_writes_and_counts(starter_build: Build, tmp_path: Path) -> None:
    # A copy: what stands in a shared state's exports would be other tests' too.
    engine = copied(starter_build, tmp_path / "run")
    folder = engine.data.exports / "out"
    told = invoke(engine.data.path, "packets", "export", "--format", "parquet", "--out", str(folder))
    assert told.exit_code == 0, told.output
    assert {path.name for path in folder.iterdir()} == {"titles.parquet", "export.json"}
    again = invoke(engine.data.path, "packets", "export", "--out", str(folder))
    assert again.exit_code == 2
    wrong = invoke(engine.data.path, "packets", "export", "--format", "xml", "--out", str(tmp_path / "x"))
    assert wrong.exit_code == 2
    assert "jsonl, parquet, files" in wrong.output


def test_graph_path_neighbours_and_near(starter_build: Build, reader: PacketReader) -> None:
    title = reader.title(next(reader.title_ids()))
    task = str(title.role.tasks[0].task_id)
    told = asked(starter_build, "graph", "path", title.title, task, "--json")
    assert told.exit_code == 0, told.output
    steps = json.loads(told.stdout)
    assert steps[0]["from_id"] == f"title:{title.title_id}"
    assert steps[-1]["to_id"] == f"task:{task}"
    assert asked(starter_build, "graph", "path", title.title, task).exit_code == 0
    near = json.loads(asked(starter_build, "graph", "near", "13-2011.00", "--json").stdout)
    assert near[0]["rank"] == 1
    edges = asked(starter_build, "graph", "neighbours", "onet:13-2011.00", "--kind", "in_group", "--json")
    assert [edge["other_id"] for edge in json.loads(edges.stdout)] == ["soc:13-2011"]


def test_graph_of_what_is_not_there_ends_with_1(starter_build: Build) -> None:
    for arguments in (
        ("graph", "path", "no such title at all", "1"),
        ("graph", "path", "onet:13-2011.00", "0"),
        ("graph", "near", "99-9999.00"),
    ):
        told = asked(starter_build, *arguments)
        assert told.exit_code == 1
        assert "NoNodeError" in told.output
    alone = asked(starter_build, "graph", "path", "onet:13-2011.00", "onet:13-2011.00")
    assert alone.exit_code == 1
    assert "no path of evidence" in alone.output
