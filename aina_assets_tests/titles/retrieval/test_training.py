"""Training: the gradient is the loss's, the loss falls, and the same lesson gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

from aina_assets.titles.retrieval import training
from aina_assets.titles.retrieval.taxonomy import grouping
from aina_assets.titles.retrieval.training import (
    BIAS_RATE,
    FEATURE_RATE,
    OF_GROUP,
    PROTOTYPE_RATE,
    SCALE,
    TINY,
    TOKEN_RATE,
    Trainer,
    Weights,
    initial_weights,
    softmax,
    unit_rows,
)

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

EXAMPLES, FEATURES, CLASSES, DIMENSIONS, TOKENS = 6, 7, 3, 5, 2
GROUPS = grouping("major", ["a", "a", "b"])
PAIRS = grouping("major", [str(number // 2) for number in range(10)])


@pytest.fixture
def rows() -> sp.csr_matrix:
    draw = np.random.default_rng(5)
    dense = draw.integers(0, 3, (EXAMPLES, FEATURES)) * draw.random((EXAMPLES, FEATURES))
    dense[:, 0] += 0.5
    dense[:, FEATURES - 1] = 0
    return sp.csr_matrix(dense.astype(np.float32))


@pytest.fixture
def labels() -> sp.csr_matrix:
    return sp.csr_matrix(
        np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0], [0, 1, 0], [1 / 3] * 3], np.float32)
    )


IMPORTANCE = np.array([1, 1, 0.3, 1, 0.3, 1], np.float32)


def random_weights() -> Weights:
    draw = np.random.default_rng(11)
    return Weights(
        draw.normal(size=(FEATURES, DIMENSIONS)).astype(np.float32),
        draw.normal(size=(CLASSES, DIMENSIONS)).astype(np.float32),
        draw.normal(size=CLASSES).astype(np.float32),
    )


def plain_loss(
    rows: sp.csr_matrix, labels: sp.csr_matrix, least: float = 0.0
) -> Callable[[list[Doubles]], float]:
    """The loss as its formula says it, in double precision and one line a term.

    Args:
        least: what is added to a probability before its logarithm; the loss that is told has some, the
            gradient none.
    """
    x, wanted = rows.toarray().astype(np.float64), labels.toarray().astype(np.float64)

    def loss(weights: list[Doubles]) -> float:
        features, prototypes, bias = weights
        summed = x @ features
        vectors = summed / np.linalg.norm(summed, axis=1, keepdims=True)
        unit = prototypes / np.linalg.norm(prototypes, axis=1, keepdims=True)
        logits = float(SCALE) * vectors @ unit.T + bias
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        in_group = np.array([[1, 0], [1, 0], [0, 1]])
        of_class = (wanted * np.log(probabilities + least)).sum(axis=1)
        of_group = ((wanted @ in_group) * np.log(probabilities @ in_group + least)).sum(axis=1)
        both = (1 - float(OF_GROUP)) * of_class + float(OF_GROUP) * of_group
        return float(-(IMPORTANCE * both).sum() / EXAMPLES)

    return loss


def finite_differences(loss: Callable[[list[Doubles]], float], at: list[Doubles]) -> list[Doubles]:
    step = 1e-5
    gradients = []
    for number, part in enumerate(at):
        gradient = np.zeros_like(part)
        for place in np.ndindex(part.shape):
            sides = []
            for sign in (1, -1):
                moved = [np.array(other) for other in at]
                moved[number][place] += sign * step
                sides.append(loss(moved))
            gradient[place] = (sides[0] - sides[1]) / (2 * step)
        gradients.append(gradient)
    return gradients


def normed(gradient: Doubles) -> Doubles:
    """Each row at a root mean square of 1, as Adagrad's first step has it; a row of zeros stays."""
    rows = gradient if gradient.ndim > 1 else gradient[:, None]
    size = np.sqrt((rows**2).mean(axis=1, keepdims=True))
    result: Doubles = (rows / np.where(size > 0, size, 1)).reshape(gradient.shape)
    return result


def test_a_step_goes_down_the_gradient_of_the_loss(
    rows: sp.csr_matrix, labels: sp.csr_matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "DROPOUT", 0.0)
    weights = random_weights()
    before = [part.astype(np.float64) for part in (weights.features, weights.prototypes, weights.bias)]
    loss = plain_loss(rows, labels)
    told = Trainer(weights, TOKENS, GROUPS, epochs=10).epoch(rows, labels, IMPORTANCE)
    assert told == pytest.approx(plain_loss(rows, labels, float(TINY))(before), rel=1e-4)
    after = (weights.features, weights.prototypes, weights.bias)
    rates: list[Doubles] = [
        np.array([TOKEN_RATE] * TOKENS + [FEATURE_RATE] * (FEATURES - TOKENS))[:, None],
        np.array(PROTOTYPE_RATE),
        np.array(BIAS_RATE),
    ]
    for old, new, rate, gradient in zip(before, after, rates, finite_differences(loss, before), strict=True):
        assert (old - new) / rate == pytest.approx(normed(gradient), abs=5e-3)


