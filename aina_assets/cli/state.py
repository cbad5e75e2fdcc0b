"""The whole state in figures: the warehouse's, and those that each later stage adds.

Belongs here: putting the stages' figures together. Does not: counting; each stage counts its own.
"""

from __future__ import annotations

from typing import Any

from aina_assets.core.engine import Engine
from aina_assets.titles.status import title_figures
from aina_assets.warehouse.status import status


def whole_state(engine: Engine) -> dict[str, Any]:
    """What `aina status` shows.

    Raises:
        StateError: nothing has been built, or a table is missing or damaged.
    """
    state = status(engine)
    state["figures"] |= title_figures(engine)
    return state
