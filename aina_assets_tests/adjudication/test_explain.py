"""What was decided of a title, told at the terminal; nothing of a text that is no title is repeated."""

from __future__ import annotations

import json

import pytest

from aina_assets_tests.builds import Build, invoke


def test_a_title_of_the_inventory_has_its_state(starter_build: Build) -> None:
    told = invoke(starter_build.engine.data.path, "review", "explain", "--json", "accountant")
    assert told.exit_code == 0
    (found,) = json.loads(told.output)
    assert found["asked"] == "accountant"
    assert found["state"]["title_id"] == found["title_id"]


@pytest.mark.parametrize("text", ["jane.doe@example.invalid", "Jane Doe", "=cmd()|' /C calc'!A0"])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_what_is_no_title_is_not_echoed(starter_build: Build, text: str, form: tuple[str, ...]) -> None:
    told = invoke(starter_build.engine.data.path, "review", "explain", *form, text)
    assert told.exit_code == 0
    assert not [word for word in ("jane", "Jane", "calc") if word in told.output]
