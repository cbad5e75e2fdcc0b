"""A fitted model in one file.

Belongs here: the file's layout. Does not: where it lies, or when it is made anew.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from aina_assets.core.errors import StateError
from aina_assets.core.storage import DigestCache, sha256_file, write_bytes, write_json
from aina_assets.titles.retrieval.calibration import LogisticMap
from aina_assets.titles.retrieval.encoder import TitleEncoder
from aina_assets.titles.retrieval.model import AuthorityTexts, Mixture, OccupationModel
from aina_assets.titles.retrieval.static_embedding import load_static_embedding
from aina_assets.titles.retrieval.taxonomy import Taxonomy, grouping

# What numpy, zipfile and json raise on a file of which bytes are wrong or lacking.
DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    RuntimeError,
    BadZipFile,
)


def save_model(model: OccupationModel, path: Path) -> None:
    """Write a model, atomically.

    Raises:
        StorageFullError: the disk ran full; the file that stood there still stands.
    """
    told = {
        "classes": model.taxonomy.classes,
        "groups": {
            level: [groups.names[place] for place in groups.of_class]
            for level, groups in model.taxonomy.groupings.items()
        },
        "mixture": [model.mixture.head, model.mixture.neighbour],
        "calibration": {level: [m.offset, m.slope] for level, m in model.calibration.items()},
    }
    arrays: dict[str, Any] = {
        "told": np.frombuffer(json.dumps(told, sort_keys=True).encode(), np.uint8),
        "authority": np.frombuffer("\n".join(model.authority.texts).encode(), np.uint8),
        "text_of": model.authority.text_of,
        "class_of": model.authority.class_of,
        "vectors": model.encoder.vectors(model.authority.texts),
        **model.encoder.to_arrays(),
    }
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_bytes(path, buffer.getvalue())


def load_model(path: Path) -> OccupationModel:
    """Read a model.

    Raises:
        StateError: there is none, or the file is damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            told = json.loads(arrays["told"].tobytes())
            taxonomy = Taxonomy(
                tuple(told["classes"]),
                {level: grouping(level, groups) for level, groups in told["groups"].items()},
            )
            return OccupationModel(
                taxonomy,
                TitleEncoder.from_arrays(arrays, load_static_embedding()),
                AuthorityTexts(
                    tuple(arrays["authority"].tobytes().decode().split("\n")),
                    arrays["text_of"],
                    arrays["class_of"],
                ),
                Mixture(*told["mixture"]),
                {level: LogisticMap(offset, slope) for level, (offset, slope) in told["calibration"].items()},
                arrays["vectors"],
            )
    except FileNotFoundError as error:
        raise StateError("there is no title model", file=path, remedy="Materialize title_model.") from error
    except DAMAGE as error:
        raise StateError(
            f"the title model is damaged: {error}", file=path, remedy="Materialize title_model anew."
        ) from error


def remember_model(path: Path, about: Mapping[str, Any]) -> None:
    """Note beside a model what it was fitted to, under its file's digest."""
    write_json(_note(path), {"sha256": sha256_file(path), "about": dict(about)})


def model_of(path: Path, about: Mapping[str, Any], digests: DigestCache) -> str | None:
    """The digest of the model that stands, undamaged and fitted to exactly this; else None: fit it."""
    try:
        note = json.loads(_note(path).read_bytes())
        sha256 = digests.sha256(path)
    except (OSError, ValueError):
        return None
    is_current = isinstance(note, dict) and note == {"sha256": sha256, "about": dict(about)}
    return sha256 if is_current else None


def _note(path: Path) -> Path:
    return path.with_suffix(".json")
