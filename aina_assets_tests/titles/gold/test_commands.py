"""`aina gold sample|label|import`, from an inventory to a gold set and its figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aina_assets.titles.gold.agreement import UnlabelledError, UnsettledError
from aina_assets.titles.gold.commands import ImportSummary, import_labels, label, sample
from aina_assets.titles.gold.labels import GoldError, read_gold

TITLES = [(f"{n:016x}", f"title {n}", f"lane/{n % 3}") for n in range(60)]
ANSWERS = ["in", "13-2011", "detailed", "finance", "h"]


def fill(sheet: Path) -> None:
    """Label a whole sheet as a person would, with the same answer for each row."""
    answers = iter(ANSWERS * 100)
    assert label(sheet, ask=lambda prompt: next(answers), show=lambda line: None).left == 0


def written(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8", newline="\n")
    return path


def folder_of_three(tmp_path: Path) -> Path:
    """A starter-like folder: two rows of one title, one that is no title, one disagreement."""
    written(tmp_path / "sample.tsv", "0\tAuditor", "1\tauditor", "2\t=1+1", "3\tclerk")
    rows = ["0|in|13-2011|detailed|finance|h", "1|in|13-2011|detailed|finance|h", "2|not_a_job|-|none|-|h"]
    written(tmp_path / "coder_a.out", *rows, "3|in|43-9061|minor|administration|m")
    written(tmp_path / "coder_b_1.out", *rows)
    written(tmp_path / "coder_b_2.out", "3|in|43-3031|minor|finance|m")
    return tmp_path


def title_id_of(text: str) -> str | None:
    return None if text.startswith("=") else f"{sum(text.casefold().encode()):016x}"


def imported(folder: Path, output: Path, **options: Any) -> ImportSummary:
    return import_labels(folder, output, title_id_of=title_id_of, sample_file="sample.tsv", **options)


def both_parts(path: Path) -> dict[str | None, tuple[str, ...]]:
    found = (*read_gold(path), *read_gold(path, split="test"))
    return {gold.raw_title: gold.soc_codes for gold in found}


def test_from_an_inventory_to_a_gold_set(tmp_path: Path) -> None:
    drawn = sample(TITLES, tmp_path / "sheets", size=30, seed=3, floor=5)
    assert (drawn.rows, drawn.titles, drawn.strata) == (30, 60, 3)
    assert str(drawn).startswith("30 rows for 60 titles of 3 strata\nsheets: ")
    for coder in "ab":
        fill(tmp_path / "sheets" / f"coder_{coder}.csv")
    output = tmp_path / "gold.csv"
    found = import_labels(tmp_path / "sheets", output)
    assert (found.rows, found.labels, found.in_scope, found.joined, found.left_out) == (30, 30, 30, 0, 0)
    assert (found.disagreements, found.settled, found.judged) == (0, 0, 0)
    assert (found.tune, found.test) == (len(read_gold(output)), len(read_gold(output, split="test")))
    weights = [row.weight for row in (*read_gold(output), *read_gold(output, split="test"))]
    assert sum(weights) == pytest.approx(60)
    assert "title 1" not in output.read_text("utf-8")
    assert "first code at 6 digits: 30 rows, agreement 1.000, kappa n/a" in str(found)


def test_a_labelling_of_several_passes_is_imported_whole(tmp_path: Path) -> None:
    folder = folder_of_three(tmp_path)
    output = tmp_path / "gold.csv"
    with pytest.raises(UnsettledError, match="1 row: 3"):
        imported(folder, output)
    assert not output.exists()
    written(folder / "settled.out", "3|in|43-9061|function|administration|m")
    written(folder / "judged.out", "3|43-4171,43-9061", "0|-")
    found = imported(folder, output, with_titles=True)
    assert (found.rows, found.labels, found.joined, found.left_out) == (4, 2, 1, 1)
    assert (found.disagreements, found.settled, found.judged) == (1, 1, 1)
    assert both_parts(output) == {"Auditor": ("13-2011",), "clerk": ("43-9061", "43-4171")}
    again = tmp_path / "again.csv"
    imported(folder, again, with_titles=True)
    assert again.read_bytes() == output.read_bytes()


def test_patterns_find_sheets_of_any_name(tmp_path: Path) -> None:
    folder = folder_of_three(tmp_path)
    written(folder / "third.out", "3|in|43-9061|function|administration|m")
    for old, new in (("coder_a.out", "A0.out"), ("coder_b_1.out", "B0.out"), ("coder_b_2.out", "B1.out")):
        (folder / old).rename(folder / new)
    written(folder / "A0.in", "not a sheet")
    found = imported(folder, tmp_path / "g.csv", coder_a="A*", coder_b="B*", settled="third*")
    assert found.labels == 2


def test_what_cannot_be_imported_is_refused_and_leaves_the_old_set(tmp_path: Path) -> None:
    folder = folder_of_three(tmp_path)
    written(folder / "settled.out", "3|in|43-9061|function|administration|m")
    output = written(tmp_path / "gold.csv", "old")
    with pytest.raises(GoldError, match=r"SOC 2018 does not have: 2 rows: 0 \(13-2011\), 1 \("):
        imported(folder, output, known_codes={"43-9061", "43-3031"})
    twice = written(folder / "coder_b_3.out", "3|in|43-9061|function|administration|m")
    with pytest.raises(GoldError, match="labelled in another sheet of 'coder_b\\*' too: 1 row: 3"):
        imported(folder, output)
    twice.unlink()
    (folder / "coder_b_2.out").unlink()
    with pytest.raises(UnlabelledError, match="1 row: 3"):
        imported(folder, output)
    (folder / "coder_b_1.out").unlink()
    with pytest.raises(GoldError, match="no sheet 'coder_b\\*'"):
        imported(folder, output)
    assert output.read_text() == "old\n"


def test_a_folder_without_a_sample_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="no such file") as caught:
        import_labels(tmp_path, tmp_path / "gold.csv")
    assert caught.value.file == str(tmp_path / "sample.csv")
