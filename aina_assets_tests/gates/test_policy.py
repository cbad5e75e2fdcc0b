"""The gates' policy files: the committed ones, and every way in which one can be wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from aina_assets.core.capabilities import Domain
from aina_assets.core.errors import SettingsError
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.core.signing import keyid_of
from aina_assets.gates.control_map import FILE_NAME as CONTROL_MAP
from aina_assets.gates.control_map import LABEL, read_control_map
from aina_assets.gates.policy import APPROVERS_FILE, GATES_FILE, read_gate_policy
from aina_assets_tests.gates.office import Office

COMMITTED = PROJECT_ROOT / "data" / "policies"
CONTRACTS = PROJECT_ROOT / "docs" / "contracts"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (GATES_FILE, APPROVERS_FILE, CONTROL_MAP):
        shutil.copy(COMMITTED / name, tmp_path)
    return tmp_path


def test_the_committed_policy_asks_something_of_every_gate() -> None:
    policy = read_gate_policy(COMMITTED)
    assert set(policy.gates.domains) == set(Domain)
    for domain in Domain:
        rule = policy.domain(domain)
        assert {"receipts/build_manifest_v1.json", "receipts/check_results_v1.json"} <= rule.required
        assert rule.holds, domain
        assert all(hold.closed_by.startswith("evidence/") for hold in rule.holds.values())


def test_the_rules_of_a_decision_are_the_files() -> None:
    policy = read_gate_policy(COMMITTED)
    rules = policy.rules()
    assert rules.sha256 == policy.sha256
    rule = rules.domains["real_user_data"]
    assert rule.forbidden == {"children"}
    assert rule.longest_seconds == 30 * 86_400
    assert rule.holds["consent"] == "evidence/consent_and_retention.md"


def test_a_change_of_either_file_changes_the_digest(folder: Path) -> None:
    before = read_gate_policy(folder).sha256
    seen = {before}
    for name in (GATES_FILE, APPROVERS_FILE):
        path = folder / name
        path.write_text(path.read_text("utf-8") + "# more\n", "utf-8")
        seen.add(read_gate_policy(folder).sha256)
    assert len(seen) == 3


def test_a_key_names_its_approver(office: Office) -> None:
    policy = office.keeper.readable_policy()
    for approver in policy.approvers.approvers:
        for key in approver.keys:
            assert policy.signer(keyid_of(key.ed25519)) == (approver, key)
    assert policy.signer("0" * 64) is None


APPROVER = """\
[[approvers]]
name = "{name}"
domains = {domains}
[[approvers.keys]]
ed25519 = "{key}"
valid_from = {start}
valid_until = 2027-01-01T00:00:00Z
"""
FINE = {"name": "ada", "domains": "[]", "key": "a" * 64, "start": "2026-01-01T00:00:00Z"}


def approvers(*entries: dict[str, str]) -> str:
    head = 'policy = "approvers"\nversion = "1.0.0"\n'
    return head + "".join(APPROVER.format(**(FINE | entry)) for entry in entries)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (approvers({"name": "Ada Lovelace"}), "approvers.0.name"),
        (approvers({"domains": '["weather"]'}), "approvers.0.domains.0"),
        (approvers({"key": "short"}), "approvers.0.keys.0.ed25519"),
        (approvers({"start": "2026-01-01T00:00:00"}), "approvers.0.keys.0.valid_from"),
        (approvers({}, {"key": "b" * 64}), None),
        (approvers({}, {"name": "ben"}), None),
        ("approvers = [", None),
        ('policy = "gates"\nversion = "1.0.0"\napprovers = []\n', "policy"),
    ],
)
def test_wrong_approvers_are_refused_by_file_and_place(folder: Path, text: str, place: str | None) -> None:
    (folder / APPROVERS_FILE).write_text(text, "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_gate_policy(folder)
    assert (caught.value.file, caught.value.place) == (str(folder / APPROVERS_FILE), place)


EDITS: dict[str, Callable[[str], str]] = {
    "a gate is missing": lambda text: text.replace("[domains.production_telemetry", "[domains.weather"),
    "nothing is required": lambda text: text.replace(
        'required = ["receipts/build_manifest_v1.json", "receipts/check_results_v1.json"]', "required = []", 1
    ),
    "evidence leaves its folder": lambda text: text.replace(
        "evidence/security_review.md", "evidence/../../gates.toml"
    ),
    "evidence of nowhere": lambda text: text.replace("evidence/security_review.md", "elsewhere/review.md"),
    "no longest term": lambda text: text.replace("longest_days = 30", ""),
    "a term of no end": lambda text: text.replace("longest_days = 30", "longest_days = 100000"),
    "a hold that says nothing": lambda text: text.replace(
        'says = "Nobody outside the project has reviewed the service\'s security."', 'says = ""'
    ),
    "an unknown field": lambda text: text.replace("longest_days = 30", "longest_days = 30\nis_open = true"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_wrong_policy_is_refused_by_file(folder: Path, edit: str) -> None:
    path = folder / GATES_FILE
    text = path.read_text("utf-8")
    changed = EDITS[edit](text)
    assert changed != text
    path.write_text(changed, "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_gate_policy(folder)
    assert caught.value.file == str(path)


# --- the control map


def test_the_control_map_speaks_of_every_gate_and_of_both_frameworks() -> None:
    control_map = read_control_map(COMMITTED)
    assert {gate for control in control_map.controls for gate in control.gates} == set(Domain)
    assert {control.framework for control in control_map.controls} == set(control_map.frameworks)
    assert len(control_map.controls) >= 20
    assert LABEL == "a mapping, not a claim of compliance"


def test_the_control_map_names_evidence_that_there_can_be() -> None:
    policy = read_gate_policy(COMMITTED)
    asked = {name for domain in Domain for name in policy.domain(domain).evidence}
    for control in read_control_map(COMMITTED).controls:
        for name in control.evidence:
            folder, _, file = name.partition("/")
            known = {
                "evidence": name in asked,
                "policies": (COMMITTED / file).is_file(),
                "receipts": (
                    PROJECT_ROOT / "docs" / "contracts" / file.replace(".json", ".schema.json")
                ).is_file(),
                "gates": file == "decisions.jsonl",
            }
            assert known[folder], (control.control, name)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('framework = "nist_ai_rmf"', 'framework = "iso"'),
        ('control = "GOVERN 2.1"', 'control = "GOVERN 1.4"'),
        ('"deployment_promotion"]', '"weather"]'),
    ],
)
def test_a_wrong_control_map_is_refused(folder: Path, old: str, new: str) -> None:
    path = folder / CONTROL_MAP
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(SettingsError):
        read_control_map(folder)
