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
PUT_IN = {"NAME": "tester", "TEXT": "because", "BATCH": "07"}
# A word in capitals is a place that a person fills.
PLACE = re.compile(r"\b[A-Z][A-Z_]{3,}\b")
# A command that says no, as the page says it would: nothing is held or quarantined in the starter.
SAYS_NO = {
    "aina review accept BATCH --by NAME": 1,
    "aina review accept 07 --by NAME": 1,
    "aina review run --again 07 --by NAME --reason TEXT": 1,
}
NOT_RUN = {
    r"AINA_SOURCES=live|aina sources drift$|aina sources lock": "asks publishers; tests ask loopback",
    r"AINA_SOURCES=mirror": "needs the real files; .ci/run does it where they are",
    r"^make (run|test|ui|serve|starter|lock|docs|lint|clean)": "CI runs them, or they write the working tree",
    r"\bdocker |^kubectl |^helm ": "needs Docker or a cluster; docs/deployment.md says that it is not shown",
    r"publish.py|requirements-deploy|-m postgres": "aina_assets_tests/deploy runs it on its own PostgreSQL",
    r"pre-commit install": "writes the repository's hooks",
    r"AINA_LLAMA": "needs a local model server; tests marked llm",
    r"gold (sample|label|import)|AINA_GOLD": "takes what a person filled in: its own tests",
    r"~/.aina|/srv/": "writes a person's own folders, or asks a gate; tests of gates and packets do",
    r"PLAN_ITEM|LEARNER|export (xapi|case)": "names a learner's own rows: aina_assets_tests/learning",
    r"^aina packets export$": "run as docs/packets.md gives it: a second time its folder is there",
    r"AINA_DATA=OTHER": "a build elsewhere: what every test of a build is",
    r"bls_flat.py": "needs the flat file; benchmarks",
    r"aina_assets_tests.graph$": "writes the snapshot; test_definitions holds it",
    r"21325|13-2051.00": "names rows of the real sources, which the starter has not",
    r"aina serve|uvicorn": "serves until it is stopped; tests of the service do",
}


def commands() -> Iterator[tuple[str, str, bool]]:
    """Every command of the documents, once: the page that has it first, and whether it is only mentioned."""
    seen = set()
    pages = [*PAGES, PROJECT_ROOT / "CONTRIBUTING.md"]
    for page in pages:
        text = page.read_text("utf-8")
        found = [(line, False) for fence in FENCE.findall(text) for line in FENCED.findall(fence)]
        found += [(span, True) for span in SPAN.findall(FENCE.sub("", text))]
        for line, is_mention in found:
            command = re.sub(r"\s+#.*$", "", " ".join(line.split())).replace(".venv/bin/", "").strip()
            if command not in seen:
                seen.add(command)
                yield command, page.relative_to(PROJECT_ROOT).as_posix(), is_mention


def is_left_out(command: str, *, is_mention: bool) -> bool:
    put_in = " ".join(PUT_IN.get(word, word) for word in command.split())
    has_places = is_mention and PLACE.search(put_in) is not None
    return has_places or any(re.search(pattern, command) for pattern in NOT_RUN)


FOUND = list(commands())
RUN = [found for found in FOUND if not is_left_out(found[0], is_mention=found[2])]


def test_the_documents_have_commands_and_most_that_can_be_run_are() -> None:
    assert len(FOUND) > 60
    assert len(RUN) > 30


@pytest.mark.parametrize("pattern", NOT_RUN)
def test_nothing_is_left_out_that_no_document_has(pattern: str) -> None:
    assert any(re.search(pattern, command) for command, _, _ in FOUND), f"{pattern}: no longer in a document"


@pytest.fixture(scope="module")
def data(starter_build: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy of a built state for all commands: a person runs them one after the other, too."""
    return copied(starter_build, tmp_path_factory.mktemp("docs")).data.path


@pytest.mark.parametrize(("command", "page", "is_mention"), RUN, ids=[command for command, _, _ in RUN])
def test_a_documented_command_runs(command: str, page: str, is_mention: bool, data: Path) -> None:
    places = {"DIR": str(data / "exports"), **dict.fromkeys(("DATA", "A", "B"), str(data))}
    words = [(PUT_IN | places).get(word, word) for word in shlex.split(command)]
    if words[0] == "aina":
        result = invoke(data, *words[1:])
        assert "Traceback" not in result.output
        # `aina review order` in a sentence names the command; what it needs stands in its page.
        is_named_alone = is_mention and result.exit_code == 2
        needs = is_named_alone or (is_mention and "requires an argument" in result.output + result.stderr)
        assert needs or result.exit_code == SAYS_NO.get(command, 0), (page, result.output, result.stderr)
        return
    assert words[0] == "python", f"{page}: nothing runs {command}"
    words = [word.replace("data/run", str(data)) for word in words]
    done = subprocess.run(
        [sys.executable, *words[1:]], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (page, done.stderr)
