"""The gates in Dagster: whether the engine may leave the machine, and which build production serves."""

from time import perf_counter
from typing import Any

import dagster as dg

from aina_assets.core.assets import asset_spec, preview, receipt_result, uri
from aina_assets.core.capabilities import Domain
from aina_assets.core.engine import Engine
from aina_assets.core.errors import GateClosedError
from aina_assets.core.progress import Step, report
from aina_assets.core.storage import sha256_bytes, sha256_file
from aina_assets.core.store import code_version
from aina_assets.gates.gatekeeper import Gatekeeper
from aina_assets.gates.promotion import PRODUCTION, promote, promotion_path
from aina_assets.gates.receipts import APPROVAL_RECEIPT, write_approval_receipt
from aina_assets.verification.manifest import MANIFEST, read_manifest

GROUP = "gates"
CODE = code_version("core", "verification", "gates")
PROMOTED = "production_promotion"


@dg.multi_asset(
    name=APPROVAL_RECEIPT,
    specs=[
        asset_spec(
            APPROVAL_RECEIPT,
            "Whether the engine may leave this machine: every gate with its reasons, every open hold, and "
            "the controls that they speak to. Blocked until two approvers sign for what stands.",
            group=GROUP,
            kinds=("json", "receipt"),
            code_version=CODE,
            deps=[MANIFEST],
        )
    ],
)
def production_deployment_approval(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
    """The gates' receipt."""
    start = perf_counter()
    path, predicate = write_approval_receipt(Gatekeeper(engine))
    report(Step(GROUP, APPROVAL_RECEIPT, None, perf_counter() - start))
    return receipt_result(APPROVAL_RECEIPT, path, predicate.figures(), read_manifest(engine).vintages)


@dg.multi_asset(
    name=PROMOTED,
    specs=[
        asset_spec(
            PROMOTED,
            "The build that production serves: this one, if the gate on deployment promotion is open for "
            "production, else the one that was promoted before. The gate is asked inside this asset, however "
            "it is run.",
            group=GROUP,
            kinds=("json",),
            code_version=CODE,
            deps=[MANIFEST, APPROVAL_RECEIPT],
        )
    ],
)
def production_promotion(engine: dg.ResourceParam[Engine]) -> dg.MaterializeResult[Any]:
    """Promote the build, or say why it is not promoted."""
    start = perf_counter()
    path = promotion_path(engine, PRODUCTION)
    try:
        capability = Gatekeeper(engine).ask(Domain.DEPLOYMENT_PROMOTION, PRODUCTION)
        promote(capability, engine, PRODUCTION)
        told = f"promoted by decision {capability.basis}"
    except GateClosedError as error:
        told = error.message
    report(Step(GROUP, PROMOTED, None, perf_counter() - start))
    is_there = path.is_file()
    return dg.MaterializeResult(
        asset_key=PROMOTED,
        data_version=dg.DataVersion(sha256_file(path) if is_there else sha256_bytes(b"")),
        metadata={
            "dagster/row_count": int(is_there),
            "dagster/uri": uri(path),
            "is_promoted": is_there,
            "gate": told,
            "vintages": dg.MetadataValue.json(read_manifest(engine).vintages),
            "preview": preview([{"environment": PRODUCTION, "gate": told}]),
        },
    )


ASSETS: list[dg.AssetsDefinition] = [production_deployment_approval, production_promotion]
