"""What must hold of the fixtures. Each rule gives a finding; none knows Dagster."""

from __future__ import annotations

from typing import Any

from aina_assets.core.engine import Engine
from aina_assets.core.rules import Finding, rows_finding
from aina_assets.service.fixtures.receipts import (
    API_FIXTURE,
    UI_FIXTURE,
    ApiFixture,
    BetaUiFixture,
    read_api_fixture,
    read_ui_fixture,
)

LANDMARKS = {"header", "nav", "main", "footer"}
Rows = list[dict[str, Any]]


def _finding(failed: Rows, total: int, what: str, receipt: str) -> Finding:
    remedy = f"Materialize `{receipt}` again and look at the step named; docs/service.md."
    return rows_finding(failed, total, what, remedy)


def the_loop_answers(engine: Engine) -> Finding:
    """Every step of the API's way has the status that it must have, a refusal as well as an answer."""
    return loop_finding(read_api_fixture(engine))


def loop_finding(fixture: ApiFixture) -> Finding:
    """As `the_loop_answers`, of a fixture at hand."""
    failed = [
        {"step": held.step, "path": held.path, "expected": held.expected_status, "found": held.status}
        for held in fixture.exchanges
        if held.status != held.expected_status
    ]
    return _finding(failed, len(fixture.exchanges), "steps have another status than they must", API_FIXTURE)


def answers_keep_their_schemas(engine: Engine) -> Finding:
    """Every answer is what its schema says, and carries the headers that confine a browser."""
    return schema_finding(read_api_fixture(engine))


def schema_finding(fixture: ApiFixture) -> Finding:
    """As `answers_keep_their_schemas`, of a fixture at hand."""
    failed = [
        {"step": held.step, "answers_as": held.answers_as, "media_type": held.media_type}
        for held in fixture.exchanges
        if held.expected_status != 304 and not (held.is_valid and held.has_safe_headers)
    ]
    return _finding(failed, len(fixture.exchanges), "answers are not as they are published", API_FIXTURE)


def repeats_change_nothing(engine: Engine) -> Finding:
    """A request sent again under its key gets the very answer that it got."""
    return repeat_finding(read_api_fixture(engine))


def repeat_finding(fixture: ApiFixture) -> Finding:
    """As `repeats_change_nothing`, of a fixture at hand."""
    first = {held.step: held.body_sha256 for held in fixture.exchanges}
    repeats = [held for held in fixture.exchanges if held.same_as]
    failed = [
        {"step": held.step, "same_as": held.same_as}
        for held in repeats
        if first.get(held.same_as) != held.body_sha256
    ]
    if not repeats:
        failed = [{"step": "(none)", "same_as": "no step repeats another"}]
    return _finding(failed, len(repeats), "repeated requests got another answer", API_FIXTURE)


def pages_answer(engine: Engine) -> Finding:
    """Every page of the way has its status, its heading, its landmarks, and a name for each field."""
    return page_finding(read_ui_fixture(engine))


def page_finding(fixture: BetaUiFixture) -> Finding:
    """As `pages_answer`, of a fixture at hand."""
    failed: Rows = []
    for held in fixture.pages:
        missing = sorted(LANDMARKS - set(held.landmarks))
        faults = [
            f"status {held.status}, expected {held.expected_status}"
            if held.status != held.expected_status
            else "",
            "no title or heading" if not (held.title and held.heading) else "",
            f"lacks {', '.join(missing)}" if missing else "",
            f"without a name: {', '.join(held.unlabelled)}" if held.unlabelled else "",
        ]
        if told := [fault for fault in faults if fault]:
            failed.append({"step": held.step, "path": held.path, "finding": "; ".join(told)})
    return _finding(failed, len(fixture.pages), "pages are not whole", UI_FIXTURE)


def pages_load_nothing_foreign(engine: Engine) -> Finding:
    """No page loads anything from elsewhere or runs what stands in it, and every writing form is guarded."""
    return foreign_finding(read_ui_fixture(engine))


def foreign_finding(fixture: BetaUiFixture) -> Finding:
    """As `pages_load_nothing_foreign`, of a fixture at hand."""
    failed: Rows = []
    for held in fixture.pages:
        unguarded = [form.action for form in held.forms if not form.is_guarded and held.step != SIGNED_OUT]
        faults = [
            f"loads {', '.join(held.foreign)}" if held.foreign else "",
            f"{held.inline} inline scripts or styles" if held.inline else "",
            f"forms without a token: {', '.join(unguarded)}" if unguarded else "",
            "" if held.is_confined else "its headers let things in",
            "" if held.has_attribution else "no way to the attribution",
        ]
        if told := [fault for fault in faults if fault]:
            failed.append({"step": held.step, "path": held.path, "finding": "; ".join(told)})
    return _finding(failed, len(fixture.pages), "pages are not confined", UI_FIXTURE)


# Its form has no session whose token it could carry, and its button is off.
SIGNED_OUT = "assess, signed out"
