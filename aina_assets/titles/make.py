"""Make the tables of this stage, and leave alone what has not changed.

Belongs here: what each table is made from, and when it must be made anew. Does not: how its rows come about.

A batch whose titles changed is not assessed anew as a whole: rows of titles that were there before, made by
the same code from the same model, are taken over. Adding titles thus costs what the added titles cost.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from aina_assets.core.contracts import TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.core.processes import in_processes
from aina_assets.core.storage import sha256_file
from aina_assets.core.store import Provenance, TableInfo, code_version, provenance_of
from aina_assets.titles.assess import Assessor, Evidence
from aina_assets.titles.authority import TITLE_COLUMNS, AuthorityIndex, authority_rows
from aina_assets.titles.functions import FILE_NAME as FUNCTIONS_FILE
from aina_assets.titles.functions import FunctionPolicy, read_function_policy
from aina_assets.titles.identity import title_id_of
from aina_assets.titles.inventory import OF_ANY_FORM, Line, form_rows, title_rows
from aina_assets.titles.normalizing.lexicon import FILE_NAME as LEXICON_FILE
from aina_assets.titles.normalizing.lexicon import Lexicon, read_lexicon
from aina_assets.titles.normalizing.normalize import Normalizer
from aina_assets.titles.retrieval.model_file import load_model, model_of, remember_model, save_model
from aina_assets.titles.scope import FILE_NAME as SCOPE_FILE
from aina_assets.titles.scope import ScopePolicy, read_scope_policy
from aina_assets.titles.serve_policy import FILE_NAME as SERVE_FILE
from aina_assets.titles.serve_policy import ServePolicy, policies_digest, read_serve_policy
from aina_assets.titles.tables import (
    AUTHORITY_TITLE,
    TITLE,
    TITLE_EXACT_CANDIDATE,
    TITLE_FORM,
    TITLE_LEVEL,
    TITLE_RETRIEVED_CANDIDATE,
)

MODEL = "title_model"
MODEL_INPUTS = ("authority_title", "onet_occupation", "onet_task", "soc_group")
CODE_FOLDERS = ("core", "titles")
MODEL_FOLDERS = ("titles/retrieval", "titles/normalizing")
FORM_LINES = 25_000
# A process starts in a second: with fewer lines one is faster.
LEAST_NORMALIZED = 100_000
# Of a form, what its title is made of.
FORM_COLUMNS = ("source_row", "seniority", *OF_ANY_FORM)
EVIDENCE = (TITLE_EXACT_CANDIDATE, TITLE_RETRIEVED_CANDIDATE, TITLE_LEVEL)

Made = tuple[TableInfo, bool]


@dataclass(frozen=True)
class Policies:
    """The policies of this stage, read once."""

    lexicon: Lexicon
    scope: ScopePolicy
    functions: FunctionPolicy
    serve: ServePolicy

    @classmethod
    def read(cls, root: Path) -> Policies:
        """Read them from the folder of policies; files that have not changed are not taken apart again.

        Raises:
            SettingsError: one is absent, malformed or contradicts itself.
        """
        return _policies(root, tuple((path.name, sha256_file(path)) for path in sorted(root.glob("*.toml"))))

    @property
    def digest(self) -> str:
        """The digest that is in every route."""
        return policies_digest(self.scope, self.functions, self.serve)

    @property
    def inputs(self) -> dict[str, str]:
        """Their digests as inputs of what they decide."""
        files = {SCOPE_FILE: self.scope, FUNCTIONS_FILE: self.functions, SERVE_FILE: self.serve}
        return {
            **{f"policies/{name}": policy.sha256 for name, policy in files.items()},
            **self.lexicon_input,
        }

    @property
    def lexicon_input(self) -> dict[str, str]:
        """The lexicon's digest as an input: of the forms it alone decides."""
        return {f"policies/{LEXICON_FILE}": self.lexicon.sha256}


@lru_cache(maxsize=4)
def _policies(root: Path, _: tuple[tuple[str, str], ...]) -> Policies:
    return Policies(
        read_lexicon(root), read_scope_policy(root), read_function_policy(root), read_serve_policy(root)
    )


