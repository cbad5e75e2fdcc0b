"""Assess a few titles: what a person waits for who asks about one.

Belongs here: making no more of the index than a few titles need. Does not: how they are assessed; the rows are
those that the whole index gives, to every digit that is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aina_assets.titles.assess import Assessor, Evidence
from aina_assets.titles.authority import AuthorityIndex
from aina_assets.titles.make import TitleStage
from aina_assets.titles.retrieval.calibration import MonotoneMap
from aina_assets.titles.retrieval.encoder import TitleEncoder
from aina_assets.titles.retrieval.index import NO_TEXT
from aina_assets.titles.retrieval.model import AuthorityTexts, Mixture, OccupationModel
from aina_assets.titles.retrieval.model_file import load_model
from aina_assets.titles.retrieval.static_embedding import load_static_embedding
from aina_assets.titles.retrieval.taxonomy import Taxonomy, grouping
from aina_assets.titles.tables import AUTHORITY_TITLE

Places = NDArray[np.int32]


def assess_few(stage: TitleStage, titles: Sequence[Mapping[str, Any]]) -> Evidence:
    """The evidence on a few titles.

    Args:
        stage: whose model and authority titles stand.
        titles: rows of `title`, whether or not the inventory has them.

    Raises:
        StateError: the model or the authority titles are absent or damaged.
    """
    policies = stage.policies
    model = model_for(stage.model_path, [row["core_title"] for row in titles])
    authority = AuthorityIndex(stage.engine.store.read(AUTHORITY_TITLE.name))
    assessor = Assessor(model, authority, policies.scope, policies.functions, policies.serve)
    return assessor.assess(titles)


def model_for(path: Path, cores: Sequence[str]) -> OccupationModel:
    """The model with that part of its index that it compares these titles with.

    Vectors of all authority texts would be most of the time: a title is compared with the texts of its
    candidate occupations alone, and candidates come from the encoder without any text.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            told = json.loads(arrays["told"].tobytes())
            taxonomy = Taxonomy(
                tuple(told["classes"]),
                {level: grouping(level, groups) for level, groups in told["groups"].items()},
            )
            encoder = TitleEncoder.from_arrays(arrays, load_static_embedding())
            texts = tuple(arrays["authority"].tobytes().decode().split("\n"))
            whole = AuthorityTexts(texts, arrays["text_of"], arrays["class_of"])
            mixture = Mixture(*told["mixture"])
            calibration = {
                level: MonotoneMap(tuple(raw), tuple(observed))
                for level, (raw, observed) in told["calibration"].items()
            }
    except (OSError, ValueError, KeyError, TypeError):
        # It says what is wrong with the file.
        return load_model(path)
    none = np.zeros(0, np.int32)
    bare = OccupationModel(taxonomy, encoder, AuthorityTexts((), none, none), mixture, calibration)
    _, candidates, _ = bare.evidence(cores, np.full(len(cores), NO_TEXT, np.int32))
    return OccupationModel(taxonomy, encoder, _part(whole, candidates, cores), mixture, calibration)


def _part(whole: AuthorityTexts, candidates: Places, cores: Sequence[str]) -> AuthorityTexts:
    """The entries of the candidates, and the titles themselves: that it is listed changes a title's score.

    Texts keep their order, by which the index decides between equally near ones.
    """
    entries = np.isin(whole.class_of, candidates)
    asked = set(cores)
    own = [place for place, text in enumerate(whole.texts) if text in asked]
    kept = np.union1d(whole.text_of[entries], np.array(own, np.int32)).astype(np.int32)
    return AuthorityTexts(
        tuple(whole.texts[place] for place in kept.tolist()),
        np.searchsorted(kept, whole.text_of[entries]).astype(np.int32),
        whole.class_of[entries],
    )
