"""Work on many things by several processes at once.

Belongs here: starting them, handing out the work, ending them. Does not: the work.

Each process starts anew rather than as a copy of its parent, whose threads and locks it could not use. What
its parent is bound to while it starts one, it is bound to as well (`also_in_workers`), and it ends when its
parent ends, however that happens: nobody is left writing beside the next build.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, ExitStack, contextmanager
from multiprocessing import get_context, parent_process
from typing import Any, ClassVar, TypeVar

from aina_assets.core.errors import AinaError

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Item], Result]
Around = tuple[Callable[..., AbstractContextManager[None]], tuple[Any, ...]]

# Handed out ahead of what was taken: nobody waits for work, and little of it is held in memory.
AHEAD = 2
PARENT_ENDED = 70

_AROUND: list[Around] = []


class WorkerDiedError(AinaError):
    """A process that worked for this one ended before its work did."""

    default_remedy: ClassVar[str] = (
        "It was killed, most often for want of memory. What was made stands: set AINA_PROCESSES=1, try again."
    )


@contextmanager
def also_in_workers(context: Callable[..., AbstractContextManager[None]], *arguments: Any) -> Iterator[None]:
    """Have processes that start inside the block live their whole life inside a context of this kind.

    Args:
        context: a function of some module, which the process imports.
        arguments: what it is called with.
    """
    around = (context, arguments)
    _AROUND.append(around)
    try:
        yield
    finally:
        _AROUND.remove(around)


def in_processes(
    begin: Callable[[], Work[Item, Result]], items: Iterable[Item], processes: int
) -> Iterator[Result]:
    """The results of work on each item, in the order of the items, which are taken as they are needed.

    Args:
        begin: called once in each process, gives the work; it, the items and the results are pickled.
        processes: how many.

    Raises:
        WorkerDiedError: one ended before its work did.
        Exception: what the work raised.
    """
    pool = ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=_begin, initargs=(tuple(_AROUND), begin)
    )
    waiting: deque[Future[Result]] = deque()
    with pool:
        try:
            for item in items:
                waiting.append(pool.submit(_work, item))
                if len(waiting) > processes * AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise WorkerDiedError("a process that worked on part of this ended early") from error
        finally:
            for future in waiting:
                future.cancel()


class _Worker:
    """What a worker process holds: what it lives in, how its work begins, and the work once it has begun."""

    around: ClassVar[ExitStack] = ExitStack()
    begin: ClassVar[Callable[[], Work[Any, Any]]]
    work: ClassVar[Work[Any, Any] | None] = None


def _begin(around: Iterable[Around], begin: Callable[[], Work[Any, Any]]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for context, arguments in around:
        _Worker.around.enter_context(context(*arguments))
    _Worker.begin = begin


def _work(item: Any) -> Any:
    # Not when the process starts: what is raised there is not told to the parent.
    if _Worker.work is None:
        _Worker.work = _Worker.begin()
    return _Worker.work(item)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(PARENT_ENDED)
