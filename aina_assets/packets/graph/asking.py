"""Asking the graph: neighbours of a node, occupations near one, the shortest path of evidence.

Belongs here: questions to the DuckDB file. Does not: making it (`make`); its views can be asked by any
program.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aina_assets.core.errors import AinaError
from aina_assets.warehouse.product import open_product

Rows = list[dict[str, Any]]


class NoNodeError(AinaError):
    """The graph has no such node."""

    default_remedy = (
        "A node's id is `<kind>:<id>`, as title:<id>, onet:13-2051.00, soc:13-2050, task:8823, "
        "wage:13-2051/annual_median_wage_usd; see the table graph_node."
    )


class Graph:
    """The graph of a built state, open for reading.

    Args:
        path: its DuckDB file.

    Raises:
        StateError: there is none, or it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._connection = open_product(path)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def node(self, node_id: str) -> dict[str, Any]:
        """A node.

        Raises:
            NoNodeError: there is none of this id.
        """
        found = self._rows("select * from graph_node where node_id = ?", [node_id])
        if not found:
            raise NoNodeError(f"the graph has no node {node_id!r}", place=node_id)
        return found[0]

    def neighbours(self, node_id: str, kind: str | None = None) -> Rows:
        """The edges of a node with what they lead to and the row that says so, the weightiest first.

        Args:
            kind: of edge; all kinds where None.

        Raises:
            NoNodeError: there is no such node.
        """
        self.node(node_id)
        return self._rows(
            "select * from neighbour where node_id = $node and ($kind is null or kind = $kind) "
            "order by kind, direction, weight desc nulls last, other_id",
            {"node": node_id, "kind": kind},
        )

    def near(self, onet_soc_code: str) -> Rows:
        """Occupations near an occupation, the nearest first.

        Raises:
            NoNodeError: there is no such occupation.
        """
        self.node(f"onet:{onet_soc_code}")
        return self._rows(
            "select * from occupation_near where onet_soc_code = ? order by rank", [onet_soc_code]
        )

    def path(self, start_id: str, goal_id: str) -> Rows:
        """The shortest path of evidence from one node to another, a row a step; none where they are not
        joined.

        Raises:
            NoNodeError: one of them does not exist.
        """
        self.node(start_id)
        self.node(goal_id)
        return self._rows("select * from evidence_path(?, ?)", [start_id, goal_id])

    def _rows(self, sql: str, params: Any) -> Rows:
        rows: Rows = self._connection.sql(sql, params=params).to_arrow_table().to_pylist()
        return rows


def title_node(graph: Graph, title_id: str | None, text: str) -> str:
    """The node of a title.

    Args:
        title_id: of the text; None where it is no usable title.

    Raises:
        NoNodeError: the title is not serviceable, so it is not in the graph.
    """
    node_id = f"title:{title_id}"
    try:
        graph.node(node_id)
    except NoNodeError as error:
        raise NoNodeError(
            f"{text!r} is not a serviceable title of the inventory: the graph does not have it",
            remedy="See `aina titles explain` for its route, or give a node's id.",
        ) from error
    return node_id
