"""Older versions of events, raised one version at a time to the current one.

Belongs here: a function from each version to the next. Does not: the current versions (`events`). A function
here is never changed once events of its version were written: the golden logs of the tests hold it fixed. It
leaves the detail (`events.DETAILS`) as it is, since a replay does not read that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aina_assets.core.errors import EventError
from aina_assets.learning.records.events import CURRENT_VERSIONS, LearnerEvent, parse_event

Data = dict[str, Any]


def _assessed_1(data: Data) -> Data:
    """Version 1 told capacity in hours and did not tell what was assumed."""
    kept = {name: value for name, value in data.items() if name != "weekly_hours"}
    # Half hours were the finest that the form took, so this is exact.
    return kept | {"weekly_minutes": round(data["weekly_hours"] * 60), "assumptions": []}


def _evaluated_1(data: Data) -> Data:
    """Version 1 told the score in percent, without bounds; every criterion was MET or UNMET."""
    kept = {name: value for name, value in data.items() if name not in ("score_percent", "passed")}
    score = data["score_percent"] / 100
    return kept | {
        "score": score,
        "score_low": score,
        "score_high": score,
        "is_pass": data["passed"],
        "judge": None,
    }


# From a kind and a version to what raises it by one.
UPCASTERS: Mapping[tuple[str, int], Callable[[Data], Data]] = {
    ("assessed", 1): _assessed_1,
    ("evaluated", 1): _evaluated_1,
}


def upcast(event: Mapping[str, Any]) -> LearnerEvent:
    """The event at its current version, whatever version it was written in.

    Raises:
        EventError: its kind or version is not known, or it is not what its version says.
    """
    data = event.get("data")
    if not isinstance(data, dict):
        raise EventError("malformed event: no data", place="data")
    return parse_event({**event, "data": raised(data)})


def raised(data: Data) -> Data:
    """An event's data at the current version of its kind, with or without the detail.

    Raises:
        EventError: as for `upcast`.
    """
    kind, version = data.get("kind"), data.get("version")
    current = CURRENT_VERSIONS.get(str(kind))
    if current is None or not isinstance(version, int) or not 1 <= version <= current:
        raise EventError(f"unknown event {kind} of version {version}", place="data.version")
    for step in range(version, current):
        try:
            data = UPCASTERS[str(kind), step](data) | {"version": step + 1}
        except (KeyError, TypeError, ValueError) as error:
            raise EventError(f"not a {kind} event of version {step}: {error}", place="data") from error
    return data
