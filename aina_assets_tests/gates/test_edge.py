"""The edge: each act that reaches out, with the capability of its gate, another's, and none."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aina_assets.core.capabilities import Capability, Domain
from aina_assets.core.errors import (
    CapabilityError,
    GateClosedError,
    PersonalDataError,
    ProvenanceMismatchError,
)
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.gates.bounds import NEVER_WRITTEN
from aina_assets.gates.decide import Reach
from aina_assets.gates.desk import close
from aina_assets.gates.edge import (
    handed_scope,
    handing_on,
    leave_to_admit,
    leave_to_listen,
    leave_to_write,
    listen,
    telemetry_to,
    writing,
)
from aina_assets.gates.guard import Bounds, guarded, program_let
from aina_assets.gates.promotion import PRODUCTION, promote, promoted_build, promotion_path
from aina_assets.learning.edge.guard import Edge
from aina_assets.learning.records.log import EventLog
from aina_assets.sources.readers.person_names import read_person_names
from aina_assets_tests.gates.office import Office
from aina_assets_tests.learning.samples import EARLIEST, LEARNER


@pytest.fixture
def outside(office: Office) -> Path:
    folder = office.root / "outside"
    folder.mkdir()
    return folder


@pytest.fixture
def up(office: Office, outside: Path) -> Iterator[None]:
    with guarded(Bounds((office.engine.data.path,), frozenset(), frozenset())):
        yield


def other(office: Office) -> Capability:
    """A capability of another gate's."""
    return office.keeper.ask(Domain.PRODUCTION_TELEMETRY, "local", Reach.LOCAL)


# --- public_runtime


def test_this_machine_is_listened_on_through_the_gates_capability(office: Office, up: None) -> None:
    capability = leave_to_listen(office.keeper, "127.0.0.1", 0)
    with listen(capability, "127.0.0.1", 0) as server, socket.create_connection(server.getsockname()):
        assert server.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7"])
def test_another_address_is_refused_with_the_gates_explanation(office: Office, up: None, host: str) -> None:
    with pytest.raises(GateClosedError, match=r"public_runtime: .*: blocked: .*there is no approval"):
        leave_to_listen(office.keeper, host, 8443)


def test_no_other_leave_binds_an_address(office: Office, up: None) -> None:
    leave = leave_to_listen(office.keeper, "127.0.0.1", 0)
    for capability, host in ((None, "127.0.0.1"), (other(office), "127.0.0.1"), (leave, "0.0.0.0")):
        with pytest.raises(CapabilityError):
            listen(capability, host, 0)


