"""The reviewers' file: who takes the seats, every wrong entry named, and what is worth a warning."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from aina_assets.adjudication.protocol import Backend, Reviewer, ReviewerFactory, ReviewerKind
from aina_assets.adjudication.reviewers.command import CommandReviewer
from aina_assets.adjudication.reviewers.config import FILE_NAME, read_reviewers
from aina_assets.adjudication.reviewers.factory import ledger_of, make_reviewer, threads_of
from aina_assets.adjudication.reviewers.families import family_by_name, findings
from aina_assets.adjudication.reviewers.faults import FaultyReviewer
from aina_assets.adjudication.reviewers.openai_http import HttpReviewer
from aina_assets.adjudication.reviewers.options import OPTIONS
from aina_assets.core.errors import SettingsError
from aina_assets.core.hosts import is_loopback
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets_tests.adjudication.reviewers.asked import spec_of

HEAD = 'policy = "reviewers"\nversion = "1.0.0"\n'
HTTP = """
[[reviewer]]
name = "reviewer_a"
backend = "http"
provider = "local"
model = "qwen3-8b"
family = "qwen"
[reviewer.parameters]
temperature = 0
[reviewer.options]
base_url = "http://127.0.0.1:8000/v1"
concurrency = 3
usd_per_million_tokens_in = 0.05
usd_per_million_tokens_out = 0.2
"""
SIMULATED = """
[[reviewer]]
name = "reviewer_b"
backend = "simulated"
provider = "aina"
model = "simulated"
family = "simulated"
[reviewer.options]
seed = 3
[reviewer.options.confusion]
exclude = { exclude = 0.9, keep = 0.1 }
[reviewer.options.fault]
share = 0.1
kinds = ["missing", "time_out"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / FILE_NAME
    path.write_text(text)
    return path


def test_the_projects_own_file_names_nobody() -> None:
    file = read_reviewers(PROJECT_ROOT / "data" / "policies" / FILE_NAME)
    assert file.specs == ()
    assert findings(file.specs) == ()


def test_two_reviewers_are_read_in_the_order_of_the_seats(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + SIMULATED + HTTP)
    file = read_reviewers(path)
    assert [(spec.name, spec.backend) for spec in file.specs] == [
        ("reviewer_a", "http"),
        ("reviewer_b", "simulated"),
    ]
    http, simulated = (make_reviewer(spec, home=tmp_path, work=tmp_path) for spec in file.specs)
    assert isinstance(http, HttpReviewer)
    assert isinstance(simulated, FaultyReviewer)
    assert (http.kind, simulated.kind) == (ReviewerKind.LLM, ReviewerKind.SIMULATED)
    assert [threads_of(spec) for spec in file.specs] == [3, 1]
    assert len(file.sha256) == 64


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("policy = ", None, "not TOML"),
        ('policy = "icp_scope"\nversion = "1.0.0"\n', "policy", "'reviewers'"),
        ('policy = "reviewers"\nversion = "one"\n', "version", "pattern"),
        (HEAD + HTTP + HTTP, "reviewer", "reviewer_a stands twice"),
        (HEAD + HTTP + SIMULATED + HTTP, "reviewer", "at most 2 items"),
        (HEAD + HTTP.replace("reviewer_a", "reviewer_c"), "reviewer.0.name", "reviewer_a"),
        (HEAD + HTTP.replace('"http"', '"telepathy"'), "reviewer.0.backend", "http"),
        (HEAD + HTTP.replace("model = ", "modell = "), "reviewer.0.model", "Field required"),
        (HEAD + HTTP.replace("concurrency = 3", "concurrency = 0"), "reviewer_a.options.concurrency", "1"),
        (HEAD + HTTP.replace("concurrency", "concurency"), "reviewer_a.options.concurency", "Extra inputs"),
        (HEAD + HTTP.replace("usd_per_million_tokens_in = 0.05", ""), "reviewer_a.options", "both prices"),
    ],
)
def test_a_wrong_file_is_refused_by_its_place(
    text: str, place: str | None, says: str, tmp_path: Path
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError, match=says) as caught:
        read_reviewers(path)
    assert (caught.value.file, caught.value.place) == (str(path), place)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="absent"):
        read_reviewers(tmp_path / FILE_NAME)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org/v1",
        "example.org/v1",
        "http://example.org/v1",
        "http://10.0.0.7:8000/v1",
        "http://127.0.0.1.example.org/v1",
        "https://user:pass@example.org/v1",
        "https://example.org/v1?key=1",
        "https://example.org/v1#part",
        "https://exa mple.org/v1",
        "https://example.org:99999/v1",
        "https://example.org:0/v1",
        "https://example.org/v 1",
        "https://[::1/v1",
        "https:///v1",
        "",
    ],
)
def test_an_address_that_is_unsafe_or_none_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        make_reviewer(spec_of("http", {"base_url": address}), home=tmp_path, work=tmp_path)
    assert caught.value.place == "reviewer_a.options.base_url"


@pytest.mark.parametrize(
    "address",
    ["https://example.org/v1/", "http://127.0.0.1:1/v1", "http://localhost/v1", "http://[::1]:8/v1"],
)
def test_an_address_over_tls_or_on_this_machine_is_taken(address: str, tmp_path: Path) -> None:
    make_reviewer(spec_of("http", {"base_url": address}), home=tmp_path, work=tmp_path)


