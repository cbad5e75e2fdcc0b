"""The sources' checks in Dagster. Each source's are one step; the rules are in `rules`."""

from collections.abc import Sequence

import dagster as dg

from aina_assets.core.checks import Check, CheckResults, check_spec, run_checks
from aina_assets.core.contracts import TableContract
from aina_assets.core.engine import Engine
from aina_assets.core.receipts import Predicate
from aina_assets.sources.assets import GROUP, files_key
from aina_assets.sources.catalog import SOURCES, Source
from aina_assets.sources.expectations import read_expectations
from aina_assets.sources.make import acquire_all, acquire_source
from aina_assets.sources.receipts import SNAPSHOT, PublicSourceSnapshot
from aina_assets.sources.rules import (
    file_table_is_complete,
    files_match_lock,
    receipt_is_of_this_state,
    requested_series_are_answered,
    table_contract_holds,
    table_references_resolve,
    table_row_count_expected,
    table_vintage_is_selected,
    values_are_typed,
)
from aina_assets.sources.tables.bls import API
from aina_assets.sources.tables.files import SOURCE_FILE


def contract_check(
    contract: TableContract, partitions_def: dg.PartitionsDefinition[str] | None = None
) -> Check:
    """The check of a table of any stage against its contract, by partition where these are told."""
    is_partitioned = partitions_def is not None
    return Check(
        check_spec(
            contract.name,
            "contract_holds",
            "Types, nulls, patterns, bounds, closed lists and the key are as the contract promises.",
            is_blocking=True,
            partitions_def=partitions_def,
        ),
        lambda engine, *told: table_contract_holds(contract, engine, told[-1] if is_partitioned else None),
    )


def references_check(contract: TableContract, after: Sequence[str] = ()) -> Check:
    """The check of the references of a table of any stage; `after` are the assets that it reads too."""
    return Check(
        check_spec(
            contract.name,
            "references_resolve",
            "Every code and id that refers to another table exists there: no orphans.",
            after=after,
        ),
        lambda engine, *_: table_references_resolve(contract, engine),
    )


def referred_tables(contract: TableContract) -> list[str]:
    """The other tables that a table refers to, sorted."""
    return sorted({reference.table for reference in contract.references} - {contract.name})


def source_checks(source: Source) -> list[Check]:
    """The checks of a source's file set and tables."""
    checks = [
        Check(
            check_spec(
                files_key(source),
                "lock_and_hash",
                "Every byte of every file is what the lock says; nothing remembered is trusted.",
                is_blocking=True,
            ),
            lambda engine, files, expectations: files_match_lock(files),
        )
    ]
    if source.id == API:
        checks.append(
            Check(
                check_spec(
                    files_key(source),
                    "requested_series_are_answered",
                    "Every series that AINA_BLS_SERIES names has an answer. A WARN names those without.",
                ),
                lambda engine, files, expectations: requested_series_are_answered(engine, files),
            )
        )
    for contract in source.contracts:
        # `contract=contract` binds this turn's value; a plain closure would see the last one.
        checks += [
            contract_check(contract),
            Check(
                check_spec(
                    contract.name,
                    "row_count_expected",
                    "The table has the rows that its vintage is known to have; none without a source.",
                ),
                lambda engine, files, expectations, contract=contract: table_row_count_expected(
                    source, contract, engine, expectations
                ),
            ),
            Check(
                check_spec(
                    contract.name,
                    "vintage_is_selected",
                    "The table, and each of its rows, is of the vintage that this run selects.",
                ),
                lambda engine, files, expectations, contract=contract: table_vintage_is_selected(
                    source, contract, engine, files
                ),
            ),
        ]
        if contract.references:
            checks.append(references_check(contract))
        if any(column.name == "value_status" for column in contract.columns):
            checks.append(
                Check(
                    check_spec(
                        contract.name,
                        "suppression_is_typed",
                        "A figure is there exactly when it was published; a withheld one has its reason.",
                    ),
                    lambda engine, files, expectations, contract=contract: values_are_typed(contract, engine),
                )
            )
    return checks


def file_table_checks() -> list[Check]:
    """The checks of the table of source files and of the snapshot receipt."""
    return [
        contract_check(SOURCE_FILE),
        Check(
            check_spec(
                SOURCE_FILE.name,
                "every_file_has_a_row",
                "Every file of this run stands in the table with its digest, licence and attribution.",
            ),
            file_table_is_complete,
        ),
        receipt_check(SNAPSHOT, PublicSourceSnapshot),
    ]


def receipt_check(name: str, model: type[Predicate]) -> Check:
    """The check of a receipt over source files and tables."""
    return Check(
        check_spec(
            name,
            "receipt_is_of_this_state",
            "The receipt keeps its schema, and each of its subjects is what stands now, digest by digest.",
        ),
        lambda engine, acquired: receipt_is_of_this_state(engine, name, model, acquired),
    )


@dg.multi_asset_check(
    name="source_file_checks", specs=[check.spec for check in file_table_checks()], can_subset=True
)
def source_file_checks(
    context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]
) -> CheckResults:
    """The table and the receipt of source files against the files themselves."""
    yield from run_checks(context, GROUP, file_table_checks(), engine, acquire_all(engine))


def _checks_of(source: Source) -> dg.AssetChecksDefinition:
    checks = source_checks(source)

    @dg.multi_asset_check(name=f"{source.id}_checks", specs=[check.spec for check in checks], can_subset=True)
    def check_source(
        context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]
    ) -> CheckResults:
        files = acquire_source(source.id, engine)
        expectations = read_expectations(engine.settings.policies_root)
        yield from run_checks(context, GROUP, checks, engine, files, expectations)

    return check_source


CHECKS: list[dg.AssetChecksDefinition] = [
    *(_checks_of(source) for source in SOURCES.values()),
    source_file_checks,
]
