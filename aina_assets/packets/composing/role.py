"""The packet of an O*NET occupation, and what every role packet has.

Belongs here: what an occupation's packet shows, and sealing a packet. Does not: fallbacks (`fallback`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args

from aina_assets.packets.canonical import PartWriter, digest, origins_in
from aina_assets.packets.composing import statements
from aina_assets.packets.contract import PACKET_VERSION, UNSEALED, RolePacket
from aina_assets.packets.evidence import Evidence
from aina_assets.packets.evidence.rows import EXTRACT
from aina_assets.packets.parts import (
    Importance,
    ImportanceSource,
    PracticeTask,
    SimilarOccupation,
    Statement,
    Task,
    Wages,
    Workflow,
)
from aina_assets.packets.policy import PacketPolicy
from aina_assets.packets.roles import Role
from aina_assets.packets.similarity import Nearness
from aina_assets.packets.workflows import workflows

NO_DIGEST = "0" * 64
IMPORTANCE_WORDS: Mapping[ImportanceSource, str] = {
    "onet_task_rating": "O*NET's mean importance",
    "importance_extract": "mean importance of another O*NET release, by a third party's extract",
    "task_type_and_order": "core before supplemental, then O*NET's order",
}


@dataclass(frozen=True)
class Sealed:
    """A packet's canonical JSON without digest and gate, its digest, and how many facts have an origin."""

    content: bytes
    sha256: str
    facts: int


class Sealer:
    """Gives packets their sources and attributions, and their digests.

    Args:
        evidence: files and attributions.
    """

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._writer = PartWriter(unshared=(RolePacket, Task, Workflow))

    def seal(self, packet: RolePacket) -> Sealed:
        """The packet with what its facts need, and its digest."""
        members = self._writer.members(packet)
        for name in UNSEALED:
            del members[name]
        found = [origin for member in members.values() for origin in origins_in(member)]
        used = [self._evidence.rows.files[file] for file in sorted({file for file, _ in found})]
        told = tuple(attributions(self._evidence, {source.source for source in used}))
        members["sources"] = f'"sources":{self._writer.write(tuple(used))}'
        members["attribution"] = f'"attribution":{self._writer.write(told)}'
        content = b"{" + b",".join([member.encode() for member in members.values()]) + b"}"
        return Sealed(content, digest(content), len(found))


def attributions(evidence: Evidence, sources: set[str]) -> list[str]:
    """The texts that whatever shows facts of these sources must carry."""
    named = {"onet" if source == EXTRACT else source for source in sources}
    return sorted({evidence.rows.attributions[source] for source in named})


class OccupationComposer:
    """Composes the packets of occupations.

    Args:
        evidence: what packets are made of.
        policy: how much a packet shows.
        nearness: which occupations are near which.
    """

    def __init__(self, evidence: Evidence, policy: PacketPolicy, nearness: Nearness) -> None:
        self._evidence = evidence
        self._policy = policy
        self._nearness = nearness

    def compose(self, role: Role) -> RolePacket:
        """The packet of an occupation, not yet sealed."""
        (code,) = role.members
        occupation = self._evidence.soc.occupations[code]
        facts = self._evidence.facts
        tasks = self._evidence.work.tasks.get(code, ())
        grouped = workflows(role.role_id, tasks, self._evidence.work.activity_names, self._policy.workflows)
        importance = importance_of(tasks, self._evidence)
        exposure = facts.exposures.get(occupation.detailed or "")
        wages = wages_of(self._evidence, occupation.detailed)
        practice = practice_of(self._evidence, code)
        technologies = facts.technologies.get(code, ())
        job_zone, education = facts.job_zones.get(code), facts.education.get(code, ())
        found: list[Statement] = [
            *statements.of_tasks(tasks, grouped, importance, self._policy),
            *statements.of_signals(tasks, exposure, is_fallback=False),
            *statements.of_wages(wages, is_function=False),
            *statements.of_preparation(job_zone, education, technologies, practice, is_fallback=False),
        ]
        return RolePacket(
            schema_version=PACKET_VERSION,
            kind="role",
            role_id=role.role_id,
            level=role.level,
            code=role.code,
            title=role.title,
            description=occupation.description or None,
            origin=occupation.origin,
            function=role.function,
            groups=tuple(self._evidence.soc.path_up(occupation.detailed)),
            importance=importance,
            tasks=tasks,
            workflows=grouped,
            exposure=exposure,
            technologies=technologies,
            wages=wages,
            practice=practice,
            job_zone=job_zone,
            education=education,
            similar=self._similar.get(code, ()),
            generalizes=None,
            statements=tuple(found),
            sources=(),
            attribution=(),
            packet_sha256=NO_DIGEST,
            gate=None,
        )

    @cached_property
    def _similar(self) -> dict[str, tuple[SimilarOccupation, ...]]:
        found: dict[str, list[SimilarOccupation]] = {}
        for near in self._nearness.nearest(self._evidence.soc.related, self._policy.similar.shown):
            found.setdefault(near.code, []).append(
                SimilarOccupation(
                    onet_soc_code=near.other,
                    title=self._evidence.soc.occupations[near.other].title,
                    similarity=near.similarity,
                    shared_activities=near.activities,
                    is_related_in_onet=near.is_related,
                )
            )
        return {code: tuple(similar) for code, similar in found.items()}


def importance_of(tasks: Sequence[Task], evidence: Evidence) -> Importance:
    """What the ranks of tasks rest on."""
    found = {evidence.work.importance_sources[task.onet_soc_code, task.task_id] for task in tasks}
    sources = tuple(source for source in get_args(ImportanceSource) if source in found)
    return Importance(
        sources=sources,
        rated_tasks=sum(task.importance is not None for task in tasks),
        detail="; then ".join(IMPORTANCE_WORDS[source] for source in sources) or "there are no tasks",
    )


def wages_of(evidence: Evidence, detailed: str | None) -> Wages:
    """The figures of the OEWS row that speaks of a SOC detailed occupation."""
    found = evidence.facts.wages.get(detailed or "")
    if found is None or found.oews_code is None:
        return no_wages()
    return wages_of_row(evidence, found.oews_code, found.relation, found.shared_with_count)


def wages_of_row(evidence: Evidence, oews_code: str, relation: Any, shared: int) -> Wages:
    """The figures of one OEWS row; none where this build lacks it."""
    figures = evidence.facts.wage_figures.get(oews_code, ())
    if not figures:
        return no_wages()
    return Wages(
        oews_code=oews_code,
        relation=relation,
        shared_with_count=shared,
        vintage=evidence.rows.files[figures[0].origin.file].vintage,
        figures=figures,
    )


def no_wages() -> Wages:
    """What stands where no OEWS row speaks of a role."""
    return Wages(oews_code=None, relation="not_covered", shared_with_count=0, vintage=None, figures=())


def practice_of(evidence: Evidence, code: str) -> tuple[PracticeTask, ...]:
    """The GDPval tasks of an occupation: those of its detailed code and of its broad group, by name."""
    groups = evidence.soc.path_up(evidence.soc.occupations[code].detailed)
    named = [group.code for group in groups if group.level in ("detailed", "broad")]
    return tuple(task for group in named for task in evidence.facts.practice.get(group, ()))
