"""What an explanation holds: plain values, ready to be printed or written as JSON.

Belongs here: the classes. Does not: finding what they hold.
"""

from __future__ import annotations

from dataclasses import dataclass

from aina_assets.titles.normalizing.normalize import NormalizedTitle


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A stratum's measured error.

    Attributes:
        rows: gold test rows of the stratum's own; `errors` of them wrong.
        is_pooled: whether it stands or falls with the other small strata of its basis.
        bound_rows: rows that the bound is made from: its own, or the pool's; `bound_errors` of them wrong.
        error_bound: one-sided upper bound of the error.
        state: certified or broken.
    """

    stratum: str
    rows: int
    errors: int
    is_pooled: bool
    bound_rows: int
    bound_errors: int
    effective_rows: float
    error_rate: float | None
    error_bound: float
    state: str

    def __str__(self) -> str:
        whose = "pooled" if self.is_pooled else "own"
        return (
            f"{self.state}: {self.errors} of {self.rows} own rows wrong; bound {self.error_bound:.2%} "
            f"from {self.bound_errors} of {self.bound_rows} {whose} rows"
        )


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim that could be made of a title.

    Attributes:
        claim: a level that can be served, or `exclude`.
        group: the SOC code or business function that would be served; for an exclusion the reason.
        raw: the evidence's probability that the claim is right.
        calibrated: what that is worth, by gold tune rows; None where the words alone exclude.
        needs: the calibrated probability that makes the claim; None where none does.
        is_allowed: whether it may be made of the title at all, whatever the probability.
        is_made: whether the evidence is enough, should the stratum be certified.
        stratum: basis/claim/group of the certificate.
        certificate: None where no gold test row measures the stratum.
        obstacle: what stands in the claim's way; None where nothing does, or a finer claim stands already.
        is_standing: whether it is the title's one claim.
    """

    claim: str
    group: str
    raw: float
    calibrated: float | None
    needs: float | None
    is_allowed: bool
    is_made: bool
    stratum: str
    certificate: CertificateView | None
    obstacle: str | None
    is_standing: bool


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row of a source file that lists a title."""

    table: str
    file: str
    row: int
    vintage: str
    title: str


@dataclass(frozen=True, slots=True)
class RawForm:
    """A line of the inventory that is a form of the title."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class ExactCandidate:
    """An authority title that equals the title."""

    lane: str
    form: str
    code: str
    occupation: str
    is_in_scope: bool
    source: SourceRow


@dataclass(frozen=True, slots=True)
class RetrievedCandidate:
    """An occupation that the title plausibly names, with the nearest title that is listed for it."""

    rank: int
    code: str
    occupation: str
    is_in_scope: bool
    score: float
    similarity: float
    nearest: SourceRow | None


@dataclass(frozen=True, slots=True)
class LevelView:
    """The most plausible group of a level; `probability` is that the title is in scope and in it."""

    level: str
    code: str
    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class RouteView:
    """The route, as `title_route` has it."""

    route: str
    reason: str
    meaning: str
    served_level: str | None
    served_code: str | None
    served_name: str | None
    onet_soc_code: str | None
    function: str | None
    scope_reason: str | None
    probability: float | None
    error_bound: float | None
    stratum: str | None
    policy_sha256: str
    is_of_these_policies: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy file that decides."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a usable title, and what was made of it.

    Attributes:
        is_in_inventory: whether the inventory has the title; else all is computed as it would be.
        deciding_form: the raw text that exact matches are looked up by.
        forms: its first raw forms in the inventory; `form_count` is the number of all.
        lane: strongest lane with evidence; `basis` is what the certificate is given for.
        scope_reason: most probable reason for being out of scope; `word_reason`: what words alone give.
        finest_level: finest level that the words allow; None for none. `caps` says why.
        claims: every claim, from exclusion and the finest level on.
        certificate: of the route's stratum; None where nothing is claimed.
        next_finer: the claim that would say more; None where nothing finer can be claimed.
    """

    is_in_inventory: bool
    deciding_form: str
    form_count: int
    forms: tuple[RawForm, ...]
    lane: str
    basis: str
    exact: tuple[ExactCandidate, ...]
    retrieved: tuple[RetrievedCandidate, ...]
    levels: tuple[LevelView, ...]
    in_scope_probability: float
    scope_reason: str | None
    word_reason: str | None
    finest_level: str | None
    caps: tuple[str, ...]
    claims: tuple[ClaimView, ...]
    route: RouteView
    certificate: CertificateView | None
    next_finer: ClaimView | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A title explained.

    Attributes:
        number: its place among the titles asked about, from 1.
        text: as it was asked; None where it is no usable title.
        defect: why it is none, and `defect_meaning` in words.
        normalized: its canonical form and all that was split off; None for a defect.
        title_id: hash of the canonical form; `title_batch` follows from it.
        evidence: None for a defect.
        policies: what decides.
    """

    number: int
    text: str | None
    defect: str | None
    defect_meaning: str | None
    normalized: NormalizedTitle | None
    title_id: str | None
    title_batch: str | None
    evidence: Evidence | None
    policies: tuple[Policy, ...]
