"""The key by which two texts are the same title word for word.

Belongs here: nothing else. Normalizing does much more, and is not what an exact match may rest on.
"""

from __future__ import annotations

import re
import unicodedata

_NOT_WORDS = re.compile(r"[^\w+#]+|_+")


def match_key(text: str) -> str:
    """A title as it is compared with an authority's, word for word: letter case and punctuation aside.

    Nothing is expanded, reordered or dropped; that is normalizing.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace("&", " and ")
    return " ".join(_NOT_WORDS.sub(" ", folded.replace("'s", "s").replace("’s", "s")).split())
