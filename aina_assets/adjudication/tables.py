"""Contracts of the tables of this stage.

Belongs here: what each table promises. Does not: how it is made.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from aina_assets.adjudication.consensus import Why
from aina_assets.adjudication.protocol import Decision, Seat, TargetLevel
from aina_assets.core.contracts import Row, TableContract
from aina_assets.titles.scope import Reason
from aina_assets.titles.tables import BATCH, TITLE_REFERENCE, Batch, Route, RouteReason, Share, TitleId

SOURCE = "adjudication"

Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Kind = Literal["llm", "person", "recorded", "simulated"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BatchStatus = Literal["open", "held", "quarantined", "released", "merged"]
State = Literal["serve_now", "serve_with_fallback", "exclude", "residual", "prompt_candidate"]
SettledBy = Literal["evidence", "rule", "llm", "person", "recorded", "simulated"]
Wave = Annotated[int, Field(ge=1)]


class TitleRuleDecision(Row):
    """A title that a deterministic rule settled, before any reviewer."""

    title_id: TitleId = Field(description="title")
    title_batch: Batch = Field(description="the title's batch")
    normalized_title: str = Field(description="canonical form", min_length=1)
    rule_id: str = Field(description="rule of adjudication_rules.toml", min_length=1)
    decision: Literal["promote_fallback", "exclude"] = Field(description="what it decided")
    level: TargetLevel | None = Field(description="level that it is promoted to; null where excluded")
    code: str | None = Field(description="group that it is promoted to, or the reason for its exclusion")
    policy_sha256: Hex = Field(description="digest of the rules' file")


class ReviewPrompt(Row):
    """A title as it stands in a reviewer's prompts: of the wave that is open, else of the last one merged."""

    title_batch: Batch = Field(description="batch that is reviewed")
    wave: Wave = Field(description="the batch's wave")
    reviewer: Seat = Field(description="whose prompt")
    title_id: TitleId = Field(description="title; known answers are titles of other batches")
    is_known_answer: bool = Field(description="whether its answer is known from the gold set's tune part")
    order_sha256: Hex | None = Field(description="bounded review that names it; null for a first review")
    chunk: int = Field(description="number of the prompt in the batch", ge=0)
    request_id: Hex | None = Field(description="request; null while nobody takes the seat")


class ReviewVerdict(Row):
    """What a reviewer said of a title in a batch's last wave, and who it was."""

    title_batch: Batch = Field(description="batch that is reviewed")
    wave: Wave = Field(description="the batch's wave")
    title_id: TitleId = Field(description="title")
    is_known_answer: bool = Field(description="whether its answer is known")
    decision: Decision = Field(description="verdict")
    level: TargetLevel | None = Field(description="level to promote to; null of other verdicts")
    code: str | None = Field(description="group to promote to, or reason to exclude; null where it keeps")
    is_repaired: bool = Field(description="whether it came in the repair, not at first")
    request_id: Hex = Field(description="request")
    kind: Kind = Field(description="who decides: llm, person, recorded, simulated")
    provider: str = Field(description="who runs the reviewer")
    model: str = Field(description="which model, or which person")
    parameters: str = Field(description="parameters that change answers, as JSON")
    prompt_sha256: Hex = Field(description="digest of the prompt")
    schema_sha256: Hex = Field(description="digest of the output's JSON Schema")
    answer_sha256: Hex = Field(description="digest of the raw output")


class ReviewConsensus(Row):
    """What two reviewers together decided on a title: of every merged wave, and of one that is held."""

    title_id: TitleId = Field(description="title")
    title_batch: Batch = Field(description="batch that was reviewed")
    wave: Wave = Field(description="the batch's wave")
    is_known_answer: bool = Field(description="whether its answer is known; then nothing is decided")
    decision: Decision | None = Field(description="what was decided; null of known answers")
    level: TargetLevel | None = Field(description="level that it is promoted to; null otherwise")
    code: str | None = Field(description="group promoted to, or the reason that both exclude it for")
    why: Why | None = Field(description="agreed, or why it is kept; null of known answers")
    verdict_a: str = Field(description="reviewer a's verdict: decision/level/code")
    verdict_b: str = Field(description="reviewer b's")
    is_right_a: bool | None = Field(description="of a known answer, whether a was right; null: a kept it")
    is_right_b: bool | None = Field(description="the same of b")
    merge_sha256: Hex | None = Field(description="digest of the merge; null while it is held")


