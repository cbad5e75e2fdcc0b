"""Signals of a real person's data in free text: addresses, phone numbers, government ids, accounts, names.

Belongs here: finding them, each kind with what makes it sure (check digits where there are some). Does not:
what becomes of a text that has them (`guard`). A finding tells kind and count, never the text.

What is not found: a name in lower case without a word that introduces it, a given name alone, a nickname,
an address of a street, and whatever is written so that only a person sees it. The gate does not rest on
this alone: a learner is synthetic by its id.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from aina_assets.sources.readers.person_names import MOST_NAMES, PersonNames

_EMAIL = re.compile(
    r"[a-z0-9._%+'-]+\s?"
    r"(?:@|\(at\)|\[at\]|\bat\b(?=\s[a-z0-9-]+\s(?:dot|\(dot\)|\[dot\])))\s?"
    r"[a-z0-9-]+(?:\s?(?:\.|\(dot\)|\[dot\]|\bdot\b)\s?[a-z0-9-]+)+",
    re.IGNORECASE,
)
_PROFILE = re.compile(
    r"\b(?:linkedin\.com/in|facebook\.com|instagram\.com|github\.com|twitter\.com|x\.com|t\.me)/[\w.-]{3,}",
    re.IGNORECASE,
)
# With a country's code, with brackets, or in the groups that phone numbers are written in. A long number
# alone is as likely a part's.
_PHONES = (
    re.compile(r"(?<![\w.])(?:\+|00)[1-9](?:[\s().-]{0,2}\d){7,13}(?!\d)"),
    re.compile(r"(?<![\w.])\(\d{2,5}\)[\s.-]?\d{3,4}[\s.-]?\d{3,5}(?!\d)"),
    re.compile(r"(?<![\w.,-])[2-9]\d{2}[-.\s][2-9]\d{2}[-.\s]\d{4}(?![\d-])"),
    re.compile(r"(?<![\w.,-])0\d{2,4}[\s/-]\d{3,4}[\s-]?\d{3,5}(?![\d-])"),
)
_SSN = re.compile(r"(?<![\w-])(?!000|666|9\d\d)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\w-])")
_NINO = re.compile(r"\b(?![DFIQUV])[A-Z](?![DFIOQUV])[A-Z]\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b", re.IGNORECASE)
_DNI = re.compile(r"\b(\d{8})-?([A-HJ-NP-TV-Z])\b", re.IGNORECASE)
_AADHAAR = re.compile(r"(?<![\w-])[2-9]\d{3}\s\d{4}\s\d{4}(?![\w-])")
_CARD = re.compile(r"(?<![\w.,-])\d(?:[ -]?\d){12,18}(?![\w-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,3})?\b", re.IGNORECASE)
_ID_WORDS = re.compile(
    r"\b(?:passport|social\s+security|ssn|national\s+insurance|tax\s+id|driver'?s?\s+licen[cs]e|"
    r"identity\s+card|date\s+of\s+birth|born\s+on|dob)\b\W{0,3}(?:\w+\W+){0,3}?(?=\S*\d)\S{5,}",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_][\w'’-]*\.?")
_INTRODUCTION = re.compile(
    r"\b(?:my\s+name\s+is|i\s+am|i'm|this\s+is|signed(?:\s+by)?|regards|sincerely|contact|ask\s+for|"
    r"written\s+by|prepared\s+by|name\s*:|dear)\W+((?:[^\W\d_][\w'’.-]*[ \t]*){2,4})",
    re.IGNORECASE,
)
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def signals(text: str, names: PersonNames) -> dict[str, int]:
    """How often each kind of signal is in a text; empty where it has none.

    Args:
        names: given and family names of the policy.
    """
    plain = _plain(text)
    counts = {kind: sum(1 for _ in find(plain)) for kind, find in _FINDERS.items()}
    counts["person_name"] = len(set(_names(plain, names)))
    return {kind: count for kind, count in sorted(counts.items()) if count}


def _plain(text: str) -> str:
    """The text with one form for each sign, and nothing that is not seen."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")


def _phones(text: str) -> Iterator[str]:
    seen: list[tuple[int, int]] = []
    for pattern in _PHONES:
        for match in pattern.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end in seen):
                seen.append(match.span())
                yield match[0]


def _government_ids(text: str) -> Iterator[str]:
    for pattern in (_SSN, _NINO, _ID_WORDS):
        yield from (match[0] for match in pattern.finditer(text))
    for match in _DNI.finditer(text):
        if _DNI_LETTERS[int(match[1]) % 23] == match[2].upper():
            yield match[0]
    for match in _AADHAAR.finditer(text):
        if _verhoeff(re.sub(r"\D", "", match[0])):
            yield match[0]


def _accounts(text: str) -> Iterator[str]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if _luhn(digits) and len(set(digits)) > 1:
            yield match[0]
    for match in _IBAN.finditer(text):
        if _mod_97(re.sub(r"\s", "", match[0]).upper()):
            yield match[0]


def _names(text: str, names: PersonNames) -> Iterator[str]:
    for match in _INTRODUCTION.finditer(text):
        words = match[1].split()
        for count in range(2, min(len(words), MOST_NAMES) + 1):
            told = " ".join(words[:count]).rstrip(".,")
            if names.is_person_name(told):
                yield told.lower()
                break
    for line in re.split(r"[\n.;:!?|()\[\]]", text):
        yield from _capitalized(line, names)


def _capitalized(line: str, names: PersonNames) -> Iterator[str]:
    """Names among words that begin with a capital; a line that is all capitals tells nothing of them."""
    words = list(_WORD.finditer(line))
    if sum(word[0].isupper() and len(word[0]) > 1 for word in words) > len(words) / 2:
        return
    place = 0
    while place < len(words):
        run = place
        while run < len(words) and words[run][0][0].isupper() and _is_next(line, words, run, place):
            run += 1
        found = _first_name(line, words[place:run], names)
        if found:
            yield found.lower()
        place = max(run, place + 1)


def _is_next(line: str, words: list[re.Match[str]], run: int, place: int) -> bool:
    return run == place or line[words[run - 1].end() : words[run].start()] == " "


def _first_name(line: str, run: list[re.Match[str]], names: PersonNames) -> str | None:
    for start in range(len(run)):
        for end in range(min(len(run), start + MOST_NAMES), start + 1, -1):
            told = line[run[start].start() : run[end - 1].end()]
            if names.is_person_name(told):
                return told
    return None


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _mod_97(account: str) -> bool:
    turned = account[4:] + account[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def _verhoeff(digits: str) -> bool:
    """The check digit of Verhoeff's scheme, over the dihedral group of the pentagon."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _dihedral(check, _permuted(int(digit), place % 8))
    return check == 0


def _dihedral(left: int, right: int) -> int:
    if left < 5:
        return (left + right) % 5 if right < 5 else 5 + (left + right) % 5
    return 5 + (left - right) % 5 if right < 5 else (left - right) % 5


def _permuted(digit: int, times: int) -> int:
    for _ in range(times):
        digit = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[digit]
    return digit


_FINDERS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "e_mail": lambda text: (match[0] for match in _EMAIL.finditer(text)),
    "profile": lambda text: (match[0] for match in _PROFILE.finditer(text)),
    "phone": _phones,
    "government_id": _government_ids,
    "account": _accounts,
}
