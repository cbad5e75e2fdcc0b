"""The quality report: what is broken now, since when, and the trend."""

from __future__ import annotations

from pathlib import Path

from aina_assets.core.engine import Engine
from aina_assets.core.rules import Outcome, Severity, Verdict
from aina_assets.reports.quality import Step, Watched, nothing_is_broken_now, write_quality
from aina_assets_tests.builds import starter_settings

P, W, F = Outcome.PASSED, Outcome.WARNED, Outcome.FAILED


def watched(check: str, *outcomes: Outcome) -> Watched:
    """A check whose verdicts came out so, the latest first, a minute apart."""
    verdicts = tuple(
        Verdict(at=600 - 60 * place, outcome=outcome, failed_rows=place, summary="found it", remedy="mend it")
        for place, outcome in enumerate(outcomes)
    )
    return Watched("table", check, "sources", "team:engine", is_blocking=True, verdicts=verdicts)


def test_nothing_broken_passes_with_its_counts() -> None:
    finding = nothing_is_broken_now([watched("a", P, F), watched("b")])
    assert finding.passed
    assert finding.summary == "0 checks failed, 0 warn, 1 of 2 were never run"


def test_what_is_broken_is_named_errors_first_with_since_when_and_what_to_do() -> None:
    finding = nothing_is_broken_now([watched("a", W, P), watched("b", F, F, P, F)])
    assert not finding.passed
    assert finding.severity is Severity.WARN
    assert [row["check"] for row in finding.sample] == ["table: b", "table: a"]
    assert finding.sample[0] == {
        "check": "table: b",
        "is": "failed",
        # The latest two verdicts are alike; the one before them is not.
        "since": "1970-01-01 00:09 UTC",
        "found": "found it",
        "do": "mend it",
    }


def test_a_trend_reads_from_left_to_right() -> None:
    assert watched("a", F, W, P, P).trend == "✓✓!✗"


def test_the_report_tells_every_check_with_its_owner(tmp_path: Path) -> None:
    engine = Engine(starter_settings(tmp_path))
    path = write_quality(
        engine, [watched("a", P), watched("b", F, P)], [Step("slow", 2.5), Step("quick", 0.1)]
    )
    text = path.with_suffix(".md").read_text("utf-8")
    assert "| table: b | failed | 1970-01-01 00:10 UTC | 0 | found it | mend it | team:engine |" in text
    assert "| sources | 2 | 1 | 0 | 1 | 0 |" in text
    assert text.index("slow") < text.index("quick")