def test_an_open_gate_binds_the_approved_address_and_no_other(office: Office, up: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    office.opened(Domain.PUBLIC_RUNTIME, f"0.0.0.0:{port}")
    capability = leave_to_listen(office.keeper, "0.0.0.0", port)
    with listen(capability, "0.0.0.0", port) as server:
        assert server.getsockname() == ("0.0.0.0", port)
    with pytest.raises(CapabilityError):
        socket.socket().bind(("0.0.0.0", port))
    close(office.keeper, Domain.PUBLIC_RUNTIME, "enough")
    with pytest.raises(GateClosedError, match="a person closed the gate"):
        listen(capability, "0.0.0.0", port)


# --- external_writes


def test_a_key_is_the_one_thing_that_is_written_elsewhere_without_an_approval(
    office: Office, up: None, outside: Path
) -> None:
    assert office.keeper.readable_policy().gates.local.desk == ("gates keygen",)
    capability = leave_to_write(office.keeper, "gates keygen", outside / "ada.pem")
    with writing(capability, outside / "ada.pem") as place:
        place.write_text("{}")
        with pytest.raises(CapabilityError):
            (outside / "more.json").write_text("{}")
    with pytest.raises(CapabilityError):
        place.write_text("again")


@pytest.mark.parametrize("command", ["packets export", "learn export", "review prompts", "gold sample", "x"])
def test_any_other_command_is_an_external_write_and_blocked(
    office: Office, up: None, outside: Path, command: str
) -> None:
    with pytest.raises(GateClosedError, match="external_writes"):
        leave_to_write(office.keeper, command, outside)


def test_an_open_gate_lets_the_approved_place_be_written_and_no_other(
    office: Office, up: None, outside: Path
) -> None:
    office.opened(Domain.EXTERNAL_WRITES, str(outside / "copy"))
    capability = leave_to_write(office.keeper, "packets export", outside / "copy")
    with writing(capability, outside / "copy") as place:
        place.mkdir()
        (place / "titles.jsonl").write_text("{}")
    for other_place in (outside, outside / "copy" / "deeper", outside / "more"):
        with pytest.raises(GateClosedError, match="the approval is of another scope"):
            leave_to_write(office.keeper, "packets export", other_place)
    office.later(days=8)
    with (
        pytest.raises(GateClosedError, match=r"no longer: .*the approval has expired"),
        writing(capability, outside / "copy"),
    ):
        pass


# --- external_writes: what is handed to others


def looked_up(host: str) -> str:
    """What comes of looking a host up: the guard's refusal, or the network's own failure."""
    try:
        socket.getaddrinfo(host, 443)
    except CapabilityError:
        return "refused"
    except socket.gaierror:
        return "let through"
    return "found"


def test_reviewers_of_this_machine_are_asked_without_an_approval(office: Office, up: None) -> None:
    with handing_on(office.keeper, ["127.0.0.1", "localhost", "::1"], []):
        assert looked_up("a.test") == "refused"
    assert office.keeper.log.read(office.now).entries == ()


def test_remote_reviewers_are_refused_with_all_of_their_names(office: Office, up: None) -> None:
    with (
        pytest.raises(GateClosedError, match=r"external_writes: a\.test, b\.test, judge: blocked"),
        handing_on(office.keeper, ["b.test", "a.test", "127.0.0.1"], [("/opt/judge", "--fast")]),
    ):
        pass


def test_two_remote_hosts_need_an_approval_of_both(office: Office, up: None) -> None:
    both = handed_scope(["b.test", "a.test"], [])
    office.opened(Domain.EXTERNAL_WRITES, both)
    with handing_on(office.keeper, ["a.test", "b.test"], []):
        assert [looked_up(host) for host in ("a.test", "b.test", "c.test")] == [
            *("let through", "let through", "refused"),
        ]
    assert looked_up("a.test") == "refused"
    # Another set of hosts is another act, the smaller one too.
    for hosts in (["a.test"], ["a.test", "c.test"], ["a.test", "b.test", "c.test"]):
        with (
            pytest.raises(GateClosedError, match="the approval is of another scope"),
            handing_on(office.keeper, hosts, []),
        ):
            pass


def test_a_program_is_started_inside_the_leave_alone(office: Office, up: None) -> None:
    command = ("true", "--with", "arguments")
    with pytest.raises(CapabilityError, match="no program 'true' is started"):
        subprocess.run(command, check=True)
    office.opened(Domain.EXTERNAL_WRITES, handed_scope([], ["true"]))
    with handing_on(office.keeper, [], [command]):
        subprocess.run(command, check=True)
        with pytest.raises(CapabilityError, match="no program 'false' is started"):
            subprocess.run(["false"], check=False)
    with pytest.raises(CapabilityError):
        subprocess.run(command, check=True)


def test_a_program_leaves_no_leave_behind_when_the_block_raises(office: Office, up: None) -> None:
    with pytest.raises(subprocess.CalledProcessError), program_let("false"):
        subprocess.run(["false"], check=True)
    with pytest.raises(CapabilityError):
        subprocess.run(["false"], check=True)


# --- real_user_data

ADMITTED = {"answer": "call me at jane.doe@example.com"}


@pytest.fixture
def edge_of(office: Office) -> Callable[[Capability | None, str], Edge]:
    log = EventLog(office.root / "data" / "events.sqlite")
    return lambda leave, cohort: Edge(log.engine, read_person_names(), leave, cohort)


def test_a_real_persons_data_is_refused_while_the_gate_is_closed(
    office: Office, edge_of: Callable[[Capability | None, str], Edge]
) -> None:
    with pytest.raises(GateClosedError, match=r"open holds: .*consent"):
        leave_to_admit(office.keeper, "pilot")
    for leave, cohort in ((None, "pilot"), (other(office), "pilot")):
        edge = edge_of(leave, cohort)
        with pytest.raises(PersonalDataError):
            edge.admit(LEARNER, ADMITTED, EARLIEST)
        assert all("real_user_data: pilot" in found.reason for found in edge.refusals())


def test_an_open_gate_takes_its_cohorts_data_until_the_approval_dies(
    office: Office, edge_of: Callable[[Capability | None, str], Edge]
) -> None:
    office.opened(Domain.REAL_USER_DATA, "pilot")
    leave = leave_to_admit(office.keeper, "pilot")
    edge = edge_of(leave, "pilot")
    edge.admit(LEARNER, ADMITTED, EARLIEST)
    assert edge.refusals() == []
    with pytest.raises(PersonalDataError):
        edge_of(leave, "others").admit(LEARNER, ADMITTED, EARLIEST)
    consent = office.keeper.files.evidence_path("evidence/consent_and_retention.md")
    assert consent is not None
    consent.write_text("withdrawn")
    with pytest.raises(PersonalDataError):
        edge.admit(LEARNER, ADMITTED, EARLIEST)
    assert any("evidence changed since they looked at it" in found.reason for found in edge.refusals())


@pytest.mark.parametrize("kept", NEVER_WRITTEN)
@pytest.mark.parametrize("inside", ["", "deeper/file"])
def test_no_command_writes_what_decides(office: Office, kept: str, inside: str) -> None:
    with pytest.raises(CapabilityError, match="nothing here writes"):
        leave_to_write(office.keeper, "sources lock", PROJECT_ROOT / kept / inside)


def test_no_command_writes_a_folder_that_holds_what_decides(office: Office) -> None:
    for folder in (PROJECT_ROOT, PROJECT_ROOT / "data", PROJECT_ROOT.parent):
        with pytest.raises(CapabilityError, match="nothing here writes"):
            leave_to_write(office.keeper, "gold", folder)


def test_no_other_leave_writes(office: Office, up: None, outside: Path) -> None:
    for capability in (None, other(office)):
        with pytest.raises(CapabilityError), writing(capability, outside):
            pass


# --- production_telemetry


def test_nothing_is_sent_without_leave(office: Office, up: None) -> None:
    for capability in (None, other(office)):
        with pytest.raises(CapabilityError), telemetry_to(capability, "figures.test"):
            pass


def test_an_open_gate_lets_figures_go_to_its_host_alone(office: Office, up: None) -> None:
    office.opened(Domain.PRODUCTION_TELEMETRY, "figures.test")
    capability = office.keeper.ask(Domain.PRODUCTION_TELEMETRY, "figures.test")
    with telemetry_to(capability, "figures.test"):
        with pytest.raises(socket.gaierror):
            socket.getaddrinfo("figures.test", 443)
        with pytest.raises(CapabilityError):
            socket.getaddrinfo("others.test", 443)
    with pytest.raises(CapabilityError):
        socket.getaddrinfo("figures.test", 443)


# --- deployment_promotion


def test_nothing_is_promoted_without_leave(office: Office) -> None:
    for capability in (None, other(office)):
        with pytest.raises(CapabilityError):
            promote(capability, office.engine, PRODUCTION)
    assert promoted_build(office.engine, PRODUCTION) is None


def test_an_open_gate_promotes_the_build_that_stands_and_another_is_refused(office: Office) -> None:
    office.opened(Domain.DEPLOYMENT_PROMOTION, PRODUCTION)
    promote(office.keeper.ask(Domain.DEPLOYMENT_PROMOTION, PRODUCTION), office.engine, PRODUCTION)
    promoted = promoted_build(office.engine, PRODUCTION)
    assert promoted is not None
    office.engine.data.models.mkdir()
    (office.engine.data.models / "new.npz").write_bytes(b"weights")
    office.build()
    with pytest.raises(ProvenanceMismatchError, match=f"expected the build {promoted}, found [0-9a-f]{{64}}"):
        promoted_build(office.engine, PRODUCTION)
    assert promotion_path(office.engine, PRODUCTION).is_file()
