"""What real work a practice task stands for: workflow, task statements and technologies of the packet.

Belongs here: gathering it from a packet. Does not: the task's own materials (`generating`).
"""

from __future__ import annotations

from threading import Lock

from aina_assets.learning.planning.plan import Plan, PlanItem
from aina_assets.learning.practice.task import WorkContext
from aina_assets.packets.reader import NoPacketError, PacketHeldError, PacketReader

MOST_STATEMENTS, MOST_TECHNOLOGIES = 4, 4


class Contexts:
    """Contexts out of the packets of a built state."""

    def __init__(self, reader: PacketReader) -> None:
        self._reader = reader
        # A Parquet file's reader is not made for several threads.
        self._one_at_a_time = Lock()

    def of_item(self, plan: Plan, item: PlanItem) -> WorkContext | None:
        """The context of a plan item; None where the packet is no more handed out."""
        if plan.title.role_id is None:
            return None
        try:
            with self._one_at_a_time:
                role = self._reader.role(plan.title.role_id)
        except (NoPacketError, PacketHeldError):
            return None
        tasks = {task.task_id: task for task in role.tasks}
        shown = [tasks[task_id] for task_id in item.task_ids if task_id in tasks]
        return WorkContext(
            role_title=role.title,
            workflow_id=item.workflow_id,
            workflow_name=item.workflow_name,
            task_ids=tuple(task.task_id for task in shown[:MOST_STATEMENTS]),
            statements=tuple(task.statement for task in shown[:MOST_STATEMENTS]),
            technologies=tuple(held.name for held in role.technologies[:MOST_TECHNOLOGIES]),
            attribution=role.attribution,
        )
