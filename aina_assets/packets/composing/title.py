"""The packet of a title over a role packet: put together whenever it is read, never stored as a copy.

Belongs here: a title's row, and the packet's head that follows from the row alone. Does not: which role it
has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aina_assets.packets.canonical import canonical_json, digest
from aina_assets.packets.contract import PACKET_VERSION
from aina_assets.packets.evidence.rows import SourceBook
from aina_assets.packets.parts import StatementCode
from aina_assets.packets.serviceable import REVIEWED, Serviceable

# Who decides, in words: recorded and simulated reviewers are no judgement of this inventory.
REVIEWERS: Mapping[str, str] = {
    "llm": "two language models",
    "person": "two people",
    "recorded": "two recorded reviewers",
    "simulated": "two simulated reviewers, a rehearsal and no judgement,",
}


@dataclass(frozen=True, slots=True)
class RoleHead:
    """What a title packet needs to know of its role."""

    role_id: str
    level: str
    code: str
    title: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An authority's title: its text, the code that it is listed under, and its file."""

    title: str
    code: str
    file: str


def title_row(
    title: Serviceable, batch: str, role: RoleHead, listed: Listed | None, book: SourceBook
) -> dict[str, Any]:
    """The title's row of `title_packet`.

    Args:
        listed: the authority's title that the route rests on; None where there is none.
        book: files that origins name.
    """
    row: dict[str, Any] = {
        "title_id": title.title_id,
        "title_batch": batch,
        "normalized_title": title.normalized_title,
        "seniority": title.seniority,
        "function": title.function,
        "decided_by": title.decided_by,
        "decision": title.decision,
        "reason": title.reason,
        "basis": title.basis,
        "lane": title.lane,
        "served_level": title.served_level,
        "served_code": title.served_code,
        "probability": title.probability,
        "error_bound": title.error_bound,
        "likely_onet_soc_code": title.likely_onet_soc_code,
        "evidence_table": None if listed is None else title.evidence_table,
        "evidence_file": None if listed is None else listed.file,
        "evidence_row": None if listed is None else title.evidence_row,
        "evidence_title": None if listed is None else listed.title,
        "evidence_code": None if listed is None else listed.code,
        "role_id": role.role_id,
        "role_packet_sha256": role.sha256,
    }
    return {**row, "packet_sha256": digest(canonical_json(head(row, role, book)))}


def head(row: Mapping[str, Any], role: RoleHead, book: SourceBook) -> dict[str, Any]:
    """All that a title packet says besides its role, its digest and the gate: what the digest is of."""
    file = row["evidence_file"]
    evidence = (
        []
        if file is None
        else [
            {
                "table": row["evidence_table"],
                "title": row["evidence_title"],
                "code": row["evidence_code"],
                "origin": {"file": file, "row": row["evidence_row"]},
            }
        ]
    )
    return {
        "schema_version": PACKET_VERSION,
        "kind": "title",
        "title_id": row["title_id"],
        "title_batch": row["title_batch"],
        "title": row["normalized_title"],
        "seniority": row["seniority"],
        "function": row["function"],
        "served": {
            "decided_by": row["decided_by"],
            "decision": row["decision"],
            "reason": row["reason"],
            "basis": row["basis"],
            "lane": row["lane"],
            "level": row["served_level"],
            "code": row["served_code"],
            "probability": row["probability"],
            "error_bound": row["error_bound"],
            "likely_onet_soc_code": row["likely_onet_soc_code"],
            "evidence": evidence,
        },
        "statements": _statements(row, role),
        "sources": [] if file is None else [book.plain[file]],
        "attribution": [] if file is None else [book.attributions[book.files[file].source]],
        "role_packet_sha256": row["role_packet_sha256"],
    }


def _who_decided(row: Mapping[str, Any]) -> str:
    """Words for who promoted a title that evidence left open."""
    if row["decided_by"] == "rule":
        return f"the rule {row['decision']}"
    reviewers = REVIEWERS.get(row["reason"].removeprefix(REVIEWED), "two reviewers")
    return f"{reviewers} (merge {row['decision'][:12]})"


def _statements(row: Mapping[str, Any], role: RoleHead) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    if row["served_level"] == "function":
        found.append(
            _said(
                "served_at_function",
                "The evidence tells the business function of this title and no occupation: what it shows "
                "is what "
                "the function's occupations have in common.",
            )
        )
    elif role.level not in ("occupation", row["served_level"]):
        found.append(
            _said(
                "served_coarser_than_claimed",
                f"{row['served_code']} is claimed, of which O*NET describes no tasks: the packet is that of "
                f"{role.title}, the next coarser role that has some.",
            )
        )
    likely = row["likely_onet_soc_code"]
    if likely is not None and role.role_id != f"onet:{likely}":
        found.append(
            _said(
                "occupation_not_certified",
                f"Evidence favours {likely} among the occupations of {row['served_code']}; that was not "
                "measured, "
                "so the packet speaks of all of them.",
            )
        )
    if row["decided_by"] != "route":
        found.append(
            _said(
                "decided_by_adjudication",
                f"Evidence left this title open; {_who_decided(row)} promoted it to this level. No "
                "certificate bounds the error of adjudication's decisions.",
            )
        )
    elif row["error_bound"] is None:
        found.append(
            _said("error_not_measured", "No gold rows bound the error of this claim in this inventory.")
        )
    if row["seniority"] is not None:
        found.append(
            _said(
                "seniority_is_not_in_tasks",
                f"The words say {row['seniority'].replace('_', ' ')}; O*NET does not tell tasks apart by "
                "rank.",
            )
        )
    return found


def _said(code: StatementCode, detail: str) -> dict[str, str]:
    """A statement as plain data: the gate holds it against the contract."""
    return {"code": code, "detail": detail}
