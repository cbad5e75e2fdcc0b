"""An inventory of one's own is sampled, labelled and certified by the commands that the documents name."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from aina_assets.core.engine import Engine
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.titles.gold.labels import GoldLabel, read_gold
from aina_assets.titles.identity import title_id_of
from aina_assets.titles.make import TitleStage
from aina_assets.titles.make_routes import RouteStage
from aina_assets.titles.normalizing.lexicon import read_lexicon
from aina_assets.titles.normalizing.normalize import Normalizer
from aina_assets.titles.tables import TITLE_CERTIFICATE, TITLE_ROUTE
from aina_assets_tests.builds import Build, copied, invoke, starter_settings

STARTER_GOLD = PROJECT_ROOT / "data" / "gold" / "starter_titles.csv"
SIZE = 900


@pytest.fixture(scope="module")
def answers() -> Mapping[str, GoldLabel]:
    """What a coder would say of each text: the starter's own labels."""
    labels = (*read_gold(STARTER_GOLD, split="tune"), *read_gold(STARTER_GOLD, split="test"))
    return {label.title_id: label for label in labels}


def fill(sheet: Path, answers: Mapping[str, GoldLabel]) -> None:
    """Answer every row of a coder's sheet."""
    with sheet.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    normalizer = Normalizer(read_lexicon(PROJECT_ROOT / "data" / "policies"))
    for row in rows:
        label = answers[title_id_of(normalizer(row["title"]).normalized)]
        row |= {
            "scope": label.scope,
            "codes": " ".join(label.soc_codes[:4]) or "-",
            "level": label.level,
            "functions": " ".join(label.functions) or "-",
            "confidence": "h",
        }
    with sheet.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def routed(data: Path, gold: Path) -> Engine:
    """A state with the routes that these gold sets give it."""
    engine = Engine(starter_settings(data, gold=gold))
    routes = RouteStage(TitleStage(engine))
    for make in (routes.title_gold, routes.title_calibration, routes.title_certificate):
        make()
    for key in engine.settings.title_batch_keys:
        routes.title_route(key)
    return engine


def reasons(engine: Engine) -> set[str]:
    return set(engine.store.read_partitions(TITLE_ROUTE.name, ["reason"])["reason"].to_pylist())


def test_sample_label_import_and_the_inventory_is_certified(
    starter_build: Build, tmp_path: Path, answers: Mapping[str, GoldLabel]
) -> None:
    data, gold = tmp_path / "run", tmp_path / "gold"
    work = data / "exports" / "gold"
    gold.mkdir()
    copied(starter_build, data)
    before = routed(data, gold)
    assert before.store.info(TITLE_CERTIFICATE.name).rows == 0
    assert not [reason for reason in reasons(before) if reason.startswith("certified")]

    sampled = invoke(data, "gold", "sample", str(work), "--size", str(SIZE), "--floor", "5")
    assert sampled.exit_code == 0, sampled.output
    assert f"{SIZE} rows for 2,059 titles" in sampled.output
    unlabelled = invoke(data, "gold", "import", str(work), str(work / "mine.csv"))
    assert unlabelled.exit_code == 1
    assert not (work / "mine.csv").exists()
    for coder in ("coder_a.csv", "coder_b.csv"):
        fill(work / coder, answers)
    imported = invoke(data, "gold", "import", str(work), str(work / "mine.csv"))
    assert imported.exit_code == 0, imported.output
    assert "0 rows disagreed on" in imported.output
    shutil.copy(work / "mine.csv", gold)

    after = routed(data, gold)
    certificates = after.store.read(TITLE_CERTIFICATE.name).to_pylist()
    assert {row["state"] for row in certificates} >= {"certified"}
    assert any(reason.startswith("certified") for reason in reasons(after))
    assert "authoritative_match" not in reasons(after)
    # The set has ids and labels; whoever made it keeps the texts.
    assert "raw_title" not in (gold / "mine.csv").read_text("utf-8").splitlines()[0]
