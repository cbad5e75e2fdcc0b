"""Why a title has its route: everything that was seen of it, down to source rows.

Belongs here: gathering. Does not: deciding anything; the same parts as in a build are asked.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from aina_assets.titles.certifying.claims import CLAIMS, assessed_rows
from aina_assets.titles.identity import title_batch_of, title_id_of
from aina_assets.titles.inventory import bracketed_core
from aina_assets.titles.make import TitleStage
from aina_assets.titles.make_routes import RouteStage
from aina_assets.titles.retrieval.taxonomy import LEVELS
from aina_assets.titles.tables import AUTHORITY_TITLE, TITLE


@dataclass(frozen=True)
class Explanation:
    """What is known of a title.

    Attributes:
        asked: the text; empty where it is no usable title, since it may be a person's data.
        defect: why it is no usable title; None where it is one, and all else is then filled.
        normalized: the canonical form and what was split off.
        title_id: the title's id.
        title_batch: its batch.
        is_in_inventory: whether the built inventory has it.
        exact: authority titles that equal it, each with its source row.
        retrieved: plausible occupations, each with the nearest authority title's source row.
        levels: of each level the group, its name, raw and calibrated probability.
        evidence: scope, caps and basis, as `title_level` has them.
        route: its row as `title_route` has it.
        certificate: of the stratum that the route stands on; None where nothing is claimed.
        policies: names to digests.
    """

    asked: str
    defect: str | None
    normalized: dict[str, Any]
    title_id: str | None = None
    title_batch: str | None = None
    is_in_inventory: bool = False
    exact: tuple[dict[str, Any], ...] = ()
    retrieved: tuple[dict[str, Any], ...] = ()
    levels: tuple[dict[str, Any], ...] = ()
    evidence: dict[str, Any] | None = None
    route: dict[str, Any] | None = None
    certificate: dict[str, Any] | None = None
    policies: dict[str, str] | None = None


class Explainer:
    """Explains titles, of the inventory or not.

    Args:
        stage: a built state's.

    Raises:
        StateError: the stage was not built.
    """

    def __init__(self, stage: TitleStage) -> None:
        self._stage = stage
        self._routes = RouteStage(stage)
        store = stage.engine.store
        self._vintages = store.info(AUTHORITY_TITLE.name).provenance.vintages
        self._certificates = dict(self._routes.certifier().certificates)
        names = store.read("soc_group", ["soc_code", "title"]).to_pylist()
        occupations = store.read("onet_occupation", ["onet_soc_code", "title"]).to_pylist()
        self._names = {row["soc_code"]: row["title"] for row in names} | {
            row["onet_soc_code"]: row["title"] for row in occupations
        }

    def explain(self, text: str) -> Explanation:
        """Explain one title."""
        found = self._stage.normalizer(text)
        told = {name: value for name, value in asdict(found).items() if value and name != "defect"}
        if found.defect:
            return Explanation("", found.defect, {})
        title_id = title_id_of(found.normalized)
        batch = title_batch_of(title_id, self._stage.engine.settings.title_batches)
        store = self._stage.engine.store
        is_built = batch in store.partitions(TITLE.name)
        held = store.read(TITLE.name, partition=batch).to_pylist() if is_built else []
        standing = next((row for row in held if row["title_id"] == title_id), None)
        title = standing or {
            "title_id": title_id,
            "title_batch": batch,
            "normalized_title": found.normalized,
            "core_title": found.core,
            "raw_title": text,
            "bracketed_core_title": bracketed_core(text, self._stage.normalizer),
        }
        evidence = self._stage.assessor.assess([title])
        (level,) = evidence.levels.to_pylist()
        (assessed,) = assessed_rows([level])
        route = self._routes.router.route(title, level, assessed)
        calibration = self._routes.certifier().calibration
        basis, claim, group = route["stratum"].split("/") if route.get("stratum") else ("", "", "")
        certificate = self._certificates.get((basis, claim, group))
        policies = self._stage.policies
        return Explanation(
            asked=text,
            defect=None,
            normalized=told,
            title_id=title_id,
            title_batch=batch,
            is_in_inventory=standing is not None,
            exact=tuple(self._sourced(row) for row in evidence.exact.to_pylist()),
            retrieved=tuple(self._sourced(row) for row in evidence.retrieved.to_pylist()),
            levels=tuple(
                {
                    "level": name,
                    "code": assessed.code[name],
                    "name": self._names.get(assessed.code[name], ""),
                    "raw": assessed.probability[name],
                    "calibrated": (
                        round(calibration.probability(assessed, name), 4) if name in CLAIMS else None
                    ),
                    "is_claimed": name in CLAIMS and calibration.makes(assessed, name),
                }
                for name in LEVELS
            ),
            evidence={
                name: level[name]
                for name in (
                    "lane",
                    "basis",
                    "exact_codes",
                    "in_scope_probability",
                    "scope_reason",
                    "word_reason",
                    "finest_level",
                    "is_generic",
                )
            },
            route={name: value for name, value in route.items() if value is not None},
            certificate=None
            if certificate is None
            else {
                "stratum": route["stratum"],
                "rows": certificate.own.rows,
                "errors": certificate.own.errors,
                "is_pooled": certificate.is_pooled,
                "bound_rows": certificate.bounded.rows,
                "bound_errors": certificate.bounded.errors,
                "error_bound": certificate.bounded.bound,
            },
            policies={
                f"icp_scope {policies.scope.version}": policies.scope.sha256,
                f"business_functions {policies.functions.version}": policies.functions.sha256,
                f"serve_now {policies.serve.version}": policies.serve.sha256,
                f"title_lexicon {policies.lexicon.version}": policies.lexicon.sha256,
            },
        )

    def _sourced(self, row: dict[str, Any]) -> dict[str, Any]:
        code = row["onet_soc_code"] or row["soc_code"]
        table = row["source_table"]
        source = "soc" if table == "soc_direct_match_title" else "onet"
        kept = {name: value for name, value in row.items() if name not in ("title_id", "title_batch")}
        return {**kept, "name": self._names.get(code, ""), "vintage": self._vintages.get(source)}
