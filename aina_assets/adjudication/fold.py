"""What all accepted merges together say: one decision a title, and nothing else.

Belongs here: the pure fold of merges. Does not: reading or verifying their files (`chain`), or what becomes
of a title whose route changed since (`account`).

The fold trusts no merge: a title that is decided twice, a kept title that is promoted without an order that
names it, a promotion without a target are refused here too, whoever wrote the merge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aina_assets.adjudication.chain import Link, MergeFile
from aina_assets.adjudication.merge import DECISION_COLUMNS, ChainError
from aina_assets.adjudication.orders import BoundedReview
from aina_assets.adjudication.protocol import DECISIONS, ReviewerKind

_REMEDY = "No merge of this program writes this: restore the merges from a backup, and see who changed them."
Outcome = tuple[str, str | None, str | None, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """The decision that stands for a title.

    Attributes:
        decision, level, code, why: as in the merge.
        merge: place of the merge among `Folded.merges`.
        order: the bounded review that it was decided under, if it was.
    """

    decision: str
    level: str | None
    code: str | None
    why: str
    merge: int
    order: str | None


@dataclass(frozen=True, slots=True)
class MergeInfo:
    """A merge as the fold knows it."""

    file: MergeFile
    sha256: str
    kind: ReviewerKind


@dataclass
class Folded:
    """The decisions that stand.

    Attributes:
        merges: the merges in order.
        used_orders: orders with titles that were decided under them.
    """

    merges: list[MergeInfo] = field(default_factory=list)
    used_orders: set[tuple[str, str]] = field(default_factory=set)
    _rows: dict[str, int] = field(default_factory=dict)
    _outcomes: list[Outcome] = field(default_factory=list)
    _merge_of: list[int] = field(default_factory=list)
    _orders: dict[int, str] = field(default_factory=dict)
    # Few different outcomes, many titles: each outcome is held once.
    _known: dict[Outcome, Outcome] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, title_id: str) -> bool:
        return title_id in self._rows

    def get(self, title_id: str) -> Standing | None:
        """The decision on a title; None where there is none."""
        row = self._rows.get(title_id)
        if row is None:
            return None
        return Standing(*self._outcomes[row], self._merge_of[row], self._orders.get(row))

    def title_ids(self) -> Iterable[str]:
        """The titles that were decided."""
        return self._rows.keys()

    @property
    def head(self) -> str | None:
        """Digest of the last merge; None where there is none."""
        return self.merges[-1].sha256 if self.merges else None

    @property
    def digest(self) -> str:
        """One digest of what stands, whatever the merges that it came by."""
        told = hashlib.sha256()
        for title_id in sorted(self._rows):
            outcome = self._outcomes[self._rows[title_id]]
            told.update("\0".join((title_id, *(part or "" for part in outcome))).encode() + b"\n")
        return told.hexdigest()

    def add(self, link: Link, orders: Mapping[str, BoundedReview]) -> None:
        """Fold one more merge in.

        Raises:
            ChainError: it decides what it may not; names the title and the merge.
        """
        columns = _columns(link)
        title_ids: list[str] = columns["title_id"]
        self._refuse(title_ids, columns, link, orders)
        place = len(self.merges)
        self.merges.append(MergeInfo(link.file, link.sha256, ReviewerKind(link.merge["kind"])))
        first = len(self._outcomes)
        known = self._known
        rows = zip(columns["decision"], columns["level"], columns["code"], columns["why"], strict=True)
        self._outcomes.extend(known.setdefault(outcome, outcome) for outcome in rows)
        self._merge_of.extend([place] * len(title_ids))
        self._rows.update(zip(title_ids, range(first, first + len(title_ids)), strict=True))
        for number, order in enumerate(columns["order"], first):
            if order is not None:
                self._orders[number] = order
                self.used_orders.add((order, title_ids[number - first]))

    def _refuse(
        self,
        title_ids: list[str],
        columns: Mapping[str, list[Any]],
        link: Link,
        orders: Mapping[str, BoundedReview],
    ) -> None:
        if len(set(title_ids)) < len(title_ids):
            twice = next(title_id for n, title_id in enumerate(title_ids) if title_id in title_ids[:n])
            raise _refused(f"title {twice} stands twice in one merge", link)
        for outcome in set(zip(columns["decision"], columns["level"], columns["code"], strict=True)):
            if fault := _fault(*outcome):
                raise _refused(fault, link)
        # Nearly every merge is of new titles alone: a million of them one by one would take the longest.
        if any(columns["order"]) or not self._rows.keys().isdisjoint(title_ids):
            self._refuse_again(title_ids, columns, link, orders)

    def _refuse_again(
        self,
        title_ids: list[str],
        columns: Mapping[str, list[Any]],
        link: Link,
        orders: Mapping[str, BoundedReview],
    ) -> None:
        for title_id, order in zip(title_ids, columns["order"], strict=True):
            earlier = self._rows.get(title_id)
            if earlier is None:
                if order is not None:
                    raise _refused(f"title {title_id} was never kept, and a bounded review decides it", link)
                continue
            decision, merge = self._outcomes[earlier][0], self.merges[self._merge_of[earlier]].file.path.name
            if decision != "keep":
                raise _refused(f"title {title_id} was decided already ({decision}, {merge})", link)
            named = orders.get(order or "")
            if named is None or title_id not in named.title_ids:
                raise _refused(f"title {title_id} was kept ({merge}), and no bounded review names it", link)
            if (order, title_id) in self.used_orders:
                raise _refused(f"title {title_id} was decided already under order {order}", link)


def fold(links: Iterable[Link], orders: Mapping[str, BoundedReview]) -> Folded:
    """What merges together say.

    Args:
        links: the merges in the chain's order.
        orders: the bounded reviews by digest.

    Raises:
        ChainError: the chain is not whole, or a merge decides what it may not; names the title and the merge.
    """
    folded = Folded()
    for link in links:
        folded.add(link, orders)
    return folded


def _columns(link: Link) -> Mapping[str, list[Any]]:
    columns = link.merge.get("decisions")
    if not isinstance(columns, dict) or set(columns) != set(DECISION_COLUMNS):
        raise _refused("the decisions' columns are not those of a merge", link)
    if len({len(values) for values in columns.values()}) != 1:
        raise _refused("the decisions' columns are not of one length", link)
    return columns


def _fault(decision: str, level: str | None, code: str | None) -> str | None:
    if decision not in DECISIONS:
        return f"there is no decision {decision!r}"
    if decision == "promote_fallback" and (level is None or code is None):
        return "a promotion has no target"
    if decision == "exclude" and level is not None:
        return "an exclusion has a level"
    if decision == "keep" and (level is not None or code is not None):
        return "a kept title has a target"
    return None


def _refused(what: str, link: Link) -> ChainError:
    return ChainError(what, file=link.file.path, place=f"merge {link.file.sequence}", remedy=_REMEDY)
