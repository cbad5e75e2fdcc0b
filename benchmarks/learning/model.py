"""The learner model against the plain average, and what its parameters would be if they were fitted now."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.learning.mastery.comparing import compared
from aina_assets.learning.mastery.fitting import fitted
from aina_assets.learning.mastery.policy import read_learner_model


def model_figures() -> dict[str, Any]:
    """Fit on training learners, compare on held-out ones; once more with every self-rating withheld."""
    policy = read_learner_model(PROJECT_ROOT / "data" / "policies")
    tracing, average = fitted(policy)
    comparison = compared(policy)
    untold = compared(policy, is_rating_told=False)
    return {
        "fitted": {"knowledge_tracing": tracing.model_dump(), "average": average.model_dump()},
        "is_as_in_the_policy": (tracing, average) == (policy.knowledge_tracing, policy.average),
        "held_out_results": comparison.attempts,
        "gain_nats": round(comparison.gain, 4),
        "gain_nats_lower_bound": round(comparison.gain_low, 4),
        "gain_nats_without_self_ratings": round(untold.gain, 4),
        "figures": {
            name: {kind: asdict(figure) for kind, figure in held.items()}
            for name, held in comparison.figures.items()
        },
        "broken": comparison.winner != policy.model,
    }
