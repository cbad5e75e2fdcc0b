"""Make the tables of this stage, and leave alone what has not changed.

Belongs here: what each table is made from, and when it must be made anew. Does not: how its rows come about.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import Any

import pyarrow as pa

from aina_assets.core.contracts import TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.storage import sha256_bytes
from aina_assets.core.store import (
    Provenance,
    TableInfo,
    code_version,
    contract_digest,
    merged_vintages,
)
from aina_assets.learning.cohort.building import build_cohort
from aina_assets.learning.desk import Policies
from aina_assets.learning.evaluating.rubric import FOLDER as RUBRICS
from aina_assets.learning.mastery.comparing import Comparison, compared
from aina_assets.learning.sandbox.links import links, rubric_kinds
from aina_assets.learning.tables import (
    COHORT_TABLES,
    GDPVAL_ROLE_LINK,
    GDPVAL_RUBRIC_KIND,
    LEARNER_MODEL_FIGURE,
)
from aina_assets.sources.make import acquire_source
from aina_assets.sources.readers.gdpval import task_texts
from aina_assets.sources.readers.person_names import FILE_NAME as PERSON_NAMES
from aina_assets.sources.readers.person_names import person_names_digest
from aina_assets.titles.scope import read_scope_policy

CODE_FOLDERS = ("core", "learning")
LINK_INPUTS = ("gdpval_task", "gdpval_occupation_soc", "role_packet", "soc_group")
KIND_INPUTS = ("gdpval_rubric_item",)
COHORT_INPUTS = (
    "title",
    "title_route",
    "title_state",
    "title_packet",
    "role_packet",
    "packet_quality_finding",
    "source_file",
)

Made = tuple[TableInfo, bool]
Rows = Iterable[Mapping[str, Any]]


class LearningStage:
    """Makes this stage's tables.

    Args:
        engine: settings, store and data root.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.store = engine.store

    @cached_property
    def policies(self) -> Policies:
        """The stage's policies."""
        return Policies.read(self.engine.settings)

    @property
    def policy_inputs(self) -> dict[str, str]:
        """Digests of the policies that decide on learning."""
        held = self.policies
        policies = (held.planning, held.learner_model, held.practice.policy)
        rubrics = held.practice.rubrics.items()
        return {
            **{f"policies/{policy.policy}.toml": policy.sha256 for policy in policies},
            **{f"policies/{RUBRICS}/{name}.toml": rubric.sha256 for name, rubric in rubrics},
        }

    def provenance(
        self, contract: TableContract, tables: Sequence[str], more: Mapping[str, str] | None = None
    ) -> Provenance:
        """What a table would be made from now.

        Raises:
            StateError: an input is not there.
            ProvenanceMismatchError: inputs are of different vintages of one source.
        """
        infos: list[TableInfo] = []
        inputs: dict[str, str] = {}
        for name in tables:
            if self.store.partitions(name):
                infos += self.store.infos(name)
                inputs[name] = self.store.partitioned_digest(name)
            else:
                info = self.store.info(name)
                infos.append(info)
                inputs[name] = info.sha256
        return Provenance(
            vintages=merged_vintages(infos),
            inputs={**inputs, **(more or {})},
            code=code_version(*CODE_FOLDERS),
            contract=contract_digest(contract),
        )

    # --- the sandbox

    def gdpval_role_link(self) -> Made:
        """Which GDPval tasks belong to which roles."""
        scope = read_scope_policy(self.engine.settings.policies_root)
        provenance = self.provenance(
            GDPVAL_ROLE_LINK, LINK_INPUTS, {f"policies/{scope.policy}.toml": scope.sha256}
        )

        def rows() -> Rows:
            groups = self.store.read("soc_group", ["soc_code", "level"]).to_pylist()
            return links(
                self.store.read("gdpval_task").to_pylist(),
                self.store.read("gdpval_occupation_soc").to_pylist(),
                self.store.read("role_packet", ["role_id", "code"]).to_pylist(),
                scope,
                [row["soc_code"] for row in groups if row["level"] == "detailed"],
            )

        return self._made(GDPVAL_ROLE_LINK, provenance, rows)

    def gdpval_rubric_kind(self) -> Made:
        """What kind of thing each GDPval criterion asks for."""
        files = acquire_source("gdpval", self.engine)
        provenance = self.provenance(
            GDPVAL_RUBRIC_KIND, KIND_INPUTS, {f"gdpval/{name}": sha for name, sha in files.digests().items()}
        )
        return self._made(
            GDPVAL_RUBRIC_KIND,
            provenance,
            lambda: rubric_kinds(self.store.read("gdpval_rubric_item").to_pylist(), task_texts(files)),
        )

    # --- the learner model

    def learner_model_figure(self) -> Made:
        """How well the estimates of mastery foretell."""
        policy = self.policies.learner_model
        provenance = self.provenance(
            LEARNER_MODEL_FIGURE, (), {f"policies/{policy.policy}.toml": policy.sha256}
        )
        return self._made(LEARNER_MODEL_FIGURE, provenance, lambda: _model_rows(compared(policy)))

    # --- the cohort

    def cohort(self) -> dict[str, Made]:
        """The cohort's tables, in one walk."""
        more = {
            **self.policy_inputs,
            f"policies/{PERSON_NAMES}": person_names_digest(self.engine.settings.policies_root),
            # The walk reads the packets' own policies through them; their digests stand in the packets.
            "title_batches": sha256_bytes(str(self.engine.settings.title_batches).encode()),
        }
        wanted = {contract.name: self.provenance(contract, COHORT_INPUTS, more) for contract in COHORT_TABLES}
        standing = {name: self.store.current(name, provenance) for name, provenance in wanted.items()}
        if all(standing.values()):
            return {name: (info, False) for name, info in standing.items() if info is not None}
        self.engine.data.cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.engine.data.cache, prefix="cohort-") as folder:
            rows = build_cohort(self.engine, self.policies, folder)
        return {
            contract.name: (
                self.store.write(contract, _table(contract, rows[contract.name]), wanted[contract.name]),
                True,
            )
            for contract in COHORT_TABLES
        }

    def _made(self, contract: TableContract, provenance: Provenance, rows: Any) -> Made:
        standing = self.store.current(contract.name, provenance)
        if standing is not None:
            return standing, False
        return self.store.write(contract, _table(contract, rows()), provenance), True


def _table(contract: TableContract, rows: Rows) -> pa.Table:
    return pa.Table.from_pylist([dict(row) for row in rows], schema=contract.arrow_schema)


def _model_rows(comparison: Comparison) -> Iterable[dict[str, Any]]:
    for model, kinds in comparison.figures.items():
        for kind, figure in kinds.items():
            held = asdict(figure)
            yield {
                "model": model,
                "learner_kind": kind,
                "log_loss_nats": held["log_loss"],
                "brier": held["brier"],
                "gain_nats": round(comparison.gain, 6),
                "gain_low_nats": round(comparison.gain_low, 6),
            }
