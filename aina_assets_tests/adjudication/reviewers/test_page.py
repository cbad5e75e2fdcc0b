"""docs/reviewers.md: its examples are files that are taken, and no option or finding is left out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from aina_assets.adjudication.reviewers.config import read_reviewers
from aina_assets.adjudication.reviewers.families import Code, findings
from aina_assets.adjudication.reviewers.options import OPTIONS
from aina_assets.core.settings import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "reviewers.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_a_reviewers_file(example: str, tmp_path: Path) -> None:
    path = tmp_path / "reviewers.toml"
    path.write_text(example)
    specs = read_reviewers(path).specs
    assert specs
    told = {finding.code for finding in findings(specs)}
    assert told <= {"titles_leave_machine", "only_one_reviewer"}


def test_the_examples_show_every_backend_that_needs_more_than_a_file() -> None:
    assert len(EXAMPLES) == 3
    text = "".join(EXAMPLES)
    assert [name for name in OPTIONS if f'backend = "{name}"' not in text] == ["recorded"]


def test_every_option_and_finding_is_told() -> None:
    told = set(re.findall(r"`(\w+)`", PAGE))
    names = {name for model in OPTIONS.values() for name in model.model_fields}
    assert names | set(get_args(Code)) <= told


def test_defaults_are_those_of_the_code() -> None:
    for model in OPTIONS.values():
        for name, field in model.model_fields.items():
            row = re.search(rf"^\| `{name}` \| `?([\w.]+)`? \|", PAGE, re.MULTILINE)
            if row and row.group(1) not in ("none", "answers") and not field.is_required():
                assert (
                    f"{field.default:g}" if isinstance(field.default, float) else str(field.default) == row[1]
                )
