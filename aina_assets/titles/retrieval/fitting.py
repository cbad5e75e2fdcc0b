"""Fit a model to the authority titles: train, calibrate on held-out titles, then learn those too.

Belongs here: the schedule. Does not: the loss (`training`), or what is learned (`lesson`).

One part of the titles, chosen by the hash of their rarest word, is held out while most of the training is
done; on it the mixture and the calibration are fitted. The last epochs then train on all titles. What is
calibrated is thus never what was trained on, at no second training.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize

from aina_assets.titles.retrieval.calibration import IDENTITY, LogisticMap, log_odds
from aina_assets.titles.retrieval.encoder import TitleEncoder
from aina_assets.titles.retrieval.features import Featurizer, learn_vocabulary
from aina_assets.titles.retrieval.index import Neighbours
from aina_assets.titles.retrieval.lesson import Lesson, read_lesson
from aina_assets.titles.retrieval.model import AuthorityTexts, Mixture, OccupationModel, mixed
from aina_assets.titles.retrieval.static_embedding import StaticEmbedding, load_static_embedding
from aina_assets.titles.retrieval.taxonomy import SOC_LEVELS
from aina_assets.titles.retrieval.training import Trainer, initial_weights

Floats = NDArray[np.float32]
Places = NDArray[np.int32]

EPOCHS_HELD_OUT = 5
EPOCHS_ALL = 1
HELD_OUT_SHARE = 0.12
# A sentence of a task says less of how people name the work than a title does.
TEXT_IMPORTANCE = 0.3
CHUNK = 4096
UNTUNED = Mixture(head=1.0, neighbour=4.0)
# Below this many held-out titles the mixture and the maps would follow noise.
LEAST_HELD_OUT = 500
LEAST_ROWS = 100


def held_out(titles: Sequence[str]) -> NDArray[np.bool_]:
    """Which titles calibration uses: all that share a rarest word with one another, or none of them.

    Titles come in families (`abap developer`, `abap programmer`). To hold out one and train on the others
    would ask what is half answered; a title that is new to an inventory brings its own words.
    """
    counts = Counter(word for title in titles for word in set(title.split()))

    def is_chosen(word: str) -> bool:
        digest = hashlib.sha256(f"aina-calibration-1:{word}".encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64 < HELD_OUT_SHARE

    rarest = [min(title.split(), key=lambda word: (counts[word], word)) for title in titles]
    return np.array([is_chosen(word) for word in rarest], bool)


def fit_to_tables(
    authority: pa.Table,
    occupations: pa.Table,
    tasks: pa.Table,
    soc_groups: pa.Table,
    report: Callable[[str], None] = lambda _: None,
) -> OccupationModel:
    """Fit a model to tables, as `read_lesson` reads them; `report` is told of each epoch."""
    return fit_model(read_lesson(authority, occupations, tasks, soc_groups), load_static_embedding(), report)


def fit_model(
    lesson: Lesson, embedding: StaticEmbedding, report: Callable[[str], None] = lambda _: None
) -> OccupationModel:
    """Fit a model.

    Args:
        report: told of each epoch.
    """
    titles = sorted(lesson.classes_of)
    classes = len(lesson.taxonomy.classes)
    vocabulary = learn_vocabulary(titles, lesson.texts, len(embedding.vectors))
    featurizer = Featurizer(vocabulary, embedding)
    title_rows = featurizer.title_matrix(titles)
    title_labels = _labels([lesson.classes_of[title] for title in titles], classes)
    text_rows = featurizer.text_matrix(lesson.texts)
    text_labels = _labels([[place] for place in lesson.text_classes], classes)
    held = held_out(titles)
    if held.sum() < LEAST_HELD_OUT:
        held[:] = False

    weights = initial_weights(embedding.vectors, vocabulary.size, title_rows[~held], title_labels[~held])
    groups = lesson.taxonomy.groupings["major"]
    trainer = Trainer(weights, vocabulary.tokens, groups, EPOCHS_HELD_OUT + EPOCHS_ALL)

    def train(chosen: NDArray[np.bool_]) -> None:
        rows = sp.vstack([title_rows[chosen], text_rows]).tocsr()
        labels = sp.vstack([title_labels[chosen], text_labels]).tocsr()
        importance = np.ones(rows.shape[0], np.float32)
        importance[int(chosen.sum()) :] = TEXT_IMPORTANCE
        report(f"loss {trainer.epoch(rows, labels, importance):.3f}")

    for _ in range(EPOCHS_HELD_OUT):
        train(~held)
    mixture = UNTUNED
    calibration: dict[str, LogisticMap] = {}
    if held.any():
        seen = [title for title, is_held in zip(titles, held, strict=True) if not is_held]
        unseen = [title for title, is_held in zip(titles, held, strict=True) if is_held]
        partial = OccupationModel(
            lesson.taxonomy,
            TitleEncoder(vocabulary, weights, embedding),
            authority_texts({title: lesson.classes_of[title] for title in seen}),
            UNTUNED,
            {},
        )
        mixture, calibration = _tuned(partial, unseen, title_labels[held])
        report(f"held out {len(unseen)}: {mixture}")
    for _ in range(EPOCHS_ALL):
        train(np.ones(len(titles), bool))
    return OccupationModel(
        lesson.taxonomy,
        TitleEncoder(vocabulary, weights, embedding),
        authority_texts(lesson.classes_of),
        mixture,
        calibration,
    )


def authority_texts(classes_of: Mapping[str, Sequence[int]]) -> AuthorityTexts:
    """The index's entries."""
    texts = tuple(sorted(classes_of))
    pairs = [(place, number) for place, text in enumerate(texts) for number in classes_of[text]]
    entries = np.array(pairs, np.int32).reshape(-1, 2)
    return AuthorityTexts(texts, entries[:, 0].copy(), entries[:, 1].copy())


