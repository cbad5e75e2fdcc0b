"""Role packets: what they show, and that every gap has a stated answer and none a silent default."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aina_assets.core.engine import Engine
from aina_assets.packets.canonical import canonical_json
from aina_assets.packets.composing.fallback import FallbackComposer
from aina_assets.packets.composing.role import OccupationComposer, Sealer
from aina_assets.packets.contract import RolePacket
from aina_assets.packets.make import PacketStage
from aina_assets.packets.roles import Role
from aina_assets_tests.packets.states import change

CODE = "13-2011.00"
SOC = "13-2011"


def composed(stage: PacketStage, role_id: str) -> RolePacket:
    role: Role = stage.roles.all[role_id]
    kind = OccupationComposer if role.level == "occupation" else FallbackComposer
    return kind(stage.evidence, stage.policy, stage.nearness).compose(role)


def changed(engine: Engine, stage: PacketStage) -> PacketStage:
    """A stage over changed tables; how alike occupations are is the starter's, which takes long to tell."""
    found = PacketStage(engine)
    found.__dict__["nearness"] = stage.nearness
    return found


def codes(packet: RolePacket) -> set[str]:
    return {statement.code for statement in packet.statements}


def drop(engine: Engine, table: str, **values: Any) -> None:
    """Remove the rows with these values."""
    change(engine, table, lambda rows: [row for row in rows if any(row[k] != v for k, v in values.items())])


# --- an occupation


def test_an_occupation_shows_what_its_rows_say(stage: PacketStage) -> None:
    packet = composed(stage, f"onet:{CODE}")
    rows = stage.store.read("onet_task").to_pylist()
    assert {task.task_id for task in packet.tasks} == {
        r["task_id"] for r in rows if r["onet_soc_code"] == CODE
    }
    assert [task.rank for task in packet.tasks] == list(range(1, len(packet.tasks) + 1))
    assert [group.level for group in packet.groups] == ["detailed", "broad", "minor", "major"]
    assert packet.function == "finance"
    assert packet.wages.relation == "direct"
    assert packet.exposure is not None
    assert packet.exposure.soc_code == SOC
    assert packet.generalizes is None
    assert packet.importance.sources == ("onet_task_rating",)
    assert packet.practice
    assert {near.onet_soc_code for near in packet.similar} & set(stage.evidence.soc.occupations)


def test_signals_are_never_one_score(stage: PacketStage) -> None:
    packet = composed(stage, f"onet:{CODE}")
    kinds = {signal.kind for task in packet.tasks for signal in task.signals}
    assert {"penetration", "usage", "automation", "augmentation"} <= kinds
    for task in packet.tasks:
        assert len({signal.kind for signal in task.signals}) == len(task.signals)


def test_an_occupation_without_tasks_says_so(stage: PacketStage, engine: Engine) -> None:
    for table in ("onet_task", "task_importance", "onet_task_dwa", "task_ai_signal"):
        drop(engine, table, onet_soc_code=CODE)
    packet = composed(changed(engine, stage), f"onet:{CODE}")
    assert packet.tasks == ()
    assert packet.workflows == ()
    assert "no_tasks" in codes(packet)


def test_few_tasks_are_said_to_be_few(stage: PacketStage, engine: Engine) -> None:
    kept = [
        row["task_id"] for row in engine.store.read("onet_task").to_pylist() if row["onet_soc_code"] == CODE
    ][:2]
    for table in ("onet_task", "task_importance", "onet_task_dwa", "task_ai_signal"):
        change(
            engine,
            table,
            lambda rows: [row for row in rows if row["onet_soc_code"] != CODE or row["task_id"] in kept],
        )
    packet = composed(changed(engine, stage), f"onet:{CODE}")
    assert {"few_tasks", "few_workflows"} <= codes(packet)


