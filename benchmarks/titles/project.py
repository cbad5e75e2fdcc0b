"""The project's normalizer and policies, read once a process."""

from __future__ import annotations

from functools import lru_cache

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.titles.functions import FunctionPolicy, read_function_policy
from aina_assets.titles.normalizing.lexicon import read_lexicon
from aina_assets.titles.normalizing.normalize import Normalizer

POLICIES = PROJECT_ROOT / "data" / "policies"


@lru_cache(maxsize=1)
def project_normalizer() -> Normalizer:
    """The normalizer with the project's lexicon."""
    return Normalizer(read_lexicon(POLICIES))


@lru_cache(maxsize=1)
def project_functions() -> FunctionPolicy:
    """The project's business functions."""
    return read_function_policy(POLICIES)
