"""Making: the same inputs give the same bytes, what has not changed is left alone, a batch costs a batch."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from aina_assets.core.engine import Engine
from aina_assets.packets.graph.make import graph_table
from aina_assets.packets.make import Made, PacketStage
from aina_assets.packets.quality.findings import packet_quality_finding
from aina_assets.packets.reader import stored_role
from aina_assets.packets.review.findings import packet_review_finding
from aina_assets.packets.sample import histogram, packet_markdown, role_figures, sample_packet
from aina_assets.packets.tables import CONTRACTS, GRAPH_EDGE, GRAPH_NODE, ROLE_PACKET, TITLE_PACKET
from aina_assets_tests.builds import table_digests
from aina_assets_tests.packets.states import change

MAKERS: dict[str, Callable[[PacketStage], Made]] = {
    "task_importance": lambda stage: stage.task_importance(),
    "task_ai_signal": lambda stage: stage.task_ai_signal(),
    "occupation_similarity": lambda stage: stage.occupation_similarity(),
    "role_packet": lambda stage: stage.role_packet(),
    "packet_quality_finding": packet_quality_finding,
    "packet_review_finding": packet_review_finding,
    "graph_node": lambda stage: graph_table(stage, GRAPH_NODE),
    "graph_edge": lambda stage: graph_table(stage, GRAPH_EDGE),
}


def test_every_table_is_made_by_its_maker() -> None:
    assert {*MAKERS, TITLE_PACKET.name} == {contract.name for contract in CONTRACTS}


@pytest.mark.parametrize("name", MAKERS)
def test_a_table_is_left_alone_and_made_anew_to_the_same_bytes(engine: Engine, name: str) -> None:
    before, is_made = MAKERS[name](PacketStage(engine))
    assert not is_made
    engine.store.path(name).unlink()
    after, is_made = MAKERS[name](PacketStage(engine))
    assert is_made
    assert after.sha256 == before.sha256


def test_a_batch_of_titles_is_left_alone_and_made_anew_to_the_same_bytes(engine: Engine) -> None:
    before = table_digests(engine.data.path)
    key = next(
        key
        for key in engine.store.partitions(TITLE_PACKET.name)
        if engine.store.info(TITLE_PACKET.name, key).rows
    )
    assert not PacketStage(engine).title_packet(key)[1]
    engine.store.path(TITLE_PACKET.name, key).unlink()
    assert PacketStage(engine).title_packet(key)[1]
    assert table_digests(engine.data.path) == before


def test_a_title_that_is_no_longer_served_leaves_its_batch_alone_of_all(engine: Engine) -> None:
    key = next(
        key
        for key in engine.store.partitions(TITLE_PACKET.name)
        if engine.store.info(TITLE_PACKET.name, key).rows
    )
    gone = engine.store.read(TITLE_PACKET.name, partition=key)["title_id"][0].as_py()
    change(
        engine,
        "title_state",
        lambda rows: [{**row, "state": "residual"} if row["title_id"] == gone else row for row in rows],
    )
    stage = PacketStage(engine)
    made = {other: stage.title_packet(other)[1] for other in engine.store.partitions(TITLE_PACKET.name)}
    assert [other for other, is_made in made.items() if is_made] == [key]
    assert gone not in engine.store.read(TITLE_PACKET.name, partition=key)["title_id"].to_pylist()


def test_a_policy_that_changed_makes_the_packets_anew(engine: Engine, tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    shutil.copytree(engine.settings.policies_root, policies)
    path = policies / "packets.toml"
    path.write_text(path.read_text("utf-8").replace("most_tasks = 30", "most_tasks = 12"), "utf-8")

    class Elsewhere(type(engine.settings)):  # type: ignore[misc]
        @property
        def policies_root(self) -> Path:
            return policies

    changed = Engine(Elsewhere(**engine.settings.model_dump()))
    info, is_made = PacketStage(changed).role_packet()
    assert is_made
    counts = changed.store.read(ROLE_PACKET.name, ["level", "task_count"]).to_pylist()
    assert max(row["task_count"] for row in counts if row["level"] != "occupation") == 12
    assert info.rows == len(counts)


# --- what the UI shows


def test_the_sample_is_an_occupation_that_people_can_read(stage: PacketStage) -> None:
    told = sample_packet(stage.store)
    assert told == sample_packet(stage.store)
    assert told.startswith("### ")
    assert "**" in told
    assert "Wages (" in told
    assert "O*NET" in told


def test_a_state_without_roles_has_no_sample(engine: Engine) -> None:
    change(engine, ROLE_PACKET, lambda rows: [])
    assert sample_packet(engine.store) == "There are no role packets."
    assert role_figures(engine.store).figures["facts_with_origin"] == 0


def test_a_histogram_counts_every_value_once() -> None:
    rows = histogram([0, 1, 5, 5, 9, 30], "tasks")
    assert sum(int(str(row["packets"])) for row in rows) == 6
    assert rows[0] == {"tasks": "0 to 3", "packets": 2, "bar": "█" * 40}
    assert histogram([], "tasks") == [{"tasks": "0 to 0", "packets": 0, "bar": ""}]


def test_a_sparse_packet_is_readable_too(stage: PacketStage) -> None:
    rows = stage.store.read(ROLE_PACKET.name).to_pylist()
    sparse = min(rows, key=lambda row: row["fact_count"])
    packet = stored_role(stage.store, sparse["role_id"], sparse["packet_sha256"])
    assert packet_markdown(packet).startswith("### ")
