"""From normalized titles to probabilities of occupations, each with its nearest authority title.

Belongs here: the encoder, the index and the two weights that join them. Does not: policies or routes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aina_assets.titles.retrieval.calibration import IDENTITY, LogisticMap
from aina_assets.titles.retrieval.encoder import TitleEncoder
from aina_assets.titles.retrieval.index import NO_TEXT, ClassIndex, Neighbours
from aina_assets.titles.retrieval.taxonomy import Taxonomy
from aina_assets.titles.retrieval.training import one_thread, softmax

Floats = NDArray[np.float32]
Places = NDArray[np.int32]

# More candidates than these find no more held-out titles and cost as much as the encoder.
CANDIDATES = 10
# The encoder was trained on the index's own titles and knows their codes by heart; for one of them its
# neighbours are the independent evidence. The weights were chosen on gold tune rows.
LEARNED_BY_HEART = (0.25, 10.0)


@dataclass(frozen=True)
class AuthorityTexts:
    """The texts that the index holds.

    Attributes:
        texts: distinct normalized authority titles, sorted.
        text_of: entries; one entry a (text, class) pair.
        class_of: entries.
    """

    texts: tuple[str, ...]
    text_of: Places
    class_of: Places


@dataclass(frozen=True)
class Mixture:
    """How the two kinds of evidence are joined: logit = head x encoder's + neighbour x best cosine."""

    head: float
    neighbour: float


@dataclass(frozen=True)
class Scores:
    """What the model says of n titles.

    Attributes:
        probability: n x classes, each row summing to 1.
        candidates: n x k classes, the most probable first.
        neighbours: of the candidates.
        own_text: n; the index's text that equals the title; -1 for none.
    """

    probability: Floats
    candidates: Places
    neighbours: Neighbours
    own_text: Places


class OccupationModel:
    """Scores titles.

    Args:
        taxonomy: the classes.
        encoder: trained on them.
        authority: the texts of the index.
        mixture: the weights of the two kinds of evidence.
        calibration: level to the map of its top group's probability.
        vectors: of the authority's texts, where they are known; else they are made: a second of work.
    """

    def __init__(
        self,
        taxonomy: Taxonomy,
        encoder: TitleEncoder,
        authority: AuthorityTexts,
        mixture: Mixture,
        calibration: dict[str, LogisticMap],
        vectors: Floats | None = None,
    ) -> None:
        self.taxonomy = taxonomy
        self.encoder = encoder
        self.authority = authority
        self.mixture = mixture
        self.calibration = calibration
        self._places = {text: place for place, text in enumerate(authority.texts)}
        if vectors is None:
            vectors = encoder.vectors(authority.texts)
        self._index = ClassIndex(vectors, authority.text_of, authority.class_of, len(taxonomy.classes))

    def score(self, titles: Sequence[str]) -> Scores:
        """Score normalized titles; a few thousand at a time keep the memory small.

        A title that the index holds is compared with the other titles alone: it is no evidence for itself.
        """
        own = np.array([self._places.get(title, NO_TEXT) for title in titles], np.int32)
        logits, candidates, neighbours = self.evidence(titles, own)
        probability = mixed(logits, candidates, neighbours, self.mixture)
        known = own != NO_TEXT
        if known.any():
            of_known = Neighbours(neighbours.similarity[known], neighbours.text[known])
            by_heart = Mixture(*LEARNED_BY_HEART)
            probability[known] = mixed(logits[known], candidates[known], of_known, by_heart)
        return Scores(probability, candidates, neighbours, own)

    def calibrated(self, level: str, probability: NDArray[np.floating]) -> NDArray[np.float64]:
        """What the probabilities of the top groups of a level are worth for titles that no list has."""
        return self.calibration.get(level, IDENTITY)(probability)

    def evidence(self, titles: Sequence[str], own: Places) -> tuple[Floats, Places, Neighbours]:
        """The encoder's logits, the candidates by them, and the candidates' neighbours."""
        with one_thread():
            return self._evidence(titles, own)

    def _evidence(self, titles: Sequence[str], own: Places) -> tuple[Floats, Places, Neighbours]:
        vectors = self.encoder.vectors(titles)
        logits = self.encoder.logits(vectors)
        width = min(CANDIDATES, logits.shape[1])
        top = np.argpartition(logits, logits.shape[1] - width, axis=1)[:, -width:]
        # Ties are broken by the class's place, so that the order is the same on every run.
        top.sort(axis=1)
        order = np.argsort(-np.take_along_axis(logits, top, 1), axis=1, kind="stable")
        candidates = np.take_along_axis(top, order, 1).astype(np.int32)
        return logits, candidates, self._index.nearest(vectors, candidates, own)


def mixed(logits: Floats, candidates: Places, neighbours: Neighbours, mixture: Mixture) -> Floats:
    """Probabilities from both kinds of evidence. Shape: titles x classes; `logits` is left as it is."""
    joined = np.float32(mixture.head) * logits
    similarity = np.float32(mixture.neighbour) * neighbours.similarity
    # A class that is no candidate was not compared; it counts as the least similar of those that were.
    least = similarity.min(axis=1, keepdims=True)
    joined += least
    np.put_along_axis(
        joined, candidates, np.take_along_axis(joined, candidates, 1) + similarity - least, axis=1
    )
    return softmax(joined)
