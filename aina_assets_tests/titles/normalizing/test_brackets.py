"""A second title in brackets."""

from __future__ import annotations

from pathlib import Path

import pytest

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.titles.inventory import bracketed_core
from aina_assets.titles.normalizing.brackets import outside_and_inside
from aina_assets.titles.normalizing.lexicon import read_lexicon
from aina_assets.titles.normalizing.normalize import Normalizer

POLICIES: Path = PROJECT_ROOT / "data" / "policies"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("SPED TA (Special Education Teacher Assistant)", ("SPED TA", "Special Education Teacher Assistant")),
        ("CNC (Lathe) Operator", ("CNC Operator", "Lathe")),
        ("(Senior) Accountant", ("Accountant", "Senior")),
        ("Accountant", None),
        ("Accountant (Cost", None),
        ("Accountant (a) (b)", None),
        ("Accountant ()", None),
    ],
)
def test_one_pair_of_brackets_is_taken_apart(text: str, parts: tuple[str, str] | None) -> None:
    assert outside_and_inside(text) == parts


@pytest.mark.parametrize(
    ("raw", "core"),
    [
        ("KYC Analyst (Know Your Customer Analyst)", "know your customer analyst"),
        ("PD Mgr (Professional Development Mgr)", "professional development manager"),
        ("Quality Improvement Coordinator (RN)", None),
        ("(Know Your Customer Analyst)", None),
        ("Know Your Customer Analyst", None),
    ],
)
def test_a_second_title_is_normalized_and_a_credential_is_none(raw: str, core: str | None) -> None:
    assert bracketed_core(raw, Normalizer(read_lexicon(POLICIES))) == core
