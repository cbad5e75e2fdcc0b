"""Tables of many title batches: one batch after the other, or several at once by processes of their own.

Belongs here: when a second process is worth its start. Does not: what is made of a batch (`make`,
`make_routes`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from aina_assets.core.engine import Engine
from aina_assets.core.processes import in_processes
from aina_assets.core.settings import Settings
from aina_assets.titles.make import Made, TitleStage
from aina_assets.titles.make_routes import RouteStage
from aina_assets.titles.tables import TITLE, TITLE_FORM

Result = TypeVar("Result")

# A process starts in a second, and in three where it reads the model: with fewer rows one is faster.
LEAST_FORMS_JOINED = 150_000
LEAST_ASSESSED = 20_000
LEAST_ROUTED = 150_000


def make_titles(engine: Engine, keys: Sequence[str]) -> list[Made]:
    """Make batches of `title`."""
    forms = engine.store.info(TITLE_FORM.name).rows
    return _each(_titles, engine, keys, forms >= LEAST_FORMS_JOINED)


def make_evidence(engine: Engine, keys: Sequence[str]) -> list[dict[str, Made]]:
    """Make batches of the three tables of evidence."""
    stage = TitleStage(engine)
    standing = {key: stage.standing_evidence(key) for key in keys}
    pending = [key for key, tables in standing.items() if tables is None]
    made = _each(_evidence, engine, pending, _titles_of(engine, pending) >= LEAST_ASSESSED)
    done = dict(zip(pending, made, strict=True))
    return [standing[key] or done[key] for key in keys]


def make_routes(engine: Engine, keys: Sequence[str]) -> list[Made]:
    """Make batches of `title_route`."""
    return _each(_routes, engine, keys, _titles_of(engine, keys) >= LEAST_ROUTED)


def _each(
    begin: Callable[[Engine], Callable[[str], Result]], engine: Engine, keys: Sequence[str], are_many: bool
) -> list[Result]:
    if not are_many or engine.settings.processes == 1 or len(keys) == 1:
        return list(map(begin(engine), keys))
    return list(in_processes(partial(_begin, begin, engine.settings), keys, engine.settings.processes))


def _begin(begin: Callable[[Engine], Callable[[str], Result]], settings: Settings) -> Callable[[str], Result]:
    return begin(Engine(settings))


def _titles(engine: Engine) -> Callable[[str], Made]:
    return TitleStage(engine).title


def _evidence(engine: Engine) -> Callable[[str], dict[str, Made]]:
    return TitleStage(engine).evidence


def _routes(engine: Engine) -> Callable[[str], Made]:
    return RouteStage(TitleStage(engine)).title_route


def _titles_of(engine: Engine, keys: Sequence[str]) -> int:
    return sum(engine.store.info(TITLE.name, key).rows for key in keys)
