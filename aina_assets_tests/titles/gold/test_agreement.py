"""Agreement statistics against published figures, and the rule by which two passes become gold labels."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.titles.functions import NAMES
from aina_assets.titles.gold.agreement import (
    Agreement,
    UnlabelledError,
    UnsettledError,
    agreement,
    cohens_kappa,
    disagreements,
    is_agreed,
    merge_labels,
)
from aina_assets.titles.gold.labels import LEVELS, GoldError, GoldLabel
from aina_assets.titles.gold.sampling import SampledTitle
from aina_assets.titles.gold.sheets import SheetLabel

ROW = SampledTitle("0", "0" * 16, "analyst", "exact/13", 2.5)
A = SheetLabel("0", "in", ("13-2011", "13-2031"), "detailed", ("finance",), "h")
B = SheetLabel("0", "in", ("13-2031", "13-2011", "15-2051"), "minor", ("data",), "m")
OUT = SheetLabel("0", "military", ("55",), "major", (), "h")

CODES = ["13-2011", "13-2031", "15-2051", "41-3091", "53-3032"]
labels = st.builds(
    SheetLabel,
    row_id=st.just("0"),
    scope=st.just("in"),
    codes=st.lists(st.sampled_from(CODES), max_size=4, unique=True).map(tuple),
    level=st.sampled_from(LEVELS),
    functions=st.sampled_from(NAMES).map(lambda name: (name,)),
    confidence=st.just("m"),
)


def one(
    a: SheetLabel,
    b: SheetLabel,
    settled: SheetLabel | None = None,
    judged: tuple[str, ...] = (),
) -> GoldLabel:
    third = {} if settled is None else {"0": settled}
    (label,) = merge_labels({"0": a}, {"0": b}, third, {"0": judged}, [ROW])
    return label


def pairs_of(table: list[list[int]]) -> list[tuple[int, int]]:
    return [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]


def test_kappa_is_the_published_one() -> None:
    # Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd edition, table 18.1:
    # two raters diagnose 100 people; .89 observed, .66 by chance.
    diagnoses = pairs_of([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    assert cohens_kappa(diagnoses) == pytest.approx(0.23 / 0.34)
    # The example of most textbooks: two readers grant or refuse 50 proposals; .70 observed, .50 by chance.
    assert cohens_kappa(pairs_of([[20, 5], [10, 15]])) == pytest.approx(0.40)


def test_kappa_of_extremes() -> None:
    assert cohens_kappa(pairs_of([[3, 0], [0, 7]])) == 1
    assert cohens_kappa(pairs_of([[25, 25], [25, 25]])) == 0
    assert cohens_kappa(pairs_of([[0, 5], [5, 0]])) == -1
    assert cohens_kappa([("x", "x")] * 3) is None
    assert cohens_kappa([]) is None


@given(pairs=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1))
def test_kappa_does_not_care_whose_answer_is_first_and_is_at_most_one(pairs: list[tuple[int, int]]) -> None:
    kappa = cohens_kappa(pairs)
    assert kappa == cohens_kappa([(b, a) for a, b in pairs])
    assert kappa is None or kappa <= 1


def test_agreement_counts_only_rows_that_can_be_compared() -> None:
    nothing = replace(OUT, scope="not_a_job", codes=(), level="none")
    pass_a = {"0": A, "1": A, "2": OUT, "3": nothing, "4": A}
    pass_b = {"0": B, "1": OUT, "2": OUT, "3": nothing, "5": A}
    found = {figure.question: figure for figure in agreement(pass_a, pass_b)}
    assert {name: (figure.rows, figure.share) for name, figure in found.items()} == {
        "in or out of scope": (4, 0.75),
        "scope and reason": (4, 0.75),
        "function": (1, 0.0),
        "first code at 6 digits": (3, pytest.approx(1 / 3)),
        "first code at 3 digits": (3, pytest.approx(2 / 3)),
        "first code at 2 digits": (3, pytest.approx(2 / 3)),
    }
    assert found["in or out of scope"].kappa == pytest.approx(0.5)


def test_agreement_of_nothing_says_so() -> None:
    figures = agreement({}, {})
    assert figures[0] == Agreement("in or out of scope", 0, None, None)
    assert str(figures[0]) == "in or out of scope: 0 rows, agreement n/a, kappa n/a"


def test_agreed_rows_give_both_codes_by_mean_rank_the_coarser_level_and_both_functions() -> None:
    assert one(A, B) == GoldLabel(
        title_id="0" * 16,
        is_in_scope=True,
        scope_reason=None,
        functions=("finance", "data"),
        soc_codes=("13-2011", "13-2031", "15-2051"),
        level="minor",
        is_settled=False,
        sampling_stratum="exact/13",
        weight=2.5,
        raw_title="analyst",
    )


def test_a_code_that_one_coder_lacks_ranks_behind() -> None:
    a = replace(A, codes=("13-2011", "15-2051"))
    b = replace(A, codes=("13-2011", "13-2031", "41-3091", "15-2051"))
    assert one(a, b).soc_codes == ("13-2011", "15-2051", "13-2031", "41-3091")


def test_at_most_six_codes_of_two_coders() -> None:
    a = replace(A, codes=("11-1011", "13-1011", "13-1021", "13-1022"))
    b = replace(A, codes=("11-1011", "15-1211", "15-1212", "15-1221"))
    assert len(one(a, b).soc_codes) == 6
    assert len(one(a, b, judged=("19-1011",)).soc_codes) == 7


@given(a=labels, b=labels)
def test_it_does_not_matter_whose_pass_is_first_but_for_the_primary_function(
    a: SheetLabel, b: SheetLabel
) -> None:
    assert is_agreed(a, b) == is_agreed(b, a)
    if is_agreed(a, b):
        ab, ba = one(a, b), one(b, a)
        assert replace(ab, functions=ba.functions) == ba
        assert set(ab.functions) == set(ba.functions)
        assert ab.functions[0] == a.functions[0]
        assert set(ab.soc_codes) == {*a.codes, *b.codes}


@given(a=labels)
def test_two_equal_passes_give_themselves(a: SheetLabel) -> None:
    label = one(a, a)
    assert (label.soc_codes, label.level, label.functions) == (a.codes, a.level, a.functions)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (A, B, True),
        (A, replace(A, codes=("41-3091", "13-2011")), True),
        (A, replace(A, codes=("41-3091", "13-2031")), False),
        (A, replace(A, codes=()), False),
        (replace(A, codes=()), replace(B, codes=()), True),
        (A, OUT, False),
        (OUT, replace(OUT, scope="not_a_job"), False),
    ],
)
def test_when_two_labels_agree(a: SheetLabel, b: SheetLabel, expected: bool) -> None:
    assert is_agreed(a, b) is expected
    assert disagreements({"0": a}, {"0": b}) == (set() if expected else {"0"})


def test_a_settled_row_replaces_everything() -> None:
    third = SheetLabel("0", "in", ("41-3091",), "detailed", ("sales",), "m")
    for a, b in ((A, B), (A, OUT), (OUT, OUT)):
        label = one(a, b, third)
        assert (label.soc_codes, label.level, label.functions) == (("41-3091",), "detailed", ("sales",))
        assert label.is_settled
    label = one(A, B, OUT)
    assert (label.scope_reason, label.functions, label.soc_codes) == ("military", (), ("55",))


def test_accepted_codes_join_behind_in_scope_only() -> None:
    assert one(A, A, judged=("15-2051", "13-2011")).soc_codes == ("13-2011", "13-2031", "15-2051")
    assert one(OUT, OUT, judged=("15-2051",)).soc_codes == ("55",)


def test_disagreement_that_nobody_settled_is_named_up_to_ten_rows() -> None:
    rows = [replace(ROW, row_id=f"{n:02d}", title_id=f"{n:016x}") for n in range(13)]
    a, b = {row.row_id: A for row in rows}, {row.row_id: OUT for row in rows}
    with pytest.raises(UnsettledError) as caught:
        merge_labels(a, b, {"00": A}, {}, rows)
    assert "12 rows: 01, 02, 03, 04, 05, 06, 07, 08, 09, 10, ..." in str(caught.value)
    assert "third pass" in caught.value.remedy


def test_rows_without_both_labels_are_named() -> None:
    rows = [replace(ROW, row_id=str(n), title_id=f"{n:016x}") for n in range(3)]
    with pytest.raises(UnlabelledError, match="not labelled by both coders: 2 rows: 1, 2"):
        merge_labels({"0": A, "1": A}, {"0": A, "2": A}, {}, {}, rows)


@pytest.mark.parametrize("place", range(4))
def test_labels_of_rows_that_are_not_of_the_sample_are_refused(place: int) -> None:
    parts: list[dict[str, SheetLabel]] = [{"0": A}, {"0": A}, {}, {}]
    parts[place] = parts[place] | {"9": A}
    a, b, settled, judged = parts
    with pytest.raises(GoldError, match=r"not of the sample, but among .* rows: 1 row: 9"):
        merge_labels(a, b, settled, dict.fromkeys(judged, ()), [ROW])


def test_rows_of_one_title_are_one_label_that_counts_once() -> None:
    rows = [
        ROW,
        replace(ROW, row_id="1", title="Analyst", weight=4.0),
        replace(ROW, row_id="2", title_id=None),
    ]
    a = {"0": A, "1": replace(B, level="major"), "2": OUT}
    (label,) = merge_labels(a, a, {"1": a["1"]}, {}, rows)
    assert (label.weight, label.raw_title, label.level) == (4.0, "analyst", "major")
    assert (label.functions, label.is_settled) == (("finance", "data"), True)
    assert label.soc_codes == ("13-2011", "13-2031", "15-2051")


def test_rows_of_one_title_must_agree_on_the_scope() -> None:
    rows = [ROW, replace(ROW, row_id="1")]
    a = {"0": A, "1": OUT}
    with pytest.raises(UnsettledError, match="rows of one title have different scopes: 2 rows: 0, 1"):
        merge_labels(a, a, {}, {}, rows)


def test_a_malformed_title_is_named_by_its_row() -> None:
    with pytest.raises(GoldError, match="title_id: not an id: 'x'") as caught:
        merge_labels({"0": A}, {"0": A}, {}, {}, [replace(ROW, title_id="x")])
    assert caught.value.place == "row 0 of the sample"


def test_labels_come_sorted_by_title() -> None:
    rows = [replace(ROW, row_id=str(n), title_id=f"{9 - n:016x}") for n in range(5)]
    a = {row.row_id: A for row in rows}
    ids = [label.title_id for label in merge_labels(a, a, {}, {}, rows)]
    assert ids == sorted(ids)
