"""The whole review: rows of `packet_review_finding`.

Belongs here: putting the parts together, and words for people. Does not: what is compared (`tasks`,
`titles`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from aina_assets.packets.evidence.rows import INPUTS
from aina_assets.packets.make import Made, PacketStage
from aina_assets.packets.memory import uncollected
from aina_assets.packets.review.tasks import TaskReview
from aina_assets.packets.review.titles import TitleReview
from aina_assets.packets.roles import role_id_of
from aina_assets.packets.tables import PACKET_REVIEW_FINDING, ROLE_PACKET, TITLE_PACKET


def packet_review_finding(stage: PacketStage) -> Made:
    """Make `packet_review_finding`."""
    tables = (ROLE_PACKET.name, TITLE_PACKET.name, *INPUTS)
    provenance = stage.provenance(PACKET_REVIEW_FINDING, tables, stage.policy_inputs)
    standing = stage.store.current(PACKET_REVIEW_FINDING.name, provenance)
    if standing is not None:
        return standing, False
    with uncollected():
        found = list(review_rows(stage))
    rows = sorted(found, key=lambda row: (row["rule"], row["packet_id"], row["subject"]))
    table = pa.Table.from_pylist(rows, PACKET_REVIEW_FINDING.arrow_schema)
    return stage.store.write(PACKET_REVIEW_FINDING, table, provenance), True


def review_rows(stage: PacketStage) -> Iterator[dict[str, Any]]:
    """Every finding on the packets that stand."""
    yield from _of_tasks(stage)
    yield from _of_titles(stage)


def _of_tasks(stage: PacketStage) -> Iterator[dict[str, Any]]:
    review = TaskReview(stage.evidence.work.tasks, stage.nearness, stage.policy.review)
    occupations = stage.evidence.soc.occupations
    for pair in review.near_duplicates():
        yield {
            "rule": "near_duplicate_tasks",
            "packet_id": role_id_of("occupation", pair.code),
            "subject": " ".join(map(str, pair.task_ids)),
            "points_to": None,
            "score": pair.score,
            "detail": f"Two tasks of {occupations[pair.code].title} say nearly the same.",
        }
    for odd in review.elsewhere():
        other = occupations[odd.points_to or ""]
        yield {
            "rule": "task_elsewhere",
            "packet_id": role_id_of("occupation", odd.code),
            "subject": str(odd.task_ids[0]),
            "points_to": role_id_of("occupation", other.code),
            "score": odd.score,
            "detail": f"A task of {occupations[odd.code].title} is like those of {other.title} and like no "
            "other "
            "of its own.",
        }


def _of_titles(stage: PacketStage) -> Iterator[dict[str, Any]]:
    roles = stage.roles.all
    columns = ["title_id", "normalized_title", "role_id"]
    titles = [
        (row["title_id"], row["normalized_title"], row["role_id"])
        for row in stage.store.read_partitions(TITLE_PACKET.name, columns).to_pylist()
    ]
    for odd in TitleReview(stage.evidence, roles, stage.policy.review).elsewhere(titles):
        yield {
            "rule": "title_points_elsewhere",
            "packet_id": odd.title_id,
            "subject": odd.title,
            "points_to": odd.points_to,
            "score": round(1 - odd.own / odd.best, 4),
            "detail": f"Served as {roles[odd.role_id].title}; its words are nearer to "
            f"{roles[odd.points_to].title}.",
        }
