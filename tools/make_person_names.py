"""Write the policy of person names: `python tools/make_person_names.py --mirror DIR [--places FILE ...]`.

The names are those of the Faker package's locales (MIT licence), folded; what is written holds names alone.
A name that is also a word of work, plain English or, as a given name, a place is left out: a title that is
taken for a person is lost, a person's name that is not recognized is no worse off than without the policy.
What the words of work are is read from the sources named on the command line and is not written.
Belongs here: gathering names, and what is left out. Does not: what makes a line a name; that is the reader's.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Run as a script, Python puts tools/ on the path and not the project that it is a package of.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pyarrow as pa

from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.core.storage import write_bytes
from aina_assets.sources.acquire import acquire
from aina_assets.sources.catalog import SOURCES
from aina_assets.sources.lock import read_lock
from aina_assets.sources.readers.person_names import (
    FILE_NAME,
    HONORIFICS,
    PARTICLES,
    POLICIES,
    SUFFIXES,
    folded,
)

VERSION = "1.0.0"
HEAD = """\
# Given and family names by which a line of a title inventory is known to be a person's name. Read by
# aina_assets/sources/readers/person_names.py, written by tools/make_person_names.py from the locales of the
# Faker package (MIT licence, Copyright (c) 2012 Daniele Faraglia). Do not edit: change the tool. Lower case,
# no diacritics; names that are also words of work, plain English or places of given names are left out."""
STARTER_TITLES = PROJECT_ROOT / "data" / "starter" / "authored" / "titles.txt"
# The tables whose words are words of work.
WORK = {
    "onet": ("onet_occupation", "onet_job_title", "onet_reported_title", "onet_task", "onet_iwa", "onet_dwa"),
    "soc": ("soc_group", "soc_direct_match_title"),
}
# Names that the vocabulary holds once or twice, in a proper name or another sense, and titles hardly ever.
KEPT = """
ben bob bradley brent bryan casey eugene eva henry john kelly larry lawrence levi manuel marshall oliver
raymond ross sebastian smith sofia wayne
"""
# Colours and the like, which are no given names.
KEPT_FAMILIES = "brown gray young"
# Plain English, titles of honour, old spellings of trades, months, products, and what many names of places
# begin with (San Antonio), that the vocabulary may lack.
PLAIN = """
ace alpha alto ama amber america angel april ash asia asp aspen atlas august autumn baby babyboy baron bear
bee beta bishop blaze bliss blossom bond brandy bros buck bud buddy cadence campo candy canyon captain casa
cash champ champagne chance charity chase chastity che cherish chief chip cinnamon clay colonel colt comfort
commodore con coral costa count crystal dash dawn deacon dean destiny diamond dimple doc doctor don dona dove
duke eagle earl early earth ebony eden else ember emerald energy era ever exie faith falcon fleet forest fox
free friend garnet general genesis genie ginger glory golden grace grant green happy harmony harvest haven
hazel heaven holiday holly honey hong honor hope hunter india infinity iris iron ivory ivy jade january java
jazz jet jewel job journey joy judge juice julia july june junior justice kaiser king kitty knight kong lady
land lavender legacy legend liberty lily lion little lone love lucky lyric magic major male mark mars master
maverick may media melody mercury mercy merit messiah meta metro miracle mission mister mistress monday monte
moon more music native nautica new noble north nova null oak ocean olive opal oracle orchid orion palo pansy
patience peace pearl petal phoenix pink piper pleasant polo pop porto prairie precious premier price pride
priest primus prince princess prosper prudence puerto queen rain rainbow raven reason rebel red rich ridge rio
river robin rocket rocky rose royal royalty ruby sable saffron sage saint san santa santo sao sapphire sargent
savage scout senior serenity sergeant seven shade shelter sierra silver sincere sky snow sol solar son song
south spirit spring star steel sterling stone stormy strong summer sunday sunny sunshine swift talent taylor
temple terra theta tiger tiny trace treasure treaty tree trinity trooper true truth twin unique unknown
unnamed valor velvet venus vet victory villa violet virtue visa vista viva west wild will willow windy winter
wise wolf wood world york zero zion
"""
# Employers and places that are called as a person; a segment of a title may be one of them. None whose
# name many people bear: to keep "Paul Smith" for the sake of a shop would store people's names.
EXCEPTIONS = """
allen edmonds, barry callebaut, ben sherman, bobbi brown, calvin klein, charles schwab, cole haan, dan ryan,
donna karan, eddie bauer, edward jones, emily carr, ernst young, ethan allen, fred meyer, harper collins,
harvey nichols, harvey norman, henry ford, howard johnson, james hardie, jenny craig, jimmy john, jimmy johns,
john deere, john hancock, john muir, john wiley, kendra scott, kenneth cole, kimberly clark, laura ashley,
levi strauss, lewis clark, marc jacobs, maria stein, mary kay, max mara, mercedes benz, merle norman,
merrill lynch, milton bradley, morgan stanley, nina ricci, oliver wyman, oscar mayer, otto bock,
philip morris, pratt whitney, raymond james, richard ellis, robert bosch, ronald mcdonald, russell reynolds,
sam houston, sarah lawrence, sherwin williams, spencer stuart, steve madden, susan komen, thomas jefferson,
tory burch, vera bradley, vera cruz, vera wang, william blair, william mary, woodrow wilson
"""


@dataclass(frozen=True)
class Vocabulary:
    """What is left out: words of work of both lists, places of the given names, states of both."""

    words: Set[str]
    places: Set[str]
    states: Set[str]


