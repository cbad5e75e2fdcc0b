"""Documents that events name by id: assessments, plans, practice tasks. Stored once, never changed.

Belongs here: storing and finding them. Does not: what is in them.
"""

from __future__ import annotations

import sqlalchemy as sa

from aina_assets.core.errors import EventConflictError, EventLogError, LearnerError
from aina_assets.core.storage import sha256_bytes
from aina_assets.learning.records.schema import LEARNER_DOCUMENT, writing


class Documents:
    """The documents of a log's database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def keep(self, kind: str, document_id: str, learner_id: str, text: str) -> str:
        """Store a document, and give its digest; the same one again is stored once.

        Raises:
            EventConflictError: another document has this id.
        """
        sha256 = sha256_bytes(text.encode())
        held = LEARNER_DOCUMENT.c
        with writing(self._engine) as connection:
            query = sa.select(held.sha256).where(held.document_id == document_id, held.kind == kind)
            standing = connection.execute(query).scalar()
            if standing is None:
                values = {
                    "kind": kind,
                    "document_id": document_id,
                    "learner_id": learner_id,
                    "sha256": sha256,
                    "document": text,
                }
                connection.execute(LEARNER_DOCUMENT.insert().values(values))
            elif standing != sha256:
                raise EventConflictError(f"another {kind} has this id", place=document_id)
        return sha256

    def read(self, kind: str, document_id: str) -> str:
        """A document's text.

        Raises:
            LearnerError: there is none of this id.
            EventLogError: it is not what was stored.
        """
        held = LEARNER_DOCUMENT.c
        query = sa.select(held.document, held.sha256).where(
            held.document_id == document_id, held.kind == kind
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise LearnerError(f"there is no {kind} of this id", place=document_id)
        if sha256_bytes(row.document.encode()) != row.sha256:
            raise EventLogError(f"the {kind} is not what was stored", place=document_id)
        return str(row.document)

    def ids(self, kind: str, learner_id: str | None = None) -> list[str]:
        """The ids of a kind's documents, in order; of one learner, or of all."""
        held = LEARNER_DOCUMENT.c
        query = sa.select(held.document_id).where(held.kind == kind).order_by(held.document_id)
        if learner_id is not None:
            query = query.where(held.learner_id == learner_id)
        with self._engine.connect() as connection:
            return [row.document_id for row in connection.execute(query)]
