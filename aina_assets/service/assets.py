"""The service in Dagster: the two fixtures, made by driving the app over the state of the build."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import dagster as dg

from aina_assets.core.assets import asset_spec, receipt_result
from aina_assets.core.engine import Engine
from aina_assets.core.progress import Step, report
from aina_assets.core.store import code_version
from aina_assets.gates.receipts import APPROVAL_RECEIPT
from aina_assets.service.fixtures.receipts import (
    API_FIXTURE,
    UI_FIXTURE,
    write_api_fixture,
    write_ui_fixture,
)
from aina_assets.verification.manifest import MANIFEST, read_manifest

GROUP = "service"
CODE = code_version("core", "learning", "service")


def _fixture_asset(
    name: str, description: str, write: Callable[[Engine], tuple[Path, Any]]
) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=name,
        specs=[
            asset_spec(
                name,
                description,
                group=GROUP,
                kinds=("json", "receipt"),
                code_version=CODE,
                deps=[MANIFEST, APPROVAL_RECEIPT],
            )
        ],
    )
    def write_one(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
        start = perf_counter()
        path, predicate = write(engine)
        report(Step(GROUP, name, None, perf_counter() - start))
        return receipt_result(name, path, predicate.figures(), read_manifest(engine).vintages)

    return write_one


ASSETS: list[dg.AssetsDefinition] = [
    _fixture_asset(
        API_FIXTURE,
        "What the API answered over this state: the whole loop of a learner, every address, and what must be "
        "refused. An in-toto statement over the build.",
        write_api_fixture,
    ),
    _fixture_asset(
        UI_FIXTURE,
        "What the pages of the beta are made of over this state, on the way of a learner and a reviewer. An "
        "in-toto statement over the build.",
        write_ui_fixture,
    ),
]