def test_an_occupation_without_a_wage_row_says_so(stage: PacketStage, engine: Engine) -> None:
    change(
        engine,
        "oews_soc_rollup",
        lambda rows: [
            {**row, "oews_code": None, "relation": "not_covered", "shared_with_count": 0}
            if row["soc_code"] == SOC
            else row
            for row in rows
        ],
    )
    packet = composed(changed(engine, stage), f"onet:{CODE}")
    assert packet.wages.figures == ()
    assert packet.wages.relation == "not_covered"
    assert "no_wage_row" in codes(packet)


def test_wages_that_are_all_withheld_have_reasons_and_no_values(stage: PacketStage, engine: Engine) -> None:
    change(
        engine,
        "wage_fact",
        lambda rows: [
            {**row, "value": None, "value_status": "not_released"}
            if row["occupation_code"] == SOC and "wage" in row["measure"]
            else row
            for row in rows
        ],
    )
    packet = composed(changed(engine, stage), f"onet:{CODE}")
    pay = [figure for figure in packet.wages.figures if "wage" in figure.measure]
    assert pay
    assert {(figure.value, figure.status) for figure in pay} == {(None, "not_released")}
    assert "wages_withheld" in codes(packet)
    assert "some_wages_withheld" not in codes(packet)


def test_a_wage_of_several_occupations_is_said_to_be(stage: PacketStage, engine: Engine) -> None:
    change(
        engine,
        "oews_soc_rollup",
        lambda rows: [
            {**row, "relation": "rolled_up", "shared_with_count": 3} if row["soc_code"] == SOC else row
            for row in rows
        ],
    )
    packet = composed(changed(engine, stage), f"onet:{CODE}")
    assert "wage_is_of_a_group" in codes(packet)
    assert packet.wages.shared_with_count == 3


def test_signals_of_another_wording_are_told(stage: PacketStage, engine: Engine) -> None:
    change(engine, "task_ai_signal", lambda rows: [{**row, "text_link": "legacy_task_id"} for row in rows])
    assert "signal_text_of_other_release" in codes(composed(changed(engine, stage), f"onet:{CODE}"))


@pytest.mark.parametrize(
    ("table", "field", "code"),
    [
        ("onet_job_zone", "onet_soc_code", "no_job_zone"),
        ("onet_education", "onet_soc_code", "no_education"),
        ("onet_software_skill", "onet_soc_code", "no_technologies"),
        ("task_ai_signal", "onet_soc_code", "no_signals"),
        ("aei_job_exposure", "soc_code", "no_exposure"),
        ("gdpval_occupation_soc", "soc_code", "no_practice_tasks"),
    ],
)
def test_every_gap_has_its_statement(
    stage: PacketStage, engine: Engine, table: str, field: str, code: str
) -> None:
    assert code not in codes(composed(stage, f"onet:{CODE}"))
    drop(engine, table, **{field: SOC if field == "soc_code" else CODE})
    assert code in codes(composed(changed(engine, stage), f"onet:{CODE}"))


def test_ranks_without_ratings_say_on_what_they_rest(stage: PacketStage, engine: Engine) -> None:
    change(engine, "onet_task_rating", lambda rows: [])
    PacketStage(engine).task_importance()
    packet = composed(changed(engine, stage), f"onet:{CODE}")
    assert packet.importance.sources == ("task_type_and_order",)
    assert packet.importance.rated_tasks == 0
    assert "importance_is_substituted" in codes(packet)
    assert {task.importance for task in packet.tasks} == {None}


def test_tasks_that_onet_never_rated_have_a_rank_that_says_nothing(
    stage: PacketStage, engine: Engine
) -> None:
    change(engine, "onet_task_rating", lambda rows: [])
    change(engine, "onet_task", lambda rows: [{**row, "task_type": None} for row in rows])
    PacketStage(engine).task_importance()
    found = codes(composed(changed(engine, stage), f"onet:{CODE}"))
    assert "importance_unknown" in found
    assert "importance_is_substituted" not in found


# --- a fallback


@pytest.fixture(scope="session")
def major(stage: PacketStage) -> RolePacket:
    return composed(stage, "soc:13-0000")


