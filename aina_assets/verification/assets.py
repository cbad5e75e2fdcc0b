"""The manifest in Dagster: one asset that rests on everything before it."""

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import dagster as dg

from aina_assets.core.assets import asset_spec, receipt_result
from aina_assets.core.engine import Engine
from aina_assets.core.progress import Step, report
from aina_assets.core.store import code_version
from aina_assets.verification.manifest import MANIFEST, write_manifest

GROUP = "verification"
CODE = code_version("core", "verification")
RECEIPT_KIND = "receipt"


def manifest_assets(before: Sequence[dg.AssetsDefinition]) -> list[dg.AssetsDefinition]:
    """The manifest over all assets of the stages before."""
    specs = [spec for definition in before for spec in definition.specs]
    below = [spec.key.to_user_string() for spec in specs if RECEIPT_KIND in spec.kinds]

    @dg.multi_asset(
        name=MANIFEST,
        specs=[
            asset_spec(
                MANIFEST,
                "Every table and file of the state with its digest, its origin and the code's. An in-toto "
                "statement that rests on the receipts of all stages before.",
                group=GROUP,
                kinds=("json", RECEIPT_KIND),
                code_version=CODE,
                deps=sorted(spec.key.to_user_string() for spec in specs),
            )
        ],
    )
    def build_manifest(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
        start = perf_counter()
        path, manifest = write_manifest(engine, below)
        report(Step(GROUP, MANIFEST, None, perf_counter() - start))
        return receipt_result(MANIFEST, path, manifest.figures(), manifest.vintages)

    return [build_manifest]
