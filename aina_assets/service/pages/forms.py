"""Forms: reading one that was sent, and making sure that it is ours.

Belongs here: fields, session, form token, keys. Does not: what a form is for.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from pydantic import ValidationError

from aina_assets.service.errors import BodyError, FormError
from aina_assets.service.idempotency import KEY
from aina_assets.service.pages.shown import is_signed_in, keyring_of

MOST_FIELDS = 200


@dataclass(frozen=True)
class Form:
    """What a form sent.

    Attributes:
        key: the idempotency key that it was handed out with: sent twice, it is done once.
    """

    values: Mapping[str, tuple[str, ...]]
    key: str

    def one(self, name: str) -> str:
        """A field's value; empty where it has none."""
        found = self.values.get(name, ())
        return found[0].strip() if found else ""

    def text(self, name: str) -> str:
        """A field's value as it was typed, with one kind of line end."""
        found = self.values.get(name, ())
        return found[0].replace("\r\n", "\n").replace("\r", "\n") if found else ""

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a field."""
        return self.values.get(name, ())


def new_key() -> str:
    """A key for a form that is handed out."""
    return secrets.token_urlsafe(18)


def parsed(body: bytes) -> Mapping[str, tuple[str, ...]]:
    """A form's fields.

    Raises:
        BodyError: it is no form.
    """
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise BodyError("this is no form", place="body") from error
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), value)
    return found


async def posted(request: Request) -> Form:
    """The form that was sent, if it is one of ours.

    Raises:
        FormError: the browser is not signed in, or the form was not handed out by this service's run.
        BodyError: it is no form.
    """
    values = parsed(await request.body())
    form_token = (values.get("form_token") or ("",))[0]
    if not is_signed_in(request) or not keyring_of(request).is_form(form_token):
        raise FormError(
            "this browser is not signed in, or the form is of an earlier run of the service",
            remedy="Sign in with the token that `aina serve` printed, then send the form again.",
        )
    key = (values.get("key") or ("",))[0]
    return Form(values, key if KEY.fullmatch(key) else new_key())


Posted = Annotated[Form, Depends(posted)]


def faults_of(error: ValidationError) -> dict[str, str]:
    """What is wrong with which field, in the validator's words."""
    found: dict[str, str] = {}
    for fault in error.errors(include_input=False, include_url=False):
        loc: tuple[Any, ...] = fault["loc"]
        found.setdefault(str(loc[0]) if loc else "form", fault["msg"].removeprefix("Value error, "))
    return found
