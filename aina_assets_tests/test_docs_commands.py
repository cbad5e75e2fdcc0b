"""Every command in the documents runs, or stands below with the reason why it is not run here.

Belongs here: running them. Does not: whether commands, links and variables exist (see `test_docs`).
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets_tests.builds import Build, copied, invoke
from aina_assets_tests.test_docs import PAGES

pytestmark = pytest.mark.slow
STARTS = r"(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?(?:aina|python|dagster|pre-commit|make|docker|kubectl|helm)\b"
FENCED = re.compile(rf"^\s*({STARTS}.*)$", re.MULTILINE)
SPAN = re.compile(rf"`({STARTS} [^`]+)`")
FENCE = re.compile(r"^\s*```.*?^\s*```$", re.MULTILINE | re.DOTALL)
# What a person puts in: here a title that the starter's reviewers kept, and so on.
PUT_IN = {"TITLE": "it support", "NAME": "tester", "TEXT": "because", "BATCH": "07"}
# A command that says no, as the page says it would: nothing is held or quarantined in the starter.
SAYS_NO = {
    "aina review accept BATCH --by NAME": 1,
    "aina review accept 07 --by NAME": 1,
    "aina review run --again 07 --by NAME --reason TEXT": 1,
}
NOT_RUN = {
    r"AINA_SOURCES=live|aina sources drift$|aina sources lock": "asks publishers; tests ask loopback",
    r"AINA_SOURCES=mirror": "needs the real files; .ci/run does it where they are",
    r"^make (run|test|ui|starter|lock|docs|lint|clean)": "CI runs them, or they write the working tree",
    r"^docker |^kubectl |^helm ": "needs Docker or a cluster; docs/deployment.md says that it is not shown",
    r"publish.py|requirements-deploy|-m postgres": "aina_assets_tests/deploy runs it on its own PostgreSQL",
    r"pre-commit install": "writes the repository's hooks",
    r"review import|gold (sample|label|import)|AINA_GOLD": "takes what a person filled in: its own tests",
    r"TITLE\.\.\.|review order": "needs a title that reviewers kept, and orders work; its own tests do so",
    r"review explain TITLE": "needs a title that adjudication knows; its own tests do so",
    r"AINA_DATA=OTHER": "a build elsewhere: what every test of a build is",
    r"bls_flat.py": "needs the flat file; benchmarks",
    r"aina_assets_tests.graph$": "writes the snapshot; test_definitions holds it",
}


def commands() -> Iterator[tuple[str, str]]:
    """Every command of the documents, once, with the page that has it first."""
    seen = set()
    pages = [*PAGES, PROJECT_ROOT / "CONTRIBUTING.md"]
    for page in pages:
        text = page.read_text("utf-8")
        found = [line for fence in FENCE.findall(text) for line in FENCED.findall(fence)]
        found += SPAN.findall(FENCE.sub("", text))
        for line in found:
            command = re.sub(r"\s+#.*$", "", " ".join(line.split())).replace(".venv/bin/", "").strip()
            if command not in seen:
                seen.add(command)
                yield command, page.relative_to(PROJECT_ROOT).as_posix()


def is_left_out(command: str) -> bool:
    return any(re.search(pattern, command) for pattern in NOT_RUN)


FOUND = list(commands())
RUN = [(command, page) for command, page in FOUND if not is_left_out(command)]


def test_the_documents_have_commands_and_most_that_can_be_run_are() -> None:
    assert len(FOUND) > 40
    assert len(RUN) > 20


@pytest.mark.parametrize("pattern", NOT_RUN)
def test_nothing_is_left_out_that_no_document_has(pattern: str) -> None:
    assert any(re.search(pattern, command) for command, _ in FOUND), f"{pattern}: no longer in a document"


@pytest.fixture(scope="module")
def data(starter_build: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy of a built state for all commands: a person runs them one after the other, too."""
    return copied(starter_build, tmp_path_factory.mktemp("docs")).data.path


@pytest.mark.parametrize(("command", "page"), RUN, ids=[command for command, _ in RUN])
def test_a_documented_command_runs(command: str, page: str, data: Path) -> None:
    words = [PUT_IN.get(word, word) for word in shlex.split(command)]
    words = [str(data / "exports") if word == "DIR" else word for word in words]
    if words[0] == "aina":
        result = invoke(data, *words[1:])
        assert result.exit_code == SAYS_NO.get(command, 0), (page, result.output, result.stderr)
        assert "Traceback" not in result.output
        return
    assert words[0] == "python", f"{page}: nothing runs {command}"
    words = [word.replace("data/run", str(data)) for word in words]
    done = subprocess.run(
        [sys.executable, *words[1:]], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (page, done.stderr)
