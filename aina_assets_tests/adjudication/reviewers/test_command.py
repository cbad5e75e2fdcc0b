"""The command backend with real programs: what they get, what they may leave, how they fail."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from aina_assets.adjudication.protocol import (
    ReviewAnswer,
    Reviewer,
    ReviewerError,
    ReviewerKind,
    ReviewerRefusedError,
    ReviewerTimeoutError,
    ReviewerUnavailableError,
)
from aina_assets.adjudication.reviewers.command import CommandReviewer
from aina_assets.adjudication.reviewers.ledger import Ledger
from aina_assets.adjudication.validation import parse_output
from aina_assets.core.errors import SettingsError
from aina_assets_tests.adjudication.reviewers.asked import Clock, request_of, rows_of, spec_of

ROWS = rows_of("Brand Manager", "Baker")
# A reviewer in a few lines: it reads the schema that it is given and keeps every row.
KEEP = """
import json, sys
schema = json.load(open(sys.argv[1]))
row_ids = schema["properties"]["decisions"]["required"]
verdict = {"decision": "keep", "level": None, "code": None}
text = json.dumps({"decisions": dict.fromkeys(row_ids, verdict)})
if len(sys.argv) > 2:
    open(sys.argv[2], "w").write(text)
    print(json.dumps({"type": "turn.completed", "usage": {"input_tokens": 900, "output_tokens": 90}}))
    print("not an event")
    print(json.dumps({"type": "turn.completed", "usage": {"input_tokens": 100, "output_tokens": 10}}))
else:
    print(text)
