"""Where adjudication keeps what cannot be made anew: below `reviews` in the data root.

Belongs here: the layout. Does not: what lies there.

- `requests`, `answers`: what reviewers were asked and said, by request id; evidence, never read as state.
- `merges`: the chain of accepted decisions; the source of truth.
- `quarantine`: waves whose outputs may not be used, with their receipts.
- `orders`: bounded reviews of kept titles.
- `reviewers`: what reviewers keep themselves: sheets for people, the cost ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aina_assets.adjudication.chain import MergeChain
from aina_assets.adjudication.evidence import EvidenceStore
from aina_assets.adjudication.orders import OrderBook
from aina_assets.adjudication.quarantine import QuarantineBook


@dataclass(frozen=True)
class ReviewFolders:
    """The folders below one root.

    Attributes:
        root: `reviews` of a data root.
        title_batches: how many batches the inventory has.
    """

    root: Path
    title_batches: int

    @property
    def evidence(self) -> EvidenceStore:
        """Requests and raw answers."""
        return EvidenceStore(self.root)

    @property
    def chain(self) -> MergeChain:
        """The merges."""
        return MergeChain(self.root / "merges")

    @property
    def quarantines(self) -> QuarantineBook:
        """Quarantined waves."""
        return QuarantineBook(self.root / "quarantine", self.title_batches)

    @property
    def orders(self) -> OrderBook:
        """Bounded reviews."""
        return OrderBook(self.root / "orders")

    @property
    def work(self) -> Path:
        """What reviewers keep themselves."""
        return self.root / "reviewers"
