"""The walk: each way in which a state can be wrong, what is named for it, and what it voids."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from aina_assets.adjudication.receipts import RECEIPT as ADJUDICATION
from aina_assets.core.engine import Engine
from aina_assets.core.errors import ProvenanceMismatchError
from aina_assets.core.receipts import receipt_path, seal_holds
from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.core.storage import DigestCache, sha256_bytes, sha256_file, write_bytes
from aina_assets.gates.receipts import APPROVAL_RECEIPT
from aina_assets.learning.receipts import REPLAY, RUBRIC_MAP, SAFETY_HOLDS, SANDBOX
from aina_assets.packets.receipts import QUALITY_GATE
from aina_assets.reports.receipts import CHANGE_RECEIPT, FOUNDER_RECEIPT, SOURCE_RECEIPT
from aina_assets.sources.make import acquire_all
from aina_assets.sources.receipts import LOCK_SUBJECT, SNAPSHOT, write_snapshot
from aina_assets.titles.receipts import COVERAGE
from aina_assets.verification.manifest import MANIFEST, require_same_build, write_manifest
from aina_assets.verification.results import RESULTS, write_results
from aina_assets.verification.state import KEPT, unknown_files
from aina_assets.verification.walk import Kind, verify
from aina_assets.warehouse.receipts import AUTHORITY, HUB_MAP
from aina_assets_tests.builds import Build, copied, copied_starter, flip_byte
from aina_assets_tests.verification.damage import ALONE, alone, differences, flippable, flipped, flips, named

FIXTURES = ("api_fixture_v1", "beta_ui_fixture_v1")
REPORTS_ABOVE = (FOUNDER_RECEIPT, CHANGE_RECEIPT, *FIXTURES)


@pytest.fixture
def engine(starter_build: Build, tmp_path: Path) -> Engine:
    """A copy of a whole state, to be made worse."""
    return copied(starter_build, tmp_path / "run")


# --- a whole state


def test_a_built_state_verifies_to_the_last_byte(starter_build: Build) -> None:
    report = verify(starter_build.engine)
    assert report.differences == ()
    assert report.notes == ()
    assert report.receipts == 18
    assert report.files > 200
    assert report.bytes_read > 20_000_000


def test_the_script_alone_finds_the_same_state_whole(starter_build: Build) -> None:
    told = alone(starter_build.engine)
    assert (told["differences"], told["notes"]) == ({}, [])
    # The package counts the two DuckDB files too.
    assert told["files"] == verify(starter_build.engine).files - 2


def test_the_script_imports_nothing_of_the_package() -> None:
    text = ALONE.read_text("utf-8")
    assert "import aina_assets" not in text
    assert "from aina_assets" not in text


def test_receipts_form_a_graph_from_sources_to_gates(starter_build: Build) -> None:
    folder = starter_build.engine.data.receipts
    rests = {
        path.stem: {Path(r["name"]).stem for r in json.loads(path.read_bytes())["predicate"]["rests_on"]}
        for path in folder.glob("*.json")
    }
    assert rests == {
        SNAPSHOT: set(),
        AUTHORITY: {SNAPSHOT},
        HUB_MAP: {SNAPSHOT},
        COVERAGE: {SNAPSHOT, AUTHORITY},
        ADJUDICATION: {COVERAGE},
        QUALITY_GATE: {COVERAGE, ADJUDICATION},
        REPLAY: {QUALITY_GATE},
        SANDBOX: {QUALITY_GATE},
        RUBRIC_MAP: {SNAPSHOT},
        SAFETY_HOLDS: {SNAPSHOT},
        MANIFEST: {
            *(SNAPSHOT, AUTHORITY, HUB_MAP, COVERAGE, ADJUDICATION, QUALITY_GATE),
            *(REPLAY, SANDBOX, RUBRIC_MAP, SAFETY_HOLDS),
        },
        RESULTS: {MANIFEST},
        APPROVAL_RECEIPT: {MANIFEST},
        FOUNDER_RECEIPT: {
            *(SNAPSHOT, COVERAGE, ADJUDICATION, QUALITY_GATE, REPLAY),
            *(SAFETY_HOLDS, MANIFEST, RESULTS, APPROVAL_RECEIPT),
        },
        SOURCE_RECEIPT: {SNAPSHOT, AUTHORITY},
        **{name: {MANIFEST} for name in (CHANGE_RECEIPT, *FIXTURES)},
    }


def test_a_source_file_voids_what_was_made_from_it_and_nothing_else(engine: Engine) -> None:
    void = set(verify_flipped(engine, "tables/title_coverage.parquet").void)
    above = (COVERAGE, ADJUDICATION, QUALITY_GATE, REPLAY, SANDBOX, MANIFEST, RESULTS)
    assert void == {f"receipts/{name}.json" for name in (*above, APPROVAL_RECEIPT, *REPORTS_ABOVE)}
    void = set(verify_flipped(engine, "tables/title_level/03.parquet").void)
    assert {"tables/title_route/03.parquet", "tables/title_certificate.parquet"} <= void
    assert "tables/title_coverage.parquet" in void
    assert "tables/title/03.parquet" not in void
    assert "tables/onet_task.parquet" not in void
    assert "aina.duckdb" not in void
    void = set(verify_flipped(engine, "tables/soc_group.parquet").void)
    assert {"aina.duckdb", "models/title_model.npz", "tables/title_route/31.parquet"} <= void


def verify_flipped(engine: Engine, name: str) -> Any:
    path = engine.data.path / name
    flip_byte(path, 100)
    found = differences(engine)
    flip_byte(path, 100)
    (difference,) = found.values()
    return difference


# --- single faults


@dataclass(frozen=True)
class Fault:
    """A way to make a state worse, and what both verifiers must name for it."""

    make: Callable[[Engine], None]
    named: dict[str, Kind]


def table(name: str) -> str:
    return f"tables/{name}.parquet"


def receipt(name: str) -> str:
    return f"receipts/{name}.json"


def remove(name: str) -> Callable[[Engine], None]:
    return lambda engine: (engine.data.path / name).unlink()


def damage(name: str, position: int = 200) -> Callable[[Engine], None]:
    return lambda engine: flip_byte(engine.data.path / name, position)


def truncate(engine: Engine) -> None:
    path = engine.data.path / table("onet_task")
    path.write_bytes(path.read_bytes()[:-1])


def swap(engine: Engine) -> None:
    one, other = (engine.data.path / f"tables/title/{key}.parquet" for key in ("03", "04"))
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)


def add_a_partition(engine: Engine) -> None:
    shutil.copy(engine.data.path / "tables/title/03.parquet", engine.data.path / "tables/title/99.parquet")


def edit_and_seal_anew(engine: Engine) -> None:
    """Somebody changes a figure and hides it: the seal holds, what rests on the receipt does not."""
    path = receipt_path(engine.data.receipts, COVERAGE)
    statement = json.loads(path.read_bytes())
    statement["predicate"]["titles"] += 1
    statement["predicate"]["seal"] = ""
    seal = sha256_bytes(rfc8785.dumps(statement) + b"\n")
    statement["predicate"]["seal"] = seal
    content = rfc8785.dumps(statement) + b"\n"
    assert seal_holds(content, seal)
    path.write_bytes(content)


FAULTS: dict[str, Fault] = {
    "a byte of a table": Fault(damage(table("onet_task")), {table("onet_task"): Kind.DIFFERS}),
    "a byte of a partition": Fault(
        damage("tables/title_route/07.parquet"), {"tables/title_route/07.parquet": Kind.DIFFERS}
    ),
    "a byte of a model": Fault(damage("models/title_model.npz"), {"models/title_model.npz": Kind.DIFFERS}),
    "a byte of the product": Fault(damage("aina.duckdb", 100_000), {"aina.duckdb": Kind.DIFFERS}),
    "a byte of the snapshot": Fault(damage(receipt(SNAPSHOT)), {receipt(SNAPSHOT): Kind.DAMAGED}),
    "a byte of the manifest": Fault(damage(receipt(MANIFEST), 5_000), {receipt(MANIFEST): Kind.DAMAGED}),
    "a byte of the results": Fault(damage(receipt(RESULTS)), {receipt(RESULTS): Kind.DAMAGED}),
    "a table cut short": Fault(truncate, {table("onet_task"): Kind.DIFFERS}),
    "a table removed": Fault(remove(table("wage_fact")), {table("wage_fact"): Kind.ABSENT}),
    "a receipt removed": Fault(remove(receipt(AUTHORITY)), {receipt(AUTHORITY): Kind.ABSENT}),
    "the product removed": Fault(remove("aina.duckdb"), {"aina.duckdb": Kind.ABSENT}),
    "a byte of the graph": Fault(damage("graph.duckdb", 100_000), {"graph.duckdb": Kind.DIFFERS}),
    "the graph removed": Fault(remove("graph.duckdb"), {"graph.duckdb": Kind.ABSENT}),
    "two partitions swapped": Fault(
        swap,
        {"tables/title/03.parquet": Kind.DIFFERS, "tables/title/04.parquet": Kind.DIFFERS},
    ),
    "a partition too many": Fault(add_a_partition, {"tables/title/99.parquet": Kind.UNLISTED}),
    "a receipt edited and sealed anew": Fault(edit_and_seal_anew, {receipt(COVERAGE): Kind.DIFFERS}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_and_nothing_else_is(engine: Engine, name: str) -> None:
    fault = FAULTS[name]
    fault.make(engine)
    assert named(engine) == fault.named
    assert set(alone(engine)["differences"]) == set(fault.named)


def test_without_a_manifest_the_rest_is_still_held_against_the_other_receipts(engine: Engine) -> None:
    receipt_path(engine.data.receipts, MANIFEST).unlink()
    flip_byte(engine.data.path / table("onet_task"), 99)
    assert named(engine) == {
        receipt(MANIFEST): Kind.ABSENT,
        table("onet_task"): Kind.DIFFERS,
    }


def test_results_of_another_build_are_stale(engine: Engine) -> None:
    path = receipt_path(engine.data.receipts, RESULTS)
    kept = path.read_bytes()
    engine.data.models.joinpath("more.npz").write_bytes(b"weights")
    write_manifest(engine, [SNAPSHOT, AUTHORITY, HUB_MAP, COVERAGE])
    path.write_bytes(kept)
    assert named(engine) == {
        receipt(RESULTS): Kind.STALE,
        receipt(APPROVAL_RECEIPT): Kind.STALE,
        **{receipt(name): Kind.STALE for name in REPORTS_ABOVE},
    }
    assert set(alone(engine)["differences"]) == set(named(engine))
    # While a build runs, what rests on its manifest is of the build before.
    assert verify(engine, leaving_out_above=receipt(MANIFEST)).is_sound


def test_a_note_of_the_product_that_is_lost_is_told_and_no_fault(engine: Engine) -> None:
    (engine.data.cache / "product.json").unlink()
    report = verify(engine)
    assert report.is_sound
    assert report.notes == ("aina.duckdb: its digest is not on record; `aina build` notes it anew",)
    assert alone(engine)["notes"] == ["aina.duckdb: no note of its digest, not verified"]


def test_a_file_that_nobody_looks_after_is_told(engine: Engine) -> None:
    (engine.data.path / "notes.txt").write_text("mine")
    assert unknown_files(engine.data) == ["notes.txt"]
    assert verify(engine).notes == ("files that nobody looks after: notes.txt",)


def test_merges_and_reports_are_covered_by_their_folders(engine: Engine) -> None:
    for folder in ("reviews/merges", "reports"):
        assert folder in {kept.folder for kept in KEPT}
        path = engine.data.path / folder / "more.json"
        write_bytes(path, b'{"decision": "keep"}')
    assert named(engine) == {f"{folder}/more.json": Kind.UNLISTED for folder in ("reviews/merges", "reports")}
    write_manifest(engine, [SNAPSHOT, AUTHORITY, HUB_MAP, COVERAGE])
    write_results(engine, [])
    for name in (APPROVAL_RECEIPT, *REPORTS_ABOVE):
        receipt_path(engine.data.receipts, name).unlink()
    assert named(engine) == {}
    flip_byte(engine.data.path / "reviews" / "merges" / "more.json", 5)
    assert named(engine) == {"reviews/merges/more.json": Kind.DIFFERS}


# --- sources, lock, policies


@pytest.fixture
def starter(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return copied_starter(tmp_path / "starter", monkeypatch)


def alone_over(engine: Engine, starter: Path) -> set[str]:
    told = alone(engine, "--mirror", str(starter), "--lock", str(starter / LOCK_SUBJECT))
    return set(told["differences"])


def test_a_wrong_byte_in_a_source_is_named_with_all_that_was_made_from_it(
    engine: Engine, starter: Path
) -> None:
    (path,) = starter.rglob("national_M2024_dl.xlsx")
    flip_byte(path, 5_000)
    (found,) = differences(engine).values()
    assert (found.name, found.kind) == ("oews_national/national.xlsx", Kind.DIFFERS)
    assert {"tables/oews_national.parquet", "tables/wage_fact.parquet", "aina.duckdb"} <= set(found.void)
    assert receipt(SNAPSHOT) in found.void
    assert alone_over(engine, starter) == {"oews_national/national.xlsx"}


def test_a_source_that_is_gone_is_named(engine: Engine, starter: Path) -> None:
    (path,) = starter.rglob("Task Statements.txt")
    path.unlink()
    assert named(engine) == {"onet/Task Statements.txt": Kind.ABSENT}
    assert alone_over(engine, starter) == {"onet/Task Statements.txt"}


@pytest.mark.parametrize("fault", ["a digit", "an address", "no JSON", "a revision"])
def test_another_lock_than_was_built_from_is_named_and_no_source_is(
    engine: Engine, starter: Path, fault: str
) -> None:
    path = starter / LOCK_SUBJECT
    text = path.read_text("utf-8")
    edits = {
        "a digit": lambda: re.sub(r'"sha256": ?"[0-9a-f]{8}', '"sha256": "00000000', text, count=1),
        "an address": lambda: text.replace("Task%20Statements", "Task%20Statementz", 1),
        "no JSON": lambda: text[:-5],
        "a revision": lambda: text.replace('"revision": "', '"revision": "g', 1),
    }
    changed = edits[fault]()
    assert changed != text
    path.write_text(changed, "utf-8")
    found = differences(engine)
    assert set(found) == {LOCK_SUBJECT}
    assert {"onet/Task Statements.txt", "tables/onet_task.parquet"} <= set(found[LOCK_SUBJECT].void)
    assert alone_over(engine, starter) == {LOCK_SUBJECT}


def test_a_policy_that_changed_voids_what_it_decided(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policies = tmp_path / "policies"
    shutil.copytree(PROJECT_ROOT / "data" / "policies", policies)
    monkeypatch.setattr(Settings, "policies_root", property(lambda self: policies))
    (policies / "serve_now.toml").open("a").write("# more\n")
    (found,) = differences(engine).values()
    assert (found.name, found.kind) == ("policies/serve_now.toml", Kind.DIFFERS)
    assert "tables/title_route/00.parquet" in found.void
    assert "tables/onet_task.parquet" not in found.void
    assert set(alone(engine, "--policies", str(policies))["differences"]) == {"policies/serve_now.toml"}


def test_a_snapshot_of_other_files_is_named(engine: Engine) -> None:
    acquired = acquire_all(engine)
    titles = acquired["titles"]
    acquired["titles"] = type(titles)(titles.source, titles.vintage, titles.layout, {})
    write_snapshot(engine, acquired)
    found = named(engine)
    assert found[receipt(SNAPSHOT)] is Kind.DIFFERS
    assert set(found) <= {receipt(SNAPSHOT), receipt(AUTHORITY), receipt(HUB_MAP), receipt(COVERAGE)}


# --- bits


@pytest.mark.parametrize("seed", [1])
def test_single_wrong_bits_anywhere_are_each_named_and_nothing_else_is(
    engine: Engine, starter: Path, tmp_path: Path, seed: int
) -> None:
    digests = DigestCache(tmp_path / "digests.json")
    files = {name: path for name, path in flippable(engine).items() if PROJECT_ROOT not in path.parents}
    assert len(files) > 200
    before = {name: sha256_file(path) for name, path in files.items()}
    for flip in flips(files, 60, seed):
        with flipped(flip):
            assert set(differences(engine, digests)) == {flip.name}, flip
    assert {name: sha256_file(path) for name, path in files.items()} == before
    assert differences(engine) == {}


@pytest.mark.slow
def test_the_script_alone_names_each_wrong_bit_too(engine: Engine, starter: Path) -> None:
    files = {name: path for name, path in flippable(engine).items() if PROJECT_ROOT not in path.parents}
    for flip in flips(files, 60, 2):
        with flipped(flip):
            assert alone_over(engine, starter) == {flip.name}, flip


# --- readers


def test_a_reader_that_meets_another_build_refuses_naming_both(engine: Engine) -> None:
    digest = sha256_file(receipt_path(engine.data.receipts, MANIFEST))
    require_same_build(engine, digest)
    with pytest.raises(ProvenanceMismatchError, match=f"expected the build {'0' * 64}, found {digest}"):
        require_same_build(engine, "0" * 64)
