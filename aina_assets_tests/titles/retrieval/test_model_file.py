"""A model in its file: the same scores again, any damage told, and made anew where its inputs changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from aina_assets.core.errors import StateError
from aina_assets.core.storage import DigestCache, sha256_file
from aina_assets.titles.retrieval import fitting, model_file
from aina_assets.titles.retrieval.fitting import fit_to_tables
from aina_assets.titles.retrieval.model import OccupationModel
from aina_assets.titles.retrieval.model_file import load_model, model_of, remember_model, save_model
from aina_assets_tests.builds import flip_byte
from aina_assets_tests.titles.invented import (
    authority,
    normalizer,
    soc_groups,
    source_tables,
    tasks,
    tiny_embedding,
)

TITLES = ["kiln ledger auditor", "toy campaign promoter", "zeppelin mooring strategist", ""]
ABOUT = {"inputs": {"authority_title": "1" * 64}, "code": "2" * 64}


@pytest.fixture(scope="module", autouse=True)
def small_embedding() -> Iterator[None]:
    """The files of these tests are small: 16 dimensions of letters instead of the wheel's 16 MB."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (fitting, model_file):
            patch.setattr(module, "load_static_embedding", tiny_embedding)
        yield


@pytest.fixture(scope="module")
def model(small_embedding: None) -> OccupationModel:
    return fitted()


def fitted() -> OccupationModel:
    occupations = source_tables()["onet_occupation"]
    return fit_to_tables(authority(), occupations, tasks(), soc_groups())


@pytest.fixture
def path(tmp_path: Path, model: OccupationModel) -> Path:
    found = tmp_path / "models" / "title_model.npz"
    save_model(model, found)
    return found


def test_a_model_says_the_same_after_it_was_kept(path: Path, model: OccupationModel) -> None:
    one, other = model, load_model(path)
    assert other.taxonomy.classes == one.taxonomy.classes
    assert (other.mixture, other.calibration) == (one.mixture, one.calibration)
    assert other.authority.texts == one.authority.texts
    told, again = one.score(TITLES), other.score(TITLES)
    for name in ("probability", "candidates", "own_text"):
        assert getattr(told, name).tobytes() == getattr(again, name).tobytes()
    assert told.neighbours.similarity.tobytes() == again.neighbours.similarity.tobytes()


def test_the_same_model_is_the_same_bytes(path: Path, tmp_path: Path) -> None:
    save_model(load_model(path), tmp_path / "again.npz")
    assert sha256_file(tmp_path / "again.npz") == sha256_file(path)


def test_two_fits_to_the_same_tables_are_the_same_bytes(path: Path, tmp_path: Path) -> None:
    save_model(fitted(), tmp_path / "again.npz")
    assert sha256_file(tmp_path / "again.npz") == sha256_file(path)


# --- damage


def test_an_absent_model_is_told_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="no title model") as caught:
        load_model(tmp_path / "none.npz")
    assert "Materialize title_model" in str(caught.value)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.5, 0.7, 0.9, 0.9999])
def test_a_model_with_a_wrong_byte_is_told(path: Path, share: float) -> None:
    """Of an array, or of its container; what nothing reads is left to the digest beside the file."""
    flip_byte(path, int(path.stat().st_size * share))
    with pytest.raises(StateError, match="damaged") as caught:
        load_model(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("kept", [0, 1, 30, 0.5, 0.999])
def test_a_model_that_was_cut_off_is_told(path: Path, kept: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(kept if kept >= 1 else kept * len(content))])
    with pytest.raises(StateError, match="damaged"):
        load_model(path)


@pytest.mark.parametrize("content", [b"not an archive at all", b"PK\x03\x04", b"\x93NUMPY\x01\x00"])
def test_another_file_is_told(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StateError, match="damaged"):
        load_model(path)


# --- whether it must be fitted anew


def test_the_model_that_stands_is_known_by_its_bytes_and_its_inputs(path: Path, tmp_path: Path) -> None:
    digests = DigestCache(tmp_path / "digests.json")
    assert model_of(path, ABOUT, digests) is None
    remember_model(path, ABOUT)
    assert model_of(path, ABOUT, digests) == sha256_file(path)
    assert model_of(path, {**ABOUT, "code": "3" * 64}, digests) is None
    flip_byte(path, path.stat().st_size // 2)
    assert model_of(path, ABOUT, digests) is None


@pytest.mark.parametrize("note", [b"", b"[]", b"null", b'{"sha256": "x"}', b"\xff"])
def test_a_damaged_note_means_a_new_fit(path: Path, tmp_path: Path, note: bytes) -> None:
    remember_model(path, ABOUT)
    path.with_suffix(".json").write_bytes(note)
    assert model_of(path, ABOUT, DigestCache(tmp_path / "digests.json")) is None


# --- what it is fitted to


def test_a_direct_match_without_an_occupation_teaches_the_first_one_of_its_code(
    model: OccupationModel,
) -> None:
    found = model
    text = found.authority.texts.index("host yard keeper")
    classes = found.authority.class_of[found.authority.text_of == text]
    assert [found.taxonomy.classes[place] for place in classes] == ["15-1299.08"]


def test_a_direct_match_of_a_code_that_no_occupation_has_is_left_out(model: OccupationModel) -> None:
    assert "barge load purchaser" not in model.authority.texts


def test_a_title_of_several_codes_is_an_entry_of_each(model: OccupationModel) -> None:
    found = model
    text = found.authority.texts.index("twin host tender")
    classes = found.authority.class_of[found.authority.text_of == text]
    assert [found.taxonomy.classes[place] for place in classes] == ["15-1299.08", "15-1299.09"]


def test_an_occupation_without_tasks_or_description_is_still_a_class(model: OccupationModel) -> None:
    occupations = source_tables()["onet_occupation"]
    bare = occupations.set_column(
        occupations.schema.get_field_index("description"),
        "description",
        pa.nulls(occupations.num_rows, pa.string()),
    )
    none = pa.table({"onet_soc_code": pa.array([], pa.string()), "task": pa.array([], pa.string())})
    found = fit_to_tables(authority(), bare, none, soc_groups())
    assert found.taxonomy.classes == model.taxonomy.classes
    assert normalizer()("Kiln Ledger Auditor").core in found.authority.texts
