"""Titles whose words are nearer to another role's tasks and titles than to those of the role that serves
them.

Belongs here: comparing a title's words with roles. Does not: the titles' own model, which this is to be
independent of: it counts words and knows nothing of routes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from aina_assets.packets.evidence import Evidence
from aina_assets.packets.policy import ReviewPolicy
from aina_assets.packets.roles import Role
from aina_assets.packets.vectors import Vocabulary, cosines, counted, words

# A word of a listed title tells more of who bears a title than a word of a task does.
LISTED_WEIGHT = 3.0
AT_ONCE = 2000


@dataclass(frozen=True)
class TitleFinding:
    """A title whose words point elsewhere.

    Attributes:
        points_to: the role that its words are nearest to.
        best: cosine to that role.
        own: cosine to the role that serves it.
    """

    title_id: str
    title: str
    role_id: str
    points_to: str
    best: float
    own: float


class TitleReview:
    """Compares titles with the roles of one level.

    Args:
        evidence: tasks and listed titles.
        roles: all roles.
        policy: what counts as odd.
    """

    def __init__(self, evidence: Evidence, roles: Mapping[str, Role], policy: ReviewPolicy) -> None:
        self._evidence = evidence
        self._roles = roles
        self._policy = policy

    @cached_property
    def _bags(self) -> dict[str, dict[str, float]]:
        bags = {}
        for code in self._evidence.soc.occupations:
            tasks = self._evidence.work.tasks.get(code, ())
            bag = counted(word for task in tasks for word in words(task.statement))
            for title in (
                self._evidence.soc.occupations[code].title,
                *self._evidence.soc.job_titles.get(code, ()),
            ):
                for word in words(title):
                    bag[word] = bag.get(word, 0.0) + LISTED_WEIGHT
            bags[code] = bag
        return bags

    def _of_level(self, level: str) -> tuple[list[str], Vocabulary, Any]:
        """The roles of a level in scope, the vocabulary, and the roles' vectors.

        At the detailed level these are groups of several occupations, and occupations alone in theirs.
        """
        roles = [role for role in self._roles.values() if role.is_in_scope and self._is_of(role, level)]
        bags = [self._sum(role.members) for role in roles]
        vocabulary = Vocabulary(bags)
        return [role.role_id for role in roles], vocabulary, vocabulary.vectors(bags)

    def _is_of(self, role: Role, level: str) -> bool:
        if role.level == "occupation" and level == "detailed":
            detailed = self._evidence.soc.occupations[role.code].detailed or ""
            return self._evidence.soc.occupations_of.get(detailed) == (role.code,)
        return role.level == level

    def _sum(self, codes: Sequence[str]) -> dict[str, float]:
        total: dict[str, float] = {}
        for code in codes:
            for word, weight in self._bags[code].items():
                total[word] = total.get(word, 0.0) + weight
        return total

    def elsewhere(self, titles: Sequence[tuple[str, str, str]]) -> list[TitleFinding]:
        """Findings on titles, in their order.

        Args:
            titles: id, text and role of each.
        """
        by_level: dict[str, list[tuple[str, str, str]]] = {}
        for title in titles:
            level = self._roles[title[2]].level
            by_level.setdefault("detailed" if level == "occupation" else level, []).append(title)
        found = [
            finding for level, some in sorted(by_level.items()) for finding in self._elsewhere(level, some)
        ]
        order = {title_id: place for place, (title_id, _, _) in enumerate(titles)}
        return sorted(found, key=lambda finding: order[finding.title_id])

    def _elsewhere(self, level: str, titles: Sequence[tuple[str, str, str]]) -> list[TitleFinding]:
        ids, vocabulary, vectors = self._of_level(level)
        place_of = {role_id: place for place, role_id in enumerate(ids)}
        found = []
        for start in range(0, len(titles), AT_ONCE):
            some = titles[start : start + AT_ONCE]
            like = cosines(vocabulary.vectors([counted(words(text)) for _, text, _ in some]), vectors)
            best = like.argmax(axis=1)
            for row, (title_id, text, role_id) in enumerate(some):
                own = float(like[row, place_of[role_id]]) if role_id in place_of else 0.0
                top = float(like[row, best[row]])
                if top >= self._policy.title_floor and own <= self._policy.title_share * top:
                    found.append(TitleFinding(title_id, text, role_id, ids[int(best[row])], top, own))
        return found
