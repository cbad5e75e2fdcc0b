"""Faults of requests that no stage knows of: no such thing, no token, another origin, a key used twice.

Belongs here: the classes. Does not: how they are told (`problem`).
"""

from __future__ import annotations

from typing import ClassVar

from aina_assets.core.errors import AinaError


class NotFoundError(AinaError):
    """There is nothing at this address."""

    default_remedy: ClassVar[str] = "Look the id up: ids come from earlier answers and are never guessed."


class TokenError(AinaError):
    """A write without the service's token, or with another one."""

    default_remedy: ClassVar[str] = (
        "Send `Authorization: Bearer TOKEN`; the token is in the data root, `service/token`, for its owner."
    )


class OriginError(AinaError):
    """A request that a page of somebody else made a browser send."""

    default_remedy: ClassVar[str] = "Open the service's own pages, at the address that `aina serve` printed."


class HostError(AinaError):
    """A request to another name than the service's own."""

    default_remedy: ClassVar[str] = "Use 127.0.0.1 or localhost, with the port that `aina serve` printed."


class BodyError(AinaError):
    """A body that is too large, of another type, or no JSON."""

    default_remedy: ClassVar[str] = "Send JSON as docs/service.md shows it, with its Content-Type."


class TooLargeError(BodyError):
    """A body over the limit."""


class MediaTypeError(BodyError):
    """A body of a type that this address does not take."""


class KeyMissingError(AinaError):
    """A POST without an idempotency key, or with one that is none."""

    default_remedy: ClassVar[str] = "Send `Idempotency-Key` with 8 to 64 letters, digits, `-` or `_`."


class KeyReusedError(AinaError):
    """An idempotency key that was used for another request."""

    default_remedy: ClassVar[str] = "Send the first request unchanged, or this one under a new key."


class ConflictError(AinaError):
    """The request contradicts what stands."""


class FormError(AinaError):
    """A form that this service did not hand out in this session."""

    default_remedy: ClassVar[str] = "Open the page again and send the form from there."
