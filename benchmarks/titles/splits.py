"""Titles that were held out, and the tables that index and training may use.

Belongs here: reading releases out of a mirror, and the three splits. Does not: models or figures.

Two titles are one where they differ in letter case and punctuation alone. A title's forms are those in which
an authority's title may be written: `CAM Tech (Computer Aided Manufacturing Technician)` is also the text
outside and the text within its brackets.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from aina_assets.core.settings import Lane, Settings
from aina_assets.sources.acquire import acquire
from aina_assets.sources.lock import read_lock
from aina_assets.sources.readers import onet, soc
from aina_assets.titles.authority import TITLE_COLUMNS, authority_rows
from aina_assets.titles.normalizing.match_key import match_key
from aina_assets.titles.normalizing.normalize import Normalizer

ONET_TABLES = ("onet_occupation", "onet_job_title", "onet_reported_title", "onet_task")
SOC_TABLES = ("soc_group", "soc_direct_match_title")
OLDER, LOCKED = "29.1", "30.2"
RANDOM_SHARE = 0.1
CODE_CHARS, ONET_CODE_CHARS = 7, 10

Tables = Mapping[str, pa.Table]


@dataclass(frozen=True)
class HeldOutTitle:
    """A title that was held out.

    Attributes:
        raw: the text, as the source spells it.
        forms: the core of each of its forms, normalized; one empty text where nothing is left of it.
        codes: SOC or O*NET-SOC codes, any of which is right.
    """

    raw: str
    forms: tuple[str, ...]
    codes: frozenset[str]


@dataclass(frozen=True)
class Split:
    """What is asked, and what may be known.

    Attributes:
        name: `vintage`, `random` or the external file's name.
        about: one sentence.
        tables: the tables of index and training.
        titles: what is asked.
    """

    name: str
    about: str
    tables: Tables
    titles: tuple[HeldOutTitle, ...]


def read_release(mirror: Path, vintage: str) -> dict[str, pa.Table]:
    """The tables that titles are routed by, with O*NET of one vintage, held against the lock.

    Raises:
        SourceError: a file is absent or is not what the lock says.
    """
    settings = Settings(
        sources=Lane.MIRROR, mirror=(mirror,), onet_vintage=vintage, titles=None, lock=None
    )  # whatever the environment says of them
    lock = read_lock(settings.lock_path)
    of_onet, of_soc = acquire("onet", settings, lock), acquire("soc", settings, lock)
    return {
        **{name: onet.READERS[name](of_onet) for name in ONET_TABLES},
        **{name: soc.READERS[name](of_soc) for name in SOC_TABLES},
    }


def vintage_split(older: Tables, newer: Tables, normalizer: Normalizer) -> Split:
    """Alternate titles that only the newer release has; index and training from the older one."""
    known = {match_key(title) for title in older["onet_job_title"]["job_title"].to_pylist()}
    asked = {key: found for key, found in _alternate_titles(newer).items() if key not in known}
    about = f"alternate titles that O*NET {LOCKED} has and {OLDER} has not; index and training from {OLDER}"
    return Split("vintage", about, older, held_out_titles(asked.values(), normalizer))


def of_any_list(split: Split, newer: Tables, normalizer: Normalizer) -> Split:
    """The same titles, where every code is right under which any list of the newer release has the title.

    The alternate titles are one list of several, and a title that is new there may have been reported, or be
    another list's in its normalized form, under another code: what it is found under is then no error, but
    the other of two codes. A figure beside the strict one, which it does not replace.
    """
    codes: dict[str, set[str]] = defaultdict(set)
    for row in authority_rows(newer, normalizer).to_pylist():
        codes[row["core_title"]].add(row["onet_soc_code"] or row["soc_code"])
    titles = tuple(
        replace(title, codes=title.codes | codes[normalizer(title.raw).core]) for title in split.titles
    )
    about = f"{split.about}; right is any code that a list of {LOCKED} gives the title"
    return Split(f"{split.name}_any_list", about, split.tables, titles)


def random_split(tables: Tables, normalizer: Normalizer) -> Split:
    """A tenth of the alternate titles, by hash; index and training without them."""
    asked = {key: found for key, found in _alternate_titles(tables).items() if _is_chosen(key)}
    titles = tables["onet_job_title"]
    kept = np.array([match_key(title) not in asked for title in titles["job_title"].to_pylist()])
    rest = {**tables, "onet_job_title": titles.filter(pa.array(kept))}
    about = (
        f"{RANDOM_SHARE:.0%} of O*NET {LOCKED}'s alternate titles, by hash; index and training without them"
    )
    return Split("random", about, rest, held_out_titles(asked.values(), normalizer))


def external_split(path: Path, tables: Tables, normalizer: Normalizer) -> tuple[Split, int]:
    """Titles of a CSV with the columns `title` and `soc_code`, and how many of its rows were left out.

    Several rows of one title are several codes of it. A row whose code is no SOC 2018 detailed or O*NET-SOC
    code, or that has no title, is left out.

    Raises:
        SystemExit: a column is absent, or no row is left.
    """
    known = set(tables["onet_occupation"]["onet_soc_code"].to_pylist())
    groups = tables["soc_group"].select(["soc_code", "level"]).to_pylist()
    known |= {group["soc_code"] for group in groups if group["level"] == "detailed"}
    asked: dict[str, tuple[str, set[str]]] = {}
    left_out = 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if missing := {"title", "soc_code"} - set(reader.fieldnames or ()):
            raise SystemExit(f"{path}: lacks the columns {', '.join(sorted(missing))}")
        for row in reader:
            title, code = (row["title"] or "").strip(), (row["soc_code"] or "").strip()
            if code in known and (key := match_key(title)):
                asked.setdefault(key, (title, set()))[1].add(code)
            else:
                left_out += 1
    if not asked:
        raise SystemExit(f"{path}: no row has a title and a SOC 2018 code")
    about = f"titles of {path.name}; index and training from O*NET {LOCKED}"
    return Split(path.stem, about, tables, held_out_titles(asked.values(), normalizer)), left_out


def held_out_titles(
    asked: Iterable[tuple[str, Iterable[str]]], normalizer: Normalizer
) -> tuple[HeldOutTitle, ...]:
    """Titles with their codes, in all their forms."""
    given = list(asked)
    # Forms are made as an authority's are: by reading the titles as if the SOC listed them.
    listed = pa.table(
        {
            "direct_match_title": [raw for raw, _ in given],
            "source_row": pa.array(range(1, len(given) + 1), pa.int64()),
            "soc_code": ["00-0000"] * len(given),
        }
    )
    none = {name: pa.table({}) for name in TITLE_COLUMNS}
    forms: dict[int, dict[str, None]] = defaultdict(dict)
    for row in authority_rows({**none, "soc_direct_match_title": listed}, normalizer).to_pylist():
        forms[row["source_row"]][row["core_title"]] = None
    return tuple(
        HeldOutTitle(raw, tuple(forms.get(number, {"": None})), frozenset(codes))
        for number, (raw, codes) in enumerate(given, start=1)
    )


def _alternate_titles(tables: Tables) -> dict[str, tuple[str, set[str]]]:
    found: dict[str, tuple[str, set[str]]] = {}
    for row in tables["onet_job_title"].select(["job_title", "onet_soc_code"]).to_pylist():
        found.setdefault(match_key(row["job_title"]), (row["job_title"], set()))[1].add(row["onet_soc_code"])
    return found


def _is_chosen(key: str) -> bool:
    digest = hashlib.sha256(f"aina-benchmark-1:{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < RANDOM_SHARE
