"""The engine's hands: one object with the settings, the data root, the table store and the digests.

Assets get it as their one resource, commands make their own; whoever holds it needs nothing global.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from aina_assets.core.settings import Settings
from aina_assets.core.storage import DataRoot, DigestCache
from aina_assets.core.store import TableStore


@dataclass(frozen=True)
class Engine:
    """What a stage needs to do its work."""

    settings: Settings
    data: DataRoot = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", DataRoot(self.settings.data))

    @cached_property
    def digests(self) -> DigestCache:
        """Remembered digests of unchanged files."""
        return DigestCache(self.data.cache / "digests.json")

    @cached_property
    def store(self) -> TableStore:
        """The Parquet tables."""
        return TableStore(self.data.tables, self.digests)
