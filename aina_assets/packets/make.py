"""Make the tables of this stage, and leave alone what has not changed.

Belongs here: what each table is made from, and when it must be made anew. Does not: how its rows come about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from aina_assets.core.contracts import TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.storage import sha256_file
from aina_assets.core.store import (
    Provenance,
    TableInfo,
    TableStore,
    code_version,
    contract_digest,
    merged_vintages,
)
from aina_assets.packets import serviceable as seam
from aina_assets.packets.composing.fallback import FallbackComposer
from aina_assets.packets.composing.role import OccupationComposer, Sealer
from aina_assets.packets.composing.title import Listed, RoleHead, title_row
from aina_assets.packets.evidence import Evidence
from aina_assets.packets.evidence.rows import EXTRACT, INPUTS
from aina_assets.packets.importance import extract_vintage, read_extract
from aina_assets.packets.memory import uncollected
from aina_assets.packets.policy import PacketPolicy, read_packet_policy
from aina_assets.packets.roles import Roles
from aina_assets.packets.similarity import Nearness, nearest_rows, nearness
from aina_assets.packets.tables import (
    OCCUPATION_SIMILARITY,
    ROLE_PACKET,
    TASK_AI_SIGNAL,
    TASK_IMPORTANCE,
    TITLE_PACKET,
)
from aina_assets.titles.functions import FunctionPolicy, read_function_policy
from aina_assets.titles.scope import ScopePolicy, read_scope_policy
from aina_assets.titles.tables import TITLE

CODE_FOLDERS = ("core", "packets")
SQL_ROOT = Path(__file__).parent / "sql"
# A reader takes one packet out of a group of so few: a group is read as a whole.
PACKETS_A_GROUP = 8
IMPORTANCE_INPUTS = ("onet_task", "onet_task_rating")
SIGNAL_INPUTS = (
    "onet_task",
    "task_link",
    "aei_task_penetration",
    "aei_task_usage",
    "aei_task_collaboration",
    "aei_task_thinking",
)
# What it takes to tell how alike occupations are.
NEARNESS_INPUTS = (
    "onet_occupation",
    "onet_task",
    "onet_dwa",
    "onet_task_dwa",
    "onet_job_title",
    "onet_related_occupation",
    "onet_soc_to_soc",
    "task_importance",
)
# Tables whose titles a route may rest on: the column of the title and that of the code.
LISTS: Mapping[str, tuple[str, str]] = {
    "onet_occupation": ("title", "onet_soc_code"),
    "onet_job_title": ("job_title", "onet_soc_code"),
    "onet_reported_title": ("reported_title", "onet_soc_code"),
    "soc_direct_match_title": ("direct_match_title", "soc_code"),
}

Made = tuple[TableInfo, bool]


class PacketStage:
    """Makes this stage's tables.

    Args:
        engine: settings, store and data root.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.store = engine.store

    # --- policies and provenance

    @cached_property
    def policy(self) -> PacketPolicy:
        """The policy on packets."""
        return read_packet_policy(self.engine.settings.policies_root)

    @cached_property
    def scope(self) -> ScopePolicy:
        """Which work is in scope."""
        return read_scope_policy(self.engine.settings.policies_root)

    @cached_property
    def functions(self) -> FunctionPolicy:
        """Which function work belongs to."""
        return read_function_policy(self.engine.settings.policies_root)

    @property
    def policy_inputs(self) -> dict[str, str]:
        """Digests of the policies that decide on packets."""
        policies = (self.policy, self.scope, self.functions)
        return {f"policies/{policy.policy}.toml": policy.sha256 for policy in policies}

    def provenance(
        self,
        contract: TableContract,
        tables: Sequence[str],
        more: Mapping[str, str] | None = None,
        partition: str | None = None,
        vintages: Mapping[str, str] | None = None,
    ) -> Provenance:
        """What a table would be made from now.

        Args:
            tables: the tables that it is made from; partitioned ones by their own partition where one is
                given, else by all of theirs.
            more: digests of what is no table.
            partition: the one that is made.
            vintages: of what is no table.
        """
        infos: list[TableInfo] = []
        inputs: dict[str, str] = dict(more or {})
        for name in tables:
            keys = self.store.partitions(name)
            if keys and partition is None:
                infos += self.store.infos(name)
                inputs[name] = self.store.partitioned_digest(name)
            else:
                infos.append(self.store.info(name, partition if keys else None))
                inputs[name] = infos[-1].sha256
        return Provenance(
            vintages={**merged_vintages(infos), **(vintages or {})},
            inputs=inputs,
            code=code_version(*CODE_FOLDERS),
            contract=contract_digest(contract),
        )

    # --- tables by SQL

    def task_importance(self) -> Made:
        """Make `task_importance`."""
        path = self.engine.settings.task_importance
        extract = read_extract(path)
        provenance = self.provenance(
            TASK_IMPORTANCE,
            IMPORTANCE_INPUTS,
            {} if path is None else {EXTRACT: sha256_file(path)},
            vintages={} if path is None else {EXTRACT: extract_vintage(path)},
        )
        return self._by_sql(TASK_IMPORTANCE, IMPORTANCE_INPUTS, provenance, {"importance_extract": extract})

    def task_ai_signal(self) -> Made:
        """Make `task_ai_signal`."""
        return self._by_sql(TASK_AI_SIGNAL, SIGNAL_INPUTS, self.provenance(TASK_AI_SIGNAL, SIGNAL_INPUTS), {})

    def _by_sql(
        self,
        contract: TableContract,
        inputs: Sequence[str],
        provenance: Provenance,
        more: Mapping[str, pa.Table],
    ) -> Made:
        standing = self.store.current(contract.name, provenance)
        if standing is not None:
            return standing, False
        with self.duckdb() as connection:
            for name in inputs:
                connection.read_parquet(str(self.store.path(name))).create_view(name)
            for name, table in more.items():
                connection.register(name, table)
            sql = (SQL_ROOT / f"{contract.name}.sql").read_text("utf-8")
            made = connection.sql(sql).to_arrow_table()
        return self.store.write(contract, made, provenance), True

    def duckdb(self) -> duckdb.DuckDBPyConnection:
        """A connection within the settings' bounds."""
        settings = self.engine.settings
        return duckdb.connect(
            config={"memory_limit": settings.duckdb_memory_limit, "threads": settings.duckdb_threads}
        )

    # --- evidence in memory

    @cached_property
    def evidence(self) -> Evidence:
        """All that packets are made of."""
        settings = self.engine.settings
        return Evidence.of(
            self.store, memory_limit=settings.duckdb_memory_limit, threads=settings.duckdb_threads
        )

    @cached_property
    def nearness(self) -> Nearness:
        """How alike occupations are."""
        return nearness(self.evidence, self.policy.similar)

    @cached_property
    def roles(self) -> Roles:
        """The roles that there are."""
        return Roles(self.evidence, self.scope, self.functions)

    # --- occupations and roles

    def occupation_similarity(self) -> Made:
        """Make `occupation_similarity`."""
        provenance = self.provenance(OCCUPATION_SIMILARITY, NEARNESS_INPUTS, self.policy_inputs)
        standing = self.store.current(OCCUPATION_SIMILARITY.name, provenance)
        if standing is not None:
            return standing, False
        with uncollected():
            rows = nearest_rows(self.nearness, self.evidence.soc.related, self.policy.similar.kept)
        table = pa.Table.from_pylist(rows, OCCUPATION_SIMILARITY.arrow_schema)
        return self.store.write(OCCUPATION_SIMILARITY, table, provenance), True

    def role_packet(self) -> Made:
        """Make `role_packet`: every role's packet, composed and sealed."""
        provenance = self.provenance(ROLE_PACKET, INPUTS, self.policy_inputs)
        standing = self.store.current(ROLE_PACKET.name, provenance)
        if standing is not None:
            return standing, False
        with uncollected():
            rows = list(self._role_rows())
        # As bytes into Arrow: a text of Python's would be written anew.
        schema = ROLE_PACKET.arrow_schema
        place = schema.get_field_index("packet_json")
        as_bytes = schema.set(place, schema.field(place).with_type(pa.binary()))
        table = ROLE_PACKET.conform(pa.Table.from_pylist(rows, as_bytes).cast(schema))

        def write(path: Path, metadata: Mapping[str, str]) -> int:
            schema = ROLE_PACKET.arrow_schema.with_metadata(dict(metadata))
            with pq.ParquetWriter(path, schema, compression="zstd") as writer:
                writer.write_table(table, row_group_size=PACKETS_A_GROUP)
            return int(table.num_rows)

        return self.store.write_file(ROLE_PACKET, provenance, write), True

    def _role_rows(self) -> Iterator[dict[str, object]]:
        occupations = OccupationComposer(self.evidence, self.policy, self.nearness)
        fallbacks = FallbackComposer(self.evidence, self.policy, self.nearness)
        sealer = Sealer(self.evidence)
        for role in self.roles.all.values():
            composer = occupations if role.level == "occupation" else fallbacks
            packet = composer.compose(role)
            sealed = sealer.seal(packet)
            yield {
                "role_id": role.role_id,
                "level": role.level,
                "code": role.code,
                "title": role.title,
                "function": role.function,
                "is_in_scope": role.is_in_scope,
                "task_count": len(packet.tasks),
                "core_task_count": sum(task.task_type == "Core" for task in packet.tasks),
                "workflow_count": len(packet.workflows),
                "member_count": len(role.members) if packet.is_fallback else 0,
                "fact_count": sealed.facts,
                "statements": " ".join(statement.code for statement in packet.statements),
                "packet_json": sealed.content,
                "packet_sha256": sealed.sha256,
            }

    # --- titles and the gate

    def title_packet(self, key: str) -> Made:
        """Make one batch of `title_packet`."""
        titles = self._serviceable.of_batch(key)
        # Whether other batches' titles changed is no business of this one: it is made from its own.
        provenance = self.provenance(
            TITLE_PACKET,
            (ROLE_PACKET.name, "source_file", TITLE.name, *LISTS),
            {**self.policy_inputs, "serviceable": seam.digest_of(titles)},
            key,
        )
        standing = self.store.current(TITLE_PACKET.name, provenance, key)
        if standing is not None:
            return standing, False
        with uncollected():
            rows = list(self._title_rows(key, titles))
        table = pa.Table.from_pylist(rows, TITLE_PACKET.arrow_schema)
        return self.store.write(TITLE_PACKET, table, provenance, key), True

    def _title_rows(self, key: str, titles: Iterable[seam.Serviceable]) -> Iterator[dict[str, object]]:
        for title in titles:
            role = self.roles.of_claim(title.served_level, title.served_code, title.function)
            head = None if role is None else self._role_heads.get(role.role_id)
            if head is None:
                # Nothing at or above the claim has a task: there is nothing to serve it with.
                continue
            listed = self._listed.get(title.evidence_table, title.evidence_row)
            yield title_row(title, key, head, listed, self.evidence.rows.book)

    @cached_property
    def _serviceable(self) -> seam.ServiceableTitles:
        return seam.ServiceableTitles(self.store)

    @cached_property
    def _role_heads(self) -> dict[str, RoleHead]:
        return role_heads(self.store)

    @cached_property
    def _listed(self) -> ListedTitles:
        return ListedTitles(self.store)


