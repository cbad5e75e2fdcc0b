"""A stored packet as it is handed out: its canonical content with digest, gate and, of a title, its role.

Belongs here: bytes to bytes. Does not: which packets may be handed out (`reader`), or what they say.
"""

from __future__ import annotations

import json

from aina_assets.packets.parts import PacketGate

USE = "local_synthetic_only"


def gate_of(policy_version: str) -> PacketGate:
    """The gate of a packet that passed under a version of the policy."""
    return PacketGate(quality="passed", policy_version=policy_version, use=USE)


def served_role(content: str, sha256: str, gate: PacketGate) -> str:
    """A role packet's JSON as it is handed out.

    Args:
        content: its canonical JSON without digest and gate.
    """
    return f'{content[:-1]},"packet_sha256":"{sha256}","gate":{gate.model_dump_json()}}}'


def served_title(head: str, sha256: str, gate: PacketGate, role: str) -> str:
    """A title packet's JSON as it is handed out.

    Args:
        head: its canonical JSON without role, digest and gate.
        role: the role packet as it is handed out.
    """
    return f'{head[:-1]},"role":{role},"packet_sha256":"{sha256}","gate":{gate.model_dump_json()}}}'


def sealed_content(served: str) -> dict[str, object]:
    """What a handed-out packet's digest is of: all of it but the digest, the gate and the role.

    For whoever wants to check a packet by its own: the digest is the sha256 of this as RFC 8785 writes it.
    """
    data: dict[str, object] = json.loads(served)
    for name in ("packet_sha256", "gate", "role"):
        data.pop(name, None)
    return data
