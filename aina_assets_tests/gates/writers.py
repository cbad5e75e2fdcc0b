"""Work that writes a file, for processes that start quickly: this imports next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def writers(place: Path) -> Callable[[int], None]:
    """Writes files below a folder, named by number."""

    def write(number: int) -> None:
        (place / str(number)).write_text("x")

    return write
