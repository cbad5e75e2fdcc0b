"""Who may write: whoever can read the token in the data root; and pages' sessions that are made from it.

Belongs here: making and comparing tokens. Does not: where they are asked for (`middleware`, `pages`).

The token is made anew at each start, in a file that its owner alone can read. A session is a digest keyed
with it, so that it ends with the token; a form's token is one keyed with the session, so that another site's
page, which cannot read ours, cannot make one.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from aina_assets.core.storage import DataRoot

FOLDER, FILE_NAME = "service", "token"
OWNER_ALONE = 0o600
COOKIE = "aina_session"


@dataclass(frozen=True)
class Keyring:
    """The token of a running service, and what is made from it."""

    token: str

    @property
    def session(self) -> str:
        """What a page's cookie holds."""
        return self._keyed("session")

    def form(self, purpose: str = "form") -> str:
        """What each form of a session carries."""
        return self._keyed(f"{purpose}\0{self.session}")

    def is_token(self, given: str) -> bool:
        """Whether this is the token."""
        return hmac.compare_digest(given.encode(), self.token.encode())

    def is_session(self, given: str | None) -> bool:
        """Whether a cookie is of this service's run."""
        return given is not None and hmac.compare_digest(given.encode(), self.session.encode())

    def is_form(self, given: str | None) -> bool:
        """Whether a form was handed out by this service's run."""
        return given is not None and hmac.compare_digest(given.encode(), self.form().encode())

    def is_bearer(self, header: str | None) -> bool:
        """Whether an Authorization header holds the token."""
        kind, _, given = (header or "").partition(" ")
        return kind.lower() == "bearer" and self.is_token(given.strip())

    def _keyed(self, what: str) -> str:
        return hmac.new(self.token.encode(), what.encode(), hashlib.sha256).hexdigest()


def token_path(data: DataRoot) -> Path:
    """Where the token lies."""
    return data.path / FOLDER / FILE_NAME


def new_keyring(data: DataRoot) -> Keyring:
    """Make a token and write it where its owner alone can read it; the one before is worth nothing then."""
    keyring = Keyring(secrets.token_urlsafe(32))
    path = token_path(data)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    # Made with its rights: never, not even for a moment, can anybody else read it.
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ALONE)
    with os.fdopen(handle, "w") as opened:
        os.fchmod(opened.fileno(), OWNER_ALONE)
        opened.write(f"{keyring.token}\n")
    temporary.replace(path)
    return keyring
