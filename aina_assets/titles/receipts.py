"""The titles' receipt: how the inventory is covered, and at which measured error.

Belongs here: the predicate. Does not: any figure that is not in a table.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from aina_assets.core.engine import Engine
from aina_assets.core.receipts import Predicate, write_receipt
from aina_assets.sources.receipts import SNAPSHOT
from aina_assets.titles.make import MODEL, Policies, TitleStage
from aina_assets.titles.tables import (
    TITLE,
    TITLE_CERTIFICATE,
    TITLE_COVERAGE,
    TITLE_FORM,
    TITLE_GOLD,
    TITLE_ROUTE,
)
from aina_assets.warehouse.receipts import AUTHORITY

COVERAGE = "title_coverage_v1"


class StratumBound(BaseModel):
    """A stratum's measured error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stratum: str = Field(description="basis/claim/group")
    rows: int = Field(ge=0)
    errors: int = Field(ge=0)
    bound_rows: int = Field(ge=0, description="rows that the bound is made from: its own, or its pool's")
    error_bound: float = Field(ge=0, le=1)
    state: str


class TitleCoverageReceipt(Predicate):
    """Routes of the inventory's titles, and the certificates that they stand on."""

    lines: int = Field(ge=0, description="lines of the inventory")
    defects: dict[str, int] = Field(description="lines that are no usable title, by defect; no text is kept")
    titles: int = Field(ge=0)
    routes: dict[str, int]
    served_by_level: dict[str, int]
    reasons: dict[str, int]
    gold_rows: dict[str, int] = Field(description="gold rows that speak for this inventory, by part")
    most_served_error_bound: float | None = Field(
        description="largest error bound under which a title is served"
    )
    policies_sha256: str
    model_sha256: str
    certificates: tuple[StratumBound, ...]

    def figures(self) -> dict[str, object]:
        """The figures that people ask first."""
        return {
            "lines": self.lines,
            "titles": self.titles,
            **self.routes,
            **{f"served at {level}": count for level, count in self.served_by_level.items()},
            "largest error bound": self.most_served_error_bound,
        }


def write_coverage(engine: Engine) -> tuple[Path, TitleCoverageReceipt]:
    """Write the receipt from the tables that stand."""
    store = engine.store
    coverage = store.read(TITLE_COVERAGE.name).to_pylist()
    defects = Counter(
        defect for defect in store.read(TITLE_FORM.name, ["defect"])["defect"].to_pylist() if defect
    )
    certificates = store.read(TITLE_CERTIFICATE.name).to_pylist()
    gold = Counter(store.read(TITLE_GOLD.name, ["split"])["split"].to_pylist())
    model = engine.digests.sha256(TitleStage(engine).model_path)
    bounds = [
        bound
        for info in store.infos(TITLE_ROUTE.name)
        for bound, level in zip(
            *(
                store.read(TITLE_ROUTE.name, [name], partition=info.partition)[name].to_pylist()
                for name in ("error_bound", "served_level")
            ),
            strict=True,
        )
        if level is not None and bound is not None
    ]
    predicate = TitleCoverageReceipt(
        lines=store.info(TITLE_FORM.name).rows,
        defects=dict(sorted(defects.items())),
        titles=sum(info.rows for info in store.infos(TITLE.name)),
        routes=_counted(coverage, "route"),
        served_by_level={
            level: count for level, count in _counted(coverage, "level").items() if level != "(none)"
        },
        reasons=_counted(coverage, "reason"),
        gold_rows=dict(sorted(gold.items())),
        most_served_error_bound=max(bounds, default=None),
        policies_sha256=Policies.read(engine.settings.policies_root).digest,
        model_sha256=model,
        certificates=tuple(
            StratumBound(
                stratum=f"{row['basis']}/{row['claim']}/{row['group']}",
                rows=row["rows"],
                errors=row["errors"],
                bound_rows=row["bound_rows"],
                error_bound=row["error_bound"],
                state=row["state"],
            )
            for row in certificates
        ),
    )
    subjects = {
        f"tables/{name}.parquet": store.info(name).sha256
        for name in (TITLE_FORM.name, TITLE_GOLD.name, TITLE_CERTIFICATE.name, TITLE_COVERAGE.name)
    }
    for info in store.infos(TITLE_ROUTE.name):
        subjects[f"tables/{TITLE_ROUTE.name}/{info.partition}.parquet"] = info.sha256
    subjects[f"models/{MODEL}.npz"] = model
    path = write_receipt(engine.data.receipts, COVERAGE, subjects, predicate, rests_on=[SNAPSHOT, AUTHORITY])
    return path, predicate


def _counted(coverage: list[dict[str, object]], column: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for row in coverage:
        counts[str(row[column])] += int(str(row["titles"]))
    return dict(sorted((name, count) for name, count in counts.items() if count))
