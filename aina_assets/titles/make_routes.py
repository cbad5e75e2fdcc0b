"""Make the tables from gold to routes and their coverage.

Belongs here: what each is made from. Does not: evidence (`make`), or what a route is (`routing`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import pyarrow as pa

from aina_assets.core.errors import StateError
from aina_assets.core.storage import sha256_file
from aina_assets.core.store import TableStore, contract_digest
from aina_assets.titles.certifying.certificate import Certificate, Certifier, Stratum
from aina_assets.titles.certifying.claims import BASES, CLAIMS, Assessed, assessed_rows
from aina_assets.titles.certifying.curves import (
    AS_IT_STANDS,
    Calibration,
    Curve,
    Judged,
    kind_of,
    steps_between,
)
from aina_assets.titles.certifying.measure import Measured
from aina_assets.titles.certifying.truth import SocTree, by_id, gold_files, speaks_for, truth_of
from aina_assets.titles.gold.labels import GoldLabel, Split, read_gold
from aina_assets.titles.make import Made, TitleStage
from aina_assets.titles.routing import Router, route_table
from aina_assets.titles.tables import (
    NO_FUNCTION,
    NO_LEVEL,
    TITLE,
    TITLE_CALIBRATION,
    TITLE_CERTIFICATE,
    TITLE_COVERAGE,
    TITLE_GOLD,
    TITLE_LEVEL,
    TITLE_ROUTE,
)

ANY_GROUP = "(any)"
WORD_WEIGHTS = ("head_weight", "least_modifier_weight", "most_modifier_weight")
COVERAGE_KEY = TITLE_COVERAGE.key


class RouteStage:
    """Makes the tables from gold to coverage.

    Args:
        stage: the same stage's tables before, and the policies.
    """

    def __init__(self, stage: TitleStage) -> None:
        self._stage = stage
        self._store = stage.engine.store
        self._gold = stage.engine.settings.gold_root

    @cached_property
    def _gold_inputs(self) -> dict[str, str]:
        return {f"gold/{path.name}": sha256_file(path) for path in gold_files(self._gold)}

    # --- gold

    def title_gold(self) -> Made:
        """Make `title_gold`: which gold rows speak for this inventory. Their labels stay in the files."""
        provenance = self._stage.provenance(TITLE_GOLD, (TITLE.name,), self._gold_inputs)
        standing = self._store.current(TITLE_GOLD.name, provenance)
        if standing is not None:
            return standing, False
        ids = set(self._store.read_partitions(TITLE.name, ["title_id"])["title_id"].to_pylist())
        rows: dict[str, dict[str, Any]] = {}
        for path in gold_files(self._gold):
            tune, test = read_gold(path, split="tune"), read_gold(path, split="test")
            if speaks_for([*tune, *test], ids):
                for label in (*tune, *test):
                    if label.title_id in ids:
                        rows.setdefault(
                            label.title_id,
                            {
                                "title_id": label.title_id,
                                "split": label.split,
                                "gold_set": path.name,
                                "sampling_stratum": label.sampling_stratum,
                                "weight": label.weight,
                            },
                        )
        table = pa.Table.from_pylist([rows[title_id] for title_id in sorted(rows)], TITLE_GOLD.arrow_schema)
        return self._store.write(TITLE_GOLD, table, provenance), True

    def judged(self, split: Split) -> list[Judged]:
        """Gold rows of one part with the evidence on their titles, in the order of their ids."""
        chosen = [row for row in self._store.read(TITLE_GOLD.name).to_pylist() if row["split"] == split]
        labels: dict[str, GoldLabel] = {}
        for name in sorted({row["gold_set"] for row in chosen}):
            labels = {**by_id(read_gold(self._gold / name, split=split)), **labels}
        tree = SocTree(self._store.read("soc_group"))
        functions = self._stage.policies.functions
        wanted = {row["title_id"] for row in chosen}
        return [
            (title, truth_of(labels[title.title_id], tree, functions))
            for title in self._assessed(wanted)
            if title.title_id in labels
        ]

    def _assessed(self, wanted: set[str]) -> Iterator[Assessed]:
        for info in self._store.infos(TITLE_LEVEL.name):
            table = self._store.read(TITLE_LEVEL.name, partition=info.partition)
            held = pa.array([title_id in wanted for title_id in table["title_id"].to_pylist()], pa.bool_())
            yield from assessed_rows(table.filter(held).to_pylist())

    # --- calibration and certificates

    def title_calibration(self) -> Made:
        """Make `title_calibration` from gold tune rows."""
        provenance = self._stage.provenance(
            TITLE_CALIBRATION,
            (TITLE_GOLD.name, TITLE_LEVEL.name, "soc_group"),
            {**self._gold_inputs, **self._stage.policies.inputs},
        )
        standing = self._store.current(TITLE_CALIBRATION.name, provenance)
        if standing is not None:
            return standing, False
        # Imported here: it takes half a second, and processes that route titles do not fit.
        from aina_assets.titles.certifying.calibrating import calibrate  # noqa: PLC0415

        found = calibrate(self.judged("tune"), self._stage.policies.serve)
        rows = []
        for basis in BASES:
            for claim in CLAIMS:
                curve = found.curves.get((basis, claim), AS_IT_STANDS)
                measured = found.measured[basis, kind_of(claim)]
                rows += [
                    {
                        "basis": basis,
                        "claim": claim,
                        "group": group,
                        "offset": round(curve.offset + of_group, 4),
                        "slope": curve.slope,
                        **dict(zip(WORD_WEIGHTS, curve.words, strict=True)),
                        "margin": min(found.steps[basis, kind_of(claim)], default=None),
                        "widest_margin": max(found.steps[basis, kind_of(claim)], default=None),
                        "tune_rows": measured.rows,
                        "tune_errors": measured.errors,
                    }
                    for group, of_group in (*sorted(curve.groups.items()), (ANY_GROUP, 0.0))
                ]
        table = pa.Table.from_pylist(rows, TITLE_CALIBRATION.arrow_schema)
        return self._store.write(TITLE_CALIBRATION, table, provenance), True

    def calibration(self) -> Calibration:
        """The calibration that stands."""
        rows = self._store.read(TITLE_CALIBRATION.name).to_pylist()
        curves: dict[tuple[str, str], Curve] = {}
        # The row for any group comes first: the others tell how far they are from it.
        for row in sorted(rows, key=lambda row: row["group"] != ANY_GROUP):
            key = (row["basis"], row["claim"])
            if row["group"] == ANY_GROUP:
                words = (row[WORD_WEIGHTS[0]], row[WORD_WEIGHTS[1]], row[WORD_WEIGHTS[2]])
                curves[key] = Curve(row["offset"], row["slope"], words, {})
            else:
                curve = curves[key]
                of_group = {**curve.groups, row["group"]: row["offset"] - curve.offset}
                curves[key] = replace(curve, groups=of_group)
        return Calibration(
            curves,
            {(row["basis"], kind_of(row["claim"])): row["margin"] for row in rows},
            self._stage.policies.serve.threshold.most_doubt_below_major,
            {
                (row["basis"], kind_of(row["claim"])): steps_between(row["margin"], row["widest_margin"])
                for row in rows
            },
        )

    def title_certificate(self) -> Made:
        """Make `title_certificate` from gold test rows, computed anew from them each time."""
        provenance = self._stage.provenance(
            TITLE_CERTIFICATE,
            (TITLE_GOLD.name, TITLE_LEVEL.name, TITLE_CALIBRATION.name, "soc_group"),
            {**self._gold_inputs, **self._stage.policies.inputs},
        )
        standing = self._store.current(TITLE_CERTIFICATE.name, provenance)
        if standing is not None:
            return standing, False
        certifier = Certifier(self.calibration(), self._stage.policies.serve.certificate)
        certifier.certify(self.judged("test"))
        rows = [
            _certificate_row(found, certifier.calibration)
            for _, found in sorted(certifier.certificates.items())
        ]
        table = pa.Table.from_pylist(rows, TITLE_CERTIFICATE.arrow_schema)
        return self._store.write(TITLE_CERTIFICATE, table, provenance), True

    def certifier(self) -> Certifier:
        """The certificates that stand."""
        found: dict[Stratum, Certificate] = {}
        calibration = self.calibration()
        for row in self._store.read(TITLE_CERTIFICATE.name).to_pylist():
            stratum = (row["basis"], row["claim"], row["group"])
            own = Measured(row["rows"], row["errors"], 0.0, None, 1.0, 0.0)
            bounded = Measured(
                row["bound_rows"],
                row["bound_errors"],
                row["effective_rows"],
                row["error_rate"],
                row["error_bound"],
                0.0,
            )
            if row["margin"] is not None:
                calibration = calibration.with_margin(row["basis"], kind_of(row["claim"]), row["margin"])
            found[stratum] = Certificate(stratum, own, bounded, row["is_pooled"], row["state"])
        return Certifier(calibration, self._stage.policies.serve.certificate, found)

    # --- routes

    @cached_property
    def router(self) -> Router:
        """The router over the certificates that stand."""
        return Router(self.certifier(), self._stage.policies.digest)

    def title_route(self, key: str) -> Made:
        """Make one batch of `title_route`."""
        whole = {
            name: self._store.info(name).sha256 for name in (TITLE_CALIBRATION.name, TITLE_CERTIFICATE.name)
        }
        provenance = self._stage.provenance(
            TITLE_ROUTE, (TITLE.name, TITLE_LEVEL.name), {**whole, **self._stage.policies.inputs}, key
        )
        standing = self._store.current(TITLE_ROUTE.name, provenance, key)
        if standing is not None:
            return standing, False
        titles = {row["title_id"]: row for row in self._store.read(TITLE.name, partition=key).to_pylist()}
        levels = self._store.read(TITLE_LEVEL.name, partition=key).to_pylist()
        rows = [
            self.router.route(titles[level["title_id"]], level, assessed)
            for level, assessed in zip(levels, assessed_rows(levels), strict=True)
        ]
        return self._store.write(TITLE_ROUTE, route_table(rows), provenance, key), True

    def title_coverage(self) -> Made:
        """Make `title_coverage`: the routes counted, beside the counts of the build before."""
        provenance = self._stage.provenance(TITLE_COVERAGE, (TITLE_ROUTE.name,))
        standing = self._store.current(TITLE_COVERAGE.name, provenance)
        if standing is not None:
            return standing, False
        before = self._counts_before()
        counts: Counter[tuple[str, ...]] = Counter()
        columns = ("route", "reason", "basis", "function", "served_level")
        for info in self._store.infos(TITLE_ROUTE.name):
            part = self._store.read(TITLE_ROUTE.name, columns, partition=info.partition)
            counts.update(
                (route, reason, basis, function or NO_FUNCTION, level or NO_LEVEL)
                for route, reason, basis, function, level in zip(
                    *(part[name].to_pylist() for name in columns), strict=True
                )
            )
        rows = [
            {
                **dict(zip(COVERAGE_KEY, key, strict=True)),
                "titles": counts[key],
                "previous_titles": None if before is None else before.get(key, 0),
            }
            for key in sorted({*counts, *(before or ())})
        ]
        table = pa.Table.from_pylist(rows, TITLE_COVERAGE.arrow_schema)
        return self._store.write(TITLE_COVERAGE, table, provenance), True

    def _counts_before(self) -> Mapping[tuple[str, ...], int] | None:
        try:
            origin = self._store.info(TITLE_COVERAGE.name).provenance
        except StateError:
            return None
        # Neither what was damaged since it was made nor what another version meant is compared with.
        if not origin.code or origin.contract != contract_digest(TITLE_COVERAGE):
            return None
        rows: Sequence[Mapping[str, Any]] = self._store.read(TITLE_COVERAGE.name).to_pylist()
        return {tuple(row[name] for name in COVERAGE_KEY): row["titles"] for row in rows if row["titles"]}


def _certificate_row(found: Certificate, calibration: Calibration) -> dict[str, Any]:
    basis, claim, group = found.stratum
    return {
        "basis": basis,
        "claim": claim,
        "group": group,
        "margin": calibration.margins.get((basis, kind_of(claim))),
        "rows": found.own.rows,
        "errors": found.own.errors,
        "is_pooled": found.is_pooled,
        "bound_rows": found.bounded.rows,
        "bound_errors": found.bounded.errors,
        "effective_rows": found.bounded.effective_rows,
        "error_rate": found.bounded.error_rate,
        "error_bound": found.bounded.bound,
        "state": found.state,
    }


def sampling_frame(store: TableStore) -> Iterator[tuple[str, str, str]]:
    """Every title of the inventory for a gold sample: its id, its text, and its stratum (basis/function).

    Raises:
        StateError: the titles were not built.
    """
    for info in store.infos(TITLE_LEVEL.name):
        titles = store.read(TITLE.name, ["title_id", "raw_title"], partition=info.partition).to_pylist()
        levels = store.read(TITLE_LEVEL.name, ["title_id", "basis", "function"], partition=info.partition)
        text = {row["title_id"]: row["raw_title"] for row in titles}
        for row in levels.to_pylist():
            yield row["title_id"], text[row["title_id"]], f"{row['basis']}/{row['function']}"


def known_codes(store: TableStore) -> frozenset[str]:
    """The SOC 2018 detailed codes that there are."""
    return frozenset(SocTree(store.read("soc_group")).detailed)
