"""Seniority: the modifiers that are split off a title, and the rank that it tells.

Belongs here: modifiers, heads, ranks. Does not: level codes (`levels`); forms of employment (`words`).
"""

from __future__ import annotations

from aina_assets.titles.normalizing.lexicon import Lexicon, Modifier
from aina_assets.titles.normalizing.phrases import PhraseTable, phrase_set

_CHIEF, _OFFICER = "chief", "officer"


class Seniority:
    """Splits modifiers off and ranks what there is."""

    def __init__(self, lexicon: Lexicon) -> None:
        words = lexicon.seniority
        self._modifiers = PhraseTable({modifier.word: modifier for modifier in words.modifiers})
        self._canonical = {modifier.canonical: modifier for modifier in reversed(words.modifiers)}
        self._order = {modifier.canonical: place for place, modifier in enumerate(words.modifiers)}
        self._inner = frozenset(m.word for m in words.modifiers if m.inner != "never")
        self._last = frozenset(m.word.split()[-1] for m in words.modifiers if m.last != "never")
        self._kept = phrase_set(words.kept)
        self._groups = {name: frozenset(members) for name, members in words.groups.items()}
        self._no_chief_officers = frozenset(words.no_chief_officers)
        self._prepositions = frozenset(words.prepositions)
        self._connectors = frozenset(words.connectors)
        self._ranks = {rank: place for place, rank in enumerate(words.ranks)}
        self._top_rank = words.ranks[-1]
        self._overriding = words.overriding
        self._heads = PhraseTable(words.heads)
        self._anywhere = PhraseTable(words.anywhere)
        self._leading_heads = frozenset(words.leading_heads)
        self._head_words = frozenset(phrase.split()[-1] for phrase in words.heads)
        self.person_nouns = self._groups["heads"]
        # Without one of these no title tells a seniority.
        self.triggers = (
            self._modifiers.first_words
            | frozenset(phrase.split()[-1] for phrase in words.heads)
            | self._anywhere.first_words
        )

    def head_of(self, words: list[str]) -> str:
        """The word that names the person: the last before a preposition."""
        return self._clause(words)[-1] if words else ""

    def _clause(self, words: list[str]) -> list[str]:
        """The words before the first preposition."""
        for place in range(1, len(words)):
            if words[place] in self._prepositions:
                return words[:place]
        return words

    def split(self, words: list[str]) -> tuple[list[str], list[str], list[str]]:
        """The modifiers to be written before and after the core, and the core, which is never empty."""
        found: list[Modifier] = []
        while len(words) > 1 and (step := self._one_off(words)):
            modifier, words = step
            found.append(modifier)
        if not found:
            return [], words, []
        names = {modifier.canonical for modifier in found}
        ordered = [self._canonical[name] for name in sorted(names, key=self._order.__getitem__)]
        before = [word for m in ordered if m.side == "before" for word in m.canonical.split()]
        after = [word for m in ordered if m.side == "after" for word in m.canonical.split()]
        return before, words, after

    def _one_off(self, words: list[str]) -> tuple[Modifier, list[str]] | None:
        return self._first_off(words) or self._last_off(words) or self._inner_off(words)

    def _first_off(self, words: list[str]) -> tuple[Modifier, list[str]] | None:
        if words[0] not in self._modifiers.first_words or self._kept.at(words, 0):
            return None
        length, modifier = self._modifiers.at(words, 0) or (0, None)
        rest = words[length:]
        if modifier is None or not rest or not self._holds(modifier.first, modifier.group, rest):
            return None
        return modifier, rest

    def _last_off(self, words: list[str]) -> tuple[Modifier, list[str]] | None:
        if words[-1] not in self._last:
            return None
        length, modifier = self._modifiers.at_end(words) or (0, None)
        rest = words[: len(words) - length]
        if modifier is None or modifier.last == "never" or not rest or self._kept.at_end(words):
            return None
        holds = modifier.last == "any" or rest[-1] in self._groups[modifier.group]
        return (modifier, rest) if holds and rest[-1] not in self._connectors else None

    def _inner_off(self, words: list[str]) -> tuple[Modifier, list[str]] | None:
        for place in range(1, len(words) - 1):
            if words[place] not in self._inner or self._kept.at(words, place):
                continue
            before, rest = words[place - 1], words[place + 1 :]
            _, modifier = self._modifiers.at(words, place) or (0, None)
            if (
                modifier is not None
                and before not in self.person_nouns
                # A conjunction before it may begin a second title, a preposition a reporting line.
                and self._connectors.isdisjoint(words[:place])
                and before not in modifier.not_after
                and self._holds(modifier.inner, modifier.inner_group or modifier.group, rest)
            ):
                return modifier, [*words[:place], *rest]
        return None

    def _holds(self, rule: str, group_name: str, rest: list[str]) -> bool:
        if rule == "any":
            return rest[0] not in self._connectors
        group = self._groups[group_name]
        if rule == "next":
            return rest[0] in group
        return rule == "head" and not group.isdisjoint(self._clause(rest))

    def rank(self, before: list[str], core: list[str], after: list[str]) -> str | None:
        """The highest rank that modifiers and core tell; a trainee's or intern's overrides all."""
        told = self._told_by_core(core)
        for modifiers in (before, after):
            place = 0
            while place < len(modifiers):
                length, modifier = self._modifiers.at(modifiers, place) or (1, None)
                if modifier is not None:
                    told.add(modifier.rank)
                place += length
        if not told:
            return None
        overriding = next((rank for rank in self._overriding if rank in told), None)
        return overriding or max(told, key=self._ranks.__getitem__)

    def _told_by_core(self, core: list[str]) -> set[str]:
        told: set[str] = set()
        clause = core
        for place in range(1, len(core)):
            if core[place] in self._prepositions and core[place] != "of":
                clause = core[:place]
                break
        for place, word in enumerate(clause):
            if word in self._anywhere.first_words and (found := self._anywhere.at(clause, place)):
                told.add(found[1])
        if self._is_chief_officer(clause):
            told.add(self._top_rank)
        head = clause[: clause.index("of")] if "of" in clause else clause
        for words in (head, head[:1]):
            if words and words[-1] in self._head_words and (words is head or self._may_lead(head)):
                ending = self._heads.at_end(words)
                if ending and ending[1]:
                    told.add(ending[1])
        return told

    def _is_chief_officer(self, words: list[str]) -> bool:
        if _CHIEF not in words or _OFFICER not in words:
            return False
        between = words[words.index(_CHIEF) + 1 : len(words) - words[::-1].index(_OFFICER) - 1]
        return bool(between) and self._no_chief_officers.isdisjoint(between)

    def _may_lead(self, head: list[str]) -> bool:
        """Whether the first word may be the head: "director marketing", not "manager assistant"."""
        is_head = head[0] in self._leading_heads and len(head) > 1
        return is_head and head[-1] not in self.person_nouns and head[-1] not in self._head_words
