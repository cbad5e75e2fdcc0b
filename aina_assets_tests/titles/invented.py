"""A small invented world of titles: occupations, their listed titles, a model of them, and its assessor.

Belongs here: what several tests of titles stand on. Does not: assertions. The codes are SOC's own, so that
the committed policies speak of them; the titles are made up.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from tokenizers import Tokenizer, models

from aina_assets.core.settings import Settings
from aina_assets.titles.assess import Assessor
from aina_assets.titles.authority import AuthorityIndex, authority_rows
from aina_assets.titles.functions import FunctionPolicy, read_function_policy
from aina_assets.titles.inventory import form_rows, title_rows
from aina_assets.titles.normalizing.lexicon import read_lexicon
from aina_assets.titles.normalizing.normalize import Normalizer
from aina_assets.titles.retrieval.fitting import fit_to_tables
from aina_assets.titles.retrieval.model import OccupationModel
from aina_assets.titles.retrieval.static_embedding import StaticEmbedding
from aina_assets.titles.retrieval.taxonomy import Taxonomy, build_taxonomy
from aina_assets.titles.scope import ScopePolicy, read_scope_policy
from aina_assets.titles.serve_policy import ServePolicy, read_serve_policy

POLICIES = Settings().policies_root
BATCHES = 8

# Code: the occupation's title, what it does, and the fields and head words that its listed titles combine.
OCCUPATIONS: Mapping[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]] = {
    "11-2021.00": (
        "Fair Promoters", "Promote kilns to buyers by campaigns.",
        ("Kiln Campaign", "Toy Campaign", "Glass Brand", "Fair Brand"), ("Promoter", "Marketer"),
    ),
    "11-2022.00": (
        "Stall Chiefs", "Set sales targets and territories of stalls.",
        ("Stall Sales", "Territory Sales", "Harbour Sales", "Export Sales"), ("Chief", "Closer"),
    ),
    "13-1071.00": (
        "Hiring Hands", "Interview applicants and hire people.",
        ("Seasonal Hiring", "Harbour Hiring", "Apprentice Hiring", "Talent"), ("Recruiter", "Sourcer"),
    ),
    "13-2011.00": (
        "Ledger Keepers", "Keep ledgers and prepare the yearly accounts.",
        ("Kiln Ledger", "Harbour Ledger", "Tithe", "Cost"), ("Accountant", "Auditor"),
    ),
    "15-1252.00": (
        "Loom Programmers", "Write and test the programs of looms.",
        ("Loom Software", "Kiln Firmware", "Compiler", "Embedded Code"), ("Programmer", "Developer"),
    ),
    "15-1299.08": (
        "Switchyard Architects", "Design computer systems for switchyards.",
        ("Switchyard Systems", "Mainframe Systems", "Host Systems", "Relay Systems"),
        ("Architect", "Integrator"),
    ),
    "15-1299.09": (
        "Rollout Leads", "Plan rollouts of information technology.",
        ("Rollout Project", "Migration Project", "Cutover Project", "Upgrade Project"),
        ("Planner", "Organizer"),
    ),
    "17-2051.00": (
        "Quay Engineers", "Design quays, bridges and dams.",
        ("Quay", "Viaduct", "Dam", "Culvert"), ("Engineer", "Surveyor"),
    ),
    "23-1011.00": (
        "Salvage Counsel", "Argue salvage cases in court.",
        ("Salvage", "Charter Party", "Wreck Claims", "Admiralty"), ("Attorney", "Barrister"),
    ),
    "27-3043.00": (
        "Almanac Authors", "Write almanacs and verse.",
        ("Almanac", "Verse", "Travelogue", "Fable"), ("Author", "Essayist"),
    ),
    "29-1141.00": (
        "Ward Nurses", "Care for patients on a ward.",
        ("Night Ward", "Burns Ward", "Fever Ward", "Harbour Clinic"), ("Nurse", "Matron"),
    ),
    "29-1211.00": (
        "Ether Doctors", "Put patients to sleep before surgery.",
        ("Ether", "Surgical Sleep", "Epidural", "Sedation"), ("Anesthetist", "Physician"),
    ),
    "29-1221.00": (
        "Cradle Doctors", "Treat the illnesses of infants.",
        ("Cradle", "Infant", "Nursery", "Toddler"), ("Pediatrician", "Doctor"),
    ),
    "35-3031.00": (
        "Table Hands", "Bring dishes to guests.",
        ("Galley", "Banquet", "Tavern", "Terrace"), ("Waiter", "Server"),
    ),
    "43-6014.00": (
        "Desk Hands", "Type letters and keep the diary of an office.",
        ("Harbour Office", "Guild Office", "Diary", "Letters"), ("Secretary", "Typist"),
    ),
    "47-2152.00": (
        "Pipe Layers", "Lay and mend pipes.",
        ("Copper Pipe", "Boiler Pipe", "Drain", "Cistern"), ("Plumber", "Pipefitter"),
    ),
}  # fmt: skip
# Codes do not tell the parent of these.
_ODD_PARENTS = {"29-1221": "29-1210", "15-1250": "15-1200", "15-1290": "15-1200", "13-1020": "13-1000"}
# Titles that stand in the lists under what the code says: a text to the codes of its alternate titles.
LISTED_TWICE = {
    "Twin Stall Tender": ("11-2021.00", "11-2022.00"),
    "Twin Bedside Tender": ("29-1141.00", "29-1221.00"),
    "Twin Counter Tender": ("13-1071.00", "13-2011.00"),
    "Twin Desk Tender": ("15-1252.00", "23-1011.00"),
    "Twin Host Tender": ("15-1299.08", "15-1299.09"),
    "Writer": ("15-1252.00", "27-3043.00"),
}
# SOC's own list names no O*NET occupation, and may name a code that none has.
NO_OCCUPATION = "13-1021"
DIRECT_MATCHES = {
    "Counting House Keeper": "13-2011",
    "Host Yard Keeper": "15-1299",
    "Kiln Ledger Auditor": "13-2011",
    "Barge Load Purchaser": NO_OCCUPATION,
    "Ferry Toll Tender": "13-2011",
}
REPORTED = {
    "Wool Road Chronicler": "27-3043.00",
    "Kiln Ledger Auditor": "13-2011.00",
    "Ferry Toll Tender": "13-1071.00",
}
SHORT = {"Vice Chief of Stalls": ("VCOS", "11-2022.00"), "GKM (Guild Kiln Marketer)": (None, "11-2021.00")}
GENERIC = {"manager": "none", "writer": "minor", "designer": "function"}
TRUST = {
    "exact_occupation": 0.97,
    "exact_direct_match": 0.95,
    "exact_alternate": 0.85,
    "exact_reported": 0.85,
    "exact_normalized": 0.8,
}


@lru_cache(maxsize=1)
def normalizer() -> Normalizer:
    """The normalizer with the committed lexicon."""
    return Normalizer(read_lexicon(POLICIES))


@lru_cache(maxsize=1)
def scope_policy() -> ScopePolicy:
    """The committed scope."""
    return read_scope_policy(POLICIES)


@lru_cache(maxsize=1)
def function_policy() -> FunctionPolicy:
    """The committed functions."""
    return read_function_policy(POLICIES)


def serve_policy(**changes: Any) -> ServePolicy:
    """The committed policy with trusts and generic words of the tests' own: tuning them moves no test."""
    committed = read_serve_policy(POLICIES).model_dump()
    return ServePolicy.model_validate(committed | {"trust": TRUST, "generic": GENERIC} | changes)


