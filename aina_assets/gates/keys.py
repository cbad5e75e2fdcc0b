"""Approvers' keys: made and kept outside the repository and the data root.

Belongs here: where a key may lie, its file's rights, the entry for the approvers' file. Does not: signing.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aina_assets.core.errors import ApprovalError
from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.core.signing import new_key, private_bytes, public_hex

OWNER_ALONE = 0o600


def require_apart(folder: Path, settings: Settings) -> Path:
    """The folder, resolved, if keys may lie there.

    Raises:
        ApprovalError: it is in the repository or in the data root, where runs and commits would find it.
    """
    place = folder.expanduser().resolve()
    for name, root in (("the repository", PROJECT_ROOT), ("the data root", settings.data)):
        if place == root or root in place.parents:
            raise ApprovalError(
                f"a key may not lie in {name}",
                file=place,
                remedy="Choose a folder elsewhere, such as ~/.aina.",
            )
    return place


def make_key(path: Path, passphrase: str) -> str:
    """Write a new private key that only its owner can read; give the public half in hex.

    Raises:
        ApprovalError: a key is there already.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = new_key()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ALONE)
    except FileExistsError as error:
        raise ApprovalError("a key is there already", file=path, remedy="Choose another folder.") from error
    with os.fdopen(handle, "wb") as opened:
        opened.write(private_bytes(key, passphrase))
    return public_hex(key)


def approver_entry(name: str, public: str, now: datetime, days: int) -> str:
    """The entry that a reviewed change adds to `approvers.toml`."""
    start = now.astimezone(UTC).replace(microsecond=0)
    return "\n".join(
        (
            "[[approvers]]",
            f'name = "{name}"',
            "domains = []  # the gates that this person may approve",
            "[[approvers.keys]]",
            f'ed25519 = "{public}"',
            f"valid_from = {start:%Y-%m-%dT%H:%M:%SZ}",
            f"valid_until = {start + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}",
        )
    )