def test_a_fallback_says_what_it_generalizes_over_and_how_members_differ(major: RolePacket) -> None:
    general = major.generalizes
    assert general is not None
    assert len(general.members) > 3
    assert {"generalizes", "left_to_members"} <= codes(major)
    assert {spread.measure for spread in general.spreads} >= {"observed_exposure", "job_zone"}
    for spread in general.spreads:
        assert spread.lowest.value <= spread.middle.value <= spread.highest.value
    shares = [found.member_share for found in general.shared_activities]
    assert shares == sorted(shares, reverse=True)


def test_its_tasks_are_members_own(stage: PacketStage, major: RolePacket) -> None:
    general = major.generalizes
    assert general is not None
    members = {member.onet_soc_code for member in general.members}
    for task in major.tasks:
        own = {found.task_id: found for found in stage.evidence.work.tasks[task.onet_soc_code]}[task.task_id]
        assert task.onet_soc_code in members
        assert own.model_copy(update={"rank": task.rank, "member_share": task.member_share}) == task
        assert task.member_share is not None
    assert len(major.tasks) <= stage.policy.fallback.most_tasks


def test_widely_shared_work_comes_first(major: RolePacket) -> None:
    shares = [task.member_share or 0 for task in major.tasks]
    assert sum(shares[:5]) >= sum(shares[-5:])


def test_a_fallback_has_no_average_of_its_members(major: RolePacket) -> None:
    assert major.exposure is None
    assert major.job_zone is None
    assert major.education == ()


def test_its_wage_is_the_groups_own_row(stage: PacketStage, major: RolePacket) -> None:
    if major.wages.figures:
        assert major.wages.oews_code == "13-0000"
        assert major.wages.relation == "direct"
    else:
        assert "no_wage_row" in codes(major)


def test_a_function_has_no_wage_and_says_why(stage: PacketStage) -> None:
    packet = composed(stage, "function:finance")
    assert packet.wages.figures == ()
    assert "no_wage_at_function" in codes(packet)
    assert packet.origin is None


def test_a_function_of_no_occupation_is_an_honest_packet(stage: PacketStage, engine: Engine) -> None:
    change(engine, "authority_title", lambda rows: [])
    packet = composed(changed(engine, stage), "function:product")
    assert packet.generalizes is not None
    assert packet.generalizes.members == ()
    assert {"no_tasks", "members_by_listed_titles"} <= codes(packet)


def test_the_same_sentence_is_shown_once(stage: PacketStage, engine: Engine) -> None:
    change(engine, "onet_task", lambda rows: [{**row, "task": "Do the same thing."} for row in rows])
    packet = composed(changed(engine, stage), "soc:13-0000")
    assert len(packet.tasks) == 1


# --- sealing


def test_the_same_packet_has_the_same_digest_and_another_has_another(stage: PacketStage) -> None:
    packet = composed(stage, f"onet:{CODE}")
    first = Sealer(stage.evidence).seal(packet)
    assert Sealer(stage.evidence).seal(packet) == first
    other = packet.model_copy(update={"title": "another"})
    assert Sealer(stage.evidence).seal(other).sha256 != first.sha256


def test_what_is_sealed_is_canonical_and_all_that_the_packet_says(stage: PacketStage) -> None:
    sealer = Sealer(stage.evidence)
    for role_id in (f"onet:{CODE}", "soc:13-0000", "function:finance"):
        packet = composed(stage, role_id)
        content = sealer.seal(packet).content
        assert content == canonical_json(json.loads(content))
        told = packet.model_dump(mode="json", exclude={"packet_sha256", "gate", "sources", "attribution"})
        sealed = json.loads(content)
        assert {name: sealed[name] for name in told} == told


def test_a_sealed_packet_names_each_file_once_with_its_attribution(stage: PacketStage) -> None:
    sealed = Sealer(stage.evidence).seal(composed(stage, f"onet:{CODE}"))
    told = json.loads(sealed.content)
    files = [source["file"] for source in told["sources"]]
    assert files == sorted(set(files))
    assert sealed.facts > 50
    for source in {source["source"] for source in told["sources"]}:
        assert stage.evidence.rows.attributions[source] in told["attribution"]
