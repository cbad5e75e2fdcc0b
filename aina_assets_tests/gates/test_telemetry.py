"""Nothing is told to anybody: Dagster's and the Hub client's telemetry are off, and have no way out."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg
import pytest
from dagster._core import telemetry_upload
from huggingface_hub import constants
from huggingface_hub.utils import _telemetry

from aina_assets import automation
from aina_assets.core.engine import Engine
from aina_assets.core.errors import CapabilityError
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.gates.bounds import guarded_by
from aina_assets.sources.upstream import hub
from aina_assets_tests.builds import Build, starter_settings

# Where Dagster keeps what it means to send.
KEPT_TO_SEND = ("logs", ".logs_queue", ".telemetry")


def test_the_data_roots_instance_has_telemetry_off_by_its_own_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "0")
    monkeypatch.setenv("DAGSTER_HOME", os.environ.get("DAGSTER_HOME", ""))
    monkeypatch.setenv("AINA_DAGSTER_STORAGE", "")
    with automation.open_instance(Engine(starter_settings(tmp_path / "run"))) as instance:
        assert instance.telemetry_enabled is False
    # It is on by default: without the file's word this instance would tell.
    with dg.instance_for_test(temp_dir=str(tmp_path), overrides={"telemetry": {"enabled": True}}) as other:
        assert other.telemetry_enabled is True


def test_a_build_keeps_nothing_to_send_later(starter_build: Build) -> None:
    places = (PROJECT_ROOT, starter_build.engine.data.path, starter_build.engine.data.dagster_storage)
    assert [place / name for place in places for name in KEPT_TO_SEND if (place / name).exists()] == []


def test_what_dagster_might_have_kept_is_not_sent(tmp_path: Path) -> None:
    kept = tmp_path / "run" / "queue"
    kept.mkdir(parents=True)
    (kept / "event.log").write_text("{}")
    with (
        guarded_by(starter_settings(tmp_path / "run")),
        pytest.raises(CapabilityError, match=r"nothing is sent to telemetry\.dagster\.io"),
    ):
        telemetry_upload._upload_logs(str(tmp_path), 0, str(kept), raise_errors=True)


def test_the_hub_client_is_set_up_without_telemetry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", False)
    monkeypatch.setattr(hub, "_installed_for", None)
    hub._install_client(starter_settings(tmp_path))
    assert constants.HF_HUB_DISABLE_TELEMETRY is True
    waiting = _telemetry._TELEMETRY_QUEUE.qsize()
    _telemetry.send_telemetry(topic="aina", library_name="aina")
    assert _telemetry._TELEMETRY_QUEUE.qsize() == waiting
    assert _telemetry._TELEMETRY_THREAD is None


@pytest.mark.parametrize("variable", ["DAGSTER_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY"])
def test_make_asks_for_it_too(variable: str) -> None:
    assert f"export {variable} := 1" in (PROJECT_ROOT / "Makefile").read_text("utf-8")
