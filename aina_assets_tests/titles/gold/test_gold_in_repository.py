"""The gold sets that are committed: whole, valid, without any text that may not be here, and read by few."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

import pytest

from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.sources.readers import soc
from aina_assets.titles.certifying.claims import BASES
from aina_assets.titles.functions import read_function_policy
from aina_assets.titles.gold.labels import COLUMNS, MILITARY, TITLE_COLUMN, GoldLabel, read_gold, split_of
from aina_assets.titles.identity import title_id_of
from aina_assets.titles.normalizing.lexicon import read_lexicon
from aina_assets.titles.normalizing.normalize import Normalizer
from aina_assets_tests.conftest import source_files

GOLD = PROJECT_ROOT / "data" / "gold"
SETS = ("starter_titles.csv", "titles_73k.csv")
REAL = "titles_73k.csv"
LEAST_REAL_ROWS = 1000
LEAST_HELD = 0.95
REAL_TITLES = 73_380
# Who may name the test part, by module and function. Thresholds are never chosen here.
READ_TEST_PART = {
    "aina_assets/titles/make_routes.py: title_gold",
    "aina_assets/titles/make_routes.py: title_certificate",
    "benchmarks/titles/gold.py: gold_figures",
    # What adjudication's rules err on gold: a harness too.
    "benchmarks/adjudication/rules_on_gold.py: rules_on_gold",
}
# Who may import the reader of gold sets at all.
READERS = {
    "aina_assets/titles/make_routes.py",
    "benchmarks/titles/gold.py",
    "benchmarks/adjudication/rules_on_gold.py",
    # Known answers among prompts, and the rehearsal's truth: tune rows.
    "aina_assets/adjudication/stage.py",
    "benchmarks/adjudication/rehearsal.py",
}
PACKAGES = ("aina_assets", "benchmarks", "tools")
# These take the part as a parameter: what they are given is named by their callers.
TAKES_THE_PART = {"judged", "read_gold"}


@lru_cache
def labels(name: str) -> list[GoldLabel]:
    """Both parts of a set."""
    return [*read_gold(GOLD / name, split="tune"), *read_gold(GOLD / name, split="test")]


def header(name: str) -> tuple[str, ...]:
    return tuple((GOLD / name).read_text("utf-8").split("\n", 1)[0].split(","))


@pytest.fixture(scope="module")
def normalizer() -> Normalizer:
    return Normalizer(read_lexicon(Settings().policies_root))


# --- the files


def test_these_sets_are_committed() -> None:
    assert tuple(path.name for path in sorted(GOLD.glob("*.csv"))) == SETS


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_valid_and_both_its_parts_have_rows(name: str) -> None:
    found = labels(name)
    assert len({label.title_id for label in found}) == len(found)
    parts = [split_of(label.title_id) for label in found]
    assert 0.3 < parts.count("tune") / len(parts) < 0.5


@pytest.mark.parametrize("name", SETS)
def test_a_set_has_titles_in_and_out_of_scope_and_some_that_were_settled(name: str) -> None:
    found = labels(name)
    assert {label.is_in_scope for label in found} == {True, False}
    assert any(label.is_settled for label in found)


def test_the_real_lists_set_has_no_column_of_text() -> None:
    assert header(REAL) == COLUMNS
    assert TITLE_COLUMN not in COLUMNS
    assert all(label.raw_title is None for label in labels(REAL))


def test_no_column_of_the_real_lists_set_has_room_for_text() -> None:
    """Ids, closed lists, codes and numbers: a title could only hide in the name of a stratum."""
    functions = "|".join(read_function_policy(Settings().policies_root).names)
    first = r"(uniq|amb|none)/([0-9]{2}|[a-z]{2,3})"
    later = rf"({'|'.join(BASES)})/(all|{functions})(/[a-z-]{{3,12}})?"
    strata = {label.sampling_stratum for label in labels(REAL)}
    assert {name for name in strata if not re.fullmatch(f"{first}|{later}", name)} == set()


def test_the_real_lists_set_is_large_enough_and_its_weights_count_the_list() -> None:
    found = labels(REAL)
    assert len(found) >= LEAST_REAL_ROWS
    # Several draws of one list: their weights together count it about once.
    assert sum(label.weight for label in found) == pytest.approx(REAL_TITLES, rel=0.05)


def test_the_starters_text_is_what_its_ids_are_of(normalizer: Normalizer) -> None:
    found = labels("starter_titles.csv")
    wrong = [
        label.raw_title
        for label in found
        if label.raw_title is None or title_id_of(normalizer(label.raw_title).normalized) != label.title_id
    ]
    assert wrong == []


def test_a_title_of_both_sets_is_in_the_same_part_of_both() -> None:
    parts = [{label.title_id: label.split for label in labels(name)} for name in SETS]
    shared = parts[0].keys() & parts[1].keys()
    assert [title_id for title_id in shared if parts[0][title_id] != parts[1][title_id]] == []


@pytest.mark.real_data
def test_the_real_list_has_the_titles_of_its_set(real_titles: Path, normalizer: Normalizer) -> None:
    lines = [line for line in real_titles.read_text("utf-8").split("\n") if line.strip()]
    ids = {title_id_of(found.normalized) for found in map(normalizer, lines) if not found.defect}
    found = labels(REAL)
    held = sum(label.title_id in ids for label in found)
    assert held >= LEAST_HELD * len(found), f"{held} of {len(found)} labels are of the list"


@pytest.mark.real_data
@pytest.mark.parametrize("name", SETS)
def test_every_code_is_a_detailed_code_of_soc(real_mirror: Path, name: str) -> None:
    paths = {path.name: path for path in (real_mirror / "www.bls.gov" / "soc" / "2018").glob("*.xlsx")}
    rows = soc.read_soc_group(source_files("soc", "2018", "soc_2018", paths)).to_pylist()
    known = {row["soc_code"] for row in rows if row["level"] == "detailed"}
    assert len(known) == 867
    unknown = {code for label in labels(name) for code in label.soc_codes} - known - {MILITARY}
    assert unknown == set()


# --- who reads the test part


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def functions_of(path: Path) -> Iterator[tuple[str, list[ast.Call]]]:
    """The functions of a module, each with the calls in it."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef):
            yield node.name, [call for call in ast.walk(node) if isinstance(call, ast.Call)]


def sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (PROJECT_ROOT / package).rglob("*.py"))


def called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def parts_asked(call: ast.Call) -> list[ast.expr]:
    """What a call gives as the part of a gold set."""
    named = [word.value for word in call.keywords if word.arg == "split"]
    return named + (call.args[:1] if called(call) == "judged" else [])


def test_the_test_part_is_named_where_it_may_be_and_nowhere_else() -> None:
    found = {
        f"{path.relative_to(PROJECT_ROOT)}: {function}"
        for path in sources()
        for function, calls in functions_of(path)
        for call in calls
        for part in parts_asked(call)
        if isinstance(part, ast.Constant) and part.value == "test"
    }
    assert found == READ_TEST_PART


def test_no_part_is_asked_for_by_a_name_that_is_made_up_at_run_time() -> None:
    found = {
        (str(path.relative_to(PROJECT_ROOT)), function)
        for path in sources()
        for function, calls in functions_of(path)
        for call in calls
        if called(call) in TAKES_THE_PART
        for part in parts_asked(call)
        if not isinstance(part, ast.Constant)
    }
    # It hands on what its caller names, and the test above finds all its callers.
    assert found == {("aina_assets/titles/make_routes.py", "judged")}


def test_gold_sets_have_no_other_readers() -> None:
    found = {
        str(path.relative_to(PROJECT_ROOT))
        for path in sources()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom)
        and node.module == "aina_assets.titles.gold.labels"
        and any(alias.name == "read_gold" for alias in node.names)
    }
    assert found == READERS
