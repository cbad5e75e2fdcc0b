"""What the documents promise: generated pages are current, links and commands exist, sources have pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from aina_assets.cli import app
from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.sources.catalog import SOURCES
from tools import make_docs

DOCS = PROJECT_ROOT / "docs"
README = PROJECT_ROOT / "README.md"
README_LINES = 150
DATA = PROJECT_ROOT / "data"
PAGES = [
    README,
    *sorted(DOCS.rglob("*.md")),
    DATA / "starter" / "authored" / "README.md",
    DATA / "gold" / "README.md",
]

FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`[^`]+`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
MAKE = re.compile(r"(?<![\w.-])make ([a-z]+)")
AINA = re.compile(r"(?:^|[\s`/])aina ([a-z]+)(?: ([a-z_]+))?", re.MULTILINE)
VARIABLE = re.compile(r"\bAINA_[A-Z_]+[A-Z]\b")


def _name(path: Path) -> str:
    return path.relative_to(PROJECT_ROOT).as_posix()


def _code(page: Path) -> Iterator[str]:
    """The page's code: fenced blocks, and spans outside them."""
    text = page.read_text("utf-8")
    yield from FENCE.findall(text)
    yield from SPAN.findall(FENCE.sub("", text))


def _anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the page's headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _commands(group: Any, prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*prefix, name)
        if hasattr(command, "commands"):
            yield from _commands(command, (*prefix, name))


def test_generated_documents_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert make_docs.main(["--check"]) == 0, capsys.readouterr().out


def test_check_mode_names_what_differs(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "settings.md").write_text("old")
    (tmp_path / "contracts" / "gone.schema.json").write_text("{}")
    found = make_docs.differences({"settings.md": "new", "checks.md": "new"}, tmp_path)
    assert found == [
        "differs: settings.md",
        "absent: checks.md",
        "not generated: contracts/gone.schema.json",
    ]


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_relative_links_resolve(page: Path) -> None:
    broken = []
    for target in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        if not linked.exists() or (anchor and anchor not in _anchors(linked)):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_commands_exist(page: Path) -> None:
    makefile = (PROJECT_ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    commands = set(_commands(typer.main.get_command(app)))
    groups = {command[:-1] for command in commands if len(command) > 1}
    unknown = []
    for code in _code(page):
        unknown += [f"make {name}" for name in MAKE.findall(code) if name not in targets]
        for first, second in AINA.findall(code):
            command = (first, second) if (first,) in groups else (first,)
            if command not in commands and not (command[0:1] in groups and not second):
                unknown.append(f"aina {' '.join(command)}")
    assert not unknown


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_variables_exist(page: Path) -> None:
    known = {f"AINA_{name.upper()}" for name in Settings.model_fields}
    known |= {name for name, _, _ in make_docs.OUTSIDE}
    assert set(VARIABLE.findall(page.read_text("utf-8"))) <= known


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_named_paths_exist(page: Path) -> None:
    top = ("aina_assets/", "aina_assets_tests/", "benchmarks/", "data/policies", "data/starter", "tools/")
    named = {word for code in _code(page) for word in re.findall(r"[\w./-]+", code) if word.startswith(top)}
    assert {name for name in named if not (PROJECT_ROOT / name.rstrip("./")).exists()} == set()


def test_readme_is_short() -> None:
    assert len(README.read_text("utf-8").splitlines()) < README_LINES


def test_every_source_has_a_page() -> None:
    index = (DOCS / "sources" / "README.md").read_text("utf-8")
    for source in SOURCES:
        row = re.search(rf"^\| `{source}` \|.*\]\((\w+\.md)\) \|$", index, re.MULTILINE)
        assert row, f"{source} has no line in docs/sources/README.md"
        page = DOCS / "sources" / row.group(1)
        text = page.read_text("utf-8")
        for part in ("**Endpoint**", "**Licence**", "**Cadence**", "## Quirks", "## Refresh"):
            assert part in text or (part == "**Endpoint**" and "| endpoint |" in text), f"{page.name}: {part}"
        for contract in SOURCES[source].contracts:
            assert contract.name in text, f"{page.name} does not name {contract.name}"


def test_every_check_has_a_remedy_in_the_runbooks() -> None:
    kinds = set(re.findall(r"^\| `(\w+)` \| (?:ERROR|WARN) ", (DOCS / "checks.md").read_text(), re.MULTILINE))
    told = set(re.findall(r"^\| `(\w+)` \|", (DOCS / "runbooks.md").read_text("utf-8"), re.MULTILINE))
    assert kinds
    assert kinds - told == set()


def test_decisions_are_listed() -> None:
    folder = DOCS / "decisions"
    index = (folder / "README.md").read_text("utf-8")
    for path in folder.glob("0*.md"):
        assert f"({path.name})" in index
        text = path.read_text("utf-8")
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequence"))
