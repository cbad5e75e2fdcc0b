"""The house rules that no linter knows: who may know Dagster, sizes, charters, what the locks name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from aina_assets.core.settings import PROJECT_ROOT

PACKAGE = PROJECT_ROOT / "aina_assets"
LONGEST_FILE_LINES = 400
KNOW_DAGSTER = {"assets.py", "checks.py", "automation.py"}
ORCHESTRATOR = ("dagster", "dagster_duckdb", "dagster_shared", "dagster_webserver")
LOCKS = sorted([*PROJECT_ROOT.glob("requirements*.lock"), *PROJECT_ROOT.glob("deploy/**/requirements*.lock")])


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (PROJECT_ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def relative(path: Path) -> str:
    return str(path.relative_to(PROJECT_ROOT))


@pytest.mark.parametrize("path", python_files("aina_assets"), ids=relative)
def test_only_the_dagster_modules_know_dagster(path: Path) -> None:
    if path.name in KNOW_DAGSTER or path == PACKAGE / "definitions.py":
        return
    assert [name for name in imported(path) if name.split(".")[0] in ORCHESTRATOR] == []


def test_no_file_is_longer_than_one_can_read() -> None:
    files = python_files("aina_assets", "aina_assets_tests", "tools", "benchmarks")
    assert len(files) > 60
    counted = {relative(path): len(path.read_text("utf-8").splitlines()) for path in files}
    assert {path: lines for path, lines in counted.items() if lines >= LONGEST_FILE_LINES} == {}


@pytest.mark.parametrize("path", python_files("aina_assets"), ids=relative)
def test_every_module_opens_with_what_it_is_for(path: Path) -> None:
    charter = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    assert re.match(r"[A-Za-z`].{15,}", charter), path


@pytest.mark.parametrize("path", LOCKS, ids=relative)
def test_a_lock_pins_and_hashes_every_package_and_names_no_index(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-i\b|--(extra-)?index|--find-links|--trusted-host)", text, re.MULTILINE)
    packages = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
    assert packages
    assert [line for line in packages if not re.match(r"[a-z0-9._-]+==\S+ .*\\$", line)] == []
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_all_locks_are_there() -> None:
    assert [str(path.relative_to(PROJECT_ROOT)) for path in LOCKS] == [
        "deploy/lake/requirements-test.lock",
        "deploy/lake/requirements.lock",
        "requirements-deploy.lock",
        "requirements-dev.lock",
        "requirements.lock",
    ]