class ReviewBatch(Row):
    """Where the waves of a batch stand: merged, quarantined, released from it, held or open."""

    title_batch: Batch = Field(description="batch")
    title_batches: int = Field(description="how many batches the inventory had", ge=1)
    wave: Wave = Field(description="the batch's wave")
    status: BatchStatus = Field(
        description="open, held, quarantined, released (the next wave asks anew) or merged"
    )
    detail: str | None = Field(description="why it is held, or was quarantined; null otherwise")
    kind: Kind | None = Field(description="who decides; null until merged")
    accepted_by: str | None = Field(description="`policy`, or the person who accepted it; null until merged")
    candidates: int = Field(description="titles to be decided", ge=0)
    known_answers: int = Field(description="titles whose answer is known, among them", ge=0)
    right_a: int | None = Field(
        description="known answers that reviewer a got right; null until merged", ge=0
    )
    wrong_a: int | None = Field(description="got wrong", ge=0)
    right_b: int | None = Field(
        description="known answers that reviewer b got right; null until merged", ge=0
    )
    wrong_b: int | None = Field(description="got wrong", ge=0)
    agreement: Share | None = Field(
        description="share of candidates with the same decision; null until merged"
    )
    promoted: int = Field(description="titles promoted by it", ge=0)
    excluded: int = Field(description="titles excluded by it", ge=0)
    kept: int = Field(description="titles kept by it", ge=0)
    repaired: int = Field(description="verdicts that came in a repair", ge=0)
    tokens_in: int | None = Field(description="prompt tokens; null where not told", ge=0)
    tokens_out: int | None = Field(description="output tokens; null where not told", ge=0)
    cost_usd: float | None = Field(description="cost at list prices; null where not known", ge=0)
    merge_sequence: int | None = Field(description="place of the merge in the chain; null until merged", ge=1)
    merge_sha256: Hex | None = Field(description="digest of the merge; null until merged")


class ReviewWave(Row):
    """How the merged batches of a wave went: how far the reviewers agree, and how often they are right."""

    wave: Wave = Field(description="number of the wave: the first, second ... of its batches")
    batches: int = Field(description="batches merged", ge=1)
    candidates: int = Field(description="titles decided", ge=1)
    agreement: Share | None = Field(description="share with the same decision")
    kappa: float | None = Field(description="Cohen's kappa of the decisions; null where chance explains all")
    ac1: float | None = Field(description="Gwet's AC1 of the decisions")
    alpha: float | None = Field(description="Krippendorff's alpha of the decisions; null where all are alike")
    alpha_low: float | None = Field(description="lower end of its bootstrap interval")
    alpha_high: float | None = Field(description="upper end of its bootstrap interval")
    same_target: Share | None = Field(description="share of rows that both promote with the same target")
    kept_a: int = Field(description="titles that reviewer a kept", ge=0)
    kept_b: int = Field(description="titles that reviewer b kept", ge=0)
    known_answers: int = Field(description="known answers among them", ge=0)
    right_a: int = Field(description="that reviewer a got right", ge=0)
    wrong_a: int = Field(description="that reviewer a got wrong", ge=0)
    right_b: int = Field(description="that reviewer b got right", ge=0)
    wrong_b: int = Field(description="that reviewer b got wrong", ge=0)
    wrong_alike: int = Field(description="that both got wrong with the same verdict", ge=0)
    promoted: int = Field(description="titles promoted", ge=0)
    excluded: int = Field(description="titles excluded", ge=0)
    kept: int = Field(description="titles kept", ge=0)
    repaired: int = Field(description="verdicts that came in a repair", ge=0)
    tokens_in: int | None = Field(description="prompt tokens; null where not told", ge=0)
    tokens_out: int | None = Field(description="output tokens; null where not told", ge=0)
    cost_usd: float | None = Field(description="cost at list prices; null where not known", ge=0)


