"""Which titles of an inventory are labelled: a stratified random sample with weights.

Belongs here: the sampled title, the draw, the allocation to strata. Does not: which strata there are; they
come with the titles.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass

from aina_assets.titles.gold.labels import GoldError, check_stratum

# Between equal shares (power 0) and proportional ones (1): large strata get more rows, small ones enough.
ALLOCATION_POWER = 0.62


@dataclass(frozen=True, slots=True)
class SampledTitle:
    """A title of the sample.

    Attributes:
        row_id: its number in the sample, in an order that tells nothing.
        title_id: its id in the inventory; None where the text is no usable title.
        title: its text.
        sampling_stratum: the stratum that it was drawn from.
        weight: how many titles of the stratum it stands for.
    """

    row_id: str
    title_id: str | None
    title: str
    sampling_stratum: str
    weight: float


def draw_sample(
    titles: Iterable[tuple[str, str, str]], *, size: int, seed: int, floor: int
) -> tuple[SampledTitle, ...]:
    """Draw a stratified random sample; the same for any order of the inventory.

    A stratum of N titles gets rows in proportion to N to the power of 0.62, at least `floor` and at most N.

    Args:
        titles: (title_id, text, stratum) of each title of an inventory.
        size: how many titles to draw; all of a smaller inventory.
        seed: another seed draws another sample.
        floor: fewest rows of a stratum; all of a smaller stratum.

    Returns:
        The sample in an order that tells nothing of strata. The weights of a stratum's rows sum to its size.

    Raises:
        GoldError: no titles, an id twice, a stratum without a name, or a size that the floors exceed.
    """
    strata: dict[str, list[tuple[bytes, str, str]]] = {}
    seen: set[str] = set()
    for title_id, text, stratum in titles:
        if title_id in seen:
            raise GoldError(f"title {title_id} is twice in the inventory", remedy="Join equal titles first.")
        seen.add(title_id)
        strata.setdefault(stratum, []).append((hash_draw(seed, "title", title_id), title_id, text))
    try:
        for stratum in strata:
            check_stratum(stratum)
    except ValueError as error:
        raise GoldError(str(error), remedy="Name each stratum, such as exact/finance.") from error
    rows = _allocate({stratum: len(members) for stratum, members in strata.items()}, size, floor)
    drawn = [
        (hash_draw(seed, "row", title_id), title_id, text, stratum, len(members) / rows[stratum])
        for stratum, members in strata.items()
        for _, title_id, text in sorted(members)[: rows[stratum]]
    ]
    width = max(4, len(str(len(drawn) - 1)))
    return tuple(
        SampledTitle(f"{number:0{width}d}", title_id, text, stratum, weight)
        for number, (_, title_id, text, stratum, weight) in enumerate(sorted(drawn))
    )


def hash_draw(*parts: object) -> bytes:
    """A random number that depends on nothing but its name, and not on the split: its salt is another."""
    return hashlib.sha256(f"aina-gold-sample-1:{':'.join(map(str, parts))}".encode()).digest()


def _allocate(sizes: dict[str, int], size: int, floor: int) -> dict[str, int]:
    if not sizes:
        raise GoldError("there are no titles to draw from", remedy="Give an inventory that has titles.")
    if floor < 1:
        raise GoldError(f"the floor is {floor}", remedy="Draw at least one row of each stratum.")
    floors = {stratum: min(floor, titles) for stratum, titles in sizes.items()}
    if size < sum(floors.values()):
        raise GoldError(
            f"a sample of {size:,} is too small: the floors of {len(sizes)} strata are "
            f"{sum(floors.values()):,} rows",
            remedy="Draw more rows, lower the floor, or join small strata.",
        )
    size = min(size, sum(sizes.values()))

    def shares(factor: float) -> dict[str, float]:
        return {
            stratum: min(max(factor * titles**ALLOCATION_POWER, floors[stratum]), titles)
            for stratum, titles in sizes.items()
        }

    low, high = 0.0, float(max(sizes.values()))
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(shares(middle).values()) < size else (low, middle)
    exact = shares(high)
    # Nearly whole numbers are whole: the halving comes close to a factor, not to the last digit.
    rows = {stratum: math.floor(share + 1e-9) for stratum, share in exact.items()}
    by_remainder = sorted(sizes, key=lambda stratum: (rows[stratum] - exact[stratum], stratum))
    for stratum in by_remainder[: size - sum(rows.values())]:
        rows[stratum] += 1
    return rows
