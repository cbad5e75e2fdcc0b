"""What may be claimed of a build and what may not, in plain words that follow from its figures.

Belongs here: the sentences, and when each holds. Does not: any figure of its own.
"""

from __future__ import annotations

from aina_assets.adjudication.receipts import RECEIPT as ADJUDICATION
from aina_assets.core.receipts import subject_name
from aina_assets.gates.receipts import APPROVAL_RECEIPT as GATES
from aina_assets.learning.receipts import REPLAY
from aina_assets.packets.receipts import QUALITY_GATE
from aina_assets.reports.page import Book, Sentence, sentence
from aina_assets.sources.receipts import SNAPSHOT
from aina_assets.titles.receipts import COVERAGE
from aina_assets.verification.results import RESULTS

STARTER = "starter"


def claimed(book: Book) -> tuple[Sentence, ...]:
    """What may be said of this build."""
    before = book.told(ADJUDICATION, "serviceable_rows_before_adjudication", label="served by evidence")
    bound = book.told(COVERAGE, "most_served_error_bound", label="largest error bound served", unit="share")
    facts = book.told(QUALITY_GATE, "facts_with_origin")
    files = book.told(SNAPSHOT, "files", label="source files")
    sentences: list[Sentence] = [
        ("Every fact in a packet leads to a row of a source file: ", facts, " facts, ", files, " files."),
    ]
    if bound.value is not None:
        sentences.append(
            sentence(
                "Evidence alone serves ",
                before,
                " titles, each in a stratum whose share of wrong routes is at most ",
                bound,
                ", as far as labelled rows can tell.",
            )
        )
    residual = book.told(ADJUDICATION, "residual_rows", label="residual titles")
    sentences += [
        (
            "Every title is accounted for: ",
            residual,
            " titles that reviewers kept are counted and claimed nowhere.",
        ),
        ("Made again from the same sources by the same code, the same bytes come out.",),
    ]
    return tuple(sentences)


def not_claimed(book: Book) -> tuple[Sentence, ...]:
    """What must not be said of this build."""
    sentences: list[Sentence] = []
    predicate = book.evidence.predicate(subject_name(SNAPSHOT))
    if predicate["lane"] == STARTER:
        sentences.append(
            sentence(
                "any of it speaks of the labour market: the starter's sentences and signals were written for "
                "this project, in the publishers' layout."
            )
        )
    failed = book.number_of(RESULTS, "failedTests", label="checks failed")
    if failed.value:
        sentences.append(
            ("the build is sound. Checks that failed: ", failed, ". Quote nothing from this page.")
        )
    promoted = book.told(ADJUDICATION, "deterministic_fallback_promotions", label="promoted by rules")
    recorded = book.told(ADJUDICATION, "recorded_fallback_promotions", label="recorded reviewers promoted")
    simulated = book.told(ADJUDICATION, "simulated_fallback_promotions", label="simulated reviewers promoted")
    sentences.append(
        (
            "the ",
            promoted,
            " titles that rules promoted, or those that reviewers did, carry a certified bound.",
        )
    )
    if recorded.value or simulated.value:
        sentences.append(
            sentence(
                "language models or people decided what recorded (",
                recorded,
                ") or simulated (",
                simulated,
                ") reviewers decided.",
            )
        )
    learners = book.told(REPLAY, "learners", label="synthetic learners")
    status = book.told(GATES, "status", label="approval status", unit="text")
    sentences += [
        sentence("a title means one O*NET occupation where a packet is of a group."),
        sentence("exposure or penetration predicts what becomes of a job."),
        sentence("real people learn with this: the ", learners, " learners are synthetic."),
        sentence("GDPval's tasks may be shown: no licence is declared, and none of its text is in here."),
        sentence("the engine is approved for use outside this machine: ", status, "."),
    ]
    return tuple(sentences)
