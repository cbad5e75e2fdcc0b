"""The gates' checks in Dagster; the rules are in `rules`."""

import dagster as dg

from aina_assets.core.checks import Check, CheckResults, check_spec, run_checks
from aina_assets.core.engine import Engine
from aina_assets.gates.assets import GROUP
from aina_assets.gates.receipts import APPROVAL_RECEIPT
from aina_assets.gates.rules import decision_log_is_whole, gates_are_as_stated, policies_are_readable


def gate_checks() -> list[Check]:
    """The checks of the gates' receipt, policy and log."""
    return [
        Check(
            check_spec(
                APPROVAL_RECEIPT,
                "gates_are_as_stated",
                "The receipt says of every gate what the gates decide now.",
                is_blocking=True,
            ),
            gates_are_as_stated,
        ),
        Check(
            check_spec(
                APPROVAL_RECEIPT,
                "decision_log_is_whole",
                "Every answer of the gates is on record: the log's chain, seals and count hold.",
            ),
            decision_log_is_whole,
        ),
        Check(
            check_spec(
                APPROVAL_RECEIPT,
                "policies_are_readable",
                "The gates' policy, its approvers and the control map can be read and agree.",
            ),
            policies_are_readable,
        ),
    ]


@dg.multi_asset_check(name="gate_checks", specs=[check.spec for check in gate_checks()], can_subset=True)
def check_gates(context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]) -> CheckResults:
    """The gates against their receipt."""
    yield from run_checks(context, GROUP, gate_checks(), engine)


CHECKS: list[dg.AssetChecksDefinition] = [check_gates]
