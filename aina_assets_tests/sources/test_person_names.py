"""People's names: found in any order and letter case, and never where a title may stand."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aina_assets.core.errors import SettingsError
from aina_assets.core.settings import Settings
from aina_assets.core.storage import sha256_bytes
from aina_assets.sources.acquire import acquire
from aina_assets.sources.catalog import SOURCES
from aina_assets.sources.lock import read_lock
from aina_assets.sources.readers.person_names import (
    FILE_NAME,
    POLICIES,
    folded,
    person_names_digest,
    read_person_names,
)
from tools.make_person_names import (
    STARTER_TITLES,
    WORK,
    Vocabulary,
    area_places,
    faker_names,
    kept_names,
    policy_text,
    words_of,
)

NAMES = read_person_names()
GOOD = """
policy = "person_names"
version = "1.0.0"
given_names = "jane maria"
family_names = "doe gonzalez"
exceptions = ["maria doe"]
"""

PEOPLE = [
    "Maria Gonzalez",
    "Jane Doe",
    "DR. JOHN SMITH",
    "Prof. Dr. Anna Müller",
    "Mrs Jane Doe",
    "John Q. Smith",
    "J. Robert Smith",
    "María José García López",
    "Maria de la Cruz",
    "Mohammed Al Rashid",
    "Anne-Marie Dubois",
    "Maria Garcia-Lopez",
    "Seán O’Brien",
    "Sean O'Brien",
    "Łukasz Wiśniewski",
    "Jürgen Müller",
    "Gonzalez Maria",
    "Jane Doe RN",
    "Jane Doe, M.D.",
    "John Smith Jr.",
    # Family, Given
    "gonzalez, maria",
    "gonzalez, maria - rn",
    "Doe,Jane",
    "DOE, JANE A.",
    "Smith Jr., John",
    "De la Cruz, Maria Elena",
    "Garcia Lopez, Juan",
    # beside a title
    "Jane Doe, Senior Accountant",
    "Senior Accountant - Jane Doe",
    "Senior Accountant – Jane Doe",
    "Senior Accountant | Jane Doe",
    "Accountant/Jane Doe",
    "Accountant (Jane Doe)",
    "Accountant; Jane Doe",
    "Accountant · Jane Doe",
    "Accountant: Jane Doe & John Smith",
    "Accountant\tJane Doe",
    "Accountant, Doe, Jane",
]
TITLES = [
    "",
    "Senior Accountant",
    "mason tender",
    "chase manager",
    "virginia reel operator",
    "Dean",
    "Baker, Head",
    "Head Cook",
    "Carter Hunter",
    "Mason Baker",
    "Bishop Judge",
    "Art Page",
    "Grant Writer",
    "Will Carter",
    "Mark Reader",
    "May, June",
    "Gardener, Parker",
    "Taylor, Dean",
    "Sergeant Major",
    "Jack Miller Operator",
    "Montessori Teacher",
    "Chef de Partie",
    "Agent de Maîtrise",
    # a name that is not whole, or not alone
    "Maria",
    "Gonzalez",
    "Mr. Smith",
    "Smith, J.",
    "J. Smith",
    "Jane, Senior Accountant",
    "Jane Doe Scholarship Coordinator",
    "Assistant to Jane Doe",
    "Maria - Gonzalez",
    "Doe | Jane",
    "Maria Maria Maria Gonzalez Gonzalez",
    # places
    "Nurse - San Antonio",
    "San Diego, CA",
    "San Jose",
    "Santa Cruz",
    "Hong Kong",
    "Houston, Tyler",
    "Sydney, Victoria",
    "Paris, Charlotte",
    # employers
    "Financial Advisor - Edward Jones",
    "Technician, John Deere",
    "MARY KAY",
]


@pytest.mark.parametrize("text", PEOPLE)
@pytest.mark.parametrize("case", [str, str.lower, str.upper, str.title])
def test_a_full_name_is_one_in_any_letter_case(text: str, case: type[str]) -> None:
    assert NAMES.is_person_name(case(text))


@pytest.mark.parametrize("text", TITLES)
@pytest.mark.parametrize("case", [str, str.lower, str.upper, str.title])
def test_a_title_is_no_name(text: str, case: type[str]) -> None:
    assert not NAMES.is_person_name(case(text))


def test_an_exception_holds_for_its_whole_segment_alone() -> None:
    assert not NAMES.is_person_name("edward jones")
    assert NAMES.is_person_name("Edward A. Jones")
    bare = replace(NAMES, exceptions=frozenset())
    assert [name for name in sorted(NAMES.exceptions) if not bare.is_person_name(name)] == []


PIECES = [
    "jane",
    "Doe",
    "MARIA",
    "gonzález",
    "dr.",
    "a",
    "de",
    "jr",
    "cook",
    ",",
    "-",
    " ",
    "–",
    "o'brien",
    "ß",
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map(" ".join)))
@example("\ud800, \0")
@example("Jane\u0345 Doe")
@example("ſeán oſ́borne")
def test_it_is_total_and_letter_case_tells_nothing(text: str) -> None:
    told = NAMES.is_person_name(text)
    assert NAMES.is_person_name(text.upper()) == NAMES.is_person_name(text.lower()) == told


@given(st.sampled_from(sorted(NAMES.given_names)), st.sampled_from(sorted(NAMES.family_names)))
def test_every_listed_pair_is_a_name_in_both_orders(first: str, family: str) -> None:
    if f"{first} {family}" not in NAMES.exceptions:
        assert NAMES.is_person_name(f"{first} {family}")
    assert NAMES.is_person_name(f"{family}, {first}")


@given(st.sampled_from(sorted(NAMES.given_names)))
def test_a_given_name_alone_is_not_enough(name: str) -> None:
    assert not NAMES.is_person_name(name)
    assert not NAMES.is_person_name(f"{name} accountant")


def test_a_long_line_takes_no_time() -> None:
    start = time.perf_counter()
    for line in ("jane " * 100_000, "jane, " * 100_000, "doe, " * 100_000 + "jane", "jane-" + " " * 300_000):
        NAMES.is_person_name(line)
    assert time.perf_counter() - start < 2


def test_plain_titles_pass_fast() -> None:
    lines = STARTER_TITLES.read_text("utf-8").splitlines() * 20
    start = time.perf_counter()
    assert not any(map(NAMES.is_person_name, lines))
    # Over 500,000 lines a second where nothing else runs; the bound leaves room for a busy machine.
    assert len(lines) / (time.perf_counter() - start) > 100_000


# --- the policy


def test_the_policy_lists_no_word_of_work_of_the_starter() -> None:
    words = words_of(STARTER_TITLES.read_text("utf-8").splitlines())
    assert words & NAMES.given_names <= {"kelly", "marshall", "oliver", "ross"}
    never = (
        "mason hunter baker cook taylor dean chase parker carter sergeant art mark bill rich grant will page"
    )
    months = "judge bishop april may june july august"
    both = NAMES.given_names | NAMES.family_names
    assert not both & {*never.split(), *months.split()}
    assert not NAMES.given_names & {"virginia", "sydney", "paris", "georgia", "austin", "charlotte"}


def test_the_policy_knows_its_version_and_digest() -> None:
    assert NAMES.version == "1.0.0"
    assert NAMES.sha256 == person_names_digest() == sha256_bytes((POLICIES / FILE_NAME).read_bytes())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('version = "1.0.0"', "version =", "not TOML"),
        ('"1.0.0"', '"one"', "version"),
        ('"person_names"', '"something_else"', "policy"),
        ('"jane maria"', '"maria jane"', "'jane' is listed twice or out of order"),
        ('"doe gonzalez"', '"doe doe"', "'doe' is listed twice or out of order"),
        ('"doe gonzalez"', '"doe van"', "'van' is an honorific, a particle or a suffix"),
        ('"jane maria"', '"Jane maria"', "'Jane' is not folded"),
        ('"doe gonzalez"', '"doe gonzález"', "'gonzález' is not folded"),
        ('"doe gonzalez"', '""', "family_names"),
        ('"jane maria"', '["jane", "maria"]', "given_names"),
        ('["maria doe"]', '["maria"]', "exceptions"),
        ("exceptions", "stranger", "exceptions"),
    ],
)
def test_a_malformed_policy_is_refused_by_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    (tmp_path / FILE_NAME).write_text(GOOD.replace(old, new, 1), "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_person_names(tmp_path)
    assert told in str(caught.value)
    assert FILE_NAME in str(caught.value)


def test_an_absent_policy_is_refused(tmp_path: Path) -> None:
    for read in (read_person_names, person_names_digest):
        with pytest.raises(SettingsError, match="absent"):
            read(tmp_path)


def test_a_policy_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(GOOD.replace("doe", "do\xeb").encode("latin-1"))
    with pytest.raises(SettingsError, match="not TOML"):
        read_person_names(tmp_path)


# --- the tool that writes it


def test_the_tool_leaves_out_words_of_work_places_and_codes(tmp_path: Path) -> None:
    areas = tmp_path / "areas.txt"
    areas.write_text("01\tS\tReno-Sparks, NV\n02\tS\tSan Elena, CA\n", "utf-8")
    assert area_places(areas) == {"reno", "sparks", "nv", "ca"}
    vocabulary = Vocabulary(words_of(["Cook's Mate", "John Deere Mason"]), area_places(areas), {"ca"})
    given = ["jane", "john", "cook", "mason", "reno", "grace", "jo", "van"]
    family = ["doe", "smith", "cook", "reno", "li", "ca", "rn"]
    assert kept_names(given, family, vocabulary) == (["jane", "john"], ["doe", "li", "reno", "smith"])


def test_what_the_tool_writes_is_what_the_reader_reads(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(policy_text(["jane", "maria"], ["doe"]), "utf-8")
    written = read_person_names(tmp_path)
    assert written.given_names == {"jane", "maria"}
    assert written.family_names == {"doe"}
    assert written.exceptions == NAMES.exceptions
    committed = policy_text(sorted(NAMES.given_names), sorted(NAMES.family_names))
    assert (POLICIES / FILE_NAME).read_text("utf-8") == committed, "run tools/make_person_names.py"


def test_every_name_of_the_policy_is_one_of_fakers() -> None:
    pytest.importorskip("faker")
    first, family = faker_names()
    # A later Faker may drop a name or two; what is listed is names, and never a title's words.
    assert len(NAMES.given_names - first) < 100
    assert len(NAMES.family_names - family) < 100


# --- real titles


@pytest.mark.real_data
def test_hardly_a_line_of_a_real_inventory_is_withheld(real_mirror: Path) -> None:
    path = real_mirror.parent / "titles" / "job_titles_73k.txt"
    if not path.is_file():
        pytest.skip("no real title inventory beside the mirror")
    lines = path.read_text("utf-8").splitlines()
    assert sum(map(NAMES.is_person_name, lines)) <= 5


@pytest.mark.real_data
@pytest.mark.parametrize("vintage", ["29.1", "30.2", "30.3"])
def test_no_title_of_onet_or_soc_is_a_name(real_mirror: Path, vintage: str) -> None:
    settings = Settings(sources="mirror", mirror=(real_mirror,), onet_vintage=vintage)
    lock = read_lock(settings.lock_path)
    found = []
    for source, tables in WORK.items():
        files = acquire(source, settings, lock)
        for name in (name for name in tables if "title" in name or name in {"onet_occupation", "soc_group"}):
            table = SOURCES[source].readers[name](files)
            texts = (table.column(c).to_pylist() for c in table.column_names if "title" in c)
            found += [text for text in itertools.chain(*texts) if text and NAMES.is_person_name(text)]
    assert found == []


def test_folding_takes_case_marks_and_apostrophes() -> None:
    assert folded("Łukasz O’BRIEN-Ærø Straße") == "lukasz obrien-aero strasse"
