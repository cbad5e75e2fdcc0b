"""Making tables: nothing is read twice, a changed input is, and an absent source is said to be absent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.errors import CellError, HashMismatchError
from aina_assets.core.settings import Settings
from aina_assets.core.store import NOT_AVAILABLE
from aina_assets.sources.acquire import SourceFiles
from aina_assets.sources.catalog import SOURCES, Source
from aina_assets.sources.lock import read_lock
from aina_assets.sources.make import acquire_all, acquire_source, make_file_table, make_table
from aina_assets.sources.readers.title_list import read_title_list, user_title_list
from aina_assets.sources.tables.title_list import TITLE_LIST


class CountingReader:
    """The title reader, and how often it was called."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, files: SourceFiles) -> pa.Table:
        self.calls += 1
        return read_title_list(files)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(Settings(data=tmp_path / "run"))


@pytest.fixture
def reader() -> CountingReader:
    return CountingReader()


@pytest.fixture
def source(reader: CountingReader) -> Source:
    return replace(SOURCES["titles"], readers={TITLE_LIST.name: reader})


def titles(tmp_path: Path, text: str) -> SourceFiles:
    path = tmp_path / "titles.txt"
    path.write_text(text)
    return user_title_list(path)


def test_a_table_is_made_once(engine: Engine, source: Source, reader: CountingReader, tmp_path: Path) -> None:
    files = titles(tmp_path, "Cook\n")
    first, is_made = make_table(source, TITLE_LIST, files, engine)
    again, is_made_again = make_table(source, TITLE_LIST, files, Engine(engine.settings))
    assert (is_made, is_made_again, reader.calls) == (True, False, 1)
    assert again == first


def test_a_changed_input_is_read_again(
    engine: Engine, source: Source, reader: CountingReader, tmp_path: Path
) -> None:
    first, _ = make_table(source, TITLE_LIST, titles(tmp_path, "Cook\n"), engine)
    second, is_made = make_table(source, TITLE_LIST, titles(tmp_path, "Nurse\n"), engine)
    assert (is_made, reader.calls) == (True, 2)
    assert second.sha256 != first.sha256
    back, _ = make_table(source, TITLE_LIST, titles(tmp_path, "Cook\n"), engine)
    assert back == first


def test_changed_code_reads_again(
    engine: Engine, source: Source, reader: CountingReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = titles(tmp_path, "Cook\n")
    make_table(source, TITLE_LIST, files, engine)
    monkeypatch.setattr("aina_assets.sources.make.code_version", lambda *folders: "other code")
    _, is_made = make_table(source, TITLE_LIST, files, engine)
    assert (is_made, reader.calls) == (True, 2)


def test_a_changed_policy_of_names_reads_the_titles_again_and_nothing_else(
    engine: Engine, source: Source, reader: CountingReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, soc = titles(tmp_path, "Cook\n"), SOURCES["soc"]
    others = acquire_source("soc", engine)
    first, _ = make_table(source, TITLE_LIST, files, engine)
    for contract in soc.contracts:
        make_table(soc, contract, others, engine)
    monkeypatch.setattr("aina_assets.sources.make.person_names_digest", lambda: "0" * 64)
    again, is_made = make_table(source, TITLE_LIST, files, engine)
    # The same rows are the same bytes: what is made from the table stays.
    assert (is_made, reader.calls, again.sha256) == (True, 2, first.sha256)
    assert not any(make_table(soc, contract, others, engine)[1] for contract in soc.contracts)


def test_a_table_that_is_gone_or_damaged_is_made_again(
    engine: Engine, source: Source, reader: CountingReader, tmp_path: Path
) -> None:
    files = titles(tmp_path, "Cook\n")
    first, _ = make_table(source, TITLE_LIST, files, engine)
    first.path.write_bytes(b"damaged")
    assert make_table(source, TITLE_LIST, files, engine)[0].sha256 == first.sha256
    first.path.unlink()
    assert make_table(source, TITLE_LIST, files, engine)[0].sha256 == first.sha256
    assert reader.calls == 3


def test_a_faulty_input_leaves_the_standing_table(engine: Engine, source: Source, tmp_path: Path) -> None:
    first, _ = make_table(source, TITLE_LIST, titles(tmp_path, "Cook\n"), engine)

    def fail(files: SourceFiles) -> pa.Table:
        raise CellError("faulty")

    with pytest.raises(CellError):
        make_table(
            replace(source, readers={TITLE_LIST.name: fail}), TITLE_LIST, titles(tmp_path, "x\n"), engine
        )
    assert engine.store.info(TITLE_LIST.name) == first


def test_an_absent_source_gives_a_table_without_rows_that_says_so(engine: Engine) -> None:
    source = SOURCES["oews_flat"]
    absent = SourceFiles("oews_flat", "none", "none", {})
    for contract in source.contracts:
        info, is_made = make_table(source, contract, absent, engine)
        assert (info.rows, is_made) == (0, True)
        assert info.provenance.vintages == {"oews_flat": NOT_AVAILABLE}
        assert not info.provenance.is_available
        assert engine.store.read(contract.name).schema.equals(contract.arrow_schema)
        assert make_table(source, contract, absent, engine)[1] is False


def test_a_source_that_comes_later_is_read(
    engine: Engine, source: Source, reader: CountingReader, tmp_path: Path
) -> None:
    make_table(source, TITLE_LIST, SourceFiles("titles", "none", "none", {}), engine)
    info, is_made = make_table(source, TITLE_LIST, titles(tmp_path, "Cook\n"), engine)
    assert (info.rows, is_made, reader.calls) == (1, True, 1)


def test_the_inventory_is_the_users_where_one_is_set_else_the_starters(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("Cook\n")
    own = Engine(Settings(data=tmp_path / "run", titles=tmp_path / "mine.txt"))
    assert list(acquire_source("titles", own).files) == ["mine.txt"]
    mirror = Engine(Settings(sources="mirror", mirror=(tmp_path,), data=tmp_path / "run"))
    assert acquire_source("titles", mirror).vintage == "starter-1"


def test_a_given_lock_is_the_one_that_files_are_held_against(engine: Engine) -> None:
    lock = read_lock(engine.settings.lock_path)
    altered = lock.model_copy(
        update={"files": tuple(file.model_copy(update={"sha256": "0" * 64}) for file in lock.files)}
    )
    assert acquire_source("soc", engine).is_available
    with pytest.raises(HashMismatchError):
        acquire_source("soc", engine, lock=altered)


def test_the_table_of_files_has_licence_and_attribution_of_each(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("Cook\n")
    engine = Engine(Settings(data=tmp_path / "run", titles=tmp_path / "mine.txt"))
    acquired = acquire_all(engine, ("oews_flat", "soc", "titles"))
    info, is_made = make_file_table(acquired, engine)
    rows = engine.store.read("source_file").to_pylist()
    assert is_made
    assert info.rows == len(rows) == len(acquired["soc"].files) + 1
    assert all(row["licence"] and row["attribution"] for row in rows)
    assert {row["name"]: (row["is_locked"], row["url"]) for row in rows}["mine.txt"] == (False, None)
    assert info.provenance.vintages["oews_flat"] == NOT_AVAILABLE
    assert make_file_table(acquired, engine) == (info, False)
