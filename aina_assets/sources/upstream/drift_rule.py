"""Has upstream moved on? The rule behind the drift check and the sensor, and the lock they propose."""

from __future__ import annotations

from dataclasses import replace

from aina_assets.core.engine import Engine
from aina_assets.core.errors import SourceError
from aina_assets.core.rules import Finding, Severity
from aina_assets.core.settings import Lane
from aina_assets.sources.lock import read_lock
from aina_assets.sources.upstream.drift import check_drift
from aina_assets.sources.upstream.proposal import propose_lock, write_proposal

# The sources whose files a publisher may replace; an inventory and an API have no release to compare.
LOCKED_SOURCES = ("onet", "economic_index", "gdpval", "oews_flat", "oews_national", "soc")


def upstream_has_not_moved(engine: Engine, source: str) -> Finding:
    """Upstream has nothing newer than the lock.

    A publisher that does not answer, or whose page names no release, is a WARN and not a pass.
    """
    lock = read_lock(engine.settings.lock_path)
    if not lock.of(source):
        return Finding(
            passed=True,
            summary=f"not asked: this lane's lock has no {source}",
            severity=Severity.WARN,
            figures={"is_asked": 0},
        )
    try:
        drift = check_drift(engine.settings, lock, source)
    except SourceError as error:
        return Finding(
            passed=False,
            summary=f"upstream did not answer as expected: {error.message}",
            failed_rows=1,
            sample=[{"source": source, "url": error.file}],
            remedy=error.remedy,
            severity=Severity.WARN,
            figures={"is_asked": 1},
        )
    return Finding(
        passed=not drift.has_drifted,
        summary=f"locked {drift.locked_vintage}, upstream {drift.upstream_vintage}: {drift.detail}",
        failed_rows=int(drift.has_drifted),
        sample=[
            {
                "source": source,
                "locked": drift.locked_vintage,
                "upstream": drift.upstream_vintage,
                "url": drift.url,
            }
        ],
        remedy="Review the proposed lock, then replace the lock in a change of its own.",
        severity=Severity.WARN,
        figures={"is_asked": 1},
    )


def propose_for(engine: Engine, source: str, finding: Finding) -> Finding:
    """Write a proposed lock into the data root for a source that has drifted, and say so."""
    asking = engine.settings.model_copy(update={"sources": Lane.LIVE, "lock": engine.settings.lock_path})
    try:
        proposal = propose_lock(asking, read_lock(engine.settings.lock_path), [source])
    except SourceError as error:
        return replace(finding, summary=f"{finding.summary}; no lock proposed: {error.message}")
    path = write_proposal(proposal, engine.data.path / f"sources.lock.{source}.json")
    return replace(
        finding, summary=f"{finding.summary}; {len(proposal.changes)} changes proposed in {path.name}"
    )