@lru_cache(maxsize=1)
def tiny_embedding() -> StaticEmbedding:
    """A static embedding of single letters in 16 dimensions."""
    vocabulary = {"[UNK]": 0}
    for letter in string.ascii_lowercase + string.digits + "+#.":
        vocabulary[letter] = len(vocabulary)
        vocabulary[f"##{letter}"] = len(vocabulary)
    vectors = np.random.default_rng(0).normal(size=(len(vocabulary), 16)).astype(np.float32)
    return StaticEmbedding(vectors, "tiny 1", Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]")))


def parents(detailed: Sequence[str]) -> dict[str, str | None]:
    """Each group's parent, for detailed codes and all groups above them."""
    found: dict[str, str | None] = {}
    for code in detailed:
        broad = _ODD_PARENTS.get(code, f"{code[:6]}0")
        minor = _ODD_PARENTS.get(broad, f"{code[:4]}000")
        major = f"{code[:2]}-0000"
        found |= {code: broad, broad: minor, minor: major, major: None}
    return found


def plain_taxonomy(count: int) -> Taxonomy:
    """A taxonomy of `count` occupations, each alone in its detailed group."""
    codes = [f"{11 + 2 * (n % 5)}-{1001 + 10 * n:04d}.00" for n in range(count)]
    return build_taxonomy(codes, parents([code[:7] for code in codes]))


