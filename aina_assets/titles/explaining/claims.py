"""Why each claim on a title stands or does not, in words.

Belongs here: what stands in a claim's way, and what the closed lists of reasons and defects mean. Does not:
deciding; that is `certifying` and `routing`, which are asked here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aina_assets.titles.certifying.certificate import CERTIFIED, Certificate, Certifier, stratum_of
from aina_assets.titles.certifying.claims import CLAIMS, EXCLUDE, SERVED_LEVELS, Assessed
from aina_assets.titles.explaining.views import CertificateView, ClaimView
from aina_assets.titles.retrieval.taxonomy import LEVELS

REASONS: Mapping[str, str] = {
    "certified_match": "an authority's list says it, and the stratum's measured error holds",
    "certified_retrieval": "no list says it, retrieval does, and the stratum's measured error holds",
    "authoritative_match": "a publisher's own word for it; no gold row of this inventory measures any error",
    "certified_out_of_scope": "the work is out of scope, and the stratum's measured error holds",
    "words_out_of_scope": "the title's words put it out of scope, and that rule's measured error holds",
    "generic_title": "its words say a rank and no work",
    "ambiguous_evidence": "authorities list it under several occupations, and no level is sure enough",
    "scope_unclear": "nobody could say whether its work is in scope",
    "unproved_out_of_scope": "it is probably out of scope, but not surely enough to exclude it",
    "uncertain_occupation": "it is probably in scope, but no level is sure enough",
    "uncertified_stratum": "a claim is sure enough, but its stratum's error is not, or was never measured",
}
DEFECTS: Mapping[str, str] = {
    "withheld": "it holds an e-mail address, a phone or identity number or a person's name: it is counted, "
    "never kept",
    "personal_data": "it holds an e-mail address, a phone or identity number: it is counted, never kept",
    "empty": "nothing can be seen in it",
    "too_long": "no job title is that long",
    "no_letters": "it has no letter of any script",
    "formula": "a spreadsheet would run it",
    "markup": "it is HTML or a database query",
    "instruction": "it tells a machine to do something",
    "nothing_left": "all of it is location, employer, code or noise",
}


class ClaimReader:
    """Says of each claim on a title whether it stands, and why not.

    Args:
        certifier: which claims the evidence makes, and which of them stand.
        most_error: the bound that the policy asks of a certificate.
    """

    def __init__(self, certifier: Certifier, most_error: float) -> None:
        self._calibration = certifier.calibration
        self._certifier = certifier
        self._most_error = most_error

    def claims(self, title: Assessed) -> tuple[ClaimView, ...]:
        """Every claim in the order in which they are tried: exclusion first, then from fine to coarse."""
        views: list[ClaimView] = []
        # The first claim that is made and not demoted decides, for better or worse.
        decided: ClaimView | None = None
        for claim in CLAIMS:
            view = self._view(title, claim)
            if decided is not None and view.is_made:
                blocked = f"not tried, since {decided.stratum} is not measured"
                view = replace(view, obstacle=None if decided.is_standing else blocked)
            elif view.is_made and (view.certificate is None or view.certificate.state == CERTIFIED):
                decided = view = replace(view, is_standing=view.certificate is not None)
            views.append(view)
        return tuple(views)

    def _view(self, title: Assessed, claim: str) -> ClaimView:
        by_words = claim == EXCLUDE and title.is_excluded_by_words
        margin = self._calibration.margin(title.basis, claim)
        certificate = self._certifier.certificates.get(stratum_of(title, claim))
        return ClaimView(
            claim=claim,
            group=title.group_of(claim) if claim == EXCLUDE else title.code[claim],
            raw=round(title.score_of(claim), 4),
            calibrated=None if by_words else round(self._calibration.probability(title, claim), 4),
            needs=None if by_words or margin is None else round(1 - margin, 4),
            is_allowed=title.allows(claim),
            is_made=self._calibration.makes(title, claim),
            stratum="/".join(stratum_of(title, claim)),
            certificate=None if certificate is None else view_of(certificate),
            obstacle=self._obstacle(title, claim, certificate),
            is_standing=False,
        )

    def _obstacle(self, title: Assessed, claim: str, certificate: Certificate | None) -> str | None:
        if not title.allows(claim):
            return _forbidden(title, claim)
        stratum = "/".join(stratum_of(title, claim))
        if not self._calibration.makes(title, claim):
            return self._too_unsure(title, claim)
        if certificate is None:
            return f"no gold test row measures the stratum {stratum}"
        if certificate.state != CERTIFIED:
            whose = "pooled" if certificate.is_pooled else "own"
            return (
                f"the stratum {stratum} is demoted: bound {certificate.bounded.bound:.2%} from "
                f"{certificate.bounded.rows} {whose} rows, needs at most {self._most_error:.0%}"
            )
        return None

    def _too_unsure(self, title: Assessed, claim: str) -> str:
        margin = self._calibration.margin(title.basis, claim)
        what = "exclusion" if claim == EXCLUDE else "service"
        if margin is not None:
            probability = self._calibration.probability(title, claim)
            return f"{probability:.3f} calibrated, needs {1 - margin:.3f}"
        if not self._certifier.certificates:
            return "no gold set speaks for this inventory: nothing tells what a probability is worth"
        return f"on gold tune rows no probability was sure enough for {what} by {title.basis} evidence"


def _forbidden(title: Assessed, claim: str) -> str:
    if claim == EXCLUDE:
        return "an authority lists it under work in scope"
    if title.is_excluded_by_words:
        return f"its words put it out of scope: {title.word_reason}"
    if title.finest_level is None:
        return "its words allow no level"
    return f"its words allow {title.finest_level} at the finest"


def view_of(certificate: Certificate) -> CertificateView:
    """A certificate as it is shown."""
    return CertificateView(
        stratum="/".join(certificate.stratum),
        rows=certificate.own.rows,
        errors=certificate.own.errors,
        is_pooled=certificate.is_pooled,
        bound_rows=certificate.bounded.rows,
        bound_errors=certificate.bounded.errors,
        effective_rows=certificate.bounded.effective_rows,
        error_rate=certificate.bounded.error_rate,
        error_bound=certificate.bounded.bound,
        state=certificate.state,
    )


def next_claim(claims: tuple[ClaimView, ...], route: str, served_level: str | None) -> ClaimView | None:
    """The claim that would say more than the route does.

    Of a served title the next finer level; of one that nothing is claimed of the level that lacks least, a
    level that its words allow before one that they do not. None where nothing finer can be claimed.
    """
    by_level = {view.claim: view for view in claims}
    if served_level is not None:
        place = SERVED_LEVELS.index(served_level)
        return by_level[SERVED_LEVELS[place - 1]] if place else None
    if route == EXCLUDE:
        return None
    return min((by_level[level] for level in SERVED_LEVELS), key=_lack)


def _lack(view: ClaimView) -> tuple[bool, bool, float, int]:
    is_unsure = view.needs is not None and view.calibrated is not None and not view.is_made
    lack = (view.needs or 0) - (view.calibrated or 0) if is_unsure else 0.0
    return not view.is_allowed, not view.is_made, lack, -LEVELS.index(view.claim)
