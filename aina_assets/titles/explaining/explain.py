"""Explain titles from the state that stands.

Belongs here: gathering it from the tables of this stage, or by the same code for a text that the inventory
does not have. Does not: deciding anything, or printing.

Nothing of a text that is no usable title is repeated: it may be a person's name or an instruction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from aina_assets.core.errors import StateError
from aina_assets.core.store import contract_digest
from aina_assets.sources.readers.person_names import read_person_names
from aina_assets.titles.certifying.claims import assessed_rows
from aina_assets.titles.explaining.claims import DEFECTS, REASONS, ClaimReader, next_claim
from aina_assets.titles.explaining.sources import Row, Sources, Tables
from aina_assets.titles.explaining.views import (
    Evidence,
    ExactCandidate,
    Explanation,
    LevelView,
    Policy,
    RawForm,
    RetrievedCandidate,
    RouteView,
)
from aina_assets.titles.identity import title_batch_of, title_id_of
from aina_assets.titles.inventory import WITHHELD, form_rows, title_rows
from aina_assets.titles.make import TitleStage
from aina_assets.titles.make_routes import RouteStage
from aina_assets.titles.normalizing.cleaning import has_personal_data
from aina_assets.titles.normalizing.normalize import NormalizedTitle
from aina_assets.titles.retrieval.taxonomy import LEVELS, SOC_LEVELS
from aina_assets.titles.tables import (
    TITLE,
    TITLE_EXACT_CANDIDATE,
    TITLE_FORM,
    TITLE_LEVEL,
    TITLE_RETRIEVED_CANDIDATE,
    TITLE_ROUTE,
)

FORMS_SHOWN = 5
TABLES = (TITLE, TITLE_LEVEL, TITLE_ROUTE, TITLE_EXACT_CANDIDATE, TITLE_RETRIEVED_CANDIDATE)


def is_withheld(text: str) -> bool:
    """Whether the reader of the inventory would withhold a line with this text."""
    return has_personal_data(text) or read_person_names().is_person_name(text)


@dataclass(frozen=True)
class _Found:
    """The rows that the stage's tables have of one title, or would have."""

    title: Row
    level: Row
    route: Row
    exact: list[Row]
    retrieved: list[Row]
    is_in_inventory: bool


