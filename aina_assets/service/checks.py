"""The service's checks in Dagster; the rules are in `rules`."""

import dagster as dg

from aina_assets.core.checks import Check, CheckResults, check_spec, run_checks
from aina_assets.core.engine import Engine
from aina_assets.service.assets import GROUP
from aina_assets.service.fixtures.receipts import API_FIXTURE, UI_FIXTURE
from aina_assets.service.rules import (
    answers_keep_their_schemas,
    pages_answer,
    pages_load_nothing_foreign,
    repeats_change_nothing,
    the_loop_answers,
)


def service_checks() -> list[Check]:
    """The checks of the fixtures."""
    return [
        Check(
            check_spec(
                API_FIXTURE,
                "the_loop_answers",
                "Every step of the API's way has the status that it must have, refusals too.",
            ),
            the_loop_answers,
        ),
        Check(
            check_spec(
                API_FIXTURE,
                "answers_keep_their_schemas",
                "Every answer is what its schema says, with the headers that confine a browser.",
            ),
            answers_keep_their_schemas,
        ),
        Check(
            check_spec(
                API_FIXTURE,
                "repeats_change_nothing",
                "A request sent again under its key gets the very answer that it got.",
            ),
            repeats_change_nothing,
        ),
        Check(
            check_spec(
                UI_FIXTURE,
                "pages_answer",
                "Every page has its status, heading and landmarks, and a name for each field.",
            ),
            pages_answer,
        ),
        Check(
            check_spec(
                UI_FIXTURE,
                "pages_load_nothing_foreign",
                "No page loads anything from elsewhere, and every form that writes is guarded.",
            ),
            pages_load_nothing_foreign,
        ),
    ]


@dg.multi_asset_check(
    name="service_checks", specs=[check.spec for check in service_checks()], can_subset=True
)
def check_service(context: dg.AssetCheckExecutionContext, engine: dg.ResourceParam[Engine]) -> CheckResults:
    """The fixtures against what they must be."""
    yield from run_checks(context, GROUP, service_checks(), engine)


CHECKS: list[dg.AssetChecksDefinition] = [check_service]
