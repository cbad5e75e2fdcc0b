"""The outcome of every check as a receipt: in-toto's published Test Result predicate over the manifest.

Belongs here: the predicate, and writing it. Does not: running checks.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field

from aina_assets.core.engine import Engine
from aina_assets.core.receipts import (
    Predicate,
    Subject,
    read_receipt,
    receipt_digest,
    receipt_path,
    subject_name,
    subjects,
    write_receipt,
)
from aina_assets.verification.manifest import MANIFEST
from aina_assets.verification.state import input_files

RESULTS = "check_results_v1"


@dataclass(frozen=True)
class Outcome:
    """What one check, or one step that raised, came to.

    Attributes:
        name: `<asset>: <check>`.
        passed: whether it holds.
        is_warning: whether it does not fail the build.
    """

    name: str
    passed: bool
    is_warning: bool = False


class CheckResults(Predicate):
    """The outcome of every check of a build, as in-toto's Test Result says it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True)

    predicate_uri = "https://in-toto.io/attestation/test-result/v0.1"

    result: Literal["PASSED", "WARNED", "FAILED"]
    configuration: tuple[Subject, ...] = Field(description="the policies that checks hold the state to")
    passed_tests: tuple[str, ...] = Field(alias="passedTests")
    warned_tests: tuple[str, ...] = Field(alias="warnedTests")
    failed_tests: tuple[str, ...] = Field(alias="failedTests")


def write_results(
    engine: Engine,
    outcomes: Iterable[Outcome],
    *,
    is_keeping_others: bool = False,
    known: Container[str] | None = None,
) -> Path | None:
    """Write the receipt; None where there is no manifest that it could speak of.

    Args:
        is_keeping_others: of checks that were not run now, the last receipt's outcome is told again: those of
            a run over a part of the state, which left the other tables as they were.
        known: checks that there are; of others in the last receipt nothing is told again. All where None.
    """
    if not receipt_path(engine.data.receipts, MANIFEST).is_file():
        return None
    standing = _standing(engine) if is_keeping_others else ()
    by_name = {outcome.name: outcome for outcome in standing if known is None or outcome.name in known}
    by_name |= {outcome.name: outcome for outcome in outcomes}
    told = sorted(by_name.values(), key=lambda outcome: outcome.name)
    failed = tuple(o.name for o in told if not o.passed and not o.is_warning)
    warned = tuple(o.name for o in told if not o.passed and o.is_warning)
    policies = {
        name: engine.digests.sha256(path)
        for name, path in input_files(engine.settings).items()
        if name.startswith("policies/")
    }
    predicate = CheckResults(
        result="FAILED" if failed else "WARNED" if warned else "PASSED",
        configuration=subjects(policies),
        passed_tests=tuple(o.name for o in told if o.passed),
        warned_tests=warned,
        failed_tests=failed,
    )
    digests = {subject_name(MANIFEST): receipt_digest(engine.data.receipts, MANIFEST)}
    return write_receipt(engine.data.receipts, RESULTS, digests, predicate, rests_on=[MANIFEST])


def _standing(engine: Engine) -> Iterable[Outcome]:
    """The last receipt's outcomes; a step that raised then counts until a build runs it again."""
    if not receipt_path(engine.data.receipts, RESULTS).is_file():
        return
    told = read_results(engine)
    for name in told.passed_tests:
        yield Outcome(name, passed=True)
    for names, is_warning in ((told.warned_tests, True), (told.failed_tests, False)):
        yield from (Outcome(name, passed=False, is_warning=is_warning) for name in names)


def read_results(engine: Engine) -> CheckResults:
    """The outcomes of the last build's checks.

    Raises:
        StateError: there are none, or the receipt is damaged.
    """
    return read_receipt(receipt_path(engine.data.receipts, RESULTS), RESULTS, CheckResults).predicate
