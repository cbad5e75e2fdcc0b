"""Signing: DSSE envelopes with ed25519 keys, through securesystemslib.

Belongs here: making and reading keys, sealing bytes in an envelope, telling of each signature whether it
holds. Does not: whose key is trusted for what (see `gates.policy`), or what the bytes say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from aina_assets.core.errors import ApprovalError

STATEMENT_TYPE = "application/vnd.in-toto+json"


@dataclass(frozen=True)
class SignedBytes:
    """An envelope that was read: its payload, and each signature's key id."""

    envelope: Envelope

    @property
    def payload(self) -> bytes:
        """The bytes that were signed."""
        return bytes(self.envelope.payload)

    @property
    def keyids(self) -> tuple[str, ...]:
        """The key ids of the signatures, in the envelope's order."""
        return tuple(self.envelope.signatures)

    def holds(self, key: SSlibKey) -> bool:
        """Whether the envelope has a signature of this key, and it is one of this payload."""
        signature = self.envelope.signatures.get(key.keyid)
        if signature is None:
            return False
        try:
            key.verify_signature(signature, self.envelope.pae())
        except (UnverifiedSignatureError, VerificationError):
            return False
        return True


def new_key() -> Ed25519PrivateKey:
    """A new private key."""
    return Ed25519PrivateKey.generate()


def public_hex(key: Ed25519PrivateKey) -> str:
    """The public half of a key, in hex."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def key_of(public: str) -> SSlibKey:
    """The verifying key of a public key in hex; its id is securesystemslib's own."""
    raw = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    return SSlibKey.from_crypto(raw, scheme="ed25519")


def keyid_of(public: str) -> str:
    """The id by which envelopes name a public key in hex."""
    return str(key_of(public).keyid)


def private_bytes(key: Ed25519PrivateKey, passphrase: str) -> bytes:
    """A private key as PEM; encrypted where there is a passphrase."""
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def read_private_key(path: Path, passphrase: str) -> Ed25519PrivateKey:
    """Read a private key.

    Raises:
        ApprovalError: it is absent, no ed25519 key, or the passphrase is not its own.
    """
    try:
        key = load_pem_private_key(path.read_bytes(), passphrase.encode() if passphrase else None)
    except FileNotFoundError as error:
        raise ApprovalError("there is no such key", file=path) from error
    except (ValueError, TypeError, UnsupportedAlgorithm, OSError) as error:
        raise ApprovalError(f"the key cannot be read: {error}", file=path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ApprovalError("not an ed25519 key", file=path)
    return key


def sign(payload: bytes, key: Ed25519PrivateKey, earlier: SignedBytes | None = None) -> bytes:
    """The payload in an envelope, with a signature of this key beside those of an earlier envelope.

    Raises:
        ApprovalError: the earlier envelope is of another payload.
    """
    if earlier is not None and earlier.payload != payload:
        raise ApprovalError("the envelope that is there is of another request")
    envelope = earlier.envelope if earlier is not None else Envelope(payload, STATEMENT_TYPE, {})
    envelope.sign(CryptoSigner(key, key_of(public_hex(key))))
    return (json.dumps(envelope.to_dict(), indent=1, sort_keys=True) + "\n").encode()


def read_envelope(content: bytes) -> SignedBytes:
    """Read an envelope.

    Raises:
        ValueError: it is not one, or not one of a statement.
    """
    raw: Any = json.loads(content)
    if not isinstance(raw, Mapping) or set(raw) != {"payload", "payloadType", "signatures"}:
        raise ValueError("not a DSSE envelope")
    if raw["payloadType"] != STATEMENT_TYPE:
        raise ValueError(f"payload of type {raw['payloadType']!r}, expected {STATEMENT_TYPE!r}")
    try:
        return SignedBytes(Envelope.from_dict(dict(raw)))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a DSSE envelope: {error}") from error
