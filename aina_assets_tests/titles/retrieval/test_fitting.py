"""Fitting: what is held out of the training is a family of titles, and calibrates what is learned."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from aina_assets.titles.retrieval import fitting
from aina_assets.titles.retrieval.fitting import (
    EPOCHS_ALL,
    EPOCHS_HELD_OUT,
    HELD_OUT_SHARE,
    UNTUNED,
    authority_texts,
    fit_model,
    held_out,
)
from aina_assets.titles.retrieval.lesson import Lesson
from aina_assets.titles.retrieval.taxonomy import SOC_LEVELS
from aina_assets_tests.titles.invented import plain_taxonomy, tiny_embedding

CLASSES = 6
HEADS = ("clerk", "auditor", "planner", "baker", "keeper", "warden")
FIELDS = [f"{first}{second}{third}" for first in "bdgk" for second in "aeiou" for third in "lmnrst"]


def lesson(fields: list[str] = FIELDS) -> Lesson:
    """Titles of which the head word tells the class."""
    classes_of = {f"{field} {head}": [place] for field in fields for place, head in enumerate(HEADS)}
    return Lesson(plain_taxonomy(CLASSES), classes_of, ["the clerk counts", "a baker bakes"], [0, 3])


# --- what is held out


def test_titles_that_share_a_rarest_word_are_held_out_together() -> None:
    titles = sorted(lesson().classes_of)
    held = dict(zip(titles, held_out(titles), strict=True))
    counts = Counter(word for title in titles for word in title.split())
    families: dict[str, set[bool]] = {}
    for title in titles:
        rarest = min(title.split(), key=lambda word: (counts[word], word))
        families.setdefault(rarest, set()).add(bool(held[title]))
    assert all(len(found) == 1 for found in families.values())


def test_about_the_share_that_is_wanted_is_held_out() -> None:
    titles = [f"w{number} head{number % 7}" for number in range(5000)]
    assert held_out(titles).mean() == pytest.approx(HELD_OUT_SHARE, abs=0.02)


def test_what_is_held_out_does_not_depend_on_the_order() -> None:
    titles = sorted(lesson().classes_of)
    forward = dict(zip(titles, held_out(titles), strict=True))
    backward = dict(zip(titles[::-1], held_out(titles[::-1]), strict=True))
    assert forward == backward


# --- fitting


def test_with_too_few_held_out_titles_nothing_is_tuned() -> None:
    told: list[str] = []
    found = fit_model(lesson(FIELDS[:10]), tiny_embedding(), told.append)
    assert found.mixture == UNTUNED
    assert found.calibration == {}
    assert len(told) == EPOCHS_HELD_OUT + EPOCHS_ALL


def test_with_enough_of_them_the_mixture_and_every_levels_map_are_fitted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fitting, "LEAST_HELD_OUT", 50)
    told: list[str] = []
    found = fit_model(lesson(), tiny_embedding(), told.append)
    held = int(held_out(sorted(lesson().classes_of)).sum())
    assert any(line.startswith(f"held out {held}:") for line in told)
    assert set(found.calibration) == set(SOC_LEVELS)
    assert (found.mixture.head, found.mixture.neighbour) != (UNTUNED.head, UNTUNED.neighbour)


def test_a_fitted_model_knows_new_titles_by_their_head_word() -> None:
    found = fit_model(lesson(), tiny_embedding())
    asked = [f"zuwoz {head}" for head in HEADS]
    assert found.score(asked).probability.argmax(axis=1).tolist() == list(range(CLASSES))


def test_the_order_of_the_lesson_does_not_tell() -> None:
    plain = lesson(FIELDS[:10])
    shuffled = Lesson(
        plain.taxonomy, dict(reversed(list(plain.classes_of.items()))), plain.texts, plain.text_classes
    )
    one, other = (fit_model(found, tiny_embedding()).encoder.to_arrays() for found in (plain, shuffled))
    assert {name: array.tobytes() for name, array in one.items()} == {
        name: array.tobytes() for name, array in other.items()
    }


def test_every_title_is_in_the_index_once_for_each_class() -> None:
    found = authority_texts({"b": [1], "a": [0, 2]})
    assert found.texts == ("a", "b")
    assert list(zip(found.text_of.tolist(), found.class_of.tolist(), strict=True)) == [(0, 0), (0, 2), (1, 1)]
    none = authority_texts({})
    assert (none.texts, none.text_of.shape, none.class_of.dtype) == ((), (0,), np.dtype(np.int32))
