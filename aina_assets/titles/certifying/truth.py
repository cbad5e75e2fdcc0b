"""Gold rows as the truth that claims are held against.

Belongs here: which gold sets speak for an inventory, and a label's groups at every level. Does not: reading
a set's file (`gold`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import pyarrow as pa

from aina_assets.titles.certifying.claims import SERVED_LEVELS, Truth
from aina_assets.titles.functions import FunctionPolicy
from aina_assets.titles.gold.labels import MILITARY, GoldLabel

# A set speaks for the inventory that it was sampled from. A list that holds all but a few of its titles is
# that inventory, grown or trimmed; one that happens to share some is not what its weights count.
LEAST_SHARE = 0.9


def gold_files(folder: Path) -> list[Path]:
    """The gold sets' files."""
    return sorted(folder.glob("*.csv"))


def speaks_for(labels: Collection[GoldLabel], title_ids: Collection[str]) -> bool:
    """Whether a gold set was sampled from an inventory with these titles."""
    held = sum(label.title_id in title_ids for label in labels)
    return bool(labels) and held >= LEAST_SHARE * len(labels)


class SocTree:
    """The groups above every SOC detailed occupation.

    Args:
        soc_groups: the table `soc_group`.
    """

    def __init__(self, soc_groups: pa.Table) -> None:
        rows = soc_groups.select(["soc_code", "level", "parent_soc_code"]).to_pylist()
        self.detailed: dict[str, str] = {
            row["soc_code"]: row["parent_soc_code"] for row in rows if row["level"] == "detailed"
        }
        self._above = {row["soc_code"]: row["parent_soc_code"] for row in rows if row["level"] != "detailed"}

    def groups(self, soc_code: str) -> Mapping[str, str]:
        """The group of a detailed code at every SOC level; of military work the major group alone."""
        if soc_code == MILITARY or soc_code not in self.detailed:
            return {"major": f"{soc_code[:2]}-0000"}
        broad = self.detailed[soc_code]
        minor = self._above[broad]
        return {"detailed": soc_code, "broad": broad, "minor": minor, "major": self._above[minor]}


def truth_of(label: GoldLabel, tree: SocTree, functions: FunctionPolicy) -> Truth:
    """What a label says at every level that can be served.

    A function is right that the coders gave, or that the policy gives to a code that they accepted.
    """
    groups: dict[str, set[str]] = {level: set() for level in SERVED_LEVELS}
    for code in label.soc_codes:
        for level, group in tree.groups(code).items():
            groups[level].add(group)
    groups["function"] = {*label.functions, *filter(None, map(functions.of_code, label.soc_codes))}
    return Truth(
        label.is_in_scope, {level: frozenset(found) for level, found in groups.items()}, label.weight
    )


def by_id(labels: Iterable[GoldLabel]) -> dict[str, GoldLabel]:
    """Labels by title."""
    return {label.title_id: label for label in labels}