def kept_names(
    given: Iterable[str], family: Iterable[str], vocabulary: Vocabulary
) -> tuple[list[str], list[str]]:
    """The names that the policy lists, in order: given names and family names."""
    kept = set(KEPT.split())
    never = HONORIFICS | PARTICLES | SUFFIXES | vocabulary.states | set(PLAIN.split())
    no_given = never | ((vocabulary.words | vocabulary.places) - kept)
    no_family = never | (vocabulary.words - kept - set(KEPT_FAMILIES.split()))
    # Given names of two letters are codes and abbreviations as often as names.
    return (
        sorted({name for name in given if len(name) > 2} - no_given),
        sorted({name for name in family if len(name) > 1} - no_family),
    )


def faker_names() -> tuple[set[str], set[str]]:
    """Given and family names of every locale of Faker that is written, or romanized, in Latin letters."""
    given: set[str] = set()
    family: set[str] = set()
    package = importlib.import_module("faker.providers.person")
    for module in pkgutil.iter_modules(package.__path__):
        provider = importlib.import_module(f"{package.__name__}.{module.name}").Provider
        for attribute in dir(provider):
            # Iceland's families "without suffix" are given names.
            if "first" in attribute and "name" in attribute:
                given.update(_name_words(getattr(provider, attribute)))
            elif "last" in attribute and "name" in attribute and "without_suffix" not in attribute:
                family.update(_name_words(getattr(provider, attribute)))
    return given, family


def _name_words(values: Any) -> Iterator[str]:
    """The single names of an attribute of a provider; a mapping's values are weights."""
    if not isinstance(values, list | tuple | dict):
        return
    for value in values:
        if isinstance(value, str):
            yield from (word for word in re.split(r"[\s-]+", folded(value)) if re.fullmatch("[a-z]+", word))


def faker_places() -> tuple[set[str], set[str]]:
    """Countries, capitals, large cities and states of one word; the states alone with their codes."""
    states = importlib.import_module("faker.providers.address.en_US").Provider
    names: list[str] = []
    for country in importlib.import_module("faker.providers.date_time").Provider.countries:
        zones = (zone.rpartition("/")[2].replace("_", " ") for zone in country.timezones)
        names += [country.name, country.capital, *zones]
    united = {folded(name) for name in states.states} | {folded(code) for code in states.states_abbr}
    return {folded(name) for name in names if name and " " not in name} | united, united


def area_places(path: Path) -> set[str]:
    """Places of one word in a file of areas, such as BLS's oe.area: "Boulder, CO", "Reno-Sparks, NV"."""
    areas = (line.rsplit("\t", 1)[-1] for line in path.read_text("utf-8").splitlines())
    parts = (part.strip() for area in areas for part in re.split(r"[,\-/]", area))
    return {folded(part) for part in parts if part and " " not in part}


def words_of(texts: Iterable[str]) -> set[str]:
    """The folded words of texts; "cook's" has the word "cook"."""
    return {word for text in texts for word in re.findall("[a-z]+", folded(re.sub("['’]", " ", text)))}


def work_words(mirror: Path) -> set[str]:
    """The words of the occupations, titles and tasks of the real O*NET and SOC, held against their lock."""
    settings = Settings(sources="mirror", mirror=(mirror,))
    lock = read_lock(settings.lock_path)
    found: set[str] = set()
    for source, tables in WORK.items():
        files = acquire(source, settings, lock)
        for name in tables:
            for column in SOURCES[source].readers[name](files).columns:
                if pa.types.is_string(column.type):
                    found |= words_of(text for text in column.unique().to_pylist() if text)
    return found


def policy_text(given: Sequence[str], family: Sequence[str]) -> str:
    """The policy file."""
    exceptions = sorted(name.strip() for name in EXCEPTIONS.split(","))
    return "\n".join(
        (
            HEAD,
            'policy = "person_names"',
            f'version = "{VERSION}"',
            "",
            *_block("given_names", given),
            "",
            *_block("family_names", family),
            "",
            "# Employers and places that are called as a person: as a whole segment, no person's name.",
            "exceptions = [",
            *(f'  "{name}",' for name in exceptions),
            "]",
            "",
        )
    )


def _block(key: str, names: Sequence[str]) -> tuple[str, ...]:
    return (f'{key} = """', *textwrap.wrap(" ".join(names), 110), '"""')


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 1 where `--check` finds a difference."""
    parser = argparse.ArgumentParser(prog="make_person_names", description=__doc__)
    parser.add_argument("--mirror", type=Path, required=True, help="mirror folder with O*NET and SOC")
    parser.add_argument("--words", type=Path, nargs="*", default=(), help="more texts of words of work")
    parser.add_argument("--places", type=Path, nargs="*", default=(), help="files of areas, such as oe.area")
    parser.add_argument("--out", type=Path, default=POLICIES / FILE_NAME, help="the policy file")
    parser.add_argument("--check", action="store_true", help="write nothing; say whether the file differs")
    options = parser.parse_args(arguments)
    words = work_words(options.mirror)
    for path in (STARTER_TITLES, *options.words):
        words |= words_of(path.read_text("utf-8").splitlines())
    places, states = faker_places()
    for path in options.places:
        places |= area_places(path)
    given, family = kept_names(*faker_names(), Vocabulary(words, places, states))
    content = policy_text(given, family).encode()
    told = f"{options.out.name}: {len(given)} given names, {len(family)} family names"
    if options.check:
        is_same = options.out.is_file() and options.out.read_bytes() == content
        print(told if is_same else f"differs: {options.out.name}")
        return 0 if is_same else 1
    write_bytes(options.out, content)
    print(f"{told} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
