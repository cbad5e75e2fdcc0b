"""The one route of each title, and its reason.

Belongs here: from what stands of a title to a row of `title_route`. Does not: evidence, or certificates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from aina_assets.titles.certifying.certificate import CERTIFIED, Certifier, stratum_of
from aina_assets.titles.certifying.claims import EXCLUDE, WORDS, Assessed
from aina_assets.titles.tables import TITLE_ROUTE

SERVE_NOW, FALLBACK, ADJUDICATE, EXCLUDED = "serve_now", "serve_with_fallback", "adjudicate", "exclude"
ROUTES = (SERVE_NOW, FALLBACK, ADJUDICATE, EXCLUDED)
# Between these probabilities of being in scope nobody could say which it is.
CLEARLY_OUT, CLEARLY_IN = 0.2, 0.8
# A publisher's own name of an occupation, and the SOC's list of titles that fit one occupation alone.
AUTHORITATIVE_LANES = ("exact_occupation", "exact_direct_match")


class Router:
    """Routes titles.

    Args:
        certifier: which claims the evidence makes, and which of them stand.
        policy_sha256: digest of the policies that decide.
    """

    def __init__(self, certifier: Certifier, policy_sha256: str) -> None:
        self._calibration = certifier.calibration
        self._certifier = certifier
        self._policy = policy_sha256

    def route(self, title: Mapping[str, Any], level: Mapping[str, Any], assessed: Assessed) -> dict[str, Any]:
        """The row of `title_route`.

        Args:
            title: its row of `title`.
            level: its row of `title_level`.
            assessed: the same as claims see it.
        """
        row: dict[str, Any] = {
            "title_id": assessed.title_id,
            "title_batch": title["title_batch"],
            "normalized_title": title["normalized_title"],
            "lane": level["lane"],
            "basis": assessed.basis,
            "function": None if assessed.in_scope_probability < CLEARLY_OUT else assessed.code["function"],
            "source_table": level["source_table"],
            "source_row": level["source_row"],
            "policy_sha256": self._policy,
        }
        claim = self._certifier.first_claim(assessed)
        certificate = self._certifier.standing(assessed, claim)
        if claim is None or certificate is None:
            return row | self._unclaimed(level, assessed, claim)
        claimed: dict[str, Any] = {
            "stratum": "/".join(certificate.stratum),
            "error_bound": certificate.bounded.bound,
            "probability": round(self._calibration.probability(assessed, claim), 4),
        }
        if claim == EXCLUDE:
            reason = "words_out_of_scope" if certificate.stratum[0] == WORDS else "certified_out_of_scope"
            return (
                row
                | claimed
                | {
                    "route": EXCLUDED,
                    "reason": reason,
                    "scope_reason": certificate.stratum[2],
                    "function": None,
                }
            )
        return (
            row
            | claimed
            | {
                "route": SERVE_NOW if claim == "detailed" else FALLBACK,
                "reason": "certified_retrieval" if assessed.basis == "retrieval" else "certified_match",
                "served_level": claim,
                "served_code": assessed.code[claim],
                "onet_soc_code": _occupation(assessed) if claim == "detailed" else None,
                "function": assessed.code["function"],
            }
        )

    def _unclaimed(self, level: Mapping[str, Any], assessed: Assessed, claim: str | None) -> dict[str, Any]:
        stratum = None if claim is None else stratum_of(assessed, claim)
        is_measured = stratum is not None and stratum in self._certifier.certificates
        if (
            level["lane"] in AUTHORITATIVE_LANES
            and level["exact_codes"] == 1
            and level["has_in_scope_match"]
            and assessed.finest_level == "occupation"
            and not is_measured
            and not self._certifier.certificates
        ):
            # Nothing was measured in this inventory: what is served rests on the publisher's word alone.
            return {
                "route": SERVE_NOW,
                "reason": "authoritative_match",
                "served_level": "detailed",
                "served_code": assessed.code["detailed"],
                "onet_soc_code": _occupation(assessed),
            }
        return {"route": ADJUDICATE, "reason": self._doubt(assessed, claim)}

    def _doubt(self, assessed: Assessed, claim: str | None) -> str:
        if assessed.finest_level is None:
            return "generic_title"
        if claim is not None or self._is_demoted(assessed):
            return "uncertified_stratum"
        if assessed.in_scope_probability <= CLEARLY_OUT:
            return "unproved_out_of_scope"
        if assessed.in_scope_probability < CLEARLY_IN:
            return "scope_unclear"
        return "ambiguous_evidence" if assessed.basis == "ambiguous" else "uncertain_occupation"

    def _is_demoted(self, assessed: Assessed) -> bool:
        return any(
            certificate.state != CERTIFIED and self._calibration.makes(assessed, certificate.stratum[1])
            for certificate in self._certifier.certificates_of(assessed)
        )


def _occupation(assessed: Assessed) -> str | None:
    code = assessed.code["occupation"]
    return code if code.startswith(assessed.code["detailed"]) else None


def route_table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows as `title_route` has them."""
    return pa.Table.from_pylist([dict(row) for row in rows], TITLE_ROUTE.arrow_schema)