def test_a_feature_that_no_example_has_keeps_its_vector(rows: sp.csr_matrix, labels: sp.csr_matrix) -> None:
    weights = random_weights()
    Trainer(weights, TOKENS, GROUPS, epochs=1).epoch(rows, labels, IMPORTANCE)
    kept = (weights.features == random_weights().features).all(axis=1)
    assert kept.tolist() == [False] * (FEATURES - 1) + [True]


def test_what_has_no_importance_teaches_nothing(rows: sp.csr_matrix, labels: sp.csr_matrix) -> None:
    weights = random_weights()
    trainer = Trainer(weights, TOKENS, GROUPS, epochs=1)
    assert trainer.epoch(rows, labels, np.zeros(EXAMPLES, np.float32)) == 0
    for name in ("features", "prototypes", "bias"):
        assert (getattr(weights, name) == getattr(random_weights(), name)).all()


def lesson() -> tuple[sp.csr_matrix, sp.csr_matrix, Floats]:
    """1,300 examples (three steps an epoch) of ten classes that some of their features tell."""
    draw = np.random.default_rng(3)
    classes = draw.integers(0, 10, 1300)
    rows = sp.random(1300, 60, density=0.05, format="csr", random_state=draw, dtype=np.float32)
    rows = rows + sp.csr_matrix((np.ones(1300, np.float32), (np.arange(1300), 20 + classes)), (1300, 60))
    labels = sp.csr_matrix((np.ones(1300, np.float32), (np.arange(1300), classes)), (1300, 10))
    return rows.tocsr(), labels, np.ones(1300, np.float32)


def trained(epochs: int) -> tuple[Weights, list[float]]:
    rows, labels, importance = lesson()
    static = np.random.default_rng(1).normal(size=(20, 8)).astype(np.float32)
    weights = initial_weights(static, 60, rows, labels)
    trainer = Trainer(weights, len(static), PAIRS, epochs)
    return weights, [trainer.epoch(rows, labels, importance) for _ in range(epochs)]


def test_the_loss_falls_with_every_epoch() -> None:
    _, losses = trained(4)
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] / 2


def test_two_trainings_give_equal_bytes() -> None:
    (one, losses), (other, again) = trained(2), trained(2)
    assert losses == again
    for name in ("features", "prototypes", "bias"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
        assert getattr(one, name).dtype == np.float32


def test_a_prototype_starts_at_the_mean_of_its_titles() -> None:
    static = np.array([[2, 0], [0, 1], [0, 4]], np.float32)
    rows = sp.csr_matrix(np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1]], np.float32))
    labels = sp.csr_matrix(np.array([[1, 0, 0], [0.5, 0.5, 0], [1, 0, 0]], np.float32))
    weights = initial_weights(static, 4, rows, labels)
    assert (weights.features == np.array([[2, 0], [0, 1], [0, 4], [0, 0]])).all()
    # Of unit vectors (1, 0), (0, 1) and (0, 1); the second is half of each of two classes.
    assert weights.prototypes == pytest.approx(np.array([[0.4, 0.6], [0, 0.5], [0, 0]]), abs=1e-5)
    assert (weights.bias == 0).all()
    assert static.tolist() == [[2, 0], [0, 1], [0, 4]]


def test_training_leaves_the_static_embedding_as_it_is() -> None:
    rows, labels, importance = lesson()
    static = np.random.default_rng(1).normal(size=(60, 8)).astype(np.float32)
    before = static.copy()
    weights = initial_weights(static, 60, rows, labels)
    Trainer(weights, 60, PAIRS, 1).epoch(rows, labels, importance)
    assert (static == before).all()
    assert (weights.features != before).any()


def test_unit_rows_have_length_one_and_zeros_stay() -> None:
    rows, lengths = unit_rows(np.array([[3, 4], [0, 0], [1e-3, 0]], np.float32))
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 0, 1], abs=2e-3)
    assert lengths[:, 0] == pytest.approx([5, 0, 1e-3], abs=2e-6)


def test_softmax_bears_logits_of_any_size() -> None:
    probabilities = softmax(np.array([[1000, 1000, -1000], [-1e30, 0, 0], [5, 5, 5]], np.float32))
    assert probabilities == pytest.approx(np.array([[0.5, 0.5, 0], [0, 0.5, 0.5], [1 / 3] * 3]))
