"""Which family a model is of: two of one family err alike, so that their agreement says less.

Belongs here: families by the names of models, and what is worth a warning about the reviewers of a wave. Does
not: measuring how alike they err; that is the consensus's, on gold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from aina_assets.adjudication.protocol import ReviewerSpec
from aina_assets.adjudication.reviewers.options import CommandOptions, HttpOptions
from aina_assets.core.hosts import is_loopback

Code = Literal["one_model_family", "family_not_as_named", "only_one_reviewer", "titles_leave_machine"]

# What the name of a model says, whoever serves it under whatever prefix (`meta-llama/`, `local/`).
_FAMILIES: tuple[tuple[str, str], ...] = (
    (r"gpt-oss|gpt-?\d|chatgpt|codex|o[134](-mini|-pro|$)|davinci", "gpt"),
    (r"claude", "claude"),
    (r"gemini", "gemini"),
    (r"gemma", "gemma"),
    (r"llama|vicuna", "llama"),
    (r"qwen|qwq", "qwen"),
    (r"mistral|mixtral|magistral|ministral|codestral|devstral", "mistral"),
    (r"deepseek", "deepseek"),
    (r"phi-?\d", "phi"),
    (r"smollm", "smollm"),
    (r"command-[ar]|aya", "cohere"),
    (r"granite", "granite"),
    (r"glm-?\d", "glm"),
    (r"kimi", "kimi"),
    (r"grok", "grok"),
    (r"olmo", "olmo"),
)


@dataclass(frozen=True)
class Finding:
    """Something about the reviewers that a person should know; none of them stops a wave.

    Attributes:
        code: the kind of finding.
        message: what was found, and why it matters.
    """

    code: Code
    message: str


def family_by_name(model: str) -> str | None:
    """The family that a model's name tells; None where it tells none."""
    name = model.lower().rsplit("/", 1)[-1]
    for pattern, family in _FAMILIES:
        # From a word's begin: `phi` is no part of `dolphin`.
        if re.search(rf"(?<![a-z])(?:{pattern})", name):
            return family
    return None


def findings(specs: Sequence[ReviewerSpec]) -> tuple[Finding, ...]:
    """What is worth a warning about the reviewers of a wave."""
    found: list[Finding] = []
    if len(specs) == 1:
        found.append(
            Finding(
                "only_one_reviewer",
                f"{specs[0].name} is the only reviewer: nothing can be accepted without a second",
            )
        )
    models = [spec for spec in specs if spec.backend in ("http", "command")]
    for spec in models:
        told = family_by_name(spec.model)
        if told is not None and told != spec.family.lower():
            found.append(
                Finding(
                    "family_not_as_named",
                    f"{spec.name}: the name {spec.model!r} says family {told!r}, its entry {spec.family!r}",
                )
            )
        if (told_of := _leaves(spec)) is not None:
            found.append(Finding("titles_leave_machine", f"{spec.name}: {told_of}"))
    if len(models) == 2 and _is_one_family(*models):
        found.append(
            Finding(
                "one_model_family",
                f"both reviewers are of one model family ({models[0].model!r}, {models[1].model!r}): "
                "they err alike, so that their agreement is weaker evidence",
            )
        )
    return tuple(found)


def _is_one_family(one: ReviewerSpec, other: ReviewerSpec) -> bool:
    told = {family_by_name(spec.model) or spec.family.lower() for spec in (one, other)}
    return len(told) == 1 or one.family.lower() == other.family.lower() or one.model == other.model


def _leaves(spec: ReviewerSpec) -> str | None:
    """How titles leave this machine, or may; None where they do not."""
    if spec.backend == "command":
        program = CommandOptions.model_validate(spec.options).command[0]
        return f"titles are handed to {program!r}, which may send them on"
    host = HttpOptions.model_validate(spec.options).host
    return None if is_loopback(host) else f"titles are sent to {host}"


def handed_to(specs: Iterable[ReviewerSpec]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The hosts that titles are sent to, and the commands that they are handed to."""
    told = list(specs)
    hosts = tuple(HttpOptions.model_validate(s.options).host for s in told if s.backend == "http")
    commands = tuple(
        tuple(CommandOptions.model_validate(s.options).command) for s in told if s.backend == "command"
    )
    return hosts, commands
