"""The edge: each act that reaches out, with the capability of its gate, another's, and none."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from aina_assets.core.capabilities import Capability, Domain
from aina_assets.core.errors import CapabilityError, GateClosedError, ProvenanceMismatchError
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.gates.decide import Reach
from aina_assets.gates.desk import close
from aina_assets.gates.edge import (
    NEVER_WRITTEN,
    leave_to_listen,
    leave_to_write,
    listen,
    telemetry_to,
    writing,
)
from aina_assets.gates.guard import Bounds, guarded
from aina_assets.gates.promotion import PRODUCTION, promote, promoted_build, promotion_path
from aina_assets_tests.gates.office import Office


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


def test_a_persons_command_writes_the_place_that_the_person_named(
    office: Office, up: None, outside: Path
) -> None:
    capability = leave_to_write(office.keeper, "sources lock", outside / "lock.proposed.json")
    with writing(capability, outside / "lock.proposed.json") as place:
        place.write_text("{}")
        with pytest.raises(CapabilityError):
            (outside / "more.json").write_text("{}")
    with pytest.raises(CapabilityError):
        place.write_text("again")


def test_any_other_command_is_an_external_write_and_blocked(office: Office, up: None, outside: Path) -> None:
    with pytest.raises(GateClosedError, match="external_writes"):
        leave_to_write(office.keeper, "upload", outside)


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
