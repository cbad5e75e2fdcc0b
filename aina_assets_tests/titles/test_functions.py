"""Which business function work belongs to: the committed policy's answers, and how a bad one is refused."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.core.errors import SettingsError
from aina_assets.core.settings import Settings
from aina_assets.core.storage import sha256_file
from aina_assets.titles.functions import FILE_NAME, NAMES, FunctionPolicy, read_function_policy
from aina_assets.titles.scope import read_scope_policy
from aina_assets_tests.titles.test_scope import REAL_SOC, STARTER_SOC, detailed_codes

ONET_OCCUPATIONS = Path("www.onetcenter.org/dl_files/database/db_30_2_text/Occupation Data.txt")

GOOD = """
policy = "business_functions"
version = "1.0.0"
{functions}
[[words]]
name = "products"
function = "product"
overrides_soc = true
phrases = ["product owner"]
[[words]]
name = "books"
function = "finance"
overrides_soc = false
phrases = ["book keeper", "owner"]
""".format(
    functions="\n".join(
        f'[functions.{name}]\ndescription = "A sentence."\nsoc = ["13-10{number}"]'
        for number, name in enumerate(NAMES, start=10)
    ),
)


def policy(tmp_path: Path, content: str | bytes) -> FunctionPolicy:
    (tmp_path / FILE_NAME).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_function_policy(tmp_path)


@pytest.fixture(scope="module")
def committed() -> FunctionPolicy:
    return read_function_policy(Settings().policies_root)


def disagreements(committed: FunctionPolicy, codes: list[str]) -> list[str]:
    """The codes that are in scope without a function, or out of scope with one."""
    scope = read_scope_policy(Settings().policies_root)
    return [
        code for code in codes if scope.of_code(code).is_in_scope != (committed.of_code(code) is not None)
    ]


def test_the_starters_occupations_have_a_function_just_where_they_are_in_scope(
    committed: FunctionPolicy,
) -> None:
    codes = detailed_codes(STARTER_SOC)
    assert len(codes) > 40
    assert disagreements(committed, codes) == []


@pytest.mark.real_data
def test_every_real_occupation_has_a_function_just_where_it_is_in_scope(
    committed: FunctionPolicy, real_mirror: Path
) -> None:
    codes = detailed_codes(real_mirror / REAL_SOC)
    with (real_mirror / ONET_OCCUPATIONS).open(encoding="utf-8", newline="") as file:
        onet = [row[0] for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)][1:]
    assert (len(codes), len(onet)) == (867, 1016)
    assert disagreements(committed, codes + onet) == []
    counts = Counter(committed.of_code(code) for code in codes)
    assert set(counts) == {None, *NAMES} - {"product"}


@pytest.mark.real_data
def test_every_real_prefix_has_an_occupation(committed: FunctionPolicy, real_mirror: Path) -> None:
    with (real_mirror / ONET_OCCUPATIONS).open(encoding="utf-8", newline="") as file:
        onet = [row[0] for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)][1:]
    prefixes = [prefix for function in committed.functions.values() for prefix in function.soc]
    assert [prefix for prefix in prefixes if not any(code.startswith(prefix) for code in onet)] == []


@pytest.mark.parametrize(
    ("code", "function"),
    [
        ("11-1021", "general_business"),
        ("11-2022", "sales"),
        ("11-2021", "marketing"),
        ("11-3021", "it"),
        ("11-9199", "general_business"),
        ("11-9199.02", "operations"),
        ("15-1252.00", "software"),
        ("15-1299.07", "software"),
        ("15-1299.09", "it"),
        ("15-1255", "design"),
        ("15-1221", "research"),
        ("15-2051.01", "data"),
        ("19-5011", "operations"),
        ("27-3031", "marketing"),
        ("27-3092", "legal"),
        ("27-2012", "media"),
        ("43-4161", "hr"),
        ("13-2000", "finance"),
        ("17", "engineering"),
        ("13-1000", None),
        ("35-3031", None),
        ("27-2011", None),
        ("43-5052", None),
    ],
)
def test_a_code_has_a_function(committed: FunctionPolicy, code: str, function: str | None) -> None:
    assert committed.of_code(code) == function


def test_what_is_no_code_is_refused(committed: FunctionPolicy) -> None:
    with pytest.raises(ValueError, match="not a SOC 2018"):
        committed.of("paralegal", "23-20")


@pytest.mark.parametrize(
    ("title", "function"),
    [
        ("business operations manager", "operations"),
        ("managing director", "general_business"),
        ("business analyst", "general_business"),
        ("business intelligence analyst", "data"),
        ("data entry clerk", "administration"),
        ("executive assistant to the cfo", "administration"),
        ("customer success manager", "customer_success"),
        ("product marketing manager", "marketing"),
        ("head of growth", "marketing"),
        ("chief financial officer", "finance"),
        ("sales tax accountant", "finance"),
        ("sales engineer", "sales"),
        ("vp sales", "sales"),
        ("civil engineer", "engineering"),
        (".net developer", "software"),
        ("information technology support specialist", "it"),
        ("software engineer", "software"),
        ("ui developer", "software"),
        ("senior developer", "software"),
        ("real estate developer", None),
        ("marketing data analyst", "data"),
        ("machine learning engineer", "data"),
        ("data center technician", None),
        ("product manager", "product"),
        ("senior product owner", "product"),
        ("product demonstrator", None),
        ("product tester", None),
        ("ux researcher", "design"),
        ("product designer", "design"),
        ("ui claims adjudicator", None),
        ("devops engineer", "it"),
        ("site reliability engineer", "it"),
        ("cloud architect", "it"),
        ("customer support engineer", "it"),
        ("recruiter", "hr"),
        ("technical recruiters", "hr"),
        ("student recruiter", "education"),
        ("24 hr support", None),
        ("associate attorney", "legal"),
        ("legal secretary", "administration"),
        ("supply chain planner", "operations"),
        ("law professor", "education"),
        ("instructional designer", "education"),
        ("yoga teacher", None),
        ("research chemist", "research"),
        ("medical billing clerk", "healthcare_admin"),
        ("court reporter", "legal"),
        ("newspaper reporter", "media"),
        ("cnc programmer", None),
        ("plumber", None),
        ("", None),
    ],
)
def test_words_name_a_function_where_they_can(
    committed: FunctionPolicy, title: str, function: str | None
) -> None:
    assert committed.of_words(title) == function


@pytest.mark.parametrize(
    ("title", "code", "function"),
    [
        ("product manager", "11-2021", "product"),
        ("chief financial officer", "11-1011", "finance"),
        ("sales associate", "43-4051", "customer_success"),
        ("sales associate", "13-1000", "sales"),
        ("sales associate", None, "sales"),
        ("office associate", "43-3031", "finance"),
        ("associate", None, None),
    ],
)
def test_words_decide_over_soc_only_where_the_rule_says_so(
    committed: FunctionPolicy, title: str, code: str | None, function: str | None
) -> None:
    assert committed.of(title, code) == function


def test_every_function_is_named_and_reached(committed: FunctionPolicy) -> None:
    assert sorted(committed.names) == sorted(NAMES)
    assert {rule.function for rule in committed.words} == set(NAMES)


def test_a_policy_names_its_version_and_its_file(committed: FunctionPolicy) -> None:
    assert committed.version == "1.0.0"
    assert committed.sha256 == sha256_file(Settings().policies_root / FILE_NAME)


@given(st.text())
def test_any_text_has_an_answer(committed: FunctionPolicy, text: str) -> None:
    assert committed.of(text, None) in (None, *NAMES)


def test_the_first_rule_decides(tmp_path: Path) -> None:
    small = policy(tmp_path, GOOD)
    assert small.of_words("product owner") == small.of_words("owner of product owners") == "product"
    assert small.of_words("owner product") == "finance"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"1.0.0"', '"one"', "version"),
        ("[functions.media]", "[functions.medium]", "functions.medium"),
        ('[functions.general_business]\ndescription = "A sentence."\nsoc = ["13-1010"]', "", "functions"),
        ('"13-1011"', '"13_1011"', "functions.administration.soc.0"),
        (
            '"13-1011"',
            '"13-1010"',
            "SOC prefix '13-1010' is listed twice: general_business and administration",
        ),
        ('["13-1011"]', "[]", "no prefix and no rule gives the functions ['administration']"),
        ('function = "product"', 'function = "products"', "words.0.function"),
        ("overrides_soc = true\n", "", "words.0.overrides_soc"),
        ('["product owner"]', '["owner"]', "'owner' of 'books'"),
        ('["product owner"]', '["product, owner"]', "words.0.phrases.0"),
    ],
)
def test_a_bad_policy_is_refused_by_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(SettingsError) as caught:
        policy(tmp_path, GOOD.replace(old, new, 1))
    assert told in (caught.value.place or "") or told in caught.value.message
    assert caught.value.file == str(tmp_path / FILE_NAME)


def test_an_absent_policy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="absent"):
        read_function_policy(tmp_path)
