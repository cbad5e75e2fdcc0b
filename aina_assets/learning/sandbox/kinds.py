"""What kind of thing a GDPval criterion asks for, told from its words; the words are not kept.

Belongs here: the kinds, and how they are told. Does not: whether an answer meets a criterion. The kinds
say which of them a deterministic check could decide, and what only a reader can.
"""

from __future__ import annotations

import re
from typing import Literal, get_args

Kind = Literal["penalty", "file", "figure", "structure", "citation", "action", "content", "judgement"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# Kinds that a deterministic check of this engine has a like of.
CHECKABLE: frozenset[Kind] = frozenset({"file", "figure", "structure", "citation"})

_FILE = re.compile(
    r"\b(?:pdf|docx?|xlsx?|pptx?|csv|zip|mp[34]|wav|png|jpe?g|word\s+document|excel|spreadsheet|powerpoint|"
    r"workbook|slide\s+deck|file\s*name|filename|file\s+(?:format|type)|single\s+file)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(
    r"[$€£%]\s?\d|\d\s?%|\b\d[\d,.]*\b|\b(?:total|sum|subtotal|amount|percent)\b", re.IGNORECASE
)
_STRUCTURE = re.compile(
    r"\b(?:section|heading|header|title|table|column|row|tab|sheet|page|bullet|list(?:s|ed)?|format|labell?ed|"
    r"order|length|words?|paragraph|layout|chart|graph|appendix|summary)\b",
    re.IGNORECASE,
)
_CITATION = re.compile(
    r"\b(?:cites?|citation|references?|source[sd]?|according\s+to|links?\s+to|url|footnote|attribut\w+)\b",
    re.IGNORECASE,
)
_ACTION = re.compile(
    r"\b(?:recommend\w*|propos\w*|next\s+steps?|suggest\w*|action\s+(?:items?|plan)|"
    r"follow[- ]up|escalat\w*)\b",
    re.IGNORECASE,
)
_JUDGEMENT = re.compile(
    r"\b(?:clear(?:ly)?|professional\w*|appropriate\w*|concise\w*|well[- ]\w+|tone|readab\w+|coherent\w*|"
    r"persuasive\w*|engaging|polished|high[- ]quality|easy\s+to|logical\w*|overall|creativ\w*|"
    r"aesthetic\w*)\b",
    re.IGNORECASE,
)
_BY_WORDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("file", _FILE),
    ("judgement", _JUDGEMENT),
    ("citation", _CITATION),
    ("action", _ACTION),
    ("figure", _FIGURE),
    ("structure", _STRUCTURE),
)


def kind_of(criterion: str, points: float) -> Kind:
    """The kind of a criterion; the first that fits, as they stand in order.

    Args:
        points: negative ones punish, whatever the words say.
    """
    if points < 0:
        return "penalty"
    return next((kind for kind, pattern in _BY_WORDS if pattern.search(criterion)), "content")
