"""A whole wave at full size with simulated reviewers: the queue to 0, the account closed, everything checked.

Belongs here: naming two simulated reviewers, who know the gold set's tune part and err at stated rates.
Does not: the wave; that is `aina review run`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from aina_assets.core.engine import Engine
from aina_assets.core.settings import load_settings
from aina_assets.core.storage import write_bytes
from aina_assets.titles.certifying.truth import SocTree
from aina_assets.titles.gold.labels import GoldLabel, read_gold
from aina_assets.titles.tables import TITLE, TITLE_GOLD

SHEET, REVIEWERS = "truth.csv", "reviewers.toml"
# Each errs by itself on one row in twelve; on one in fifty both err alike.
ENTRY = """
[[reviewer]]
name = "{seat}"
backend = "simulated"
provider = "rehearsal"
model = "simulated reviewer {seed}"
family = "simulated {seed}"

[reviewer.options]
seed = {seed}
truth = "truth.csv"
truth_seed = 7
alike_share = 0.02
wrong_target_share = 0.03

[reviewer.options.truth_shares]
promote_fallback = 0.40
exclude = 0.55
keep = 0.05

[reviewer.options.confusion.promote_fallback]
promote_fallback = 0.92
exclude = 0.02
keep = 0.06

[reviewer.options.confusion.exclude]
promote_fallback = 0.02
exclude = 0.94
keep = 0.04

[reviewer.options.confusion.keep]
promote_fallback = 0.05
exclude = 0.05
keep = 0.90
"""


def write_reviewers(data: Path) -> Path:
    """Write the reviewers' file and the sheet of what is true below a built data root; gives the file."""
    engine = Engine(load_settings(data=data))
    folder = data / "rehearsal"
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("title", "decision", "level", "code"))
    writer.writerows(sorted(_truths(engine)))
    write_bytes(folder / SHEET, text.getvalue().encode())
    entries = "".join(ENTRY.format(seat=f"reviewer_{side}", seed=seed) for side, seed in (("a", 1), ("b", 2)))
    write_bytes(folder / REVIEWERS, f'policy = "reviewers"\nversion = "1.0.0"\n{entries}'.encode())
    return folder / REVIEWERS


def _truths(engine: Engine) -> Iterator[tuple[str, str, str, str]]:
    store = engine.store
    rows = [row for row in store.read(TITLE_GOLD.name).to_pylist() if row["split"] == "tune"]
    labels = {
        label.title_id: label
        for name in {row["gold_set"] for row in rows}
        for label in read_gold(engine.settings.gold_root / name, split="tune")
    }
    tree = SocTree(store.read("soc_group"))
    for key in store.partitions(TITLE.name):
        for row in store.read(TITLE.name, ["title_id", "raw_title"], partition=key).to_pylist():
            if row["title_id"] in labels:
                yield (row["raw_title"], *_verdict(labels[row["title_id"]], tree))


def _verdict(label: GoldLabel, tree: SocTree) -> tuple[str, str, str]:
    if label.scope_reason is not None:
        return "exclude", "", label.scope_reason
    if label.level == "none":
        return "keep", "", ""
    groups = tree.groups(label.soc_codes[0]) if label.soc_codes else {}
    if label.level in groups:
        return "promote_fallback", label.level, groups[label.level]
    return "promote_fallback", "function", label.functions[0]


if __name__ == "__main__":
    print(write_reviewers(load_settings().data))
