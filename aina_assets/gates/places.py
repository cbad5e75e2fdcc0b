"""Where the gates keep what people and decisions leave, below the data root.

Belongs here: paths, and the digests of evidence by its name. Does not: what the files say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from aina_assets.core.capabilities import Domain
from aina_assets.core.storage import DataRoot, sha256_file, write_bytes
from aina_assets.gates.policy import EVIDENCE, RECEIPTS


@dataclass(frozen=True)
class GateFiles:
    """The gates' files in one data root."""

    data: DataRoot

    @property
    def log(self) -> Path:
        """The decision log."""
        return self.data.gates / "decisions.jsonl"

    @property
    def log_head(self) -> Path:
        """How many entries the log has, and the last one's digest."""
        return self.data.gates / "decisions.head.json"

    @property
    def evidence(self) -> Path:
        """Where people put what they wrote or received."""
        return self.data.gates / "evidence"

    def request(self, domain: Domain) -> Path:
        """The request that approvers sign."""
        return self.data.gates / "requests" / f"{domain}.json"

    def approval(self, domain: Domain) -> Path:
        """The domain's one approval."""
        return self.data.gates / "approvals" / f"{domain}.dsse.json"

    def stop(self, domain: Domain) -> Path:
        """Where a person closed the gate."""
        return self.data.gates / "stops" / f"{domain}.json"

    def write_approval(self, domain: Domain, content: bytes) -> None:
        """Put a domain's approval in place; what was there is no more."""
        write_bytes(self.approval(domain), content)

    def standing(self, names: Iterable[str]) -> dict[str, str]:
        """The digests of the evidence that stands, by name, read from the bytes; of absent ones none."""
        places = ((name, self.evidence_path(name)) for name in sorted(names))
        return {name: sha256_file(path) for name, path in places if path is not None and path.is_file()}

    def evidence_path(self, name: str) -> Path | None:
        """Where a piece of evidence lies; None for a name that is none."""
        for prefix, folder in ((EVIDENCE, self.evidence), (RECEIPTS, self.data.receipts)):
            if name.startswith(prefix) and Path(name).name == name.removeprefix(prefix):
                return folder / name.removeprefix(prefix)
        return None
