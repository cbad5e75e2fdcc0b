"""The rules of the quality gate: each takes a packet as a reader would get it and gives its faults.

Belongs here: the rules. Does not: which packets there are, or what becomes of those that fail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from aina_assets.core.errors import AinaError
from aina_assets.packets.canonical import canonical_json, digest, is_canonical, origins_in
from aina_assets.packets.contract import UNSEALED, RolePacket, TitleHead, parsed, read_json
from aina_assets.packets.evidence.rows import SourceBook
from aina_assets.packets.parts import Task
from aina_assets.packets.policy import PacketPolicy
from aina_assets.packets.quality.ledger import BLS_TABLES, Ledger
from aina_assets.packets.serving import gate_of, served_role
from aina_assets.sources.leaks import LeakSearch

CORE = "Core"
EXTRACT_SOURCE, ONET = "task_importance_extract", "onet"


@dataclass(frozen=True)
class Fault:
    """A rule that a packet fails at one place."""

    rule: str
    detail: str


class RoleGate:
    """Holds role packets against the rules.

    Args:
        ledger: the rows that origins must resolve to.
        policy: thresholds.
        attributions: the text that facts of a source must be shown with, by source.
        leaks: looks for text that must not leave its raw file.
    """

    def __init__(
        self,
        ledger: Ledger,
        policy: PacketPolicy,
        attributions: Mapping[str, str],
        leaks: LeakSearch | None,
    ) -> None:
        self._ledger = ledger
        self._policy = policy
        self._attributions = attributions
        self._leaks = leaks
        self._gate = gate_of(policy.version)

    def check(self, content: str, sha256: str) -> list[Fault]:
        """The faults of a role packet; none where it may be handed out.

        Args:
            content: its canonical JSON without digest and gate.
            sha256: the digest that it is stored under.
        """
        faults = [*self._leaked(content)]
        try:
            data = read_json(served_role(content, sha256, self._gate))
            packet = parsed(data, RolePacket)
        except AinaError as error:
            return [*faults, Fault("schema_valid", f"{error.message} at {error.place or 'the whole'}")]
        sealed = {name: value for name, value in data.items() if name not in UNSEALED}
        rules = (
            self._digest(content, sealed, sha256),
            self._tasks(packet),
            self._provenance(packet, content, sealed),
            self._wages(packet),
            self._duplicates(packet),
            self._workflows(packet),
            self._attribution(packet),
        )
        return [*faults, *(fault for rule in rules for fault in rule)]

    def _digest(self, content: str, data: dict[str, Any], sha256: str) -> Iterator[Fault]:
        found = digest(content.encode())
        if found != sha256:
            yield Fault("digest_holds", f"the content's digest is {found}, stored is {sha256}")
        if not is_canonical(content, data):
            yield Fault("digest_holds", "the content is not in canonical form")

    def _leaked(self, content: str) -> Iterator[Fault]:
        if self._leaks is not None:
            for label in self._leaks.in_bytes(content.encode()):
                yield Fault("no_gdpval_text", f"holds GDPval text: {label}")

    def _tasks(self, packet: RolePacket) -> Iterator[Fault]:
        least = self._policy.quality.least_tasks
        codes = {statement.code for statement in packet.statements}
        stated = "few_tasks" if packet.tasks else "no_tasks"
        if len(packet.tasks) < least and stated not in codes:
            yield Fault("enough_tasks", f"{len(packet.tasks)} tasks, {least} wanted, and no reason is stated")

    # --- provenance

    def _provenance(self, packet: RolePacket, content: str, data: Mapping[str, Any]) -> Iterator[Fault]:
        told = {source.file for source in packet.sources}
        if not all_resolve(content, told, self._ledger):
            yield from unresolved(data, told, self._ledger)
        for task in packet.tasks:
            yield from self._task_says(task)
        exposure = packet.exposure
        if exposure is not None:
            said = self._ledger.exposures.get((exposure.origin.file, exposure.origin.row))
            if said != (exposure.soc_code, exposure.value):
                yield Fault("provenance_resolves", f"exposure: the row says {said}")

    def _task_says(self, task: Task) -> Iterator[Fault]:
        """What the task and its signals say is what their rows say."""
        said = self._ledger.statements.get((task.origin.file, task.origin.row))
        if said != (task.onet_soc_code, task.task_id, task.statement):
            yield Fault("provenance_resolves", f"task {task.task_id}: its row is another task's")
        for signal in task.signals:
            value = self._ledger.signals.get((signal.kind, signal.origin.file, signal.origin.row))
            if value is None or abs(value - signal.value) > 1e-6:
                yield Fault(
                    "provenance_resolves",
                    f"task {task.task_id}, {signal.kind}: the packet says {signal.value}, the row {value}",
                )

    def _wages(self, packet: RolePacket) -> Iterator[Fault]:
        for figure in packet.wages.figures:
            origin = figure.origin
            said = self._ledger.wages.get((origin.file, origin.row, figure.measure))
            if origin.file.partition("/")[0] not in BLS_TABLES or said is None:
                yield Fault(
                    "wages_have_bls_rows", f"{figure.measure}: no BLS row at {origin.file} {origin.row}"
                )
            elif said != (packet.wages.oews_code, figure.value, figure.status):
                yield Fault("wages_have_bls_rows", f"{figure.measure}: the row says {said}")

    # --- tasks and workflows

    def _duplicates(self, packet: RolePacket) -> Iterator[Fault]:
        ids = Counter((task.onet_soc_code, task.task_id) for task in packet.tasks)
        texts = Counter(" ".join(task.statement.casefold().split()) for task in packet.tasks)
        for key, count in ids.items():
            if count > 1:
                yield Fault("no_duplicate_tasks", f"task {key[1]} of {key[0]} occurs {count} times")
        for text, count in texts.items():
            if count > 1:
                ids_of = [t.task_id for t in packet.tasks if " ".join(t.statement.casefold().split()) == text]
                yield Fault("no_duplicate_tasks", f"tasks {ids_of} have the same text")

    def _workflows(self, packet: RolePacket) -> Iterator[Fault]:
        covered = Counter(task_id for workflow in packet.workflows for task_id in workflow.task_ids)
        known = {task.task_id for task in packet.tasks}
        for task in packet.tasks:
            if covered[task.task_id] == 0 and task.task_type == CORE:
                yield Fault("workflows_cover_core_tasks", f"core task {task.task_id} is in no workflow")
            if covered[task.task_id] > 1:
                yield Fault("workflows_cover_core_tasks", f"task {task.task_id} is in several workflows")
        for task_id in sorted(covered.keys() - known):
            yield Fault(
                "workflows_cover_core_tasks", f"a workflow has task {task_id}, which the packet lacks"
            )

    def _attribution(self, packet: RolePacket) -> Iterator[Fault]:
        used = {ONET if s.source == EXTRACT_SOURCE else s.source for s in packet.sources}
        for source in sorted(used):
            wanted = self._attributions.get(source)
            if wanted is None or wanted not in packet.attribution:
                yield Fault("attribution_is_complete", f"the attribution of {source} is missing")


def all_resolve(content: str, told: Set[str], ledger: Ledger) -> bool:
    """Whether every origin in the canonical JSON of a packet leads to a row of a file that it tells of."""
    found = set(origins_in(content))
    return {file for file, _ in found} <= told and all(ledger.has(file, row) for file, row in found)


def unresolved(data: Any, told: Set[str], ledger: Ledger, place: str = "") -> Iterator[Fault]:
    """Every origin in plain data of a packet that leads to no row, with where it stands.

    Args:
        told: files that the packet's sources name.
    """
    for key, value in data.items() if type(data) is dict else enumerate(data):
        # Texts and numbers are by far the most, and hold no origin.
        if type(value) is dict and "file" in value and "row" in value:
            if value["file"] not in told:
                yield Fault("provenance_resolves", f"{place}{key}: {value['file']} is not among the sources")
            elif not ledger.has(value["file"], value["row"]):
                yield Fault("provenance_resolves", f"{place}{key}: {value['file']} has no row {value['row']}")
        elif type(value) is dict or type(value) is list:
            yield from unresolved(value, told, ledger, f"{place}{key}.")


@dataclass(frozen=True)
class Claim:
    """What a certificate allows: the level, and whether its bound holds."""

    level: str
    is_certified: bool


class TitleGate:
    """Holds title packets against the rules.

    Args:
        ledger: the rows that origins must resolve to.
        book: files that origins may name, and what must be shown with them.
        certificates: by stratum what it allows.
    """

    def __init__(
        self,
        ledger: Ledger,
        book: SourceBook,
        certificates: Mapping[str, Claim],
    ) -> None:
        self._ledger = ledger
        self._book = book
        self._certificates = certificates

    def check(
        self, row: Mapping[str, Any], head: dict[str, Any], role: str | None, *, is_covered: bool
    ) -> list[Fault]:
        """The faults of a title packet; none where it may be handed out.

        Args:
            row: its row of `title_packet`.
            head: all of the packet besides role, digest and gate.
            role: digest of its role packet as it stands; None where that fails or there is none.
            is_covered: whether the role is at or above the claimed level and speaks of the claimed code.
        """
        content = canonical_json(head)
        rules: tuple[Iterable[Fault], ...] = (
            self._digest(row, content),
            self._role(row, role),
            self._schema(content),
            self._provenance(head, content.decode()),
            self._attribution(head),
            self._level(row, is_covered=is_covered),
        )
        return [fault for rule in rules for fault in rule]

    def _digest(self, row: Mapping[str, Any], content: bytes) -> Iterator[Fault]:
        found = digest(content)
        if found != row["packet_sha256"]:
            yield Fault("digest_holds", f"the content's digest is {found}, stored is {row['packet_sha256']}")

    def _role(self, row: Mapping[str, Any], role: str | None) -> Iterator[Fault]:
        if role is None:
            yield Fault("role_passes", f"its role {row['role_id']} is held back or absent")
        elif role != row["role_packet_sha256"]:
            yield Fault("role_passes", f"its role {row['role_id']} has another digest now")

    def _schema(self, content: bytes) -> Iterator[Fault]:
        # The role is a packet of its own, which is held against the schema by itself.
        try:
            TitleHead.model_validate_json(content)
        except ValidationError as error:
            first = error.errors()[0]
            yield Fault("schema_valid", f"{first['msg']} at {'.'.join(map(str, first['loc']))}")

    def _provenance(self, head: Mapping[str, Any], content: str) -> Iterator[Fault]:
        told = {source["file"] for source in head["sources"]} & self._book.files.keys()
        if not all_resolve(content, told, self._ledger):
            yield from unresolved(head, told, self._ledger)

    def _attribution(self, head: Mapping[str, Any]) -> Iterator[Fault]:
        for source in sorted({source["source"] for source in head["sources"]}):
            if self._book.attributions.get(source) not in head["attribution"]:
                yield Fault("attribution_is_complete", f"the attribution of {source} is missing")

    def _level(self, row: Mapping[str, Any], *, is_covered: bool) -> Iterator[Fault]:
        if not is_covered:
            yield Fault(
                "level_is_allowed",
                f"role {row['role_id']} is finer than, or not of, {row['served_level']} {row['served_code']}",
            )
        if row["decided_by"] != "route":
            # A rule or an accepted review decided; the packet says that nothing bounds its error.
            if row["error_bound"] is not None:
                yield Fault("level_is_allowed", "adjudication decided, and no certificate bounds its error")
            return
        if row["error_bound"] is None:
            # Nothing was measured, which the packet says.
            return
        claim = self._certificates.get(row["decision"])
        if claim is None:
            yield Fault("level_is_allowed", f"there is no certificate {row['decision']}")
        elif not claim.is_certified:
            yield Fault("level_is_allowed", f"the certificate {row['decision']} is broken")
        elif claim.level != row["served_level"]:
            yield Fault("level_is_allowed", f"{row['decision']} does not allow {row['served_level']}")
