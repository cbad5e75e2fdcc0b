"""Show a GDPval task where a person looks: on the screen, from the raw file, and nowhere else.

Belongs here: finding one task's words and proving that they are the locked ones. Does not: writing
anything; there is no way from here into a file, and none is to be added.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aina_assets.core.engine import Engine
from aina_assets.core.errors import HashMismatchError, LearnerError
from aina_assets.core.storage import sha256_bytes
from aina_assets.sources.make import acquire_source
from aina_assets.sources.readers.gdpval import DATA, TaskText, task_texts


def task_on_screen(engine: Engine, task_id: str) -> TaskText:
    """A task's words, held against the digest that the warehouse has of them.

    Raises:
        LearnerError: there is no such task.
        HashMismatchError: the words are not those that the table was made of.
        SourceError: the raw file cannot be had, or is not the locked one.
    """
    rows: list[Mapping[str, Any]] = engine.store.read("gdpval_task", ["task_id", "prompt_sha256"]).to_pylist()
    digests = {row["task_id"]: row["prompt_sha256"] for row in rows}
    if task_id not in digests:
        raise LearnerError("there is no such GDPval task", place=task_id)
    files = acquire_source("gdpval", engine)
    found = next((text for text in task_texts(files) if text.task_id == task_id), None)
    if found is None or sha256_bytes(found.prompt.encode()) != digests[task_id]:
        raise HashMismatchError("the task's words are not those of the table", file=files.path(DATA))
    return found