"""


class Rig:
    """A reviewer that is a Python program, and its ledger."""

    def __init__(self, folder: Path, program: str, *arguments: str, **fields: Any) -> None:
        code = program.replace("{", "{{").replace("}", "}}")
        options = {
            "command": [sys.executable, "-c", code, *arguments],
            "attempts": 1,
            "timeout_seconds": 20,
        }
        self.spec = spec_of("command", options | fields.pop("options", {}), **fields)
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.clock = Clock()
        self.reviewer = CommandReviewer(self.spec, self.ledger, clock=self.clock, sleep=self.clock.sleep)
        self.request = request_of(self.spec, ROWS)

    def review(self) -> ReviewAnswer:
        return self.reviewer.review(self.request)

    def outcome(self) -> str:
        return str(json.loads(self.ledger.path.read_text().splitlines()[-1])["outcome"])


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary folders, so that what is left behind shows."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_program_answers_on_standard_output(tmp_path: Path, temporary: Path) -> None:
    rig = Rig(tmp_path, KEEP, "{schema_file}")
    answer = rig.review()
    assert len(parse_output(answer.content, rig.request.row_ids).verdicts) == 2
    assert (answer.kind, answer.model, answer.tokens_in) == (ReviewerKind.LLM, "test-model", None)
    assert rig.ledger.spent()[0].unpriced == 1
    assert isinstance(rig.reviewer, Reviewer)
    assert list(temporary.iterdir()) == []


def test_or_in_a_file_and_says_what_it_used(tmp_path: Path) -> None:
    prices = {"usd_per_million_tokens_in": 2, "usd_per_million_tokens_out": 10, "usage": "codex_events"}
    rig = Rig(tmp_path, KEEP, "{schema_file}", "{output_file}", options=prices)
    answer = rig.review()
    assert len(parse_output(answer.content, rig.request.row_ids).verdicts) == 2
    assert (answer.tokens_in, answer.tokens_out, answer.cost_usd) == (1000, 100, 0.003)


def test_the_prompt_comes_on_standard_input_and_as_a_file(tmp_path: Path) -> None:
    program = (
        "import sys; print(sys.stdin.read() == open(sys.argv[1]).read()); print(open(sys.argv[1]).read())"
    )
    rig = Rig(tmp_path, program, "{prompt_file}")
    same, _, prompt = rig.review().content.decode().partition("\n")
    assert same == "True"
    assert prompt.strip() == "\n\n".join(message.content for message in rig.request.messages)


def test_model_and_parameters_stand_where_the_command_names_them(tmp_path: Path) -> None:
    rig = Rig(
        tmp_path,
        "import sys; print(sys.argv[1:])",
        "-m",
        "{model}",
        "effort={effort}",
        "{{not a name}}",
        "$(echo no shell)",
        parameters={"effort": "low"},
    )
    assert rig.review().content.decode().strip() == str(
        ["-m", "test-model", "effort=low", "{not a name}", "$(echo no shell)"]
    )


def test_it_finds_an_empty_folder_a_home_of_its_own_and_no_more_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REVIEW_TOKEN", "handed-on-0123")
    monkeypatch.setenv("SOME_SECRET", "not-handed-on")
    monkeypatch.setenv("AINA_BLS_API_KEY", "not-handed-on-either")
    program = (
        "import json, os; print(json.dumps([os.listdir('.'), os.getcwd(), os.listdir(os.environ['HOME']), "
        "dict(os.environ)]))"
    )
    rig = Rig(tmp_path, program, options={"environment": ["REVIEW_TOKEN"]})
    here, folder, home, environment = json.loads(rig.review().content)
    assert (here, home) == ([], [])
    assert folder != environment["HOME"]
    assert environment["HOME"] != os.environ.get("HOME")
    assert environment["REVIEW_TOKEN"] == "handed-on-0123"
    # LC_CTYPE is what Python itself sets where there is no locale.
    allowed = {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "HOME", "TMPDIR"}
    assert set(environment) - allowed == {"REVIEW_TOKEN"}


FAILING: list[tuple[str, type[ReviewerError], str, str]] = [
    ("import sys; sys.exit('no login')", ReviewerUnavailableError, "exit status 1.*no login", "failed"),
    ("import os; os.kill(os.getpid(), 9)", ReviewerUnavailableError, "exit status -9", "failed"),
    ("import time; time.sleep(60)", ReviewerTimeoutError, "killed with all it started", "timed_out"),
    ("print('x' * 9000)", ReviewerRefusedError, "most_output_bytes = 4096 on standard", "refused"),
]


@pytest.mark.parametrize(("program", "error", "says", "outcome"), FAILING)
def test_a_failure_is_typed_and_in_the_ledger(
    program: str, error: type[ReviewerError], says: str, outcome: str, tmp_path: Path, temporary: Path
) -> None:
    rig = Rig(tmp_path, program, options={"timeout_seconds": 1.5, "most_output_bytes": 4096})
    with pytest.raises(error, match=says):
        rig.review()
    assert rig.outcome() == outcome
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("program", "error", "says"),
    [
        ("pass", ReviewerUnavailableError, "wrote no output file"),
        ("import os, sys; os.symlink('/etc/hostname', sys.argv[1])", ReviewerUnavailableError, "wrote no"),
        ("import os, sys; os.mkdir(sys.argv[1])", ReviewerUnavailableError, "wrote no"),
        ("import sys; open(sys.argv[1], 'w').write('x' * 5000)", ReviewerRefusedError, "most_output_bytes"),
    ],
)
def test_an_output_file_must_be_a_file_of_bounded_length(
    program: str, error: type[ReviewerError], says: str, tmp_path: Path
) -> None:
    rig = Rig(tmp_path, program, "{output_file}", options={"most_output_bytes": 4096})
    with pytest.raises(error, match=says):
        rig.review()


def test_a_failure_is_tried_again_within_bounds(tmp_path: Path) -> None:
    counter = tmp_path / "count"
    program = (
        "import pathlib, sys; count = pathlib.Path(sys.argv[1]); "
        "text = count.read_text() if count.exists() else ''; "
        "count.write_text(text + 'x'); sys.exit(len(text) < 2)"
    )
    rig = Rig(tmp_path, program, str(counter), options={"attempts": 3})
    assert rig.review().attempts == 3
    assert len(rig.clock.pauses) == 2
    counter.unlink()
    with pytest.raises(ReviewerUnavailableError):
        Rig(tmp_path, program, str(counter), options={"attempts": 2}).review()
    assert counter.read_text() == "xx"


def test_a_program_that_is_not_installed_is_named_once(tmp_path: Path) -> None:
    rig = Rig(tmp_path, "", options={"command": ["no-such-reviewer"], "attempts": 3})
    with pytest.raises(ReviewerUnavailableError, match="cannot be started") as caught:
        rig.review()
    assert caught.value.file == "no-such-reviewer"
    assert rig.ledger.spent()[0].calls == 1


def test_a_secret_that_was_handed_on_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REVIEW_TOKEN", "t0ken-0123456789")
    program = "import os, sys; sys.exit('denied: ' + os.environ['REVIEW_TOKEN'])"
    rig = Rig(tmp_path, program, options={"environment": ["REVIEW_TOKEN"]})
    with pytest.raises(ReviewerUnavailableError, match=r"denied: \[secret\]") as caught:
        rig.review()
    assert "t0ken" not in str(caught.value) + rig.ledger.path.read_text()
    monkeypatch.delenv("REVIEW_TOKEN")
    with pytest.raises(ReviewerUnavailableError, match="REVIEW_TOKEN is not set"):
        rig.review()


CODEX = [
    "codex",
    "exec",
    "--ignore-user-config",
    "--ignore-rules",
    "--ephemeral",
    "--skip-git-repo-check",
    "--sandbox",
    "read-only",
    "--disable",
    "apps",
    "--disable",
    "plugins",
    "--disable",
    "hooks",
    "--disable",
    "shell_tool",
    "-c",
    'web_search="disabled"',
    "-m",
    "{model}",
    "--output-schema",
    "{schema_file}",
    "--output-last-message",
    "{output_file}",
    "--json",
    "-",
]


def test_codex_runs_shut_off_from_the_users_own_or_not_at_all(tmp_path: Path) -> None:
    Rig(tmp_path, "", options={"command": CODEX})
    for flag in CODEX[1:18]:
        for program in ("codex", "/opt/bin/codex"):
            rest = [program, *(argument for argument in CODEX[1:] if argument != flag)]
            with pytest.raises(SettingsError, match="codex must run with") as caught:
                Rig(tmp_path, "", options={"command": rest})
            assert caught.value.place == "reviewer_a.options.command"
