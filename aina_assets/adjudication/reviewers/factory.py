"""What makes reviewers of their entries in the reviewers' file.

Belongs here: which backend is which class, and where the cost ledger lies. Does not: any of them.
"""

from __future__ import annotations

from pathlib import Path

from aina_assets.adjudication.protocol import Reviewer, ReviewerSpec
from aina_assets.adjudication.reviewers import ledger
from aina_assets.adjudication.reviewers.events import Observer, unobserved
from aina_assets.adjudication.reviewers.options import OPTIONS, CostOptions, SimulatedOptions, options_of


def ledger_of(work: Path) -> ledger.Ledger:
    """The cost ledger of the reviewers that work in a folder."""
    return ledger.Ledger(work / ledger.FILE_NAME)


def make_reviewer(spec: ReviewerSpec, *, home: Path, work: Path, observer: Observer = unobserved) -> Reviewer:
    """Make a reviewer; nothing is reached or started yet.

    Args:
        spec: its entry in the reviewers' file.
        home: folder of that file, which relative paths among the options start from.
        work: folder in the data root for sheets and the cost ledger; all reviewers may share it.
        observer: told of each step, from whatever thread takes it.

    Raises:
        SettingsError: an option is missing, unknown or wrong; names it.
        SheetError: a sheet that an option names is malformed; names the lines.
    """
    # Imported where needed: an HTTP client is no business of a wave of recorded answers.
    match spec.backend:
        case "http":
            from aina_assets.adjudication.reviewers.openai_http import HttpReviewer  # noqa: PLC0415

            return HttpReviewer(spec, ledger_of(work), observer=observer)
        case "command":
            from aina_assets.adjudication.reviewers.command import CommandReviewer  # noqa: PLC0415

            return CommandReviewer(spec, ledger_of(work), observer=observer)
        case "recorded":
            from aina_assets.adjudication.reviewers.recorded import RecordedReviewer  # noqa: PLC0415

            return RecordedReviewer(spec, home)
        case "person":
            from aina_assets.adjudication.reviewers.person import PersonReviewer  # noqa: PLC0415

            return PersonReviewer(spec, work)
        case "simulated":
            return _simulated(spec, home)


def threads_of(spec: ReviewerSpec) -> int:
    """How many requests it takes at once.

    Raises:
        SettingsError: an option is missing, unknown or wrong; names it.
    """
    options = options_of(spec, OPTIONS[spec.backend])
    return options.concurrency if isinstance(options, CostOptions) else 1


def _simulated(spec: ReviewerSpec, home: Path) -> Reviewer:
    from aina_assets.adjudication.reviewers.faults import FaultyReviewer  # noqa: PLC0415
    from aina_assets.adjudication.reviewers.simulated import SimulatedReviewer  # noqa: PLC0415

    reviewer = SimulatedReviewer(spec, home)
    options = options_of(spec, SimulatedOptions)
    return reviewer if options.fault is None else FaultyReviewer(reviewer, options.fault, options.seed)
