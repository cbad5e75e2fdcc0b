"""The policy on packets is read strictly."""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets.core.errors import SettingsError
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.packets.policy import FILE_NAME, read_packet_policy

COMMITTED = PROJECT_ROOT / "data" / "policies"


def test_the_committed_policy_is_read() -> None:
    policy = read_packet_policy(COMMITTED)
    assert policy.workflows.most_for(2) == 2
    assert policy.workflows.most_for(9) == 3
    assert policy.workflows.most_for(18) == 6
    assert policy.workflows.most_for(60) == 7
    assert len(policy.sha256) == 64


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("least_tasks = 5", "least_tasks = 0", "quality.least_tasks"),
        ("activities = 0.25", "activities = 0.95", "similar"),
        ("least = 3", "least = 9", "workflows"),
        ("[review]", "[reviews]", "review"),
        ('version = "1.0.0"', 'version = "1"', "version"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = (COMMITTED / FILE_NAME).read_text("utf-8")
    assert old in text
    (tmp_path / FILE_NAME).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(SettingsError) as error:
        read_packet_policy(tmp_path)
    assert told in str(error.value)


def test_an_absent_policy_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="absent"):
        read_packet_policy(tmp_path)
