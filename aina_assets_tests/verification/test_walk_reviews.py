"""The walk over what cannot be made anew, reviews, and over roots of engines before this one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import rfc8785

from aina_assets.adjudication.receipts import RECEIPT as ADJUDICATION
from aina_assets.core.engine import Engine
from aina_assets.core.errors import StateError
from aina_assets.core.receipts import read_receipt, receipt_path
from aina_assets.reports.receipts import CHANGE_RECEIPT, FOUNDER_RECEIPT
from aina_assets.titles.receipts import COVERAGE, TitleCoverageReceipt
from aina_assets.verification.manifest import MANIFEST
from aina_assets.verification.results import RESULTS
from aina_assets.verification.walk import Kind, verify
from aina_assets_tests.builds import Build, copied, flip_byte
from aina_assets_tests.verification.damage import alone, differences, named


@pytest.fixture
def engine(starter_build: Build, tmp_path: Path) -> Engine:
    return copied(starter_build, tmp_path / "run")


# --- a data root of an engine before seals


def test_receipts_from_before_seals_are_told_as_such_with_what_makes_them_anew(engine: Engine) -> None:
    path = receipt_path(engine.data.receipts, COVERAGE)
    statement = json.loads(path.read_bytes())
    del statement["predicate"]["seal"]
    path.write_bytes(rfc8785.dumps(statement) + b"\n")
    found = differences(engine)[f"receipts/{COVERAGE}.json"]
    assert (found.kind, found.says) == (
        Kind.DAMAGED,
        "without a seal: of an engine before seals; `aina build` writes it anew",
    )
    assert f"receipts/{MANIFEST}.json" in found.void
    with pytest.raises(StateError, match="seal") as caught:
        read_receipt(path, COVERAGE, TitleCoverageReceipt)
    assert caught.value.file == str(path)
    assert caught.value.remedy


def test_a_root_from_before_the_manifest_is_no_finished_build(engine: Engine) -> None:
    above = ("production_deployment_approval_v1", "api_fixture_v1", "beta_ui_fixture_v1")
    for name in (MANIFEST, RESULTS, *above, FOUNDER_RECEIPT, CHANGE_RECEIPT):
        receipt_path(engine.data.receipts, name).unlink()
    assert named(engine) == {f"receipts/{MANIFEST}.json": Kind.ABSENT}


# --- what reviewers were asked and said


@pytest.mark.parametrize("folder", ["answers", "requests"])
def test_an_answer_or_request_that_differs_voids_what_was_merged_of_it(engine: Engine, folder: str) -> None:
    path = sorted((engine.data.reviews / folder).glob("*.json"))[3]
    flip_byte(path, 30)
    (found,) = differences(engine).values()
    assert (found.name, found.kind) == (f"reviews/{folder}/{path.name}", Kind.DIFFERS)
    merges = [name for name in found.void if name.startswith("reviews/merges/")]
    assert len(merges) == 1
    assert {"tables/title_state.parquet", f"receipts/{ADJUDICATION}.json"} <= set(found.void)
    assert set(alone(engine)["differences"]) == {found.name}


def test_an_answer_of_after_the_build_is_noted_and_one_that_is_gone_is_named(engine: Engine) -> None:
    folder = engine.data.reviews / "answers"
    path = sorted(folder.glob("*.json"))[0]
    (folder / f"{'0' * 64}.json").write_bytes(path.read_bytes())
    report = verify(engine)
    assert report.is_sound
    assert report.notes == ("reviews: 1 files are of after the build; `aina build` names them",)
    told = alone(engine)
    assert (told["differences"], told["notes"]) == ({}, ["reviews: 1 files are of after the build"])
    path.unlink()
    assert named(engine) == {f"reviews/answers/{path.name}": Kind.ABSENT}