class Explainer:
    """Explains titles from the state that stands.

    Args:
        stage: a built state's.
        tables: what it reads; whoever explains many titles hands in tables that keep what they read.

    Raises:
        StateError: this stage was not built yet, or with another number of title batches.
    """

    def __init__(self, stage: TitleStage, tables: Tables | None = None) -> None:
        self._stage = stage
        self._routes = RouteStage(stage)
        self._tables = tables or Tables(stage.engine.store)
        self._batches = stage.engine.settings.title_batches
        store = stage.engine.store
        built = store.partitions(TITLE_ROUTE.name)
        if not built:
            raise StateError(
                "no title was routed here yet",
                file=store.root / TITLE_ROUTE.name,
                remedy="Run `aina build` with the same settings.",
            )
        if built != stage.engine.settings.title_batch_keys:
            raise StateError(
                f"the titles here are in {len(built)} batches, AINA_TITLE_BATCHES says {self._batches}",
                file=store.root / TITLE_ROUTE.name,
                remedy="Set it as it was for the build, or run `aina build`.",
            )

    def explain(self, texts: Sequence[str]) -> list[Explanation]:
        """Explain titles, in the order given.

        Raises:
            StateError: a table or the model is absent or damaged.
        """
        normalized = [None if is_withheld(text) else self._stage.normalizer(text) for text in texts]
        usable: dict[str, tuple[str, NormalizedTitle]] = {}
        for text, title in zip(texts, normalized, strict=True):
            if title is not None and not title.defect:
                usable.setdefault(title_id_of(title.normalized), (text, title))
        evidence = self._evidence(usable)
        return [
            self._explanation(number, text, title, evidence)
            for number, (text, title) in enumerate(zip(texts, normalized, strict=True), 1)
        ]

    def routed(self, text: str) -> tuple[Row, bool] | None:
        """The row of `title_route` that a text has or would have, and whether the inventory has it.

        Returns:
            None where the text is no usable title.

        Raises:
            StateError: a table or the model is absent or damaged.
        """
        title = None if is_withheld(text) else self._stage.normalizer(text)
        if title is None or title.defect:
            return None
        usable = {title_id_of(title.normalized): (text, title)}
        (found,) = (self._recorded(usable) or self._computed(usable)).values()
        return {**found.route}, found.is_in_inventory

    def _explanation(
        self, number: int, text: str, title: NormalizedTitle | None, evidence: Mapping[str, Evidence]
    ) -> Explanation:
        if title is None or title.defect:
            defect = WITHHELD if title is None else str(title.defect)
            return Explanation(number, None, defect, DEFECTS[defect], None, None, None, None, self._policies)
        title_id = title_id_of(title.normalized)
        batch = title_batch_of(title_id, self._batches)
        return Explanation(
            number, text, None, None, title, title_id, batch, evidence[title_id], self._policies
        )

    @cached_property
    def _policies(self) -> tuple[Policy, ...]:
        policies, names = self._stage.policies, read_person_names()
        files = (policies.lexicon, policies.scope, policies.functions, policies.serve)
        return (
            *(Policy(policy.policy, policy.version, policy.sha256) for policy in files),
            Policy("person_names", names.version, names.sha256),
        )

    # --- from tables, or computed

    def _evidence(self, usable: Mapping[str, tuple[str, NormalizedTitle]]) -> dict[str, Evidence]:
        """The evidence on each title by its id."""
        if not usable:
            return {}
        found = self._recorded(usable)
        found |= self._computed({key: told for key, told in usable.items() if key not in found})
        candidates = [row for title in found.values() for row in (*title.exact, *title.retrieved)]
        sources = Sources(
            self._tables,
            ((row["source_table"], row["source_row"]) for row in candidates if row["source_table"]),
        )
        forms: dict[str, list[RawForm]] = defaultdict(list)
        known = [title_id for title_id, title in found.items() if title.is_in_inventory]
        columns = ("title_id", "source_row", "raw_title")
        for row in self._tables.rows(TITLE_FORM.name, "title_id", known, columns):
            forms[row["title_id"]].append(RawForm(row["source_row"], row["raw_title"]))
        return {
            title_id: self._one(found[title_id], forms[title_id], sources, title.core)
            for title_id, (_, title) in usable.items()
        }

    def _recorded(self, title_ids: Mapping[str, object]) -> dict[str, _Found]:
        """What the tables have of titles of the inventory."""
        by_batch: dict[str, list[str]] = defaultdict(list)
        for title_id in title_ids:
            by_batch[title_batch_of(title_id, self._batches)].append(title_id)
        found: dict[str, _Found] = {}
        for batch, ids in by_batch.items():
            self._refuse_other_states(batch)
            of: dict[str, dict[str, list[Row]]] = {}
            for contract in TABLES:
                of[contract.name] = defaultdict(list)
                columns = contract.arrow_schema.names
                for row in self._tables.rows(contract.name, "title_id", ids, columns, batch):
                    of[contract.name][row["title_id"]].append(row)
            for title_id, (title,) in of[TITLE.name].items():
                (level,), (route,) = of[TITLE_LEVEL.name][title_id], of[TITLE_ROUTE.name][title_id]
                exact = of[TITLE_EXACT_CANDIDATE.name][title_id]
                retrieved = of[TITLE_RETRIEVED_CANDIDATE.name][title_id]
                found[title_id] = _Found(title, level, route, exact, retrieved, is_in_inventory=True)
        return found

    def _refuse_other_states(self, batch: str) -> None:
        """Evidence beside a route that was made from other evidence, or by other rules, explains nothing."""
        for contract in TABLES:
            info = self._tables.info(contract.name, batch)
            if info.provenance.contract != contract_digest(contract):
                raise StateError(
                    f"table {contract.name!r} was made by a version with other columns or rules",
                    file=info.path,
                    remedy="Run `aina build`.",
                )
        inputs = self._tables.info(TITLE_ROUTE.name, batch).provenance.inputs
        for name in (TITLE.name, TITLE_LEVEL.name):
            info = self._tables.info(name, batch)
            if inputs.get(name) != info.sha256:
                raise StateError(
                    f"batch {batch} of {TITLE_ROUTE.name} was made from another {name} than stands",
                    file=info.path,
                    remedy="A build is running, or was killed: run `aina build`.",
                )

    def _computed(self, new: Mapping[str, tuple[str, NormalizedTitle]]) -> dict[str, _Found]:
        """What the tables would have of titles that the inventory does not have."""
        if not new:
            return {}
        # As lines of an inventory of their own: what a title is made of is not told a second time here.
        lines = [(number, text) for number, (text, _) in enumerate(new.values(), 1)]
        forms = form_rows(lines, self._stage.normalizer, self._batches).to_pylist()
        titles: list[Row] = title_rows(forms).to_pylist()
        made = self._stage.assessor.assess(titles)
        levels = made.levels.to_pylist()
        return {
            title["title_id"]: _Found(
                title,
                level,
                self._routes.router.route(title, level, assessed),
                _of_title(made.exact.to_pylist(), title["title_id"]),
                _of_title(made.retrieved.to_pylist(), title["title_id"]),
                is_in_inventory=False,
            )
            for title, level, assessed in zip(titles, levels, assessed_rows(levels), strict=True)
        }

    # --- views

    @cached_property
    def _reader(self) -> ClaimReader:
        most_error = self._stage.policies.serve.certificate.most_error
        return ClaimReader(self._routes.certifier(), most_error)

    def _one(self, found: _Found, forms: Sequence[RawForm], sources: Sources, core: str) -> Evidence:
        level, route = found.level, found.route
        (assessed,) = assessed_rows([level])
        claims = self._reader.claims(assessed)
        stratum = route.get("stratum")
        return Evidence(
            is_in_inventory=found.is_in_inventory,
            deciding_form=found.title["raw_title"],
            form_count=found.title["form_count"] if found.is_in_inventory else 0,
            forms=tuple(forms[:FORMS_SHOWN]),
            lane=level["lane"],
            basis=level["basis"],
            exact=tuple(self._exact(row, sources) for row in found.exact),
            retrieved=tuple(self._retrieved(row, sources) for row in found.retrieved),
            levels=tuple(self._level(level, name) for name in LEVELS),
            in_scope_probability=level["in_scope_probability"],
            scope_reason=level["scope_reason"],
            word_reason=level["word_reason"],
            finest_level=level["finest_level"],
            caps=_caps(level, core),
            claims=claims,
            route=self._route(route),
            certificate=next(
                (view.certificate for view in claims if stratum and view.stratum == stratum), None
            ),
            next_finer=next_claim(claims, route["route"], route.get("served_level")),
        )

    def _exact(self, row: Row, sources: Sources) -> ExactCandidate:
        code = row["onet_soc_code"] or row["soc_code"]
        is_in_scope = self._stage.policies.scope.of_code(code).is_in_scope
        source = sources.row((row["source_table"], row["source_row"]), row["form"])
        return ExactCandidate(row["lane"], row["form"], code, self._tables.name(code), is_in_scope, source)

    def _retrieved(self, row: Row, sources: Sources) -> RetrievedCandidate:
        code, table = row["onet_soc_code"], row["source_table"]
        return RetrievedCandidate(
            row["rank"],
            code,
            self._tables.name(code),
            self._stage.policies.scope.of_code(code).is_in_scope,
            row["score"],
            row["similarity"],
            sources.row((table, row["source_row"])) if table else None,
        )

    def _level(self, level: Row, name: str) -> LevelView:
        if name not in SOC_LEVELS:
            return LevelView(name, level[name], level[name], level[f"{name}_probability"])
        code = level[f"{name}_code"]
        return LevelView(name, code, self._tables.name(code, name), level[f"{name}_probability"])

    def _route(self, row: Row) -> RouteView:
        served, code = row.get("served_level"), row.get("served_code")
        return RouteView(
            route=row["route"],
            reason=row["reason"],
            meaning=REASONS[row["reason"]],
            served_level=served,
            served_code=code,
            served_name=None if served is None or code is None else self._tables.name(code, served),
            onet_soc_code=row.get("onet_soc_code"),
            function=row["function"],
            scope_reason=row.get("scope_reason"),
            probability=row.get("probability"),
            error_bound=row.get("error_bound"),
            stratum=row.get("stratum"),
            policy_sha256=row["policy_sha256"],
            is_of_these_policies=row["policy_sha256"] == self._stage.policies.digest,
        )


def _of_title(rows: Sequence[Row], title_id: str) -> list[Row]:
    return [row for row in rows if row["title_id"] == title_id]


def _caps(level: Row, core: str) -> tuple[str, ...]:
    """Why the words do not allow every level."""
    finest = level["finest_level"] or "no level"
    caps = []
    if level["is_generic"]:
        caps.append(f"{core!r} is a generic word in serve_now.toml: {finest} at the finest")
    if level["basis"] == "ambiguous":
        caps.append(f"its exact matches are of {level['exact_codes']} SOC codes: {finest} at the finest")
    elif not level["is_generic"] and level["finest_level"] != LEVELS[0]:
        caps.append(f"it is listed under a code that no O*NET occupation has: {finest} at the finest")
    return tuple(caps)
