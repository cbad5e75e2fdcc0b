"""The edge: the acts that reach out, each behind its capability. Later stages call these and nothing else.

Belongs here: asking the gatekeeper with the right scope, and doing the act under the guard. Does not:
deciding. Each act is two steps on purpose: whoever asks may keep the capability and act again, and each act
asks anew whether the decision behind it still holds.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from aina_assets.core.capabilities import Capability, Domain, require
from aina_assets.core.errors import CapabilityError
from aina_assets.core.hosts import is_loopback
from aina_assets.core.settings import PROJECT_ROOT
from aina_assets.gates.bounds import NEVER_WRITTEN
from aina_assets.gates.decide import Reach
from aina_assets.gates.gatekeeper import Gatekeeper
from aina_assets.gates.guard import (
    address_let,
    host_let,
    program_let,
    program_name,
    writes_let,
)

BACKLOG = 128


# --- public_runtime


def leave_to_listen(keeper: Gatekeeper, host: str, port: int) -> Capability:
    """Ask for an address to listen on. This machine's own addresses are local; all others need the gate.

    Raises:
        GateClosedError: the gate's explanation.
    """
    reach = Reach.LOCAL if is_loopback(host) else Reach.OUTSIDE
    return keeper.ask(Domain.PUBLIC_RUNTIME, f"{host}:{port}", reach)


def listen(capability: Capability | None, host: str, port: int) -> socket.socket:
    """A listening socket; the caller closes it. This is the one place that binds an address.

    Raises:
        CapabilityError: the capability is not of this address, or has died.
        OSError: the address is taken or not this machine's.
    """
    require(capability, Domain.PUBLIC_RUNTIME, f"{host}:{port}")
    with host_let(host):
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with address_let(str(address[0]), int(address[1])):
            opened.bind(address)
        opened.listen(BACKLOG)
    except BaseException:
        opened.close()
        raise
    return opened


# --- external_writes


def leave_to_write(keeper: Gatekeeper, command: str, target: Path) -> Capability:
    """Ask to write a file or folder outside the data root.

    Args:
        command: the command that a person gave. One of the desk's is local: it writes nothing of the data
            root's. Anything else is an external write.
        target: what is written, or the folder below which is.

    Raises:
        GateClosedError: the gate's explanation.
        CapabilityError: nothing may be written there at all.
    """
    place = target.expanduser().resolve()
    for kept in NEVER_WRITTEN:
        path = PROJECT_ROOT / kept
        if place == path or path in place.parents or place in path.parents:
            raise CapabilityError(f"external_writes: nothing here writes {place}", file=place, place=kept)
    is_of_the_desk = command in keeper.readable_policy().gates.local.desk
    return keeper.ask(Domain.EXTERNAL_WRITES, str(place), Reach.LOCAL if is_of_the_desk else Reach.OUTSIDE)


@contextmanager
def writing(capability: Capability | None, target: Path) -> Iterator[Path]:
    """Write a file or below a folder outside the data root, inside the block.

    Raises:
        CapabilityError: the capability is not of this place, or has died.
    """
    place = target.expanduser().resolve()
    require(capability, Domain.EXTERNAL_WRITES, str(place))
    with writes_let(place):
        yield place


# --- external_writes: what is handed to others


def handed_scope(hosts: Iterable[str], programs: Iterable[str]) -> str:
    """The scope of an approval that lets rows be handed to all of these, and to nobody else."""
    return ", ".join([*sorted(set(hosts)), *sorted(set(programs))])


@contextmanager
def handing_on(keeper: Gatekeeper, hosts: Iterable[str], commands: Iterable[Sequence[str]]) -> Iterator[None]:
    """Let reviewers be asked, inside the block. This machine, and what the policy calls one's own, is local.

    Rows that go to several are one act: its scope names all of them, and so does its approval. A program is
    asked for like a host, since it may send on what it is handed.

    Args:
        hosts: where endpoints are.
        commands: programs with their arguments.

    Raises:
        GateClosedError: rows would leave this machine, or go to a program that may send them on.
    """
    local = keeper.readable_policy().gates.local
    remote = sorted({host for host in hosts if not is_loopback(host)} - set(local.own_hosts))
    programs = sorted({program_name(command[0], command) for command in commands} - set(local.programs))
    if not remote and not programs:
        yield
        return
    scope = handed_scope(remote, programs)
    require(keeper.ask(Domain.EXTERNAL_WRITES, scope), Domain.EXTERNAL_WRITES, scope)
    with ExitStack() as held:
        for host in remote:
            held.enter_context(host_let(host))
        for program in programs:
            held.enter_context(program_let(program))
        yield


# --- real_user_data


def leave_to_admit(keeper: Gatekeeper, cohort: str) -> Capability:
    """Ask to take data of a cohort's real people; `learning.opening.open_desk` is handed it.

    Raises:
        GateClosedError: the gate's explanation.
    """
    return keeper.ask(Domain.REAL_USER_DATA, cohort)


# --- production_telemetry


@contextmanager
def telemetry_to(capability: Capability | None, host: str) -> Iterator[None]:
    """Let figures be sent to a host, inside the block.

    Raises:
        CapabilityError: the capability is not of this host, or has died.
    """
    require(capability, Domain.PRODUCTION_TELEMETRY, host)
    with host_let(host):
        yield
