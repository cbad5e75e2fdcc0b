"""The lexicon: the committed one holds together, one that contradicts itself is refused by place."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from aina_assets.core.errors import SettingsError
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.titles.normalizing.lexicon import FILE_NAME, Lexicon, read_lexicon
from aina_assets.titles.normalizing.normalize import Normalizer

POLICIES = PROJECT_ROOT / "data" / "policies"
COMMITTED = (POLICIES / FILE_NAME).read_text("utf-8")


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return read_lexicon(POLICIES)


def altered(tmp_path: Path, old: str, new: str) -> Lexicon:
    assert old in COMMITTED
    (tmp_path / FILE_NAME).write_text(COMMITTED.replace(old, new, 1), "utf-8")
    return read_lexicon(tmp_path)


def test_it_tells_its_version_and_the_digest_of_its_bytes(lexicon: Lexicon) -> None:
    assert lexicon.version == "1.0.0"
    assert lexicon.sha256 == hashlib.sha256((POLICIES / FILE_NAME).read_bytes()).hexdigest()


def test_a_comment_changes_the_digest(tmp_path: Path, lexicon: Lexicon) -> None:
    assert altered(tmp_path, "[limits]", "# more\n[limits]").sha256 != lexicon.sha256


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('version = "1.0.0"', "version =", "not TOML"),
        ('version = "1.0.0"', "version = 1", "version"),
        ('policy = "title_lexicon"', 'policy = "other"', "policy"),
        ("longest_title_chars = 300", "longest_title_chars = 0", "limits.longest_title_chars"),
        ("[limits]", "[limits]\nstranger = 1", "limits.stranger"),
        ("[limits]", "[stranger]\n[limits]", "stranger"),
        ('"mktg" = "marketing"', '"Mktg" = "marketing"', "abbreviations.Mktg"),
        ('"mktg" = "marketing"', '"mktg" = "mgr office"', "mktg -> mgr office"),
        ('"mktg" = "marketing"', '"frontend" = "marketing"', "both a spelling and an abbreviation: frontend"),
        ('rank = "junior"', 'rank = "younger"', "not in seniority.ranks: younger"),
        ('"foreman" = "supervisor"', '"foreman" = "boss"', "not in seniority.ranks: boss"),
        ('group = "chief"', 'group = "nobody"', "no such group in seniority.groups: nobody"),
        ('"wfh" = "remote"', '"wfh" = "elsewhere"', "not in employment.forms: elsewhere"),
    ],
)
def test_a_malformed_lexicon_is_refused_by_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        altered(tmp_path, old, new)
    assert told in str(caught.value)
    assert FILE_NAME in str(caught.value)


def test_an_absent_or_undecodable_lexicon_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="absent"):
        read_lexicon(tmp_path)
    (tmp_path / FILE_NAME).write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="not TOML"):
        read_lexicon(tmp_path)


def test_every_kept_phrase_keeps_something(lexicon: Lexicon) -> None:
    """A phrase without a word that could be split off would be dead weight, and likely a slip."""
    modifiers = {word for modifier in lexicon.seniority.modifiers for word in modifier.word.split()}
    assert [phrase for phrase in lexicon.seniority.kept if modifiers.isdisjoint(phrase.split())] == []


def test_no_phrase_is_two_things(lexicon: Lexicon) -> None:
    places = lexicon.locations
    kinds = {
        "locations": {*places.regions, *places.countries, *places.cities, *places.states},
        "employment": {
            *lexicon.employment.separated,
            *lexicon.employment.anywhere,
            *lexicon.employment.first,
        },
        "noise": {*lexicon.noise.separated, *lexicon.noise.credentials},
        "modifiers": {modifier.word for modifier in lexicon.seniority.modifiers},
    }
    names = sorted(kinds)
    twice = {
        (one, other): sorted(kinds[one] & kinds[other])
        for place, one in enumerate(names)
        for other in names[place + 1 :]
    }
    assert {pair: phrases for pair, phrases in twice.items() if phrases} == {}


def test_lists_name_nothing_twice(lexicon: Lexicon) -> None:
    lists = {
        "kept": lexicon.seniority.kept,
        "heads": lexicon.seniority.groups["heads"],
        "countries": lexicon.locations.countries,
        "states": lexicon.locations.states,
        "noise": lexicon.noise.separated,
    }
    repeated = {
        name: sorted({entry for entry in entries if entries.count(entry) > 1})
        for name, entries in lists.items()
    }
    assert {name: entries for name, entries in repeated.items() if entries} == {}


def test_abbreviations_are_written_in_settled_words(lexicon: Lexicon) -> None:
    """What an abbreviation is written as must stand for itself when it is normalized again."""
    normalize = Normalizer(lexicon)
    moved = {
        phrase: (written, normalize(written).normalized)
        for phrase, written in lexicon.replacements.items()
        if normalize(phrase).normalized != normalize(written).normalized
    }
    assert moved == {}