def soc_groups() -> pa.Table:
    """`soc_group`, as far as the model reads it."""
    tree = parents([*(code[:7] for code in OCCUPATIONS), NO_OCCUPATION])
    level = {4: "broad", 3: "minor"}
    rows = [
        {
            "soc_code": code,
            "level": "major"
            if parent is None
            else "detailed"
            if code[-1] != "0"
            else level[_depth(code, tree)],
            "parent_soc_code": parent,
        }
        for code, parent in tree.items()
    ]
    return pa.Table.from_pylist(rows)


def _depth(code: str, tree: Mapping[str, str | None]) -> int:
    parent = tree[code]
    return 2 if parent is None else 1 + _depth(parent, tree)


def source_tables() -> dict[str, pa.Table]:
    """The tables of listed titles."""
    occupations = [
        {"source_row": row, "onet_soc_code": code, "title": told[0], "description": told[1]}
        for row, (code, told) in enumerate(OCCUPATIONS.items(), start=2)
    ]
    alternates: list[tuple[str, str | None, str]] = [
        (f"{field} {head}", None, code)
        for code, (_, _, fields, heads) in OCCUPATIONS.items()
        for field in fields
        for head in heads
    ]
    alternates += [(title, None, code) for title, codes in LISTED_TWICE.items() for code in codes]
    alternates += [(title, short, code) for title, (short, code) in SHORT.items()]
    alternates.append(("Toy Product Manager", None, "11-2021.00"))
    return {
        "onet_occupation": pa.Table.from_pylist(occupations),
        "onet_job_title": pa.Table.from_pylist(
            [
                {"source_row": row, "job_title": title, "short_title": short, "onet_soc_code": code}
                for row, (title, short, code) in enumerate(alternates, start=2)
            ]
        ),
        "onet_reported_title": pa.Table.from_pylist(
            [
                {"source_row": row, "reported_title": title, "onet_soc_code": code}
                for row, (title, code) in enumerate(REPORTED.items(), start=2)
            ]
        ),
        "soc_direct_match_title": pa.Table.from_pylist(
            [
                {"source_row": row, "direct_match_title": title, "soc_code": code}
                for row, (title, code) in enumerate(DIRECT_MATCHES.items(), start=6)
            ]
        ),
    }


@lru_cache(maxsize=1)
def authority() -> pa.Table:
    """`authority_title` of the world."""
    return authority_rows(source_tables(), normalizer())


def tasks() -> pa.Table:
    """`onet_task`, as far as the model reads it."""
    return pa.Table.from_pylist(
        [
            {"onet_soc_code": code, "task": f"{field} work as {head.lower()} or the like."}
            for code, (_, _, fields, heads) in OCCUPATIONS.items()
            for field, head in zip(fields, heads * 2, strict=True)
        ]
    )


@lru_cache(maxsize=1)
def model() -> OccupationModel:
    """A model of the world, from the real static embedding."""
    return fit_to_tables(authority(), source_tables()["onet_occupation"], tasks(), soc_groups())


@lru_cache(maxsize=1)
def assessor() -> Assessor:
    """The assessor of the world."""
    return Assessor(model(), AuthorityIndex(authority()), scope_policy(), function_policy(), serve_policy())


def titles_of(*lines: str) -> list[dict[str, Any]]:
    """Rows of `title` for lines of an inventory, in the order of their first lines."""
    forms = form_rows(enumerate(lines, start=1), normalizer(), BATCHES)
    rows: list[dict[str, Any]] = title_rows([row for row in forms.to_pylist() if row["title_id"]]).to_pylist()
    return sorted(rows, key=lambda row: row["first_source_row"])
