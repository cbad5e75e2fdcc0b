"""The reports' checks in Dagster; the rules are in `rules`."""

import dagster as dg

from aina_assets.core.checks import Check, CheckResults, check_spec, run_checks
from aina_assets.core.engine import Engine
from aina_assets.reports.assets import GROUP
from aina_assets.reports.change_report import CHANGE_REPORT
from aina_assets.reports.founder import FOUNDER_REPORT
from aina_assets.reports.rules import (
    figures_equal_receipts,
    links_resolve,
    loads_nothing,
    report_is_of_this_state,
    reports_hold_no_gdpval_text,
)
from aina_assets.reports.source_report import SOURCE_REPORT

WITH_RECEIPT = (FOUNDER_REPORT, SOURCE_REPORT, CHANGE_REPORT)


def report_checks() -> list[Check]:
    """The checks of the reports that have a receipt."""
    checks: list[Check] = []
    for name in WITH_RECEIPT:
        # `name=name` binds this turn's value; a plain closure would see the last one.
        checks += [
            Check(
                check_spec(
                    name,
                    "figures_equal_receipts",
                    "Every number on the page is what the receipt, table or lock says that it leads to.",
                ),
                lambda engine, name=name: figures_equal_receipts(engine, name),
            ),
            Check(
                check_spec(
                    name, "links_resolve", "Every link leads to a place on the page or a file that is there."
                ),
                lambda engine, name=name: links_resolve(engine, name),
            ),
            Check(
                check_spec(
                    name, "loads_nothing", "The page runs no script and makes a browser fetch nothing."
                ),
                lambda engine, name=name: loads_nothing(engine, name),
            ),
            Check(
                check_spec(
                    name,
                    "report_is_of_this_state",
                    "The receipts that the report rests on are those that stand, digest by digest.",
                ),
                lambda engine, name=name: report_is_of_this_state(engine, name),
            ),
        ]
    return [
        *checks,
        Check(
            check_spec(
                FOUNDER_REPORT,
                "no_gdpval_text",
                "Neither GDPval's canary nor a sample of its sentences is in any report.",
                after=[SOURCE_REPORT, CHANGE_REPORT],
            ),
            lambda engine: reports_hold_no_gdpval_text(engine, WITH_RECEIPT),
        ),
    ]


@dg.multi_asset_check(name="report_checks", specs=[check.spec for check in report_checks()], can_subset=True)
def check_reports(context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]) -> CheckResults:
    """The pages against the receipts that they tell of."""
    yield from run_checks(context, GROUP, report_checks(), engine)


CHECKS: list[dg.AssetChecksDefinition] = [check_reports]
