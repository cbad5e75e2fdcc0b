"""The packets' checks in Dagster: one step a kind; the rules are in `rules`."""

import dagster as dg

from aina_assets.core.checks import Check, CheckResults, check_spec, run_checks
from aina_assets.core.engine import Engine
from aina_assets.packets import serviceable as seam
from aina_assets.packets.assets import BATCHES, GROUP
from aina_assets.packets.receipts import QUALITY_GATE, PacketQualityGate
from aina_assets.packets.rules import (
    agrees_with_related_occupations,
    every_occupation_and_group_has_a_packet,
    every_serviceable_title_has_a_packet,
    every_task_has_a_rank,
    gate_has_seen_every_packet,
    held_packets_are_refused,
    no_packet_is_held,
    packets_are_of_this_version,
    semantic_review,
    titles_are_in_the_graph,
)
from aina_assets.packets.tables import (
    CONTRACTS,
    GRAPH_EDGE,
    OCCUPATION_SIMILARITY,
    PACKET_QUALITY_FINDING,
    PACKET_REVIEW_FINDING,
    ROLE_PACKET,
    TASK_IMPORTANCE,
    TITLE_PACKET,
)
from aina_assets.sources.checks import contract_check, receipt_check, references_check, referred_tables


def table_checks() -> list[Check]:
    """The checks of tables as wholes."""
    return [
        *(contract_check(contract) for contract in CONTRACTS if contract is not TITLE_PACKET),
        *(
            references_check(contract, after=referred_tables(contract))
            for contract in CONTRACTS
            if contract.references
        ),
        Check(
            check_spec(
                TASK_IMPORTANCE.name,
                "every_task_has_a_rank",
                "Every task has one rank; an occupation's ranks count from 1 without a gap.",
            ),
            every_task_has_a_rank,
        ),
        Check(
            check_spec(
                OCCUPATION_SIMILARITY.name,
                "agrees_with_related_occupations",
                "A WARN where too few of O*NET's related occupations are among the nearest (recall at 10).",
            ),
            agrees_with_related_occupations,
        ),
        Check(
            check_spec(
                ROLE_PACKET.name,
                "every_occupation_and_group_has_a_packet",
                "Every O*NET occupation has a packet, and every SOC group that may stand in for several.",
            ),
            every_occupation_and_group_has_a_packet,
        ),
        Check(
            check_spec(
                ROLE_PACKET.name,
                "packets_are_of_this_version",
                "Every stored packet is of the version that the contract has now.",
            ),
            packets_are_of_this_version,
        ),
        Check(
            check_spec(
                PACKET_QUALITY_FINDING.name,
                "gate_has_seen_every_packet",
                "The quality gate's findings are of the very packets that stand.",
                is_blocking=True,
            ),
            gate_has_seen_every_packet,
        ),
        Check(
            check_spec(
                PACKET_QUALITY_FINDING.name,
                "held_packets_are_refused",
                "A packet that fails the quality gate is not handed out by the reader.",
                is_blocking=True,
            ),
            held_packets_are_refused,
        ),
        Check(
            check_spec(
                PACKET_QUALITY_FINDING.name,
                "no_packet_is_held",
                "A WARN where packets fail the quality gate; names them and the rules that they fail.",
            ),
            no_packet_is_held,
        ),
        Check(
            check_spec(
                PACKET_REVIEW_FINDING.name,
                "semantic_review",
                "A WARN where the review finds more packets odd than is usual; shows the strongest findings.",
            ),
            semantic_review,
        ),
        Check(
            check_spec(
                GRAPH_EDGE.name,
                "titles_are_in_the_graph",
                "Every serviceable title is a node, and has its edge to what it is served as.",
                after=[TITLE_PACKET.name],
            ),
            titles_are_in_the_graph,
        ),
    ]


def batch_checks() -> list[Check]:
    """The checks that hold of each title batch."""
    return [
        contract_check(TITLE_PACKET, BATCHES),
        Check(
            check_spec(
                TITLE_PACKET.name,
                "every_serviceable_title_has_a_packet",
                "The title packets are exactly those of the serviceable titles, at the level claimed.",
                is_blocking=True,
                after=seam.TABLES,
                partitions_def=BATCHES,
            ),
            every_serviceable_title_has_a_packet,
        ),
    ]


@dg.multi_asset_check(
    name="packet_table_checks", specs=[check.spec for check in table_checks()], can_subset=True
)
def packet_table_checks(
    context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]
) -> CheckResults:
    """The tables against their contracts and each other."""
    yield from run_checks(context, GROUP, table_checks(), engine)


@dg.multi_asset_check(
    name="packet_batch_checks", specs=[check.spec for check in batch_checks()], can_subset=True
)
def packet_batch_checks(
    context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]
) -> CheckResults:
    """Title packets, batch by batch."""
    yield from run_checks(context, GROUP, batch_checks(), engine)


def receipt_checks() -> list[Check]:
    """The check of this stage's receipt."""
    return [receipt_check(QUALITY_GATE, PacketQualityGate)]


@dg.multi_asset_check(
    name="packet_receipt_checks", specs=[check.spec for check in receipt_checks()], can_subset=True
)
def packet_receipt_checks(
    context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]
) -> CheckResults:
    """The receipt against the tables that it speaks of."""
    yield from run_checks(context, GROUP, receipt_checks(), engine, {})


CHECKS: list[dg.AssetChecksDefinition] = [packet_table_checks, packet_batch_checks, packet_receipt_checks]
