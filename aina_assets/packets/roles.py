"""Which roles there are: every O*NET occupation, every SOC group above, every business function.

Belongs here: roles, the occupations that each stands for, and which role a claim is served with. Does not:
what a role's packet says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from aina_assets.packets.evidence import Evidence
from aina_assets.packets.parts import RoleLevel
from aina_assets.titles.functions import FunctionPolicy
from aina_assets.titles.scope import ScopePolicy

# An occupation with so many listed titles of a function stands for it, where no occupation is all of it.
LEAST_TITLES = 2
# From the finest to the coarsest; a function stands beside the SOC's ladder.
LEVELS: tuple[RoleLevel, ...] = ("occupation", "detailed", "broad", "minor", "major", "function")


@dataclass(frozen=True)
class Role:
    """A role.

    Attributes:
        role_id: `onet:<code>`, `soc:<code>` or `function:<name>`.
        level: how specific it is.
        code: O*NET-SOC code, SOC code or function.
        title: what people call it.
        members: O*NET-SOC codes that a fallback generalizes over; of an occupation itself alone.
        left_out: occupations of the group that are out of scope, which it does not speak of.
        is_by_titles: whether no occupation is of the function as a whole, so that the members are those
            under which authorities list titles of it.
        function: business function; None where it has none or several.
        is_in_scope: whether its work, or some of it, is in scope.
    """

    role_id: str
    level: RoleLevel
    code: str
    title: str
    members: tuple[str, ...]
    left_out: int
    is_by_titles: bool
    function: str | None
    is_in_scope: bool


def role_id_of(level: str, code: str) -> str:
    """A role's id."""
    kind = {"occupation": "onet", "function": "function"}.get(level, "soc")
    return f"{kind}:{code}"


class Roles:
    """The roles of the evidence at hand.

    Args:
        evidence: occupations and groups.
        scope: which occupations are in scope.
        functions: which function an occupation has.
    """

    def __init__(self, evidence: Evidence, scope: ScopePolicy, functions: FunctionPolicy) -> None:
        self._evidence = evidence
        self._scope = scope
        self._functions = functions
        self._of_claims: dict[tuple[str, str, str | None], Role | None] = {}

    @cached_property
    def all(self) -> Mapping[str, Role]:
        """Every role by id: occupations, then groups from fine to coarse, then functions.

        A detailed group of one occupation is that occupation, and has no role of its own.
        """
        occupations = [self._occupation(code) for code in self._evidence.soc.occupations]
        groups = [
            self._group(code)
            for code, members in self._evidence.soc.occupations_of.items()
            if self._evidence.soc.groups[code].level != "detailed" or len(members) > 1
        ]
        functions = [self._function(name) for name in self._functions.names]
        found = [*occupations, *groups, *functions]
        found.sort(key=lambda role: (LEVELS.index(role.level), role.role_id))
        return {role.role_id: role for role in found}

    def _occupation(self, code: str) -> Role:
        function = self._functions.of_code(code)
        return Role(
            role_id_of("occupation", code),
            "occupation",
            code,
            self._evidence.soc.occupations[code].title,
            (code,),
            0,
            False,
            function,
            self._scope.of_code(code).is_in_scope,
        )

    def _group(self, code: str) -> Role:
        group = self._evidence.soc.groups[code]
        every = self._evidence.soc.occupations_of[code]
        inside = tuple(member for member in every if self._scope.of_code(member).is_in_scope)
        members = inside or every
        functions = {self._functions.of_code(member) for member in members}
        return Role(
            role_id_of(group.level, code),
            group.level,
            code,
            group.title,
            members,
            len(every) - len(members),
            False,
            functions.pop() if len(functions) == 1 else None,
            bool(inside),
        )

    def _function(self, name: str) -> Role:
        in_scope = [code for code in self._evidence.soc.occupations if self._scope.of_code(code).is_in_scope]
        members = tuple(code for code in in_scope if self._functions.of_code(code) == name)
        is_by_titles = not members
        if is_by_titles:
            members = tuple(code for code in in_scope if self._listed_under(code, name) >= LEAST_TITLES)
        title = f"{name.replace('_', ' ')} (business function)"
        role_id = role_id_of("function", name)
        return Role(role_id, "function", name, title, members, 0, is_by_titles, name, is_in_scope=True)

    def _listed_under(self, code: str, function: str) -> int:
        """How many different titles of the function authorities list under an occupation."""
        return len(self._titles_of[function].get(code, ()))

    @cached_property
    def _titles_of(self) -> dict[str, dict[str, set[str]]]:
        found: dict[str, dict[str, set[str]]] = {name: {} for name in self._functions.names}
        for code, title in self._evidence.soc.listed_titles:
            function = self._functions.of_words(title)
            if function is not None:
                found[function].setdefault(code, set()).add(title)
        return found

    def has_tasks(self, role: Role) -> bool:
        """Whether a member of the role has tasks."""
        return not self._evidence.soc.with_tasks.isdisjoint(role.members)

    def of_claim(self, level: str, code: str, function: str | None) -> Role | None:
        """The role that a claim is served with: the claimed one, or where it has no tasks the next coarser
        one.

        A claim on a detailed SOC code is served with its one occupation, or with the detailed group where
        there are several: which of them it is, nobody certified.

        Args:
            level: claimed level, from `detailed` to `function`.
            code: SOC code or function.
            function: the title's function, taken where nothing of the SOC's ladder has tasks.

        Returns:
            The coarsest where none has tasks; None where the code is unknown.
        """
        claim = (level, code, function)
        if claim not in self._of_claims:
            ladder = (self.all.get(role_id) for role_id in self._ladder(level, code, function))
            roles = [role for role in ladder if role is not None]
            last = roles[-1] if roles else None
            self._of_claims[claim] = next(filter(self.has_tasks, roles), last)
        return self._of_claims[claim]

    def _ladder(self, level: str, code: str, function: str | None) -> list[str]:
        if level == "function":
            return [role_id_of("function", code)]
        ladder: list[str] = []
        if level == "detailed":
            occupations = self._evidence.soc.occupations_of.get(code, ())
            ladder += [role_id_of("occupation", code) for code in occupations if len(occupations) == 1]
        ladder += [role_id_of(group.level, group.code) for group in self._evidence.soc.path_up(code)]
        return [*ladder, *([role_id_of("function", function)] if function else [])]

    def is_at_or_above(self, role: Role, level: str, code: str, function: str | None) -> bool:
        """Whether a role is no finer than a claim, and speaks of what was claimed.

        Args:
            level: claimed level, from `detailed` to `function`.
            code: SOC code or function that is claimed.
            function: the title's function.
        """
        if level == "function":
            return role.role_id == role_id_of("function", code)
        if role.level == "function":
            # Coarser than any group of the SOC: for a claim without tasks up to its major group.
            return role.code == function
        if role.level == "occupation":
            occupations = self._evidence.soc.occupations_of.get(code, ())
            return level == "detailed" and occupations == (role.code,)
        return role.code in {group.code for group in self._evidence.soc.path_up(code)}
