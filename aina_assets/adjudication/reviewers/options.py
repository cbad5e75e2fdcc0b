"""Each backend's options: names, types, bounds, and what contradicts itself.

Belongs here: what changes no answer (endpoint, limits, prices). Does not: what does; that is a spec's
`parameters`, which are part of a request's id.
"""

from __future__ import annotations

import re
import string
from decimal import Decimal
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from aina_assets.adjudication.protocol import Backend, Decision, ReviewerSpec
from aina_assets.core.errors import SettingsError
from aina_assets.core.hosts import is_loopback

_REMEDY = "Correct the reviewer's entry in the reviewers' file; docs/reviewers.md lists all options."

_HOST = re.compile(r"[a-z0-9.-]+|[0-9a-f:]+")
VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Price = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=6)]
Share = Annotated[float, Field(ge=0, le=1)]
AnyOptions = TypeVar("AnyOptions", bound="Options")


class Options(BaseModel):
    """What every backend's options have in common: an unknown name is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CostOptions(Options):
    """Bounds on time, attempts, rate and money, of a reviewer that takes and costs something."""

    timeout_seconds: float = Field(600.0, gt=0, le=7200, description="longest time of one attempt as a whole")
    attempts: int = Field(4, ge=1, le=10, description="attempts a request, the first included")
    backoff_seconds: float = Field(
        2.0, ge=0, le=60, description="pause before the second attempt; doubles with each"
    )
    concurrency: int = Field(2, ge=1, le=64, description="requests at once")
    requests_per_minute: int | None = Field(None, ge=1, description="in any 60 s; unbounded where unset")
    tokens_per_minute: int | None = Field(
        None, ge=1, description="in any 60 s, prompt and output; unbounded where unset"
    )
    usd_per_million_tokens_in: Price | None = Field(
        None, description="list price; the cost is unknown, not zero, where unset"
    )
    usd_per_million_tokens_out: Price | None = Field(None, description="the same of output tokens")
    most_usd_a_wave: Annotated[Decimal, Field(gt=0)] | None = Field(
        None, description="no request is begun once a wave has cost this much; needs both prices"
    )

    @model_validator(mode="after")
    def _prices_go_together(self) -> CostOptions:
        prices = (self.usd_per_million_tokens_in, self.usd_per_million_tokens_out)
        if (prices[0] is None) != (prices[1] is None):
            raise ValueError("give both prices, usd_per_million_tokens_in and _out, or neither")
        if self.most_usd_a_wave is not None and None in prices:
            raise ValueError("most_usd_a_wave needs usd_per_million_tokens_in and _out")
        return self

    def cost_usd(self, tokens_in: int | None, tokens_out: int | None) -> Decimal | None:
        """What tokens cost at the list prices; None where a price or a number is not known."""
        if self.usd_per_million_tokens_in is None or self.usd_per_million_tokens_out is None:
            return None
        if tokens_in is None or tokens_out is None:
            return None
        micro = tokens_in * self.usd_per_million_tokens_in + tokens_out * self.usd_per_million_tokens_out
        return micro / 1_000_000


class HttpOptions(CostOptions):
    """Of the backend `http`: an endpoint that speaks OpenAI's chat completions."""

    base_url: str = Field(description="such as https://api.openai.com/v1; /chat/completions is appended")
    api_key_variable: VariableName | None = Field(
        None, description="environment variable that holds the key; no key is sent where unset"
    )
    connect_timeout_seconds: float = Field(10.0, gt=0, le=120, description="time to connect")
    most_answer_bytes: int = Field(4_000_000, ge=1024, description="a longer answer is refused")
    response_format: Literal["json_schema", "json_object"] = Field(
        "json_schema",
        description="json_schema: as OpenAI, vLLM, Ollama and llama.cpp take it; json_object: that type "
        "with a `schema` beside it, as llama-cpp-python takes it",
    )

    @field_validator("base_url")
    @classmethod
    def _is_safe(cls, value: str) -> str:
        parts = urlsplit(value)
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
            raise ValueError("not an http or https address")
        if parts.port == 0 or not value.isascii() or " " in value:
            raise ValueError("not an http or https address")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("an address without user, password, query and fragment is wanted")
        if parts.scheme == "http" and not is_loopback(host):
            raise ValueError("plain http is for this machine alone (127.0.0.1, localhost); use https")
        return value.rstrip("/")

    @property
    def host(self) -> str:
        """Where titles are sent."""
        return urlsplit(self.base_url).hostname or ""


