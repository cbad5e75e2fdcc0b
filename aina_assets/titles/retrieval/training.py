"""Train the encoder: titles should lie near the prototypes of their occupations.

Belongs here: the loss, its gradient and the optimizer. Does not: where the titles come from.

The loss is the cross entropy of a softmax over scaled cosines between a title's vector and one prototype
an occupation. Half of it asks for the occupation, half for its major group, which is as probable as its
occupations together: an error within the group costs less than one beyond it. Prototypes start at the mean
of their titles, so that an occupation with few titles is where the pre-trained embedding puts it. The
optimizer is Adagrad with one accumulator a row, touching only the rows that a step's titles have.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from aina_assets.titles.retrieval.taxonomy import Grouping

Floats = NDArray[np.float32]

# What a sweep over held-out titles of an older release settled on; benchmarks/titles shows its results.
SCALE = np.float32(16.0)
BATCH = 512
DROPOUT = 0.2
OF_CLASS, OF_GROUP = np.float32(0.5), np.float32(0.5)
TOKEN_RATE = 0.01
FEATURE_RATE = 0.1
PROTOTYPE_RATE = 0.05
BIAS_RATE = 0.05
SEED = 20190101
TINY = np.float32(1e-8)
LEAST_GROUP = np.float32(1e-30)


@dataclass
class Weights:
    """What is learned.

    Attributes:
        features: vocabulary size x dimensions; the first `tokens` rows start as the static embedding.
        prototypes: classes x dimensions; only their direction counts.
        bias: classes.
    """

    features: Floats
    prototypes: Floats
    bias: Floats


@lru_cache(maxsize=1)
def _libraries() -> ThreadpoolController:
    # To look for them takes milliseconds, and they stay the same.
    return ThreadpoolController()


def one_thread() -> AbstractContextManager[object]:
    """Within it, matrix products use one thread.

    Several would split a sum differently from one number of cores to another, and wait for each other on a
    busy machine: the products here are small, and a thousand of them a chunk of titles.
    """
    limit: AbstractContextManager[object] = _libraries().limit(limits=1, user_api="blas")
    return limit


def unit_rows(matrix: Floats) -> tuple[Floats, Floats]:
    """The rows at length 1, and their lengths (a column). A row of zeros stays."""
    lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))[:, None] + np.float32(1e-6)
    return matrix / lengths, lengths


def softmax(logits: Floats) -> Floats:
    """Probabilities of each row; the array is overwritten."""
    logits -= logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    return logits


def initial_weights(static: Floats, size: int, examples: sp.csr_matrix, labels: sp.csr_matrix) -> Weights:
    """Untrained weights: the static embedding, zeros for all else, prototypes at their titles' mean.

    Args:
        static: tokens x dimensions.
        size: the vocabulary's.
        examples: titles x size.
        labels: titles x classes, each row summing to 1.
    """
    features = np.zeros((size, static.shape[1]), np.float32)
    features[: len(static)] = static
    vectors, _ = unit_rows(examples @ features)
    weight = np.asarray(labels.sum(axis=0)).ravel()
    prototypes = np.asarray(labels.T @ vectors) / np.maximum(weight, 1)[:, None]
    return Weights(features, prototypes.astype(np.float32), np.zeros(labels.shape[1], np.float32))


class Trainer:
    """Trains weights in place, epoch by epoch, at rates that fall to zero over `epochs`.

    Args:
        weights: what is trained.
        tokens: rows of the static embedding among the features.
        groups: of the classes, those that the second half of the loss asks for.
        epochs: how many there will be.
    """

    def __init__(self, weights: Weights, tokens: int, groups: Grouping, epochs: int) -> None:
        self._weights = weights
        self._groups = groups
        self._epochs = epochs
        self._epoch = 0
        self._random = np.random.default_rng(SEED)
        size, classes = len(weights.features), len(weights.bias)
        self._rates = np.full(size, FEATURE_RATE, np.float32)
        self._rates[:tokens] = TOKEN_RATE
        self._feature_squares = np.zeros(size, np.float32)
        self._prototype_squares = np.zeros(classes, np.float32)
        self._bias_squares = np.zeros(classes, np.float32)

    def epoch(self, examples: sp.csr_matrix, labels: sp.csr_matrix, importance: Floats) -> float:
        """One pass over the examples in random order.

        Args:
            examples: n x vocabulary size.
            labels: n x classes, each row summing to 1.
            importance: n; the weight of each example in the loss.

        Returns:
            The mean loss.
        """
        order = self._random.permutation(examples.shape[0])
        loss = 0.0
        for first in range(0, len(order), BATCH):
            progress = (self._epoch + first / len(order)) / self._epochs
            chosen = order[first : first + BATCH]
            with one_thread():
                loss += self._step(examples[chosen], labels[chosen], importance[chosen], 1 - progress)
        self._epoch += 1
        return loss / len(order)

    def _step(self, rows: sp.csr_matrix, labels: sp.csr_matrix, importance: Floats, decay: float) -> float:
        weights = self._weights
        kept = self._random.random(rows.nnz, dtype=np.float32) >= DROPOUT
        values = rows.data * kept / np.float32(1 - DROPOUT)
        columns, inverse = np.unique(rows.indices, return_inverse=True)
        compact = sp.csr_matrix(
            (values, inverse.astype(np.int32), rows.indptr), shape=(rows.shape[0], len(columns))
        )
        touched = weights.features[columns]
        vectors, lengths = unit_rows(compact @ touched)
        prototypes, sizes = unit_rows(weights.prototypes)
        probabilities = softmax(SCALE * (vectors @ prototypes.T) + weights.bias)
        wanted = labels.toarray()
        loss, error = self._loss(probabilities, wanted)
        error *= importance[:, None] / np.float32(len(wanted))
        to_vectors = SCALE * (error @ prototypes)
        to_prototypes = SCALE * (error.T @ vectors)
        # The gradient through a length of 1 has no part along the vector.
        along = np.einsum("ij,ij->i", to_vectors, vectors)[:, None]
        feature_gradient = compact.T @ ((to_vectors - along * vectors) / lengths)
        along = np.einsum("ij,ij->i", to_prototypes, prototypes)[:, None]
        prototype_gradient = (to_prototypes - along * prototypes) / sizes
        bias_gradient = error.sum(axis=0)

        self._feature_squares[columns] += _mean_square(feature_gradient)
        rate = decay * self._rates[columns] / (np.sqrt(self._feature_squares[columns]) + TINY)
        weights.features[columns] = touched - rate[:, None].astype(np.float32) * feature_gradient
        self._prototype_squares += _mean_square(prototype_gradient)
        rate = decay * PROTOTYPE_RATE / (np.sqrt(self._prototype_squares) + TINY)
        weights.prototypes -= rate[:, None].astype(np.float32) * prototype_gradient
        self._bias_squares += bias_gradient * bias_gradient
        weights.bias -= np.float32(decay * BIAS_RATE) * bias_gradient / (np.sqrt(self._bias_squares) + TINY)
        return float((importance * loss).sum())

    def _loss(self, probabilities: Floats, wanted: Floats) -> tuple[Floats, Floats]:
        """The loss of each example, and its gradient by the logits of the classes."""
        groups = self._groups
        of_groups, wanted_groups = groups.sums(probabilities), groups.sums(wanted)
        loss = OF_CLASS * _cross_entropy(probabilities, wanted)
        loss += OF_GROUP * _cross_entropy(of_groups, wanted_groups)
        # A group may be as improbable as a 32-bit float can say; its classes' shares of it are not.
        share = (wanted_groups / np.maximum(of_groups, LEAST_GROUP))[:, groups.of_class]
        error = probabilities - OF_CLASS * wanted - OF_GROUP * probabilities * share
        return loss, error.astype(np.float32, copy=False)


def _cross_entropy(probabilities: Floats, wanted: Floats) -> Floats:
    loss: Floats = -(wanted * np.log(probabilities + TINY)).sum(axis=1)
    return loss


def _mean_square(gradient: Floats) -> Floats:
    mean: Floats = np.einsum("ij,ij->i", gradient, gradient) / np.float32(gradient.shape[1])
    return mean
