"""Settings: every variable is read, every wrong value is refused by its variable's name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aina_assets.core.errors import SettingsError
from aina_assets.core.settings import PROJECT_ROOT, Lane, Settings, load_settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AINA_")]:
        monkeypatch.delenv(name)


READ: list[tuple[str, str, object]] = [
    ("sources", "live", Lane.LIVE),
    ("mirror", "/some/where", (Path("/some/where"),)),
    ("data", "/some/run", Path("/some/run")),
    ("titles", "/some/titles.txt", Path("/some/titles.txt")),
    ("task_importance", "/some/onet_30_1_x.csv", Path("/some/onet_30_1_x.csv")),
    ("lock", "/some/lock.json", Path("/some/lock.json")),
    ("onet_vintage", "29.1", "29.1"),
    ("oews_vintage", "May 2023", "May 2023"),
    ("contact", "me@example.org", "me@example.org"),
    ("bls_series", " A , B,,", ("A", "B")),
    ("bls_start_year", "2023", 2023),
    ("bls_end_year", "2030", 2030),
    ("endpoints", '{"www.bls.gov": "http://127.0.0.1:1"}', {"www.bls.gov": "http://127.0.0.1:1"}),
    ("http_connect_timeout_seconds", "1.5", 1.5),
    ("http_read_timeout_seconds", "2.5", 2.5),
    ("http_attempts", "7", 7),
    ("http_backoff_seconds", "0", 0.0),
    ("build_wait_seconds", "0", 0.0),
    ("duckdb_memory_limit", "512MB", "512MB"),
    ("duckdb_threads", "3", 3),
    ("processes", "4", 4),
    ("title_batches", "8", 8),
    ("gold", "/somewhere/gold", Path("/somewhere/gold")),
    ("reviewers", "/somewhere/reviewers.toml", Path("/somewhere/reviewers.toml")),
    ("review_chunk_rows", "50", 50),
]


@pytest.mark.parametrize(("name", "text", "value"), READ)
def test_each_setting_is_read_from_its_variable(
    name: str, text: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"AINA_{name.upper()}", text)
    assert getattr(load_settings(), name) == value


def test_the_learner_database_is_read_and_its_password_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AINA_LEARNER_DB", "postgresql://aina:s3cret@localhost/aina")
    settings = load_settings()
    assert settings.learner_db is not None
    assert settings.learner_db.get_secret_value().endswith("@localhost/aina")
    assert "s3cret" not in repr(settings)


def test_the_key_is_read_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AINA_BLS_API_KEY", "s3cret")
    settings = load_settings()
    assert settings.bls_api_key is not None
    assert settings.bls_api_key.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(settings)


def test_every_setting_is_covered_here_and_described() -> None:
    assert {name for name, _, _ in READ} | {"bls_api_key", "learner_db"} == set(Settings.model_fields)
    assert all(field.description for field in Settings.model_fields.values())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SOURCES", "cloud"),
        ("BLS_START_YEAR", "1996"),
        ("BLS_END_YEAR", "soon"),
        ("ENDPOINTS", "not json"),
        ("ENDPOINTS", '{"www.bls.gov": 7}'),
        ("HTTP_CONNECT_TIMEOUT_SECONDS", "0"),
        ("HTTP_READ_TIMEOUT_SECONDS", "-1"),
        ("HTTP_ATTEMPTS", "11"),
        ("HTTP_BACKOFF_SECONDS", "-0.1"),
        ("BUILD_WAIT_SECONDS", "long"),
        ("DUCKDB_MEMORY_LIMIT", "plenty"),
        ("DUCKDB_THREADS", "0"),
        ("TITLE_BATCHES", "0"),
        ("TITLE_BATCHES", "257"),
    ],
)
def test_a_wrong_value_is_refused_by_its_variables_name(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"AINA_{name}", text)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert caught.value.place == f"AINA_{name}"
    assert "found" in caught.value.message


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"AINA_SOURCES": "mirror"}, "AINA_MIRROR"),
        ({"AINA_SOURCES": "mirror", "AINA_MIRROR": "/no/such/folder"}, "/no/such/folder"),
        ({"AINA_BLS_START_YEAR": "2025", "AINA_BLS_END_YEAR": "2024"}, "AINA_BLS_START_YEAR=2025"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    environment: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    with pytest.raises(SettingsError, match=named):
        load_settings()


def test_title_batches_are_numbers_of_one_width_so_that_they_sort_as_they_count() -> None:
    keys = Settings().title_batch_keys
    assert (len(keys), keys[0], keys[-1]) == (32, "00", "31")
    for count, first, last in [(1, "00", "00"), (100, "00", "99"), (101, "000", "100"), (256, "000", "255")]:
        keys = Settings(title_batches=count).title_batch_keys
        assert (len(set(keys)), keys[0], keys[-1]) == (count, first, last)
        assert sorted(keys) == list(keys)


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(f"AINA_{name.upper()}", "")
    assert load_settings() == Settings()
    assert load_settings().data == PROJECT_ROOT / "data" / "run"


def test_mirrors_are_a_path_list_whose_empty_parts_are_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AINA_MIRROR", os.pathsep.join(["a", "", str(tmp_path / "b"), ""]))
    assert load_settings(sources="mirror").mirror == (tmp_path / "a", tmp_path / "b")


def test_paths_are_absolute_and_the_home_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    settings = load_settings(data="run", titles="~/titles.txt")
    assert settings.data == tmp_path / "run"
    assert settings.titles == tmp_path / "home" / "titles.txt"


def test_each_lane_has_its_own_lock_unless_one_is_named(tmp_path: Path) -> None:
    committed = PROJECT_ROOT / "data"
    assert Settings(sources=Lane.STARTER).lock_path == committed / "starter" / "sources.lock.json"
    assert Settings(sources=Lane.LIVE).lock_path == committed / "sources.lock.json"
    assert Settings(sources=Lane.LIVE, lock=tmp_path / "x.json").lock_path == tmp_path / "x.json"


def test_the_starters_settings_differ_in_lane_and_lock_alone(tmp_path: Path) -> None:
    settings = Settings(sources=Lane.MIRROR, mirror=(tmp_path,), lock=tmp_path / "x.json", data=tmp_path)
    starter = settings.starter()
    assert starter.lock_path == starter.starter_root / "sources.lock.json"
    assert starter.model_dump(exclude={"sources", "lock"}) == settings.model_dump(exclude={"sources", "lock"})
    assert settings.sources is Lane.MIRROR


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().duckdb_threads = 5  # type: ignore[misc]