class CommandOptions(CostOptions):
    """Of the backend `command`: a program that takes the prompt on its standard input.

    In the command `{model}`, a parameter's name in braces, `{schema_file}`, `{output_file}` and
    `{prompt_file}` are replaced. The output is what stands in the output file where the command names it,
    else on standard output.
    """

    command: tuple[str, ...] = Field(min_length=1, description="program and arguments; no shell is involved")
    environment: tuple[VariableName, ...] = Field(
        (), description="variables that are handed on; PATH, LANG and a temporary HOME are there anyway"
    )
    usage: Literal["none", "codex_events"] = Field(
        "none", description="codex_events: tokens are in the `turn.completed` events on standard output"
    )
    most_output_bytes: int = Field(4_000_000, ge=1024, description="a longer output is refused")


class RecordedOptions(Options):
    """Of the backend `recorded`: one of the two places to replay from, relative to the reviewers' file."""

    answers: str | None = Field(
        None, description="folder of raw answers, `<request id>.json` each, as a wave keeps them"
    )
    sheet: str | None = Field(None, description="CSV file `title,decision,level,code`, matched by title")

    @model_validator(mode="after")
    def _one_place(self) -> RecordedOptions:
        if (self.answers is None) == (self.sheet is None):
            raise ValueError("give one of `answers` and `sheet`")
        return self


class PersonOptions(Options):
    """Of the backend `person`: none; sheets lie in the data root."""


FaultKind = Literal[
    "missing",
    "repeated",
    "foreign",
    "truncated",
    "not_json",
    "reordered",
    "echo",
    "wrong_level",
    "time_out",
    "unavailable",
]


class FaultOptions(Options):
    """What goes wrong with a share of requests, for tests of what comes after."""

    share: Share = Field(description="share of requests that meet a fault")
    kinds: tuple[FaultKind, ...] = Field(min_length=1, description="drawn from evenly")
    most_rows: int = Field(1, ge=1, description="rows that a row-wise fault touches, at most")


class SimulatedOptions(Options):
    """Of the backend `simulated`: a reviewer that errs at stated rates. For tests and rehearsals."""

    seed: int = Field(0, ge=0, description="of its own errors")
    truth: str | None = Field(
        None,
        description="CSV file `title,decision,level,code` of true decisions, beside the reviewers' file; "
        "a title that it has not is drawn by truth_shares",
    )
    truth_seed: int = Field(0, ge=0, description="of drawn truths; give both reviewers the same")
    truth_shares: dict[Decision, Share] = Field(
        {"promote_fallback": 0.35, "exclude": 0.6, "keep": 0.05},
        description="how often a drawn truth is each decision",
    )
    confusion: dict[Decision, dict[Decision, Share]] = Field(
        default_factory=dict, description="true decision to answered decision to share; right where unset"
    )
    wrong_target_share: Share = Field(0.0, description="share of promotions whose target is another one")
    alike_share: Share = Field(
        0.0, description="share of rows whose error is drawn by truth_seed: both reviewers err alike there"
    )
    fault: FaultOptions | None = None

    @field_validator("truth_shares")
    @classmethod
    def _shares_are_whole(cls, value: dict[Decision, float]) -> dict[Decision, float]:
        if abs(sum(value.values()) - 1) > 1e-9:
            raise ValueError(f"the shares add up to {sum(value.values()):g}, not to 1")
        return value

    @field_validator("confusion")
    @classmethod
    def _rows_are_whole(
        cls, value: dict[Decision, dict[Decision, float]]
    ) -> dict[Decision, dict[Decision, float]]:
        for truth, answers in value.items():
            if abs(sum(answers.values()) - 1) > 1e-9:
                raise ValueError(f"the shares of {truth} add up to {sum(answers.values()):g}, not to 1")
        return value


