"""The checks of a state as a whole in Dagster; the rules are in `rules`."""

import dagster as dg

from aina_assets.core.checks import Check, CheckResults, check_spec, run_checks
from aina_assets.core.engine import Engine
from aina_assets.verification.assets import GROUP
from aina_assets.verification.manifest import MANIFEST
from aina_assets.verification.rules import every_file_is_looked_after, origins_resolve, state_verifies


def manifest_checks() -> list[Check]:
    """The checks of the manifest against what stands."""
    return [
        Check(
            check_spec(
                MANIFEST,
                "state_verifies",
                "Every file of the state is what the receipts and the lock say; every byte is read.",
                is_blocking=True,
            ),
            state_verifies,
        ),
        Check(
            check_spec(
                MANIFEST,
                "origins_resolve",
                "Whatever a file is said to be made from is on record, so that it is known what it voids.",
            ),
            origins_resolve,
        ),
        Check(
            check_spec(
                MANIFEST,
                "every_file_is_looked_after",
                "Every file of the data root is named by the manifest or by who looks after it. "
                "A WARN names those that are nobody's.",
            ),
            every_file_is_looked_after,
        ),
    ]


@dg.multi_asset_check(
    name="manifest_checks", specs=[check.spec for check in manifest_checks()], can_subset=True
)
def check_manifest(context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]) -> CheckResults:
    """The manifest against the files that it names."""
    yield from run_checks(context, GROUP, manifest_checks(), engine)


CHECKS: list[dg.AssetChecksDefinition] = [check_manifest]
