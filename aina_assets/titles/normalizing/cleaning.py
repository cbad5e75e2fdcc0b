"""The characters of a title: folded to what is compared, and the texts that are no titles.

Belongs here: Unicode, markup, signs, and the defects that characters show. Does not: what words mean.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Literal

from aina_assets.sources.readers.title_list import EMAIL, IDENTITY_NUMBER, PHONE
from aina_assets.titles.normalizing.lexicon import Lexicon
from aina_assets.titles.normalizing.phrases import has_digit

Defect = Literal[
    "empty",
    "too_long",
    "no_letters",
    "formula",
    "markup",
    "instruction",
    "personal_data",
    "nothing_left",
]

# Between parts of a title. Folding leaves no bar in any word, so a bar is free to stand for all separators.
BAR = "|"

# Letters that Unicode does not take apart, with the Latin letters that they are compared as.
_LATIN = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "n",
    "ŧ": "t", "ĸ": "k", "ə": "e", "ɓ": "b", "ɗ": "d", "ƙ": "k",
}  # fmt: skip
_PUNCTUATION = {
    **dict.fromkeys("‘’‚‛′ʼʻˈ`´ʹ", "'"),
    **dict.fromkeys("“”„‟″«»‹›〝〞", '"'),
    **dict.fromkeys("‐‑‒–−⁃﹣", "-"),
    **dict.fromkeys("—―⸺⸻", f" {BAR} "),
    "،": ",",
    "⁄": "/",
    "∕": "/",
    "￼": " ",
}
_OPENING, _CLOSING = "(", ")"
# They would be written out by NFKC and stick to the word before.
_MARKS = str.maketrans(dict.fromkeys("®©™℠℗", " "))
_CONTROLS: dict[int, str | None] = dict.fromkeys((*range(32), 127))
_ASCII = _CONTROLS | dict.fromkeys(map(ord, "\t\n\r\v\f\x1c\x1d\x1e\x1f"), " ")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});", re.IGNORECASE)
_SCRIPT = re.compile(r"<\s*(script|style)\b.*?(?:<\s*/\s*\1\s*>|$)", re.DOTALL)
_TAG = re.compile(r"<\s*/?\s*[a-z!][^<>]*(?:>|$)")
_QUERY = re.compile(
    r"\b(?:drop|alter|create|truncate)\s+(?:table|database)\b|\binsert\s+into\b|\bdelete\s+from\b"
    r"|\bunion\s+(?:all\s+)?select\b|\bselect\s+\*\s+from\b"
)
_FORMULA = re.compile(
    r"[=@][=+@-]*\s*(?:[a-z_][a-z0-9._]*\(|\$?[a-z]{1,3}\$?\d+(?:[:!+*/,-]|$)|\d+[+*/-]|cmd\b|[^|]*\|')"
    r"|[+-][=+@-]*(?:[a-z_][a-z0-9._]*\([^)]*[\d\"'!]|\$?[a-z]{1,3}\$?\d+[:!+*/]|\d+[+*/-](?:\d|cmd\b)|cmd\b\|)"
)
_HAS_LETTER = re.compile(r"[^\W\d_]")
_PLURAL = re.compile(r"(?<=[a-z])\((?:s|es)\)")
_INITIALS = re.compile(r"(?<![a-z0-9.])(?:[a-z]\.){2,}[a-z]?(?![a-z0-9])")
_ELISION = re.compile(r"(?<=[^\W_])'(?=[^\W_])|'")


def unescaped(raw: str) -> str:
    """The text with its HTML entities written out."""
    if "&" in raw and ";" in raw:
        return _ENTITY.sub(lambda found: html.unescape(found[0]), raw)
    return raw


def fold(text: str) -> tuple[str, list[str]]:
    """The text as it is compared, and the pictures (emoji and the like) that it held.

    Latin letters lose case and diacritics, digits of all scripts become ASCII, letters of other scripts stay
    with their marks; quotes and dashes have one form, other signs are bars; what is invisible is gone.
    """
    if text.isascii():
        return text.translate(_ASCII).lower(), []
    folded, pictures = _fold_once(text)
    # What one folding makes visible or puts side by side, another may compose.
    for _ in range(3):
        if folded.isascii():
            break
        again, more = _fold_once(folded)
        pictures += more
        if again == folded:
            break
        folded = again
    return folded, pictures


def _fold_once(text: str) -> tuple[str, list[str]]:
    visible = "".join(
        " " if character.isspace() else character
        for character in text.translate(_MARKS)
        if character.isspace() or unicodedata.category(character) not in _INVISIBLE
    )
    composed = visible
    for _ in range(4):
        again = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", composed).casefold())
        if again == composed:
            break
        composed = again
    kept: list[str] = []
    pictures: list[str] = []
    for character in composed.translate(_ASCII):
        if character < "\x80":
            kept.append(character)
        else:
            kept.append(_folded_character(character, kept[-1] if kept else " ", pictures))
    return "".join(kept), pictures


_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def _folded_character(character: str, before: str, pictures: list[str]) -> str:
    """What a character beyond ASCII becomes; `before` is what the one before it became."""
    if (unified := _LATIN.get(character) or _PUNCTUATION.get(character)) is not None:
        return unified
    category = unicodedata.category(character)
    if character.isalpha():
        base = unicodedata.normalize("NFD", character)[0]
        return base if base < "\x80" else character
    if category[0] == "M":
        # A mark belongs to a letter of its script; on Latin ones it is a diacritic.
        return character if before[-1:] >= "\x80" else ""
    if category == "Nd":
        return str(unicodedata.digit(character))
    if category == "So":
        pictures.append(character)
    elif category in {"Zs", "Zl", "Zp"}:
        return " "
    return {"Ps": _OPENING, "Pe": _CLOSING}.get(category, BAR)


def defect_of(text: str) -> Defect | None:
    """What makes a folded text no title, as far as its characters show.

    Personal data comes first: nothing of such a text is looked at further.
    """
    if has_personal_data(text):
        return "personal_data"
    if not text.strip():
        return "empty"
    if _FORMULA.match(text.lstrip(" '\"")):
        return "formula"
    if _QUERY.search(text):
        return "markup"
    return None if has_letter(text) else "no_letters"


def has_personal_data(text: str) -> bool:
    """Whether an e-mail address, a phone number or an identity number stands in it."""
    if "@" in text and EMAIL.search(text):
        return True
    return has_digit(text) and (PHONE.search(text) is not None or IDENTITY_NUMBER.search(text) is not None)


def has_letter(text: str) -> bool:
    """Whether a letter of any script stands in it."""
    return _HAS_LETTER.search(text) is not None


def without_tags(text: str) -> tuple[str, list[str]]:
    """A folded text without scripts and tags, and what was taken."""
    if "<" not in text:
        return text, []
    taken: list[str] = []

    def take(found: re.Match[str]) -> str:
        taken.append(found[0])
        return BAR

    return _TAG.sub(take, _SCRIPT.sub(take, text)), taken


class Signs:
    """Signs inside and between words: which are kept, which join, which are blanks."""

    def __init__(self, lexicon: Lexicon) -> None:
        words = lexicon.words
        signed = "|".join(re.escape(word) for word in sorted(words.signed, key=len, reverse=True))
        self._word = re.compile(rf"(?<![a-z0-9+#.])(?:{signed})(?![a-z0-9+#])|(?:[a-z0-9]|[^\x00-\x7f])+")
        slashed = "|".join(re.escape(word) for word in words.slashed)
        self._slashed = re.compile(rf"(?<![a-z0-9/])(?:{slashed})(?![a-z0-9/])")
        markers = "|".join(
            r"\s?[/|*,]\s?".join(marker.split("/"))
            for marker in sorted(words.gender_markers, key=len, reverse=True)
        )
        self._markers = re.compile(rf"(?<![a-z0-9/])(?:{markers})(?![a-z0-9/])")
        endings = "|".join(sorted(words.gender_endings, key=len, reverse=True))
        # Three letters before: "and/or" and "r/a" are not endings.
        self._endings = re.compile(rf"(?<=[a-z]{{4}})(?:[/:*_](?:{endings})|\((?:{endings})\))(?![a-z0-9])")
        self.signed = frozenset(words.signed)

    def gender_markers(self, text: str) -> tuple[str, list[str]]:
        """The text without "(m/f/d)" and the like, and what was taken."""
        taken: list[str] = []

        def take(found: re.Match[str]) -> str:
            taken.append(found[0])
            return " "

        return (self._markers.sub(take, text), taken) if "/" in text or "*" in text else (text, taken)

    def joined(self, text: str) -> str:
        """The text with the signs inside its words settled; separators are left."""
        if "'" in text:
            text = _ELISION.sub("", text)
        if "(" in text:
            text = _PLURAL.sub("", text)
        if "/" in text or "*" in text or ":" in text or "_" in text or "(" in text:
            text = self._slashed.sub(lambda found: found[0].replace("/", ""), text)
            text = self._endings.sub("", text)
        if "." in text:
            text = _INITIALS.sub(lambda found: found[0].replace(".", ""), text)
        return text.replace("&", " and ") if "&" in text else text

    def words(self, text: str) -> list[str]:
        """The words of a folded text; every sign that is not part of one is a blank."""
        words = self._word.findall(text)
        return words if text.isascii() else [kept for word in words if (kept := _without_leading_marks(word))]


def _without_leading_marks(word: str) -> str:
    """A word whose letter before was taken with a code or tag: its marks have nothing to stand on."""
    start = 0
    while start < len(word) and unicodedata.category(word[start])[0] == "M":
        start += 1
    return word[start:]