class TitleStage:
    """Makes this stage's tables up to the evidence.

    Args:
        engine: settings, store and data root.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.policies = Policies.read(engine.settings.policies_root)

    @property
    def model_path(self) -> Path:
        """The model's file."""
        return self.engine.data.models / f"{MODEL}.npz"

    @cached_property
    def normalizer(self) -> Normalizer:
        """The normalizer of the lexicon."""
        return Normalizer(self.policies.lexicon)

    def title_id(self, text: str) -> str | None:
        """The id of the title that a text is a form of; None where it is no usable title."""
        found = self.normalizer(text)
        return None if found.defect else title_id_of(found.normalized)

    @cached_property
    def assessor(self) -> Assessor:
        """The assessor over the model and the authority titles that stand."""
        return Assessor(
            load_model(self.model_path),
            AuthorityIndex(self.engine.store.read(AUTHORITY_TITLE.name)),
            self.policies.scope,
            self.policies.functions,
            self.policies.serve,
        )

    def provenance(
        self,
        contract: TableContract,
        tables: Sequence[str],
        more: Mapping[str, str] | None = None,
        partition: str | None = None,
    ) -> Provenance:
        """What a table would be made from now.

        Args:
            tables: the tables that it is made from; partitioned ones by their own partition where one is
                given, else by all of theirs.
            more: digests of what is no table.
            partition: the one that is made.
        """
        return provenance_of(
            self.engine.store, contract, tables, more, partition, code=code_version(*CODE_FOLDERS)
        )

    # --- authority titles and the model

    def authority_title(self) -> Made:
        """Make `authority_title`."""
        store = self.engine.store
        provenance = self.provenance(AUTHORITY_TITLE, tuple(TITLE_COLUMNS), self.policies.lexicon_input)
        standing = store.current(AUTHORITY_TITLE.name, provenance)
        if standing is not None:
            return standing, False
        tables = {name: store.read(name) for name in TITLE_COLUMNS}
        return store.write(AUTHORITY_TITLE, authority_rows(tables, self.normalizer), provenance), True

    def title_model(self) -> tuple[str, bool]:
        """Fit the model; give its file's digest, and whether it was fitted anew."""
        store = self.engine.store
        about = {
            "inputs": {name: store.info(name).sha256 for name in MODEL_INPUTS},
            "code": code_version(*MODEL_FOLDERS),
        }
        standing = model_of(self.model_path, about, self.engine.digests)
        if standing is not None:
            return standing, False
        authority, occupations, tasks, soc_groups = (store.read(name) for name in MODEL_INPUTS)
        if not authority.num_rows or not occupations.num_rows or not soc_groups.num_rows:
            raise StateError(
                "no model can be fitted: there are no occupations, no titles or no SOC groups",
                remedy="Make the O*NET and SOC sources available (see `aina sources verify`).",
            )
        # Imported here: it takes half a second, and processes that assess titles do not fit.
        from aina_assets.titles.retrieval.fitting import fit_to_tables  # noqa: PLC0415

        save_model(fit_to_tables(authority, occupations, tasks, soc_groups), self.model_path)
        remember_model(self.model_path, about)
        return sha256_file(self.model_path), True

    # --- the inventory

    def title_form(self) -> Made:
        """Make `title_form`, streamed: an inventory may have millions of lines."""
        store = self.engine.store
        batches = {"title_batches": str(self.engine.settings.title_batches)}
        provenance = self.provenance(TITLE_FORM, ("title_list",), {**self.policies.lexicon_input, **batches})
        standing = store.current(TITLE_FORM.name, provenance)
        if standing is not None:
            return standing, False
        old = self._reusable(TITLE_FORM, provenance, "title_list")

        def stream(path: Path, metadata: Mapping[str, str]) -> int:
            rows = 0
            schema = TITLE_FORM.arrow_schema.with_metadata(dict(metadata))
            with pq.ParquetWriter(path, schema, compression="zstd") as writer:
                for part in self._forms(old):
                    writer.write_table(TITLE_FORM.conform(part))
                    rows += part.num_rows
            return rows

        return store.write_file(TITLE_FORM, provenance, stream), True

    def _forms(self, old: Path | None) -> Iterator[pa.Table]:
        """The forms of every line, in the list's order; those of known texts are taken from `old`."""
        store = self.engine.store
        known_lines = 0 if old is None else store.info(TITLE_FORM.name).rows
        are_many = store.info("title_list").rows - known_lines >= LEAST_NORMALIZED
        names = TITLE_FORM.arrow_schema.names
        lines = store.path("title_list")
        with self._duckdb() as connection:
            lists = connection.read_parquet(str(lines)).project("source_row, raw_title")
            if old is None:
                joined = lists.project("*, false AS is_known").order("source_row")
            else:
                connection.read_parquet(str(old)).filter("raw_title IS NOT NULL").create_view("known")
                lists.create_view("lines")
                joined = connection.sql(
                    "SELECT n.source_row, n.raw_title, o.* EXCLUDE (source_row, raw_title), "
                    "o.title_id IS NOT NULL AS is_known FROM lines n LEFT JOIN "
                    "(SELECT DISTINCT ON (raw_title) * FROM known ORDER BY raw_title, source_row) o "
                    "USING (raw_title) ORDER BY n.source_row"
                )
            taken: deque[pa.Table] = deque()

            def new_lines() -> Iterator[list[Line]]:
                for batch in joined.to_arrow_reader(FORM_LINES):
                    part = pa.Table.from_batches([batch])
                    known = part.filter(part["is_known"])
                    taken.append(
                        known.select(names).cast(TITLE_FORM.arrow_schema)
                        if known.num_rows
                        else TITLE_FORM.empty()
                    )
                    new = part.filter(pc.invert(part["is_known"]))
                    yield list(zip(new["source_row"].to_pylist(), new["raw_title"].to_pylist(), strict=True))

            for made in self._normalized(new_lines(), are_many):
                yield pa.concat_tables([made, taken.popleft()]).sort_by("source_row")

    def _normalized(self, parts: Iterable[list[Line]], are_many: bool) -> Iterator[pa.Table]:
        """The forms of lines, part by part: by several processes where they are many."""
        settings = self.engine.settings
        begin = partial(_normalizing, self.policies.lexicon, settings.title_batches)
        if not are_many or settings.processes == 1:
            return map(begin(), parts)
        return in_processes(begin, parts, settings.processes)

    def title(self, key: str) -> Made:
        """Make one batch of `title`."""
        store = self.engine.store
        provenance = self.provenance(TITLE, ("title_form",))
        forms = self._forms_of(key)
        # Whether other batches' lines changed is no business of this one: it is made from its own forms.
        provenance = replace(provenance, inputs={"title_form": _digest(forms)})
        standing = store.current(TITLE.name, provenance, key)
        if standing is not None:
            return standing, False
        return store.write(TITLE, title_rows(forms.to_pylist()), provenance, key), True

    def _forms_of(self, key: str) -> pa.Table:
        path = self.engine.store.path(TITLE_FORM.name)
        found = pq.read_table(path, columns=list(FORM_COLUMNS), filters=[("title_batch", "=", key)])
        # The file's own metadata tell what the whole list was; a batch is its lines alone.
        return found.sort_by("source_row").replace_schema_metadata(None)

    # --- the evidence

    def evidence(self, key: str) -> dict[str, Made]:
        """Make one batch of the three tables of evidence."""
        store = self.engine.store
        provenances = self._evidence_provenances(key)
        standing = self._standing(provenances, key)
        if standing is not None:
            return standing
        titles = store.read(TITLE.name, partition=key)
        old = self._old_evidence(provenances, key)
        is_known = (
            pc.is_in(titles["title_id"], value_set=old.levels["title_id"])
            if old
            else pa.array([], pa.bool_())
        )
        new = titles.filter(pc.invert(is_known)) if old else titles
        made = self.assessor.assess(new.to_pylist())
        tables = dict(zip(provenances, (made.exact, made.retrieved, made.levels), strict=True))
        if old:
            taken = dict(zip(provenances, (old.exact, old.retrieved, old.levels), strict=True))
            tables = {
                name: pa.concat_tables(
                    [
                        table,
                        taken[name].filter(pc.is_in(taken[name]["title_id"], value_set=titles["title_id"])),
                    ]
                )
                for name, table in tables.items()
            }
        return {
            contract.name: (
                store.write(
                    contract,
                    tables[contract.name].sort_by([(column, "ascending") for column in contract.key]),
                    provenances[contract.name],
                    key,
                ),
                True,
            )
            for contract in EVIDENCE
        }

    def standing_evidence(self, key: str) -> dict[str, Made] | None:
        """One batch of the three tables where they stand and are current; None where they have to be made."""
        return self._standing(self._evidence_provenances(key), key)

    def _standing(self, provenances: Mapping[str, Provenance], key: str) -> dict[str, Made] | None:
        found = {name: self.engine.store.current(name, of, key) for name, of in provenances.items()}
        current = {name: (info, False) for name, info in found.items() if info is not None}
        return current if len(current) == len(found) else None

    def _evidence_provenances(self, key: str) -> dict[str, Provenance]:
        model = {MODEL: self.engine.digests.sha256(self.model_path), **self.policies.inputs}
        return {
            contract.name: self.provenance(contract, ("authority_title", "title"), model, key)
            for contract in EVIDENCE
        }

    def _old_evidence(self, provenances: Mapping[str, Provenance], key: str) -> Evidence | None:
        tables = []
        for contract in EVIDENCE:
            if self._reusable(contract, provenances[contract.name], TITLE.name, key) is None:
                return None
            tables.append(self.engine.store.read(contract.name, partition=key))
        return Evidence(*tables)

    def _reusable(
        self, contract: TableContract, provenance: Provenance, grown: str, key: str | None = None
    ) -> Path | None:
        """The table that stands, if all that it was made from still holds but the input that grew."""
        try:
            info = self.engine.store.info(contract.name, key)
        except StateError:
            return None
        stands = info.provenance
        is_same = (
            {**stands.inputs, grown: ""} == {**provenance.inputs, grown: ""}
            and stands.code == provenance.code
            and stands.contract == provenance.contract
        )
        return info.path if is_same else None

    def _duckdb(self) -> duckdb.DuckDBPyConnection:
        settings = self.engine.settings
        return duckdb.connect(
            config={"memory_limit": settings.duckdb_memory_limit, "threads": settings.duckdb_threads}
        )


def _normalizing(lexicon: Lexicon, batches: int) -> Callable[[list[Line]], pa.Table]:
    return partial(form_rows, normalizer=Normalizer(lexicon), batches=batches)


def _digest(table: pa.Table) -> str:
    """Digest of a table's values, whatever file they came from."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table.combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()
