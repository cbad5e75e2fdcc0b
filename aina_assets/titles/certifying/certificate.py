"""Certificates: the measured error of every stratum, on gold test rows.

Belongs here: strata, pools, demotion, and which claim stands of a title. Does not: curves and
steps (`calibrating`), or the routes that follow.

The margin of a basis is widened step by step, in the order that was fixed on tune rows, while the bound of
all that it serves holds; the first step that breaks ends it. Tested in a fixed order, each step at the same
confidence, the last one that holds has the confidence of a single test.

A stratum is a basis, a claim and a group. One with enough rows stands alone; the others stand or fall with
all the small strata of their basis. What breaks is demoted: its titles fall back to the next coarser claim
and are measured there; of a broken pool the level with the largest share of errors goes first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aina_assets.titles.certifying.claims import CLAIMS, Assessed
from aina_assets.titles.certifying.curves import Calibration, Judged, claim_by_evidence, kind_of
from aina_assets.titles.certifying.measure import Measured
from aina_assets.titles.serve_policy import CertificatePolicy

CERTIFIED, BROKEN = "certified", "broken"

Stratum = tuple[str, str, str]
"""Basis, claim, group."""


@dataclass(frozen=True)
class Certificate:
    """A stratum's measured error.

    Attributes:
        own: measured on the stratum's own rows.
        bounded: what the bound is made from: its own rows, or its pool's.
        is_pooled: whether it is the pool's.
        state: certified or broken.
    """

    stratum: Stratum
    own: Measured
    bounded: Measured
    is_pooled: bool
    state: str


class Certifier:
    """Certifies strata, and says which claim stands of a title.

    Args:
        calibration: which claims the evidence makes; certifying widens its margins.
        policy: the policy on certificates.
        certificates: those that were measured before; none to begin with.
    """

    def __init__(
        self,
        calibration: Calibration,
        policy: CertificatePolicy,
        certificates: Mapping[Stratum, Certificate] | None = None,
    ) -> None:
        self.calibration = calibration
        self._policy = policy
        self.certificates: dict[Stratum, Certificate] = dict(certificates or {})

    def certify(self, test: Iterable[Judged]) -> None:
        """Widen margins, measure the strata that gold test rows land in, demote until what stands holds."""
        rows = list(test)
        for (basis, kind), steps in self.calibration.steps.items():
            self._widen(basis, kind, steps, [pair for pair in rows if pair[0].basis == basis])
        while True:
            found = self._strata(rows)
            broken = self._broken(found)
            if not broken:
                break
            self.certificates |= broken
        for stratum, (own, bounded, is_pooled) in self._measured(found).items():
            self.certificates[stratum] = Certificate(stratum, own, bounded, is_pooled, CERTIFIED)

    def _widen(self, basis: str, kind: str, steps: Sequence[float], rows: Sequence[Judged]) -> None:
        for margin in steps:
            trial = self.calibration.with_margin(basis, kind, margin)
            judged = [
                (truth.is_right(title, claim), truth.weight)
                for title, truth in rows
                if (claim := claim_by_evidence(title, kind, trial)) is not None
            ]
            if Measured.of(judged, self._policy.confidence).bound > self._policy.most_error:
                break
            self.calibration = trial

    def _strata(self, rows: Sequence[Judged]) -> dict[Stratum, list[Judged]]:
        strata: dict[Stratum, list[Judged]] = defaultdict(list)
        for title, truth in rows:
            claim = self.first_claim(title)
            if claim is not None:
                strata[stratum_of(title, claim)].append((title, truth))
        return strata

    def _measured(
        self, strata: Mapping[Stratum, Sequence[Judged]]
    ) -> dict[Stratum, tuple[Measured, Measured, bool]]:
        def measured(pairs: Iterable[tuple[str, Judged]]) -> Measured:
            return Measured.of(
                [(truth.is_right(title, claim), truth.weight) for claim, (title, truth) in pairs],
                self._policy.confidence,
            )

        own = {stratum: measured((stratum[1], pair) for pair in pairs) for stratum, pairs in strata.items()}
        small = {stratum for stratum, found in own.items() if found.rows < self._policy.least_rows_alone}
        pools: dict[tuple[str, str], list[tuple[str, Judged]]] = defaultdict(list)
        for stratum in sorted(small):
            pools[_pool_of(stratum)] += [(stratum[1], pair) for pair in strata[stratum]]
        pooled = {pool: measured(pairs) for pool, pairs in pools.items()}
        return {
            stratum: (found, pooled[_pool_of(stratum)] if stratum in small else found, stratum in small)
            for stratum, found in sorted(own.items())
        }

    def _broken(self, strata: Mapping[Stratum, Sequence[Judged]]) -> dict[Stratum, Certificate]:
        """What must be demoted next; empty where all that stands holds."""
        broken = {}
        of_pool: dict[tuple[str, str], list[Stratum]] = defaultdict(list)
        measured = self._measured(strata)
        most = self._policy.most_error
        for stratum, (own, bounded, is_pooled) in measured.items():
            # A pool does not hide a member whose own errors alone show that it breaks the promise.
            if own.least > most or (not is_pooled and own.bound > most):
                broken[stratum] = Certificate(stratum, own, bounded, is_pooled, BROKEN)
            elif is_pooled and bounded.bound > most:
                of_pool[_pool_of(stratum)].append(stratum)
        if broken:
            return broken
        for strata_of_pool in of_pool.values():
            worst = self._worst_claim(strata_of_pool, measured)
            for stratum in strata_of_pool:
                if stratum[1] == worst:
                    own, bounded, _ = measured[stratum]
                    broken[stratum] = Certificate(stratum, own, bounded, True, BROKEN)
        return broken

    @staticmethod
    def _worst_claim(
        strata: Sequence[Stratum], measured: Mapping[Stratum, tuple[Measured, Measured, bool]]
    ) -> str:
        """The claim with the highest share of errors among a pool's; of equal ones the finest."""
        rows: Counter[str] = Counter()
        errors: Counter[str] = Counter()
        for stratum in strata:
            own = measured[stratum][0]
            rows[stratum[1]] += own.rows
            errors[stratum[1]] += own.errors
        return max(CLAIMS, key=lambda claim: errors[claim] / rows[claim] if rows[claim] else -1.0)

    def first_claim(self, title: Assessed) -> str | None:
        """The first claim that the evidence makes and no certificate has broken; None for none."""
        for claim in CLAIMS:
            if self.calibration.makes(title, claim):
                certificate = self.certificates.get(stratum_of(title, claim))
                if certificate is None or certificate.state != BROKEN:
                    return claim
        return None

    def certificates_of(self, title: Assessed) -> list[Certificate]:
        """The certificates of all claims on a title that were measured."""
        found = (self.certificates.get(stratum_of(title, claim)) for claim in CLAIMS)
        return [certificate for certificate in found if certificate is not None]

    def standing(self, title: Assessed, claim: str | None) -> Certificate | None:
        """The certificate of a title's first claim, if it stands; None where it does not.

        What no gold row measured is not claimed, and nothing coarser is tried: it would be as unmeasured.

        Args:
            claim: the title's `first_claim`.
        """
        certificate = None if claim is None else self.certificates.get(stratum_of(title, claim))
        return certificate if certificate is not None and certificate.state == CERTIFIED else None


def stratum_of(title: Assessed, claim: str) -> Stratum:
    """The stratum of a claim on a title."""
    return title.basis_of(claim), claim, title.group_of(claim)


def _pool_of(stratum: Stratum) -> tuple[str, str]:
    return stratum[0], kind_of(stratum[1])
