"""What each part of the model is for: the same split without it.

Belongs here: taking parts away, which nothing but this benchmark does. Does not: figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

import numpy as np

from aina_assets.titles.retrieval import fitting, model, model_file
from aina_assets.titles.retrieval.features import Vocabulary, learn_vocabulary
from aina_assets.titles.retrieval.model import Mixture
from aina_assets.titles.retrieval.static_embedding import load_static_embedding
from benchmarks.titles.figures import Ranked
from benchmarks.titles.ours import Fitted, Question, fit, predict, without_column
from benchmarks.titles.splits import Tables

SEED = 11
HEAD_ALONE = Mixture(1.0, 0.0)


def ablations(tables: Tables, whole: Fitted, asked: Question) -> Iterator[tuple[str, dict[str, Ranked]]]:
    """Each part that was left out, and the predictions without it."""
    with patch.object(model, "LEARNED_BY_HEART", (HEAD_ALONE.head, HEAD_ALONE.neighbour)):
        kept, whole.model.mixture = whole.model.mixture, HEAD_ALONE
        try:
            yield "nearest authority titles", predict(whole, asked)
        finally:
            whole.model.mixture = kept
    for name, change in (
        ("pre-trained vectors", _untrained_embedding),
        ("character n-grams", lambda: _vocabulary(lambda found: replace(found, ngrams=()))),
        ("word pairs and heads", lambda: _vocabulary(lambda found: replace(found, pairs=(), heads=()))),
    ):
        with change():
            yield name, predict(fit(tables), asked)
    yield "tasks and descriptions", predict(fit(without_sentences(tables)), asked)


def without_sentences(tables: Tables) -> Tables:
    """The tables without sentences on work; one is left, since fitting asks for some."""
    return {
        **tables,
        "onet_task": tables["onet_task"].slice(0, 1),
        "onet_occupation": without_column(tables["onet_occupation"], "description"),
    }


@contextmanager
def _untrained_embedding() -> Iterator[None]:
    """Random vectors of the same lengths. Zeros would be no start: their gradients are zero as well."""
    trained = load_static_embedding()
    vectors = np.random.default_rng(SEED).standard_normal(trained.vectors.shape).astype(np.float32)
    lengths = np.linalg.norm(trained.vectors, axis=1) / np.linalg.norm(vectors, axis=1)
    untrained = replace(trained, vectors=vectors * lengths[:, None])
    with patch.object(model_file, "load_static_embedding", lambda: untrained):
        yield


@contextmanager
def _vocabulary(change: Callable[[Vocabulary], Vocabulary]) -> Iterator[None]:
    def changed(titles: Iterable[str], texts: Iterable[str], tokens: int) -> Vocabulary:
        return change(learn_vocabulary(titles, texts, tokens))

    with patch.object(fitting, "learn_vocabulary", changed):
        yield
