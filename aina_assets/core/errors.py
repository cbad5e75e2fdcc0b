"""Typed errors. Each names what was wrong, in which file, at which place, and what to do about it.

An error class stands for one kind of fault, so that callers and tests can tell a truncated file from
a moved header. What belongs here: the classes. What does not: catching them.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class AinaError(Exception):
    """A fault with a remedy.

    Args:
        message: what was wrong, with the expected and the found value where there are such.
        file: the file (or URL) that it is about.
        place: where in the file: a line, a cell, a column, a member.
        remedy: what a person should do; the class's own where not given.
    """

    default_remedy: ClassVar[str] = "See docs/runbooks.md."

    def __init__(
        self,
        message: str,
        *,
        file: Path | str | None = None,
        place: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.message = message
        self.file = str(file) if file is not None else None
        self.place = place
        self.remedy = remedy or self.default_remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [self.message]
        if self.file:
            lines.append(f"  file:   {self.file}")
        if self.place:
            lines.append(f"  place:  {self.place}")
        lines.append(f"  remedy: {self.remedy}")
        return "\n".join(lines)


class SettingsError(AinaError):
    """A setting is missing or contradicts another."""

    default_remedy = "Correct the setting named; docs/settings.md lists them all."


class StateError(AinaError):
    """What a run wrote is absent, or not what its reader expects."""

    default_remedy = "Run `aina build` to make the state anew."


class ProvenanceMismatchError(StateError):
    """A reader was given data of another origin than it expects."""


class CapabilityError(AinaError):
    """Something that reaches out of the local, synthetic engine was tried without leave."""

    default_remedy = "`aina gates explain DOMAIN` says what is missing; only two approvers open a gate."


class GateClosedError(CapabilityError):
    """A gate was asked and stays closed."""


class ApprovalError(AinaError):
    """An approval, a request for one, or a key cannot be made or is not what it must be."""

    default_remedy = "docs/gates.md shows the way of an approval, from keys to `aina gates status`."


class BuildLockedError(AinaError):
    """Another build holds the data root."""

    default_remedy = "Wait for the other build to end, or set AINA_DATA to another folder."


class StorageFullError(AinaError):
    """The disk ran full during a write; what stood there before still stands."""

    default_remedy = "Free space on the disk that holds AINA_DATA, then run the same command again."


class ContractError(AinaError):
    """A table's rows do not hold what its contract promises."""

    default_remedy = "Compare the source's layout with its page in docs/sources; mend the reader."


class LockError(AinaError):
    """The lock file is malformed, or lacks what was asked of it."""

    default_remedy = "Restore data/sources.lock.json from git, or review `aina sources lock`."


class UnlockedRevisionError(LockError):
    """A Hub revision is a branch or tag: only a commit's 40 hex digits fix the content."""

    default_remedy = "Give the commit's 40 hex digits; `aina sources lock` looks it up."


class SourceError(AinaError):
    """A source file cannot be had, or is not what the lock says."""

    default_remedy = "Run `aina sources verify`; then fetch the file again."


class MissingSourceError(SourceError):
    """A locked file is not in the lane that is in use."""


class HashMismatchError(SourceError):
    """A file's bytes are not the locked ones."""

    default_remedy = "If upstream changed on purpose, review `aina sources lock`; else fetch the file again."


class TruncatedFileError(HashMismatchError):
    """A file is shorter than the lock says."""


class EmptyFileError(SourceError):
    """A file has no bytes, or a header and no rows."""


class HtmlInsteadOfDataError(SourceError):
    """A web page (an error page, a login, a block notice) stands where data should be."""

    default_remedy = (
        "Open the URL in a browser to see what the publisher says; "
        "BLS wants a contact in the User-Agent (AINA_CONTACT)."
    )


class EncodingError(SourceError):
    """A text file is not in its declared encoding."""


class HeaderError(SourceError):
    """A table's header is not the one that this vintage has, or was not found."""

    default_remedy = "Check the vintage; if upstream changed the layout, teach the reader that vintage."


class RaggedTableError(SourceError):
    """A row has more or fewer cells than the header."""


class CellError(SourceError):
    """A cell does not hold a value of its column's type."""


class UnsafeArchiveError(SourceError):
    """An archive's member would be written outside its folder, or is not the one expected."""

    default_remedy = "Do not unpack it by hand; fetch it again and compare its hash with the lock's."


class FetchError(SourceError):
    """The network did not give the file within the bounded attempts."""

    default_remedy = "Check the connection and try again; the last good file is still in place."


class ForbiddenError(FetchError):
    """The publisher refused the request (HTTP 401 or 403)."""

    default_remedy = "Set AINA_CONTACT to an e-mail address: BLS answers 403 without one."


class BlsApiError(SourceError):
    """The BLS Public Data API said no, inside an HTTP 200."""


class BlsQuotaError(BlsApiError):
    """The day's quota is used up (25 queries without a key, 500 with one)."""

    default_remedy = "Wait until tomorrow, or set AINA_BLS_API_KEY; what was cached stays usable."


class BlsKeyError(BlsApiError):
    """The registration key is not valid."""

    default_remedy = "Correct AINA_BLS_API_KEY, or unset it to use the keyless quota."


class BlsSeriesError(BlsApiError):
    """A series id is malformed or unknown to BLS."""

    default_remedy = (
        "A series id has 25 characters: OE, U, area type, area (7), industry (6), SOC (6), data type (2)."
    )


class LearnerError(AinaError):
    """A learner's input, event or submission cannot be taken."""

    default_remedy = "Correct the field named; docs/learning.md says what each may hold."


class NotSyntheticError(LearnerError):
    """A learner who was not made as a synthetic one."""

    default_remedy = "Make the learner with `aina learn journey`, or `synthetic_learner_id(seed, number)`."


class PersonalDataError(LearnerError):
    """Text holds what looks like a real person's data; it was refused and not kept."""

    default_remedy = "Write the text without names, addresses, phone numbers or ids of real people."


class EventError(LearnerError):
    """A learner event is malformed, or of a kind or version that this code does not know."""

    default_remedy = "Send the event as its schema in docs/contracts says; newer events need newer code."


class EventConflictError(EventError):
    """An event's id was used before for another content."""

    default_remedy = "Send the first event unchanged, or a new event under a new id; nothing was stored."


class EventGapError(EventError):
    """Events of a learner are missing between two that are there."""

    default_remedy = "Replay from the log, not from a part of it."


class EventLogError(StateError):
    """The event log is damaged: an event, its order or its chain differs from what was acknowledged."""

    default_remedy = "Restore the log from a backup; `aina learn verify` names the first event that differs."


class RubricError(AinaError):
    """A rubric is not the locked one, or does not fit the task."""

    default_remedy = (
        "Restore data/policies/rubrics from git; a changed rubric is a new version with a new lock."
    )
