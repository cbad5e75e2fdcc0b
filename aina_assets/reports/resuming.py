"""Where the engine stands and the next bounded step, from receipts and the last build's summary.

Belongs here: reading what stands, and the order in which things are to be done. Does not: doing any of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aina_assets.adjudication.receipts import RECEIPT as ADJUDICATION
from aina_assets.adjudication.receipts import IcpTitleAdjudication
from aina_assets.adjudication.tables import REVIEW_BATCH
from aina_assets.core.build import BuildSummary, read_build
from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.core.receipts import read_receipt, receipt_path
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.core.store import code_version
from aina_assets.gates.receipts import APPROVAL_RECEIPT, ProductionDeploymentApproval
from aina_assets.gates.rules import gate_differences
from aina_assets.titles.receipts import COVERAGE, TitleCoverageReceipt
from aina_assets.verification.manifest import read_manifest
from aina_assets.verification.state import PROPOSALS
from aina_assets.verification.walk import verify

NO_REVIEWERS = "reviewers.toml"
BUILD = "aina build"


@dataclass(frozen=True)
class NextStep:
    """A step that ends.

    Attributes:
        command: what to type.
        why: what makes it the next one.
        bound: what it does at most.
    """

    command: str
    why: str
    bound: str


@dataclass(frozen=True)
class Standing:
    """Where the engine stands.

    Attributes:
        facts: what is known, a line each.
        steps: what is to be done, the next step first; empty where nothing waits.
    """

    facts: tuple[str, ...]
    steps: tuple[NextStep, ...]


def standing(engine: Engine) -> Standing:
    """Where the engine stands. Nothing is made, and nobody is asked."""
    try:
        build = read_build(engine.data.build_summary)
    except StateError as error:
        step = NextStep(BUILD, error.message, "one build; from the starter sources about a minute")
        return Standing((f"no build in {engine.data.path}",), (step,))
    steps = list(_of_build(build))
    facts = [f"last build: {build.lane}, {'complete' if build.is_complete else 'not complete'}"]
    # What a broken build left behind is not told of: it would be of several builds.
    if not build.is_complete:
        return Standing(tuple(facts), tuple(steps))
    try:
        facts += _facts(engine)
        steps += [*_of_state(engine), *_of_reviews(engine), *_of_proposals(engine), *_of_gates(engine)]
    except StateError as error:
        steps.append(NextStep(BUILD, error.message, "one build; what is whole is left alone"))
    return Standing(tuple(facts), tuple(steps))


def _of_build(build: BuildSummary) -> Iterator[NextStep]:
    again = "one build; tables that were finished are recognized and left alone"
    if not build.is_complete:
        yield NextStep(BUILD, "a build was killed, or is running", again)
    for step in build.step_failures:
        yield NextStep(BUILD, f"step {step.step} failed: {step.error.splitlines()[0]}", again)
    for failure in build.check_failures:
        if failure.severity == "ERROR":
            yield NextStep(
                BUILD, f"{failure.asset}: {failure.check}: {failure.summary}. {failure.remedy}", again
            )


def _facts(engine: Engine) -> list[str]:
    receipts = engine.data.receipts
    coverage = read_receipt(receipt_path(receipts, COVERAGE), COVERAGE, TitleCoverageReceipt).predicate
    account = read_receipt(receipt_path(receipts, ADJUDICATION), ADJUDICATION, IcpTitleAdjudication).predicate
    gates = read_receipt(
        receipt_path(receipts, APPROVAL_RECEIPT), APPROVAL_RECEIPT, ProductionDeploymentApproval
    ).predicate
    left = f"{account.residual_rows:,} residual, {account.review_prompt_candidate_count:,} wait for a review"
    return [
        f"{coverage.titles:,} titles, {account.serviceable_rows_after_adjudication:,} serviceable, " + left,
        f"{account.merges:,} merges, {len(account.waves):,} waves",
        f"{len(gates.blocked_domains)} of {len(gates.gates)} gates blocked",
        f"{len(gates.open_holds)} holds for people to close",
    ]


def _of_state(engine: Engine) -> Iterator[NextStep]:
    manifest = read_manifest(engine)
    changed = [
        stage
        for stage, digest in manifest.code.items()
        if (PROJECT_ROOT / "aina_assets" / stage).is_dir() and code_version(stage) != digest
    ]
    if changed:
        yield NextStep(
            BUILD,
            f"the code of {', '.join(changed)} is other than was built with",
            "makes again what it makes",
        )
    report = verify(engine, digests=engine.digests, more=gate_differences(engine))
    if not report.is_sound:
        first = report.differences[0]
        yield NextStep(
            "aina verify",
            f"{len(report.differences)} files are not what receipts say, {first.name} {first.kind.value}",
            "reads every byte and names what differs and what it voids; then `aina build`",
        )


def _of_reviews(engine: Engine) -> Iterator[NextStep]:
    batches = engine.store.read(REVIEW_BATCH.name).to_pylist()
    for status, command in (
        ("quarantined", "aina review run --again {batch} --by NAME --reason TEXT"),
        ("held", "aina review accept {batch} --by NAME"),
    ):
        for row in (row for row in batches if row["status"] == status):
            yield NextStep(
                command.format(batch=row["title_batch"]),
                f"batch {row['title_batch']} is {status}: {row['detail'] or 'see aina review status'}",
                f"one batch, {row['candidates']:,} titles",
            )
    waiting = [row for row in batches if row["status"] in ("open", "released")]
    if waiting:
        first = min(waiting, key=lambda row: (row["candidates"], row["title_batch"]))
        who = engine.settings.reviewers_path
        is_nobody = who == engine.settings.policies_root / NO_REVIEWERS
        yield NextStep(
            f"aina review run --batch {first['title_batch']}",
            f"{len(waiting)} batches wait for a review"
            + ("; nobody reviews yet: name two reviewers in AINA_REVIEWERS first" if is_nobody else ""),
            f"one batch, {first['candidates']:,} titles, each asked of two reviewers",
        )


def _of_proposals(engine: Engine) -> Iterator[NextStep]:
    for path in sorted(engine.data.path.glob(PROPOSALS)):
        yield NextStep(
            "aina sources lock",
            f"a lock is proposed: {path.name}",
            "prints the difference for review; changes nothing until a person moves it into place",
        )


def _of_gates(engine: Engine) -> Iterator[NextStep]:
    path = receipt_path(engine.data.receipts, APPROVAL_RECEIPT)
    gates = read_receipt(path, APPROVAL_RECEIPT, ProductionDeploymentApproval).predicate
    if gates.open_holds:
        hold = gates.open_holds[0]
        yield NextStep(
            f"aina gates explain {hold.domain.value}",
            f"a person has {len(gates.open_holds)} holds to close, first {hold.hold}: {hold.says}",
            "says what is missing; nothing is opened",
        )
