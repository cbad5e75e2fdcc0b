"""The starter's words are its own: no sentence of O*NET's, of the SOC's or of GDPval's is in it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from aina_assets.core.settings import Settings
from aina_assets.sources.acquire import SourceFiles, acquire
from aina_assets.sources.lock import read_lock
from tools.starter.authored import Content, read_content
from tools.starter.command import AUTHORED, STARTER

SHINGLE_WORDS = 8
# Shorter phrases coincide by chance.
FEWEST_WORDS = 5
ONET_FOLDER = "www.onetcenter.org/dl_files/database/db_30_2_text"
ONET_SENTENCE_FILES = (
    "Task Statements",
    "Occupation Data",
    "IWA Reference",
    "DWA Reference",
    "Job Zone Reference",
    "Education, Training, and Experience Categories",
    "Content Model Reference",
)


@pytest.fixture(scope="module")
def content() -> Content:
    return read_content(STARTER / AUTHORED)


@pytest.fixture(scope="module")
def acquired() -> Mapping[str, SourceFiles]:
    lock = read_lock(STARTER / "sources.lock.json")
    return {"gdpval": acquire("gdpval", Settings(sources="starter"), lock)}


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def _sentences(text: str) -> Iterator[str]:
    for part in re.split(r"(?<=[.;:!?])\s|\t|\r?\n", text):
        words = _words(part)
        if len(re.findall(r"[a-z]{2,}", words)) >= FEWEST_WORDS:
            yield words


def _shingles(text: str) -> Iterator[str]:
    words = _words(text).split()
    for start in range(len(words) - SHINGLE_WORDS + 1):
        yield " ".join(words[start : start + SHINGLE_WORDS])


def _onet_text(root: Path) -> str:
    files = (root / ONET_FOLDER / f"{name}.txt" for name in ONET_SENTENCE_FILES)
    return "\n".join(file.read_text("utf-8") for file in files)


def _cells(path: Path) -> str:
    sheet = load_workbook(path, read_only=True).worksheets[0]
    return "\n".join(
        cell for row in sheet.iter_rows(values_only=True) for cell in row if isinstance(cell, str)
    )


@pytest.mark.real_data
@pytest.mark.slow
def test_no_sentence_is_onet_s_or_the_soc_s(real_mirror: Path, content: Content) -> None:
    definitions = "www.bls.gov/soc/2018/soc_2018_definitions.xlsx"
    hub = "huggingface.co/datasets/Anthropic/EconomicIndex/resolve"
    files = [*(real_mirror / "www.onetcenter.org/dl_files").rglob("*.txt")]
    lists = re.compile(r"titles|tools|technology|software|related|read me|metadata|job zones", re.IGNORECASE)
    files = [file for file in files if not lists.search(file.name)]
    legacy = list((real_mirror / hub).rglob("onet_task_statements.csv"))
    upstream = {
        sentence
        for text in (_cells(real_mirror / definitions), *(file.read_text("utf-8") for file in files))
        for sentence in _sentences(text)
    }
    for file in legacy:
        with file.open(encoding="utf-8", newline="") as handle:
            upstream |= {sentence for row in csv.DictReader(handle) for sentence in _sentences(row["Task"])}
    # Names of occupations, groups and general activities are the publishers' facts; all else is to be ours.
    names = [group.title for group in content.groups]
    names += [activity.general_name for activity in content.activities]
    facts = {sentence for name in names for sentence in _sentences(name)}
    ours = {*_sentences(_onet_text(STARTER)), *_sentences(_cells(STARTER / definitions))} - facts
    assert len(ours) > 700
    assert len(upstream) > 20_000
    assert sorted(ours & upstream) == []


@pytest.mark.real_data
def test_no_eight_words_in_a_row_are_onet_s(real_mirror: Path, content: Content) -> None:
    theirs = {
        shingle
        for pattern in ("*Task*.txt", "Occupation Data.txt", "*DWA*.txt")
        for file in (real_mirror / "www.onetcenter.org/dl_files").rglob(pattern)
        for line in file.read_text("utf-8").splitlines()
        for shingle in _shingles(line)
    }
    texts = [o.description for o in content.occupations]
    texts += [task.sentence for o in content.occupations for task in o.tasks]
    ours = {shingle for text in texts for shingle in _shingles(text)}
    assert len(ours) > 4_000
    assert len(theirs) > 200_000
    assert sorted(ours & theirs) == []


@pytest.mark.real_data
def test_no_eight_words_in_a_row_are_gdpval_s(real_mirror: Path, acquired: Mapping[str, SourceFiles]) -> None:
    path = acquired["gdpval"].path("data/train-00000-of-00001.parquet")

    def shingles(file: Path) -> set[str]:
        table = pq.read_table(file, columns=["prompt", "rubric_pretty"])
        texts = (text for column in table.columns for text in column.to_pylist())
        return {shingle for text in texts for shingle in _shingles(text)}

    ours, theirs = shingles(path), shingles(real_mirror / path.relative_to(STARTER))
    assert len(ours) > 5_000
    # The count alone: the text itself must not reach a log.
    assert len(ours & theirs) == 0