@pytest.mark.parametrize(
    ("backend", "options", "parameters", "says"),
    [
        ("http", {"base_url": "http://127.0.0.1/v1"}, {"messages": "x"}, r"\['messages'\] are written by"),
        ("http", {"base_url": "http://127.0.0.1/v1", "most_usd_a_wave": 1}, {}, "most_usd_a_wave needs"),
        ("http", {"base_url": "http://127.0.0.1/v1", "api_key_variable": "sk-123"}, {}, "pattern"),
        ("http", {}, {}, "Field required"),
        ("command", {"command": []}, {}, "at least 1 item"),
        ("command", {"command": ["x", "{unknown}"]}, {}, r"unknown names in braces: \['unknown'\]"),
        ("command", {"command": ["x", "{open"]}, {}, r"expected '\}'"),
        ("command", {"command": ["x", "{model.__class__}"]}, {}, "unknown names"),
        ("command", {"command": ["x"]}, {"effort": "low"}, r"\['effort'\] are not in the command"),
        ("recorded", {"sheet": "x.csv"}, {"temperature": 0}, "takes none"),
        ("simulated", {}, {"temperature": 0}, "takes none"),
    ],
)
def test_what_would_change_nothing_or_undo_something_is_refused(
    backend: str, options: dict[str, Any], parameters: dict[str, Any], says: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        make_reviewer(spec_of(backend, options, parameters=parameters), home=tmp_path, work=tmp_path)
    assert (caught.value.place or "").startswith("reviewer_a.")


def test_every_backend_has_options_and_a_maker(tmp_path: Path) -> None:
    assert set(OPTIONS) == set(get_args(Backend))
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("title,decision,level,code\nA,keep,,\n")
    options: dict[str, dict[str, Any]] = {
        "http": {"base_url": "http://127.0.0.1/v1"},
        "command": {"command": ["x"]},
        "recorded": {"sheet": "sheet.csv"},
        "person": {},
        "simulated": {},
    }
    factory: ReviewerFactory = make_reviewer
    kinds = set()
    for backend in get_args(Backend):
        reviewer = factory(spec_of(backend, options[backend]), home=tmp_path, work=tmp_path / "work")
        assert isinstance(reviewer, Reviewer)
        assert reviewer.spec.backend == backend
        kinds.add(reviewer.kind)
    assert kinds == set(ReviewerKind)
    # Nothing was reached, started or written yet.
    assert not (tmp_path / "work").exists()
    assert ledger_of(tmp_path / "work").spent() == ()
    assert isinstance(
        factory(spec_of("command", options["command"]), home=tmp_path, work=tmp_path), CommandReviewer
    )


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("gpt-5.2", "gpt"),
        ("openai/gpt-oss-20b", "gpt"),
        ("o3-mini", "gpt"),
        ("claude-opus-4-6", "claude"),
        ("meta-llama/Llama-3.3-70B-Instruct", "llama"),
        ("Qwen/Qwen3-8B", "qwen"),
        ("mistralai/Mixtral-8x7B", "mistral"),
        ("devstral-small", "mistral"),
        ("gemma-3-27b-it", "gemma"),
        ("SmolLM2-135M-Instruct", "smollm"),
        ("deepseek-r1-distill", "deepseek"),
        ("phi-4", "phi"),
        ("dolphin-2", None),
        ("in-house-7", None),
        ("solo3", None),
    ],
)
def test_a_models_name_tells_its_family(model: str, family: str | None) -> None:
    assert family_by_name(model) == family


def pair(one: tuple[str, str], other: tuple[str, str]) -> list[str]:
    local = {"base_url": "http://127.0.0.1/v1"}
    specs = [
        spec_of("http", local, name=seat, model=model, family=family)
        for seat, (model, family) in zip(("reviewer_a", "reviewer_b"), (one, other), strict=True)
    ]
    return [finding.code for finding in findings(specs)]


def test_two_of_one_family_are_worth_a_warning_whatever_the_file_says() -> None:
    assert pair(("gpt-5.2", "gpt"), ("claude-opus-4-6", "claude")) == []
    assert pair(("gpt-5.2", "gpt"), ("gpt-4.1", "gpt")) == ["one_model_family"]
    assert pair(("house-7", "house"), ("house-9", "House")) == ["one_model_family"]
    assert pair(("gpt-5.2", "gpt"), ("gpt-4.1", "other")) == ["family_not_as_named", "one_model_family"]
    assert pair(("house-7", "x"), ("house-7", "y")) == ["one_model_family"]


def test_recorded_people_and_simulations_are_of_no_family() -> None:
    specs = [
        spec_of("recorded", {"sheet": "a"}, name="reviewer_a", family="gpt", model="gpt-5"),
        spec_of("person", name="reviewer_b", family="gpt", model="gpt-5"),
    ]
    assert findings(specs) == ()


def test_one_reviewer_alone_and_titles_that_leave_are_worth_a_warning() -> None:
    (alone, leaves) = findings([spec_of("http", {"base_url": "https://api.example.org/v1"})])
    assert (alone.code, leaves.code) == ("only_one_reviewer", "titles_leave_machine")
    assert "api.example.org" in leaves.message
    (_, handed) = findings([spec_of("command", {"command": ["judge"]})])
    assert handed.code == "titles_leave_machine"
    assert "'judge'" in handed.message


def test_which_hosts_are_this_machine() -> None:
    assert [is_loopback(host) for host in ("localhost", "127.0.0.1", "127.9.9.9", "::1")] == [True] * 4
    assert [is_loopback(host) for host in ("example.org", "10.0.0.1", "0.0.0.0", "")] == [False] * 4
