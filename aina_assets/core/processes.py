"""Work on many things by several processes at once.

Belongs here: starting them, handing out the work, ending them. Does not: the work.

Each process starts anew rather than as a copy of its parent, whose threads and locks it could not use. The
bounds that its parent is under when the work is asked for, it is under as well (`also_in_workers`). It ends
at once where its parent ends, is interrupted or gives the work up, however that happens: nobody is left
writing beside the next build, and what it was writing is swept by that.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, ExitStack, contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, ClassVar, TypeVar

from aina_assets.core.errors import AinaError

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Item], Result]
Around = tuple[Callable[..., AbstractContextManager[None]], tuple[Any, ...]]

# Handed out ahead of what was taken: nobody waits for work, and little of it is held in memory.
AHEAD = 2
TOLD_TO_END = 70

_AROUND: list[Around] = []


class WorkerDiedError(AinaError):
    """A process that worked for this one ended before its work did."""

    default_remedy: ClassVar[str] = (
        "It was killed, most often for want of memory. Use fewer processes: AINA_PROCESSES, or the command's "
        "--processes."
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

    Raises (as results are taken):
        WorkerDiedError: one ended before its work did.
        Exception: what the work raised; the processes have ended by then.
    """
    # What is around the call counts, not what is around whoever takes the results.
    return _results(begin, items, processes, tuple(_AROUND))


def _results(
    begin: Callable[[], Work[Item, Result]],
    items: Iterable[Item],
    processes: int,
    around: tuple[Around, ...],
) -> Iterator[Result]:
    context = get_context("spawn")
    # Nothing is ever sent: that its other end is closed, by whatever means, tells the workers to end.
    lifeline, held = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(lifeline, around, begin))
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(_work, item))
            if len(waiting) > processes * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
        pool.shutdown()
    except BrokenProcessPool as error:
        raise WorkerDiedError("a process that worked on part of this ended early") from error
    finally:
        held.close()
        pool.shutdown(cancel_futures=True)
        lifeline.close()


class _Worker:
    """What a worker process holds: what it lives in, how its work begins, and the work once it has begun."""

    around: ClassVar[tuple[Around, ...]]
    entered: ClassVar[ExitStack] = ExitStack()
    begin: ClassVar[Callable[[], Work[Any, Any]]]
    work: ClassVar[Work[Any, Any] | None] = None


def _begin(lifeline: Connection, around: tuple[Around, ...], begin: Callable[[], Work[Any, Any]]) -> None:
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    _Worker.around, _Worker.begin = around, begin


def _work(item: Any) -> Any:
    # Not when the process starts: what is raised there is not told to the parent.
    if _Worker.work is None:
        with ExitStack() as entered:
            for context, arguments in _Worker.around:
                entered.enter_context(context(*arguments))
            _Worker.work = _Worker.begin()
            _Worker.entered = entered.pop_all()
    return _Worker.work(item)


def _end_with(lifeline: Connection) -> None:
    lifeline.poll(None)
    os._exit(TOLD_TO_END)
