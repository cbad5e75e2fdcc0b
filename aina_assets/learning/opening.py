"""Open the learning desk over a built state and the learners' database.

Belongs here: putting the parts together. Does not: what they do.
"""

from __future__ import annotations

from aina_assets.core.engine import Engine
from aina_assets.learning.assessing.resolving import TitleResolver
from aina_assets.learning.desk import Desk, Policies
from aina_assets.learning.edge.guard import Edge, RealUserData
from aina_assets.learning.evaluating.judge import Judge
from aina_assets.learning.practice.context import Contexts
from aina_assets.learning.records.log import EventLog
from aina_assets.packets.reader import PacketReader
from aina_assets.sources.readers.person_names import read_person_names

DATABASE = "learners.sqlite"


def open_log(engine: Engine) -> EventLog:
    """The learners' log: of the database that is set, or of the data root's own.

    Raises:
        SettingsError: the URL is none, or of a database that is not supported.
    """
    url = engine.settings.learner_db
    return EventLog(engine.data.learning / DATABASE if url is None else url.get_secret_value())


def open_desk(
    engine: Engine,
    log: EventLog | None = None,
    *,
    gate: RealUserData | None = None,
    judge: Judge | None = None,
) -> Desk:
    """The desk.

    Args:
        log: the learners' log; the one that is set where None.
        gate: the gate `real_user_data`; closed where None.
        judge: a model judge; none where None.

    Raises:
        StateError: titles or packets were not built.
        SettingsError, RubricError: a policy is absent, malformed or not the locked one.
    """
    held = log or open_log(engine)
    policies = Policies.read(engine.settings)
    return Desk(
        policies,
        held,
        TitleResolver(engine, policies.planning.gender),
        Contexts(PacketReader(engine)),
        Edge(held.engine, read_person_names(engine.settings.policies_root), gate),
        judge,
    )
