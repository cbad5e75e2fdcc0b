"""The graph: nodes and edges lead to rows, and paths go along evidence alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import duckdb
import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.packets.graph.asking import Graph, NoNodeError, title_node
from aina_assets.packets.graph.make import file_provenance, graph_file, view_names
from aina_assets.packets.make import PacketStage
from aina_assets_tests.builds import Build


@pytest.fixture(scope="session")
def graph(starter_build: Build) -> Iterator[Graph]:
    opened = Graph(starter_build.engine.data.graph)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def title(stage: PacketStage) -> str:
    """A serviceable title's id."""
    return str(stage.store.read_partitions("title_packet", ["title_id"])[0][0].as_py())


def test_every_kind_of_node_is_there(stage: PacketStage) -> None:
    kinds = Counter(stage.store.read("graph_node", ["kind"])["kind"].to_pylist())
    assert set(kinds) == {
        *("title", "function", "soc", "occupation", "task", "dwa", "iwa", "gwa"),
        *("technology", "gdpval", "signal", "wage"),
    }
    assert kinds["occupation"] == stage.store.info("onet_occupation").rows
    assert kinds["task"] == stage.store.info("onet_task").rows


def test_every_edge_has_two_ends_and_says_which_row_it_is_from(stage: PacketStage) -> None:
    nodes = set(stage.store.read("graph_node", ["node_id"])["node_id"].to_pylist())
    computed = {"near", "covers"}
    for edge in stage.store.read("graph_edge").to_pylist():
        assert edge["from_id"] in nodes
        assert edge["to_id"] in nodes
        if edge["kind"] not in computed and edge["source_table"] != "title_packet":
            assert edge["source_row"] is not None
            assert edge["source_file"] is not None


def test_a_node_has_its_neighbours_on_both_sides(graph: Graph) -> None:
    found = graph.neighbours("onet:13-2011.00")
    kinds = {(edge["kind"], edge["direction"]) for edge in found}
    assert {("has_task", "to"), ("in_group", "to"), ("uses", "to")} <= kinds
    tasks = graph.neighbours("onet:13-2011.00", "has_task")
    assert {edge["kind"] for edge in tasks} == {"has_task"}
    weights = [edge["weight"] for edge in tasks]
    assert weights == sorted(weights, reverse=True)
    back = graph.neighbours(tasks[0]["other_id"], "has_task")
    assert [(edge["other_id"], edge["direction"]) for edge in back] == [("onet:13-2011.00", "from")]


def test_near_occupations_are_ranked(graph: Graph) -> None:
    found = graph.near("13-2011.00")
    assert [row["rank"] for row in found] == list(range(1, len(found) + 1))
    assert found[0]["similarity"] >= found[-1]["similarity"]


def path_is_joined(graph: Graph, start: str, goal: str) -> list[str]:
    """The kinds of edges of the path; asserts that its steps are joined from start to goal."""
    steps = graph.path(start, goal)
    assert steps[0]["from_id"] == start
    assert steps[-1]["to_id"] == goal
    for one, next_one in pairwise(steps):
        assert one["to_id"] == next_one["from_id"]
    return [step["edge"] for step in steps]


def test_a_title_leads_to_a_wage_and_a_task_by_its_rows(stage: PacketStage, graph: Graph, title: str) -> None:
    served = next(edge for edge in graph.neighbours(f"title:{title}", "served_as"))
    wages = graph.neighbours(served["other_id"], "paid")
    if wages:
        assert path_is_joined(graph, f"title:{title}", wages[0]["other_id"]) == ["served_as", "paid"]
    tasks = stage.store.read("onet_task", ["task_id"])["task_id"].to_pylist()
    for task_id in tasks[:: len(tasks) // 5]:
        kinds = path_is_joined(graph, f"title:{title}", f"task:{task_id}")
        assert "near" not in kinds
        assert "uses" not in kinds


def test_the_path_is_the_shortest(graph: Graph) -> None:
    task = graph.neighbours("onet:13-2011.00", "has_task")[0]["other_id"]
    assert path_is_joined(graph, "onet:13-2011.00", task) == ["has_task"]
    assert path_is_joined(graph, "soc:13-2011", task) == ["in_group", "has_task"]


def test_a_technology_ends_a_path_and_is_not_passed(graph: Graph) -> None:
    technology = graph.neighbours("onet:13-2011.00", "uses")[0]["other_id"]
    assert path_is_joined(graph, "onet:13-2011.00", technology) == ["uses"]


def test_the_same_path_is_found_every_time(graph: Graph, title: str) -> None:
    goal = graph.neighbours("onet:15-1252.00", "has_task")[0]["other_id"]
    assert graph.path(f"title:{title}", goal) == graph.path(f"title:{title}", goal)


def test_no_path_is_no_rows(graph: Graph) -> None:
    node = graph.node("onet:13-2011.00")["node_id"]
    assert graph.path(node, node) == []


@pytest.mark.parametrize("node", ["task:0", "onet:99-9999.00", "'; drop table graph_node; --", ""])
def test_an_unknown_node_is_named(graph: Graph, node: str) -> None:
    with pytest.raises(NoNodeError):
        graph.neighbours(node)
    with pytest.raises(NoNodeError):
        graph.path("onet:13-2011.00", node)


def test_a_title_that_is_not_served_is_told(graph: Graph, title: str) -> None:
    assert title_node(graph, title, "it") == f"title:{title}"
    for unknown in ("f" * 16, None):
        with pytest.raises(NoNodeError, match="not a serviceable title"):
            title_node(graph, unknown, "another")


# --- the file


def test_the_file_has_its_views_and_the_dictionary(starter_build: Build) -> None:
    with duckdb.connect(str(starter_build.engine.data.graph), read_only=True) as connection:
        names = {row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()}
        names |= {row[0] for row in connection.execute("select view_name from duckdb_views()").fetchall()}
        macros = {
            row[0] for row in connection.execute("select function_name from duckdb_functions()").fetchall()
        }
    assert {"graph_node", "graph_edge", "occupation_similarity", "data_dictionary"} <= names
    assert set(view_names()) <= names | macros


def test_the_file_is_left_alone_until_a_table_changes(engine: Engine) -> None:
    stage = PacketStage(engine)
    provenance, is_made = graph_file(stage)
    assert not is_made
    assert provenance == file_provenance(stage)
    engine.data.graph.unlink()
    assert graph_file(stage)[1]


def test_without_a_file_there_is_nothing_to_ask(engine: Engine) -> None:
    engine.data.graph.unlink()
    with pytest.raises(StateError):
        Graph(engine.data.graph)