OPTIONS: dict[Backend, type[Options]] = {
    "http": HttpOptions,
    "command": CommandOptions,
    "recorded": RecordedOptions,
    "person": PersonOptions,
    "simulated": SimulatedOptions,
}
# What this project writes into a request itself; a parameter of that name would undo it.
RESERVED_PARAMETERS = frozenset(
    {
        "model",
        "messages",
        "response_format",
        "stream",
        "stream_options",
        "n",
        "tools",
        "tool_choice",
        "functions",
    }
)
FILE_PLACEHOLDERS = ("schema_file", "output_file", "prompt_file")
# A run of codex that is not shut off like this reads the user's own instructions, rules and connectors.
REQUIRED_OF = {
    "codex": (
        ("exec",),
        ("--ignore-user-config",),
        ("--ignore-rules",),
        ("--ephemeral",),
        ("--skip-git-repo-check",),
        ("--sandbox", "read-only"),
        ("--disable", "apps"),
        ("--disable", "plugins"),
        ("--disable", "hooks"),
        ("--disable", "shell_tool"),
        ("-c", 'web_search="disabled"'),
    )
}


def options_of(spec: ReviewerSpec, model: type[AnyOptions]) -> AnyOptions:
    """A spec's options, typed, and held against its parameters.

    Raises:
        SettingsError: an option is missing, unknown or wrong, or a parameter cannot be handed on.
    """
    try:
        options = model.model_validate(spec.options)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(["options", *map(str, first["loc"])])
        message = first["msg"].removeprefix("Value error, ")
        raise SettingsError(message, place=f"{spec.name}.{place}", remedy=_REMEDY) from error
    if isinstance(options, HttpOptions) and (taken := RESERVED_PARAMETERS & set(spec.parameters)):
        raise _wrong(spec, "parameters", f"{sorted(taken)} are written by this project itself")
    if isinstance(options, CommandOptions):
        _hold_command(spec, options)
    elif not isinstance(options, HttpOptions) and spec.parameters:
        # They would be on record as if they had changed something.
        raise _wrong(spec, "parameters", f"the backend {spec.backend} takes none")
    return options


def check_options(spec: ReviewerSpec) -> None:
    """Hold a spec's options against its backend.

    Raises:
        SettingsError: as `options_of`.
    """
    options_of(spec, OPTIONS[spec.backend])


def _hold_command(spec: ReviewerSpec, options: CommandOptions) -> None:
    named: set[str] = set()
    for argument in options.command:
        try:
            named |= {name for _, name, _, _ in string.Formatter().parse(argument) if name is not None}
        except ValueError as error:
            raise _wrong(spec, "options.command", f"{argument!r}: {error}") from error
    known = {"model", *FILE_PLACEHOLDERS, *spec.parameters}
    if unknown := named - known:
        raise _wrong(
            spec, "options.command", f"unknown names in braces: {sorted(unknown)}; write {{{{ for a brace"
        )
    if idle := set(spec.parameters) - named:
        raise _wrong(
            spec, "parameters", f"{sorted(idle)} are not in the command, so they would change nothing"
        )
    program = re.sub(r"\.(exe|js)$", "", options.command[0].rsplit("/", 1)[-1])
    for flags in REQUIRED_OF.get(program, ()):
        if not _has_run(options.command, flags):
            raise _wrong(spec, "options.command", f"{program} must run with {' '.join(flags)!r}")


def _has_run(command: tuple[str, ...], flags: tuple[str, ...]) -> bool:
    width = len(flags)
    return any(command[start : start + width] == flags for start in range(len(command) - width + 1))


def _wrong(spec: ReviewerSpec, place: str, message: str) -> SettingsError:
    return SettingsError(message, place=f"{spec.name}.{place}", remedy=_REMEDY)
