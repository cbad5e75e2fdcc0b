"""A reviewer that is a program, such as `codex exec`: prompt in on standard input, output out of a file.

Belongs here: one attempt, in an empty temporary folder, with an environment of its own. Does not: bounds on
the process (`processes`), the attempts (`attempts`).

The program sees none of the user's files by accident: its working folder is empty, its HOME is temporary, its
environment holds PATH, LANG and what the options name. The schema and the output lie in a folder beside the
working folder. That keeps instructions, rules and connectors of the user out of a review; it is no sandbox
against a program that means harm.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aina_assets.adjudication.protocol import (
    ReviewAnswer,
    ReviewerKind,
    ReviewerRefusedError,
    ReviewerSpec,
    ReviewerTimeoutError,
    ReviewerUnavailableError,
    ReviewRequest,
)
from aina_assets.adjudication.reviewers.attempts import AttemptError, Attempts, Output
from aina_assets.adjudication.reviewers.ledger import Ledger
from aina_assets.adjudication.reviewers.options import CommandOptions, options_of
from aina_assets.adjudication.reviewers.processes import Ran, run_bounded

HANDED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")
STRUCK_OUT = "[secret]"
# Shorter values are switches such as `1`: striking them out would garble the message.
LEAST_SECRET_CHARACTERS = 8
_SAID_CHARACTERS = 300


@dataclass(frozen=True)
class _Desk:
    """The folders of one attempt."""

    working: Path
    home: Path
    schema_file: Path
    prompt_file: Path
    output_file: Path


class CommandReviewer:
    """A reviewer that is a program.

    Args:
        spec: its entry in the reviewers' file.
        ledger: where its calls are written down.
        bounds: for the arguments of `Attempts` that tests give.

    Raises:
        SettingsError: an option is missing, unknown or wrong.
    """

    kind = ReviewerKind.LLM

    def __init__(self, spec: ReviewerSpec, ledger: Ledger, **bounds: Any) -> None:
        self.spec = spec
        self._options = options_of(spec, CommandOptions)
        self._attempts = Attempts(spec, self._options, self.kind, ledger, **bounds)
        self._has_output_file = any("{output_file}" in argument for argument in self._options.command)

    def review(self, request: ReviewRequest) -> ReviewAnswer:
        """Answer one request; see `Reviewer`."""
        return self._attempts.review(request, lambda: self._attempt(request))

    def _attempt(self, request: ReviewRequest) -> Output:
        with _desk(request) as desk:
            environment = self._environment(desk)
            command = self._command(desk)
            try:
                ran = run_bounded(
                    command,
                    stdin=desk.prompt_file.read_bytes(),
                    folder=desk.working,
                    environment=environment,
                    timeout_seconds=self._options.timeout_seconds,
                    most_bytes=self._options.most_output_bytes,
                )
            except OSError as error:
                raise AttemptError(
                    ReviewerUnavailableError(
                        f"the command cannot be started: {error.strerror}",
                        file=command[0],
                        remedy="Install it, or put its full path into `command`.",
                    ),
                    is_final=True,
                ) from error
            self._judge_run(ran, command[0], environment)
            content = self._content(desk, ran, command[0])
        tokens_in, tokens_out = (
            _codex_usage(ran.stdout) if self._options.usage == "codex_events" else (None, None)
        )
        return Output(content, "exit 0", None, tokens_in, tokens_out)

    def _command(self, desk: _Desk) -> list[str]:
        values = {
            **self.spec.parameters,
            "model": self.spec.model,
            "schema_file": desk.schema_file,
            "prompt_file": desk.prompt_file,
            "output_file": desk.output_file,
        }
        return [argument.format_map(values) for argument in self._options.command]

    def _environment(self, desk: _Desk) -> dict[str, str]:
        environment = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
        environment |= {"HOME": str(desk.home), "TMPDIR": str(desk.home)}
        for name in self._options.environment:
            if name not in os.environ:
                raise AttemptError(
                    ReviewerUnavailableError(
                        f"the environment variable {name} is not set, which the command is to have",
                        remedy=f"Set {name}, or remove it from `environment`.",
                    ),
                    is_final=True,
                )
            environment[name] = os.environ[name]
        return environment

    def _judge_run(self, ran: Ran, program: str, environment: dict[str, str]) -> None:
        """Raise where a run gave no output that counts."""
        if ran.is_timed_out:
            raise AttemptError(
                ReviewerTimeoutError(
                    f"no end within {self._options.timeout_seconds:g} s; it was killed with all it started",
                    file=program,
                )
            )
        if ran.is_too_long:
            raise AttemptError(
                ReviewerRefusedError(
                    f"over most_output_bytes = {self._options.most_output_bytes} on standard output; "
                    "it was killed",
                    file=program,
                ),
                is_final=True,
            )
        if ran.status != 0:
            said = self._struck_out(ran.stderr_tail.decode("utf-8", "replace"), environment)
            raise AttemptError(
                ReviewerUnavailableError(
                    f"exit status {ran.status}; it last said: {said.strip()[-_SAID_CHARACTERS:]!r}",
                    file=program,
                )
            )

    def _content(self, desk: _Desk, ran: Ran, program: str) -> bytes:
        if not self._has_output_file:
            return ran.stdout
        # A link or a pipe there could be anything; a file that the command made is a file.
        if desk.output_file.is_symlink() or not desk.output_file.is_file():
            raise AttemptError(ReviewerUnavailableError("it wrote no output file", file=program))
        if desk.output_file.stat().st_size > self._options.most_output_bytes:
            raise AttemptError(
                ReviewerRefusedError(
                    f"an output file over most_output_bytes = {self._options.most_output_bytes}", file=program
                ),
                is_final=True,
            )
        return desk.output_file.read_bytes()

    def _struck_out(self, text: str, environment: dict[str, str]) -> str:
        for name in self._options.environment:
            if len(environment[name]) >= LEAST_SECRET_CHARACTERS:
                text = text.replace(environment[name], STRUCK_OUT)
        return text


@contextmanager
def _desk(request: ReviewRequest) -> Iterator[_Desk]:
    with tempfile.TemporaryDirectory(prefix="aina-review-", ignore_cleanup_errors=True) as name:
        root = Path(name)
        desk = _Desk(
            root / "working",
            root / "home",
            root / "exchange" / "schema.json",
            root / "exchange" / "prompt.txt",
            root / "exchange" / "output.json",
        )
        for folder in (desk.working, desk.home, desk.schema_file.parent):
            folder.mkdir(mode=0o700)
        desk.schema_file.write_text(request.output_schema_json, encoding="utf-8")
        desk.prompt_file.write_text(
            "\n\n".join(message.content for message in request.messages), encoding="utf-8"
        )
        yield desk


def _codex_usage(stdout: bytes) -> tuple[int | None, int | None]:
    """Tokens in and out by the `turn.completed` events of `codex exec --json`; None where there is none."""
    totals: tuple[int, int] | None = None
    for line in stdout.splitlines():
        try:
            event = json.loads(line)
            if event["type"] != "turn.completed":
                continue
            used = (int(event["usage"]["input_tokens"]), int(event["usage"]["output_tokens"]))
        except (ValueError, KeyError, TypeError):
            continue
        totals = used if totals is None else (totals[0] + used[0], totals[1] + used[1])
    return (None, None) if totals is None else totals