def _labels(classes_of: Sequence[Sequence[int]], classes: int) -> sp.csr_matrix:
    counts = np.array([len(places) for places in classes_of], np.intp)
    starts = np.concatenate([[0], np.cumsum(counts)])
    indices = np.array([place for places in classes_of for place in places], np.int32)
    values = np.repeat(1 / np.maximum(counts, 1), counts).astype(np.float32)
    return sp.csr_matrix((values, indices, starts), shape=(len(counts), classes))


@dataclass(frozen=True)
class _HeldOut:
    logits: Floats
    candidates: Places
    neighbours: Neighbours
    is_right: NDArray[np.bool_]


def _tuned(
    model: OccupationModel, titles: Sequence[str], labels: sp.csr_matrix
) -> tuple[Mixture, dict[str, LogisticMap]]:
    parts = []
    for first in range(0, len(titles), CHUNK):
        chunk = titles[first : first + CHUNK]
        evidence = model.evidence(chunk, np.full(len(chunk), -1, np.int32))
        parts.append(_HeldOut(*evidence, labels[first : first + CHUNK].toarray() > 0))

    def loss(weights: NDArray[np.float64]) -> float:
        mixture = Mixture(float(weights[0]), float(weights[1]))
        total = 0.0
        for part in parts:
            probability = mixed(part.logits, part.candidates, part.neighbours, mixture)
            total -= np.log((probability * part.is_right).sum(axis=1) + 1e-9).sum()
        return total / len(titles)

    found = minimize(
        loss, [UNTUNED.head, UNTUNED.neighbour], method="Nelder-Mead", options={"maxiter": 40, "xatol": 0.01}
    )
    mixture = Mixture(round(float(found.x[0]), 3), round(float(found.x[1]), 3))
    maps = {}
    for level in SOC_LEVELS:
        grouping = model.taxonomy.groupings[level]
        raw, right = [], []
        for part in parts:
            sums = grouping.sums(mixed(part.logits, part.candidates, part.neighbours, mixture))
            best = sums.argmax(axis=1)
            raw.append(sums[np.arange(len(sums)), best])
            of_best = grouping.of_class[None, :] == best[:, None]
            right.append((of_best & part.is_right).any(axis=1))
        maps[level] = fit_logistic(np.concatenate(raw), np.concatenate(right))
    return mixture, maps


def fit_logistic(raw: NDArray[np.floating], right: NDArray[np.bool_]) -> LogisticMap:
    """Fit a map to what was right, by maximum likelihood.

    Args:
        raw: n raw probabilities.
        right: n; whether the prediction with that probability was right.

    Returns:
        The map; the identity where there are too few rows, or all or none were right.
    """
    if len(raw) < LEAST_ROWS or right.all() or not right.any():
        return IDENTITY
    x, y = log_odds(raw), right.astype(np.float64)

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = at[0] + at[1] * x
        error = 1 / (1 + np.exp(-z)) - y
        return float((np.logaddexp(0, z) - y * z).mean()), np.array([error.mean(), (error * x).mean()])

    found = minimize(loss, np.array([0.0, 1.0]), jac=True, method="L-BFGS-B", bounds=[(-8, 8), (0.05, 8)]).x
    return LogisticMap(round(float(found[0]), 4), round(float(found[1]), 4))