class ReviewConfusion(Row):
    """How often the two reviewers gave which pair of decisions in a wave."""

    wave: Wave = Field(description="number of the wave")
    decision_a: Decision = Field(description="reviewer a's decision")
    decision_b: Decision = Field(description="reviewer b's decision")
    titles: int = Field(description="titles", ge=0)


class TitleState(Row):
    """A title's one state after adjudication, who settled it, and the rule or merge that says so."""

    title_id: TitleId = Field(description="title")
    title_batch: Batch = Field(description="the title's batch")
    normalized_title: str = Field(description="canonical form", min_length=1)
    route: Route = Field(description="route that evidence gave it")
    route_reason: RouteReason = Field(description="why")
    state: State = Field(description="route after adjudication, residual, or prompt_candidate")
    settled_by: SettledBy | None = Field(
        description="evidence, rule, or the kind of reviewers; null while nobody reviewed it"
    )
    level: str | None = Field(description="level that is served; null unless served")
    code: str | None = Field(description="SOC code or function that is served; null unless served")
    onet_soc_code: str | None = Field(description="O*NET occupation of a served detailed code")
    function: str | None = Field(description="business function; of a residual the most plausible one")
    scope_reason: Reason | None = Field(description="why it is excluded, where that is told")
    error_bound: Share | None = Field(
        description="measured error of the certificate; null where a rule or reviewers decided: their error "
        "is not certified"
    )
    rule_id: str | None = Field(description="rule that settled it; null otherwise")
    merge_sequence: int | None = Field(description="merge that decided it; null otherwise", ge=1)
    merge_sha256: Hex | None = Field(description="its digest")
    order_sha256: Hex | None = Field(description="bounded review under which it was decided anew")


def _partitioned(
    name: str, row: type[Row], grain: str, key: tuple[str, ...], *, is_of_titles: bool = True
) -> TableContract:
    references = (TITLE_REFERENCE,) if is_of_titles else ()
    return TableContract(name, row, grain, key, SOURCE, references=references, partitioned_by=BATCH)


TITLE_RULE_DECISION = _partitioned(
    "title_rule_decision", TitleRuleDecision, "a title that a rule settled", ("title_id",)
)
REVIEW_PROMPT = _partitioned(
    "review_prompt",
    ReviewPrompt,
    "a title in a reviewer's prompts",
    ("title_batch", "reviewer", "title_id"),
    is_of_titles=False,
)
REVIEW_VERDICT_A = _partitioned(
    "review_verdict_a", ReviewVerdict, "a title", ("title_batch", "title_id"), is_of_titles=False
)
REVIEW_VERDICT_B = _partitioned(
    "review_verdict_b", ReviewVerdict, "a title", ("title_batch", "title_id"), is_of_titles=False
)
REVIEW_CONSENSUS = _partitioned(
    "review_consensus",
    ReviewConsensus,
    "a title in a wave",
    ("title_batch", "wave", "title_id"),
    is_of_titles=False,
)
REVIEW_BATCH = TableContract(
    "review_batch", ReviewBatch, "a wave of a batch", ("title_batches", "title_batch", "wave"), SOURCE
)
REVIEW_WAVE = TableContract("review_wave", ReviewWave, "a wave", ("wave",), SOURCE)
REVIEW_CONFUSION = TableContract(
    "review_confusion",
    ReviewConfusion,
    "a pair of decisions in a wave",
    ("wave", "decision_a", "decision_b"),
    SOURCE,
)
TITLE_STATE = TableContract("title_state", TitleState, "a title", ("title_id",), SOURCE, (TITLE_REFERENCE,))
VERDICTS: dict[Seat, TableContract] = {"reviewer_a": REVIEW_VERDICT_A, "reviewer_b": REVIEW_VERDICT_B}
# In the order in which they are made.
CONTRACTS = (
    TITLE_RULE_DECISION,
    REVIEW_PROMPT,
    REVIEW_VERDICT_A,
    REVIEW_VERDICT_B,
    REVIEW_CONSENSUS,
    REVIEW_BATCH,
    REVIEW_WAVE,
    REVIEW_CONFUSION,
    TITLE_STATE,
)
