"""A large inventory, made up by seed: authority titles with what real inventories put around them.

Belongs here: making lines. Does not: reading them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

SEED = 20260201
RANKS = ("", "", "", "Senior ", "Sr. ", "Junior ", "Lead ", "Principal ", "Head ", "Assistant ", "Chief ")
FIELDS = (
    "", "Payments", "Oncology", "Retail", "Wind Power", "Aerospace", "Cloud", "Dairy", "Textile", "Rail",
    "Insurance", "Gaming", "Pharma", "Cyber", "Port", "Robotics", "Water", "Museum", "Housing", "Fleet",
)  # fmt: skip
PLACES = ("", "", " - EMEA", " - New York, NY", " (Remote)", ", Berlin", " / London", " - Austin TX")
CODES = ("", "", " #{}", " (Req {})", " - R-{}", " [{}]")
FORMS = ("", "", "", " - Full Time", " (Contract)", " Part-Time", " - Temporary")
NUMBERS = (10_000, 999_999)


def synthetic_lines(titles: Sequence[str], count: int) -> Iterator[str]:
    """Lines of an inventory; equal titles, count and seed give equal lines."""
    draw = random.Random(SEED)
    for _ in range(count):
        field = draw.choice(FIELDS)
        title = f"{draw.choice(RANKS)}{field} {draw.choice(titles)}".replace("  ", " ").strip()
        code = draw.choice(CODES).format(draw.randint(*NUMBERS))
        line = f"{title}{draw.choice(FORMS)}{draw.choice(PLACES)}{code}"
        yield draw.choice((str.lower, str.upper, str, str))(line)


def write_synthetic(path: Path, titles: Sequence[str], count: int) -> None:
    """Write an inventory, one title a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in synthetic_lines(titles, count))