class ListedTitles:
    """Every title that an authority lists; a table is read when it is first asked.

    Args:
        store: the tables.
    """

    def __init__(self, store: TableStore) -> None:
        self._store = store
        self._tables: dict[str, dict[int, tuple[str, str, str]]] = {}

    def get(self, table: str | None, row: int | None) -> Listed | None:
        """The title at a row of a table; None where there is none, or the table lists no titles."""
        if table is None or row is None or table not in LISTS:
            return None
        if table not in self._tables:
            read = self._store.read(table, [*LISTS[table], "source_file", "source_row"])
            *told, rows = (read[name].to_pylist() for name in (*LISTS[table], "source_file", "source_row"))
            self._tables[table] = dict(zip(rows, zip(*told, strict=True), strict=True))
        found = self._tables[table].get(row)
        if found is None:
            return None
        title, code, file = found
        return Listed(title, code, f"{'soc' if table.startswith('soc') else 'onet'}/{file}")


def role_heads(store: TableStore) -> dict[str, RoleHead]:
    """What title packets need of every role that has a packet."""
    columns = ["role_id", "level", "code", "title", "packet_sha256"]
    rows = store.read(ROLE_PACKET.name, columns).to_pylist()
    return {row["role_id"]: RoleHead(*(row[name] for name in columns)) for row in rows}
