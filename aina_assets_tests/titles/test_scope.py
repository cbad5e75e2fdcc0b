"""Which work AINA serves: the committed policy's verdicts, and how a bad policy is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aina_assets.core.errors import SettingsError
from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.core.storage import sha256_file
from aina_assets.sources.readers.soc import STRUCTURE, STRUCTURE_COLUMNS
from aina_assets.sources.readers.workbook import read_sheet
from aina_assets.titles.scope import (
    FILE_NAME,
    REASONS,
    SOC_MAJORS,
    Scope,
    ScopePolicy,
    SocPrefixes,
    read_scope_policy,
)

STARTER_SOC = PROJECT_ROOT / "data/starter/www.bls.gov/soc/2018"
REAL_SOC = Path("www.bls.gov/soc/2018")

GOOD = """
policy = "icp_scope"
version = "1.2.3"
[reasons]
{reasons}
[soc]
in_scope = [{majors}, "29-2072"]
[soc.out_of_scope]
frontline_service = ["33", "43-505"]
clinical_care = ["29"]
care_and_community = ["21"]
performing_and_sport = ["27-2"]
physical_trade = ["53", "53-1"]
military = ["55"]
[[words]]
name = "soldiers"
reason = "military"
titles = ["private"]
qualifiers = ["army"]
phrases = ["field gun", "battery"]
beside = ["crew"]
unless = ["museum", "car park"]
[[words]]
name = "no_work"
reason = "student_or_none"
titles = ["student"]
[[words]]
name = "noise"
reason = "not_a_job"
titles = ["n a"]
""".format(
    reasons="\n".join(f'{reason} = "A sentence."' for reason in REASONS),
    majors=", ".join(f'"{major}"' for major in sorted(SOC_MAJORS - {"21", "29", "33", "53", "55"})),
)


def policy(tmp_path: Path, content: str | bytes) -> ScopePolicy:
    (tmp_path / FILE_NAME).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_scope_policy(tmp_path)


@pytest.fixture(scope="module")
def committed() -> ScopePolicy:
    return read_scope_policy(Settings().policies_root)


def detailed_codes(soc_folder: Path) -> list[str]:
    """The codes of the occupations in a SOC structure workbook."""
    rows = read_sheet(soc_folder / STRUCTURE, STRUCTURE_COLUMNS)
    return [code for row in rows if (code := row.optional_text("detailed"))]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("11-9013", None),
        ("17-3011", None),
        ("19-4099", None),
        ("21-1012", None),
        ("21-1091", None),
        ("21-1092", "care_and_community"),
        ("21-2011", "care_and_community"),
        ("25-9042", None),
        ("27-1024", None),
        ("27-2012", None),
        ("27-2011", "performing_and_sport"),
        ("27-2091", "performing_and_sport"),
        ("27-3011", None),
        ("29-1141", "clinical_care"),
        ("29-2072", None),
        ("29-2072.00", None),
        ("29-9021", None),
        ("29-9021.00", None),
        ("29-9091", "clinical_care"),
        ("31-9094", None),
        ("31-9092", "clinical_care"),
        ("33-3051.04", "frontline_service"),
        ("39-9011", "frontline_service"),
        ("41-1011", None),
        ("41-2031", "frontline_service"),
        ("41-9011", "frontline_service"),
        ("41-9012", "frontline_service"),
        ("41-9022", None),
        ("41-9091", "frontline_service"),
        ("43-3031", None),
        ("43-3041", "frontline_service"),
        ("43-4081", "frontline_service"),
        ("43-4051", None),
        ("43-5021", "frontline_service"),
        ("43-5032", None),
        ("43-5041", "physical_trade"),
        ("43-5052", "frontline_service"),
        ("43-5111", "physical_trade"),
        ("43-9051", None),
        ("45-1011", "physical_trade"),
        ("51-1011", "physical_trade"),
        ("53-2011", "physical_trade"),
        ("55-3016", "military"),
    ],
)
def test_an_occupation_is_in_scope_or_out_for_a_reason(
    committed: ScopePolicy, code: str, reason: str | None
) -> None:
    assert committed.of_code(code) == Scope(reason is None, reason)


def test_a_group_has_a_verdict_where_all_of_it_has_the_same(committed: ScopePolicy) -> None:
    assert committed.of_code("55").reason == committed.of_code("55-0000").reason == "military"
    assert committed.of_code("43-5050").reason == "frontline_service"
    assert committed.of_code("13-2000").is_in_scope
    for mixed in ("43", "43-0000", "43-5000", "27-2000", "41-9010", "21-1010"):
        with pytest.raises(ValueError, match="in parts"):
            committed.of_code(mixed)


def test_the_share_of_a_group_counts_its_occupations(committed: ScopePolicy) -> None:
    codes = ["43-5011", "43-5021", "43-5051", "43-5052", "43-6011", "21-1012"]
    assert committed.of_group("43-5000", codes) == 0.25
    assert committed.of_group("43", codes) == 0.4
    assert committed.of_group("43-6010", codes) == 1.0
    assert committed.of_group("43-5050", codes) == 0.0
    with pytest.raises(ValueError, match="no occupation of SOC group 11-1000"):
        committed.of_group("11-1000", codes)


@pytest.mark.parametrize(
    "code", ["", "4", "43-", "43-505", "43-50521", "12-1011", "57-1011", "43-5052.0", "x"]
)
def test_what_is_no_code_is_refused(committed: ScopePolicy, code: str) -> None:
    with pytest.raises(ValueError, match="not a SOC 2018"):
        committed.of_code(code)


def test_many_codes_at_once(committed: ScopePolicy) -> None:
    codes = ["15-1252", "15-1252.00", "15-1252", "35-3031"]
    assert committed.codes(codes) == {
        "15-1252": Scope(True, None),
        "15-1252.00": Scope(True, None),
        "35-3031": Scope(False, "frontline_service"),
    }


@given(st.sampled_from(["11-1011", "29-2072", "29-2071", "43-5052", "43-5031"]))
def test_the_longest_prefix_decides(code: str) -> None:
    values = {"11": 0, "29": 1, "29-2": 2, "29-2072": 3, "43": 4, "43-505": 5, "43-5": 6}
    longest = max((prefix for prefix in values if code.startswith(prefix)), key=len)
    assert SocPrefixes(values).of(code) == {values[longest]}


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("private", "military"),
        ("private first class", "military"),
        ("sergeant", "military"),
        ("platoon sergeant", "military"),
        ("colonel", "military"),
        ("major general", "military"),
        ("army captain", "military"),
        ("us marine", "military"),
        ("navy recruit", "military"),
        ("infantrymen", "military"),
        ("combat engineer", "military"),
        ("mortar gunner", "military"),
        ("former marine", "military"),
        ("private tutor", None),
        ("private detective", None),
        ("sergeant at arms", None),
        ("police sergeant", None),
        ("staff sergeant sheriff department", None),
        ("captain", None),
        ("waiter captain", None),
        ("boat captain", None),
        ("fire lieutenant", None),
        ("police colonel", None),
        ("general manager", None),
        ("major gifts officer", None),
        ("major accounts manager", None),
        ("salvation army officer", None),
        ("army general counsel", None),
        ("missile systems engineer", None),
        ("marine biologist", None),
        ("marine engineer", None),
        ("combat game designer", None),
        ("student", "student_or_none"),
        ("students", "student_or_none"),
        ("full time college student", "student_or_none"),
        ("3rd year medical student", "student_or_none"),
        ("unemployed", "student_or_none"),
        ("currently unemployed", "student_or_none"),
        ("retired", "student_or_none"),
        ("homemaker", "student_or_none"),
        ("stay at home mom", "student_or_none"),
        ("trainee", "student_or_none"),
        ("summer intern", "student_or_none"),
        ("student advisor", None),
        ("student teacher", None),
        ("student services coordinator", None),
        ("homemaker aide", None),
        ("retired military liaison", None),
        ("management trainee", None),
        ("marketing intern", None),
        ("disability examiner", None),
        ("n a", "not_a_job"),
        ("n/a", "not_a_job"),
        ("current undergraduate student", "student_or_none"),
        ("none", "not_a_job"),
        ("full time", "not_a_job"),
        ("now hiring", "not_a_job"),
        ("work from home", "not_a_job"),
        ("test", "not_a_job"),
        ("test engineer", None),
        ("position controller", None),
        ("career coach", None),
        ("software engineer", None),
        ("", None),
    ],
)
def test_words_put_a_title_out_of_scope_only_where_they_must(
    committed: ScopePolicy, title: str, reason: str | None
) -> None:
    assert committed.of_words(title) == reason


@given(st.text())
def test_any_text_has_a_verdict(committed: ScopePolicy, text: str) -> None:
    assert committed.of_words(text) in (None, *REASONS)


def test_every_reason_is_reached(committed: ScopePolicy) -> None:
    codes = {committed.of_code(code).reason for code in [*detailed_codes(STARTER_SOC), "27-2011"]}
    words = {committed.of_words(title) for title in ("colonel", "student", "n a")}
    assert codes | words == {None, *REASONS}


def test_a_policy_names_its_version_and_its_file(committed: ScopePolicy) -> None:
    assert committed.version == "1.0.0"
    assert committed.sha256 == sha256_file(Settings().policies_root / FILE_NAME)


def test_a_word_rule_needs_its_company_and_bows_to_its_exceptions(tmp_path: Path) -> None:
    small = policy(tmp_path, GOOD)
    assert small.version == "1.2.3"
    assert small.of_words("field gun crew") == small.of_words("crew of field guns") == "military"
    assert small.of_words("batteries crew") == "military"
    assert small.of_words("field gun") is None
    assert small.of_words("crew of gun field") is None
    assert small.of_words("museum field gun crew") is None
    assert small.of_words("field gun crew car parks") is None
    assert small.of_words("field gun crew car") == "military"
    assert small.of_words("army private") == "military"
    assert small.of_words("army") is None
    assert small.of_words("private car") is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("version", "version =", "not TOML"),
        ('"1.2.3"', '"1.2"', "version"),
        ('"icp_scope"', '"other"', "policy"),
        ("version", 'sha256 = "0"\nversion', "sha256"),
        ('military = "A sentence."\n', "", "reasons"),
        ('military = "A sentence."', 'military = "no sentence"', "reasons.military"),
        ("military = [", "navy = [", "soc.out_of_scope.navy"),
        ('reason = "military"', 'reason = "navy"', "words.0.reason"),
        ('"43-505"', '"43-50511"', "soc.out_of_scope.frontline_service.1"),
        ('"43-505"', '"4"', "soc.out_of_scope.frontline_service.1"),
        ('"43-505"', '"44"', "soc.out_of_scope.frontline_service.1"),
        ('"43-505"', '"29"', "SOC prefix '29' is listed twice: frontline_service and clinical_care"),
        ('"43-505"', '"43"', "SOC prefix '43' is listed twice: in scope and frontline_service"),
        ('"53-1"', '"53"', "SOC prefix '53' is listed twice"),
        ('["55"]', '["55-1"]', "no verdict on SOC major groups ['55']"),
        ('reason = "not_a_job"', 'reason = "military"', "no rule gives the reasons ['not_a_job']"),
        ('["student"]', "[]", "'no_work' has neither titles nor phrases"),
        ('["student"]', '["Student"]', "words.1.titles.0"),
        ('["student"]', '["student "]', "words.1.titles.0"),
        ('["student"]', '["pupil", "pupil"]', "'no_work' lists 'pupil' twice"),
        ('["student"]', '["private"]', "'private' of 'no_work'"),
        ('["museum", "car park"]', '["field"]', "'field gun' of 'soldiers'"),
        ('qualifiers = ["army"]', 'stranger = ["army"]', "words.0.stranger"),
    ],
)
def test_a_bad_policy_is_refused_by_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(SettingsError) as caught:
        policy(tmp_path, GOOD.replace(old, new, 1))
    assert told in (caught.value.place or "") or told in caught.value.message
    assert caught.value.file == str(tmp_path / FILE_NAME)
    assert "git" in caught.value.remedy


def test_a_policy_that_is_no_text_or_absent_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="absent"):
        read_scope_policy(tmp_path)
    with pytest.raises(SettingsError, match="not TOML"):
        policy(tmp_path, b"policy = \xff")


@pytest.mark.real_data
def test_every_real_occupation_has_a_verdict(committed: ScopePolicy, real_mirror: Path) -> None:
    codes = detailed_codes(real_mirror / REAL_SOC)
    verdicts = committed.codes(codes)
    assert len(verdicts) == len(codes) == 867
    assert sum(scope.is_in_scope for scope in verdicts.values()) == 349
    assert committed.of_group("23-0000", codes) == 1.0
    assert committed.of_group("55-0000", codes) == 0.0
    assert committed.of_group("21-0000", codes) == pytest.approx(2 / 18)
