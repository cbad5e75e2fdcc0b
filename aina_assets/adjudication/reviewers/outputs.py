"""An output as the schema wants it, for reviewers that are no language model.

Belongs here: writing one. Does not: reading one; that is `validation`, the same for all reviewers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from aina_assets.adjudication.protocol import DECISIONS_MEMBER, Verdict


def output_of(verdicts: Mapping[str, Verdict]) -> bytes:
    """The output that gives each row id its verdict."""
    members = {row_id: verdict.model_dump() for row_id, verdict in verdicts.items()}
    return json.dumps({DECISIONS_MEMBER: members}, ensure_ascii=False).encode()
