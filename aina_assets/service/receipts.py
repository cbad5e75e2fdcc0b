"""Receipts as files that are handed out by name.

Belongs here: finding them. Does not: reading what they say.
"""

from __future__ import annotations

import re
from pathlib import Path

from aina_assets.core.receipts import receipt_path
from aina_assets.service.errors import NotFoundError
from aina_assets.service.shelf import Tagged, tagged

NAME = re.compile(r"[a-z][a-z0-9_]{2,63}")


class ReceiptShelf:
    """The receipts of a data root.

    Args:
        folder: where they lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """The receipts that there are."""
        return sorted(path.stem for path in self._folder.glob("*.json") if NAME.fullmatch(path.stem))

    def read(self, name: str) -> Tagged:
        """A receipt's bytes.

        Raises:
            NotFoundError: there is none of this name.
        """
        # The name is held against what there is, not put into a path unseen.
        if NAME.fullmatch(name) is None or name not in self.names():
            raise NotFoundError("there is no receipt of this name", place="name")
        return tagged(receipt_path(self._folder, name).read_bytes())
