"""The service's log: a JSON object a line, with names of addresses and never what was sent to them.

Belongs here: the line's shape. Does not: what is worth a line. An address is told by its template, without
its ids and its query; a fault by its class, and a traceback without values.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

LOGGER = "aina.service"
FIELDS = "told"


class JsonLines(logging.Formatter):
    """Records as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told: dict[str, Any] = {"at": when, "level": record.levelname.lower(), "logger": record.name}
        fields = getattr(record, FIELDS, None)
        told |= fields if isinstance(fields, dict) else {"says": record.getMessage()}
        if record.exc_info and record.exc_info[0] is not None:
            told["fault"] = record.exc_info[0].__name__
            told["trace"] = _places(record.exc_info[2])
        return json.dumps(told, ensure_ascii=False)


def _places(trace: TracebackType | None) -> list[str]:
    """Where it was, without the lines' text and without the message: both may hold what was typed."""
    return [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(trace)
    ]


def set_up(level: int = logging.INFO) -> logging.Logger:
    """Have this service and its server write JSON lines to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in (LOGGER, "uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False
    logging.getLogger("uvicorn.access").disabled = True
    return logging.getLogger(LOGGER)


def say(logger: logging.Logger, event: str, level: int = logging.INFO, **fields: Any) -> None:
    """Write a line."""
    if logger.isEnabledFor(level):
        logger.log(level, event, extra={FIELDS: {"event": event, **fields}})
