"""Merges, links and orders for tests, made as the engine makes them.

Belongs here: making. Does not: assertions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from aina_assets.adjudication.chain import Link, MergeChain, MergeFile
from aina_assets.adjudication.merge import DECISION_COLUMNS, KNOWN_COLUMNS, Merge, RequestRecord
from aina_assets.adjudication.protocol import SEATS, ReviewerKind
from aina_assets.core.storage import sha256_bytes, write_json

# title, decision, level, code; an order may follow.
Row = tuple[Any, ...]
FINANCE: tuple[Any, ...] = ("promote_fallback", "function", "finance")
OUT: tuple[Any, ...] = ("exclude", None, "military")
KEPT: tuple[Any, ...] = ("keep", None, None)


def title(number: int) -> str:
    """A title's id."""
    return f"{number:016x}"


def request(number: int, kind: ReviewerKind = ReviewerKind.LLM) -> RequestRecord:
    """A request that decisions rest on."""
    return RequestRecord(
        request_id=f"{number:064x}",
        reviewer=SEATS[number],
        kind=kind,
        provider="somebody",
        model="some model",
        parameters={"temperature": 0},
        prompt_sha256="c" * 64,
        schema_sha256="d" * 64,
        answer_sha256="e" * 64,
        round=0,
        chunk=0,
        tokens_in=100,
        tokens_out=10,
        cost_usd=0.01,
    )


def merge(
    rows: Iterable[Row], *, batch: str = "00", batches: int = 32, wave: int = 1, **values: Any
) -> Merge:
    """A merge of rows (title, decision, level, code[, order])."""
    told = [(*row, None)[:5] for row in rows]
    texts = ["/".join(part for part in row[1:4] if part) for row in told]
    columns = {
        "title_id": [row[0] for row in told],
        "decision": [row[1] for row in told],
        "level": [row[2] for row in told],
        "code": [row[3] for row in told],
        "why": ["both_keep" if row[1] == "keep" else "agreed" for row in told],
        "verdict_a": texts,
        "verdict_b": texts,
        "request_a": [0] * len(told),
        "request_b": [1] * len(told),
        "order": [row[4] for row in told],
    }
    assert tuple(columns) == DECISION_COLUMNS
    kind = values.pop("kind", ReviewerKind.LLM)
    about: dict[str, Any] = {
        "sequence": 1,
        "previous": "0" * 64,
        "title_batch": batch,
        "title_batches": batches,
        "wave": wave,
        "plan": "a" * 64,
        "policies": {"title_review": "b" * 64},
        "accepted_by": "policy",
        "kind": kind,
        "requests": (request(0, kind), request(1, kind)),
        "faults": dict.fromkeys(SEATS, 0),
        "repaired": dict.fromkeys(SEATS, 0),
        "decisions": columns,
        "known": {name: [] for name in KNOWN_COLUMNS},
    }
    return Merge(**(about | values))


def links(*merges: Merge) -> list[Link]:
    """Merges as links, without any files: for what trusts the chain and looks at the content."""
    found = []
    for sequence, made in enumerate(merges, 1):
        placed = made.model_copy(update={"sequence": sequence})
        content = placed.content
        name = f"{sequence:06d}-{made.title_batch}of{made.title_batches}-w{made.wave:02d}-"
        sha256 = sha256_bytes(content)
        file = MergeFile.of(Path(f"{name}{sha256[:16]}.json"))
        found.append(Link(json.loads(content), sha256, file))
    return found


def chain_of(root: Path, *merges: Merge) -> MergeChain:
    """A chain with these merges."""
    chain = MergeChain(root)
    for made in merges:
        chain.append(made)
    return chain


def forge(chain: MergeChain, merges: Sequence[Merge]) -> None:
    """Write a chain that is whole by its digests, whatever its merges say: what no honest writer writes."""
    for file in chain.files():
        file.path.unlink()
    previous = "0" * 64
    for sequence, made in enumerate(merges, 1):
        content = made.model_copy(update={"sequence": sequence, "previous": previous}).content
        previous = sha256_bytes(content)
        stem = f"{sequence:06d}-{made.title_batch}of{made.title_batches}-w{made.wave:02d}"
        chain.root.mkdir(parents=True, exist_ok=True)
        (chain.root / f"{stem}-{previous[:16]}.json").write_bytes(content)
        write_json(chain.root / "HEAD.json", {"sequence": sequence, "sha256": previous})
