"""The recorded reviewers of the starter: two blind labelling passes as verdicts on titles.

Belongs here: from a pass to a reviewer's sheet, and the file that names both. Does not: the passes
themselves; they are authored content.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from tools.starter.authored import Content, Label

FOLDER = "reviews"
HEADER = ("title", "decision", "level", "code")
SEATS = (("reviewer_a", "a"), ("reviewer_b", "b"))
IN_SCOPE, UNSURE = "in", "l"
SOC_LEVELS = ("detailed", "broad", "minor", "major")
REVIEWERS = """\
# The starter's reviewers: recorded outputs. Written by `make starter` from the two blind passes in which
# language models labelled the starter's titles; see data/starter/authored/README.md. They are replayed,
# nobody is asked.
policy = "reviewers"
version = "1.0.0"
"""
ENTRY = """
[[reviewer]]
name = "{seat}"
backend = "recorded"
provider = "recorded"
model = "blind pass {side} of the starter's gold labels"
family = "recorded"

[reviewer.options]
sheet = "{seat}.csv"
"""


def review_files(content: Content) -> dict[str, bytes]:
    """The reviewers' file and a sheet for each, by path below the starter folder."""
    files = {f"{FOLDER}/{seat}.csv": _sheet(content.passes[side], content) for seat, side in SEATS}
    entries = "".join(ENTRY.format(seat=seat, side=side) for seat, side in SEATS)
    return {**files, f"{FOLDER}/reviewers.toml": (REVIEWERS + entries).encode()}


def _sheet(labels: Sequence[Label], content: Content) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    above = dict(_above(content))
    for label in labels:
        writer.writerow((label.title, *verdict(label, above)))
    return text.getvalue().encode()


def _above(content: Content) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Of each detailed code its group at every level, as the structure's order tells."""
    groups: dict[str, str] = {}
    for group in content.groups:
        groups[group.level] = group.code
        if group.level == "detailed":
            yield group.code, dict(groups)


def verdict(label: Label, above: Mapping[str, Mapping[str, str]]) -> tuple[str, str, str]:
    """What a coder's label says to a reviewer's question: decision, level, code.

    A coder who was unsure keeps, as the review codebook asks; so does one who found that nothing is
    clear. A group that the starter's excerpt of the SOC has not gives way to the business function.
    """
    if label.confidence == UNSURE:
        return "keep", "", ""
    if label.scope != IN_SCOPE:
        return "exclude", "", label.scope
    if label.level == "none":
        return "keep", "", ""
    groups = above.get(label.codes.split()[0], {}) if label.codes else {}
    if label.level in SOC_LEVELS and label.level in groups:
        return "promote_fallback", label.level, groups[label.level]
    return "promote_fallback", "function", label.functions.split()[0]
