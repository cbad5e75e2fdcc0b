"""Roles: which there are, whom they stand for, and with which one a claim is served."""

from __future__ import annotations

import pytest

from aina_assets.core.engine import Engine
from aina_assets.packets.make import PacketStage
from aina_assets.packets.roles import Roles
from aina_assets_tests.packets.states import change


@pytest.fixture(scope="session")
def roles(stage: PacketStage) -> Roles:
    return stage.roles


def alone(stage: PacketStage) -> tuple[str, str]:
    """A SOC code with one occupation that has tasks, and that occupation."""
    for code, members in stage.evidence.soc.occupations_of.items():
        is_detailed = stage.evidence.soc.groups[code].level == "detailed"
        if is_detailed and len(members) == 1 and members[0] in stage.evidence.work.tasks:
            return code, members[0]
    raise AssertionError("the starter has no such code")


def test_every_occupation_group_and_function_is_a_role(stage: PacketStage, roles: Roles) -> None:
    soc = stage.evidence.soc
    assert {f"onet:{code}" for code in soc.occupations} <= roles.all.keys()
    assert {f"function:{name}" for name in stage.functions.names} <= roles.all.keys()
    majors = {code for code in soc.occupations_of if soc.groups[code].level == "major"}
    assert {f"soc:{code}" for code in majors} <= roles.all.keys()


def test_a_detailed_code_of_one_occupation_is_that_occupation(stage: PacketStage, roles: Roles) -> None:
    code, occupation = alone(stage)
    assert f"soc:{code}" not in roles.all
    found = roles.of_claim("detailed", code, None)
    assert found is not None
    assert found.role_id == f"onet:{occupation}"
    assert roles.is_at_or_above(found, "detailed", code, None)


def test_a_group_speaks_of_its_occupations_in_scope(stage: PacketStage, roles: Roles) -> None:
    for role in roles.all.values():
        if role.level in ("major", "minor", "broad", "detailed"):
            every = set(stage.evidence.soc.occupations_of[role.code])
            in_scope = {code for code in every if stage.scope.of_code(code).is_in_scope}
            assert set(role.members) == (in_scope or every)
            assert role.left_out == len(every) - len(role.members)


def test_a_function_that_no_occupation_is_all_of_has_those_with_its_titles(
    stage: PacketStage, roles: Roles
) -> None:
    by_titles = [role for role in roles.all.values() if role.is_by_titles]
    assert "product" in {role.code for role in by_titles}
    for role in by_titles:
        listed = stage.evidence.soc.listed_titles
        for member in role.members:
            own = {t for code, t in listed if code == member and stage.functions.of_words(t) == role.code}
            assert len(own) >= 2


@pytest.mark.parametrize("level", ["major", "function"])
def test_a_claim_is_served_at_its_own_level(roles: Roles, level: str) -> None:
    for role in roles.all.values():
        if role.level == level and roles.has_tasks(role):
            assert roles.of_claim(level, role.code, None) == role


def test_an_unknown_code_has_no_role_but_its_function(roles: Roles) -> None:
    assert roles.of_claim("detailed", "99-9999", None) is None
    found = roles.of_claim("detailed", "99-9999", "finance")
    assert found is not None
    assert found.role_id == "function:finance"


def test_an_occupation_without_tasks_is_served_with_the_next_coarser_role(engine: Engine) -> None:
    code, occupation = alone(PacketStage(engine))
    for table in ("onet_task", "task_importance", "onet_task_dwa", "task_ai_signal"):
        change(engine, table, lambda rows: [row for row in rows if row["onet_soc_code"] != occupation])
    changed = PacketStage(engine)
    found = changed.roles.of_claim("detailed", code, None)
    assert found is not None
    assert found.level != "occupation"
    assert found.code in {group.code for group in changed.evidence.soc.path_up(code)}
    assert changed.roles.has_tasks(found)
    assert changed.roles.is_at_or_above(found, "detailed", code, None)


def test_a_finer_or_foreign_role_does_not_cover_a_claim(stage: PacketStage, roles: Roles) -> None:
    code, occupation = alone(stage)
    role = roles.all[f"onet:{occupation}"]
    major = f"{code[:2]}-0000"
    assert not roles.is_at_or_above(role, "major", major, None)
    assert not roles.is_at_or_above(role, "function", "finance", "finance")
    other = next(r for r in roles.all.values() if r.level == "major" and r.code != major)
    assert not roles.is_at_or_above(other, "detailed", code, None)
    assert roles.is_at_or_above(roles.all[f"soc:{major}"], "detailed", code, None)
    finance = roles.all["function:finance"]
    assert roles.is_at_or_above(finance, "detailed", code, "finance")
    assert not roles.is_at_or_above(finance, "detailed", code, "sales")
