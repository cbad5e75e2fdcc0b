"""Documents that events name by id: assessments, plans, practice tasks. Stored once, never changed.

Belongs here: storing and finding them. Does not: what is in them, or when: a document is stored together with
the event that names it (`log`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

from aina_assets.core.errors import EventConflictError, EventLogError, LearnerError
from aina_assets.core.storage import sha256_bytes
from aina_assets.learning.records.schema import LEARNER_DOCUMENT

# Made once: to put a statement together takes longer than to run it.
_HELD = LEARNER_DOCUMENT.c
_IS = (_HELD.document_id == sa.bindparam("of_id"), _HELD.kind == sa.bindparam("of_kind"))
_DIGEST = sa.select(_HELD.sha256).where(*_IS)
_READ = sa.select(_HELD.document, _HELD.sha256).where(*_IS)
_STORE = LEARNER_DOCUMENT.insert()


@dataclass(frozen=True)
class Document:
    """A document to be stored.

    Attributes:
        text: in the one form that its digest is of.
        sha256: of the text.
    """

    kind: str
    document_id: str
    learner_id: str
    text: str
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", sha256_bytes(self.text.encode()))

    def store(self, connection: sa.Connection) -> None:
        """Store it in this transaction; where it stands already, nothing is done.

        Raises:
            EventConflictError: another document has this id.
        """
        told = {"of_kind": self.kind, "of_id": self.document_id}
        standing = connection.execute(_DIGEST, told).scalar()
        if standing is None:
            values = {
                "kind": self.kind,
                "document_id": self.document_id,
                "learner_id": self.learner_id,
                "sha256": self.sha256,
                "document": self.text,
            }
            connection.execute(_STORE, values)
        elif standing != self.sha256:
            raise EventConflictError(f"another {self.kind} has this id", place=self.document_id)


class Documents:
    """The documents of a log's database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def read(self, kind: str, document_id: str) -> str:
        """A document's text.

        Raises:
            LearnerError: there is none of this id.
            EventLogError: it is not what was stored.
        """
        with self._engine.connect() as connection:
            row = connection.execute(_READ, {"of_kind": kind, "of_id": document_id}).first()
        if row is None:
            raise LearnerError(f"there is no {kind} of this id", place=document_id)
        if sha256_bytes(row.document.encode()) != row.sha256:
            raise EventLogError(f"the {kind} is not what was stored", place=document_id)
        return str(row.document)

    def ids(self, kind: str, learner_id: str | None = None) -> list[str]:
        """The ids of a kind's documents, in order; of one learner, or of all."""
        query = sa.select(_HELD.document_id).where(_HELD.kind == kind).order_by(_HELD.document_id)
        if learner_id is not None:
            query = query.where(_HELD.learner_id == learner_id)
        with self._engine.connect() as connection:
            return [row.document_id for row in connection.execute(query)]
