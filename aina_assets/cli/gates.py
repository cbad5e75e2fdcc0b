"""`aina gates ...`: how the gates stand, and the way of an approval.

Belongs here: arguments, tables, exit status. Does not: deciding, signing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from aina_assets.cli.console import err, out, typed_errors
from aina_assets.core.capabilities import Domain
from aina_assets.core.engine import Engine
from aina_assets.core.settings import load_settings

if TYPE_CHECKING:
    from aina_assets.gates.decide import Decision
    from aina_assets.gates.gatekeeper import Gatekeeper

gates_app = typer.Typer(help="Gates: how they stand, why, and the way of an approval.", no_args_is_help=True)

OneDomain = Annotated[Domain, typer.Argument(help="which gate")]
Why = Annotated[str, typer.Option("--why", help="the reason, kept in the decision log")]
COLOURS = {"blocked": "red", "ready_with_holds": "yellow", "approved": "green"}


def _keeper() -> Gatekeeper:
    from aina_assets.gates.gatekeeper import Gatekeeper

    return Gatekeeper(Engine(load_settings()))


@gates_app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="everything as JSON")] = False) -> None:
    """Show every gate, its holds, and what follows from them."""
    from aina_assets.gates.receipts import describe

    with typed_errors():
        keeper = _keeper()
        board = keeper.board()
        told = describe(keeper, board)
    if as_json:
        sys.stdout.write(json.dumps(told.model_dump(mode="json", exclude={"seal", "rests_on"}), indent=2))
        sys.stdout.write("\n")
        return
    table = Table(title=told.status)
    for name in ("gate", "state", "scope", "why"):
        table.add_column(name)
    for gate in told.gates:
        colour = COLOURS[gate.state.value]
        table.add_row(
            gate.domain.value, f"[{colour}]{gate.state.value}[/]", gate.scope, ", ".join(gate.reasons)
        )
    table.add_section()
    for name, state in (
        ("external_beta", told.external_beta),
        ("local_synthetic_beta", told.local_synthetic_beta),
    ):
        table.add_row(name, f"[{COLOURS[state.value]}]{state.value}[/]", "", "derived")
    out.print(table)
    for hold in told.open_holds:
        out.print(f"hold {hold.hold} ({hold.domain}): {hold.says} Closed by {hold.closed_by}.", markup=False)
    if told.policy_fault:
        err.print(f"the policy cannot be read, so every gate is shut: {told.policy_fault}", markup=False)
    out.print(f"decision log: {board.log.found.value}, {len(board.log.entries)} entries {board.log.fault}")


@gates_app.command()
def explain(
    domain: OneDomain,
    scope: Annotated[str | None, typer.Option(help="what is to be done; the approval's own if none")] = None,
) -> None:
    """Say why a gate is as it is, and what each reason asks for."""
    from aina_assets.gates.decide import Reach

    with typed_errors():
        keeper = _keeper()
        facts, log = keeper.facts(domain.value, scope, Reach.OUTSIDE)
        decision = keeper.look(domain, scope)
    out.print(f"{domain}: [{COLOURS[decision.state.value]}]{decision.state}[/]", end=" ")
    out.print(f"for {facts.scope!r}" if facts.scope else "for any scope", markup=False)
    _show_reasons(decision, keeper, domain)
    out.print(f"evidence that stands: {len(facts.standing)} files", markup=False)
    for name, sha256 in sorted(facts.standing.items()):
        out.print(f"  {sha256[:16]} {name}", markup=False)
    past = [entry for entry, _ in log.entries if entry.domain == domain.value][-5:]
    for entry in past:
        out.print(
            f"  {entry.time_created:%Y-%m-%d %H:%M:%S} {entry.event} {entry.scope} {entry.state} {entry.who}",
            markup=False,
        )


def _show_reasons(decision: Decision, keeper: Gatekeeper, domain: Domain) -> None:
    from aina_assets.gates.words import REASONS

    for reason in decision.reasons:
        says, asks = REASONS[reason]
        out.print(f"  - {says}: {asks}", markup=False)
    holds = keeper.readable_policy().domain(domain).holds if decision.holds else {}
    for hold in decision.holds:
        out.print(f"  - hold {hold}: {holds[hold].says} Closed by {holds[hold].closed_by}.", markup=False)


@gates_app.command()
def keygen(
    name: Annotated[str, typer.Argument(help="the approver's name, as in data/policies/approvers.toml")],
    to: Annotated[Path, typer.Option("--to", help="folder for the key, outside repository and data root")],
    days: Annotated[int, typer.Option(help="how long the key counts", min=1, max=3660)] = 365,
) -> None:
    """Make a key, and print the entry that a reviewed change adds to the approvers."""
    from aina_assets.gates.edge import leave_to_write, writing
    from aina_assets.gates.keys import approver_entry, make_key, require_apart

    with typed_errors():
        keeper = _keeper()
        path = require_apart(to, keeper.engine.settings) / f"{name}.pem"
        capability = leave_to_write(keeper, "gates keygen", path.parent)
        passphrase = typer.prompt(
            "passphrase (empty for none)", default="", hide_input=True, confirmation_prompt=True
        )
        with writing(capability, path.parent):
            public = make_key(path, passphrase)
    out.print(f"private key: {path} (keep it; nobody can make it again)", markup=False)
    out.print("for data/policies/approvers.toml:\n", markup=False)
    out.print(approver_entry(name, public, keeper.clock(), days), markup=False)


@gates_app.command()
def request(
    domain: OneDomain,
    scope: Annotated[str, typer.Option(help="exactly what is to be allowed, such as 0.0.0.0:8443")],
    days: Annotated[int, typer.Option(help="the approval's term")] = 7,
    why: Why = "",
) -> None:
    """Write what two approvers would sign: scope, term, and the digests of the evidence that stands."""
    from aina_assets.gates.desk import request_approval

    with typed_errors():
        path, asked = request_approval(_keeper(), domain, scope, days=days, says=why)
    out.print(
        f"{path}: {domain} for {scope!r} until {asked.asked.expires_at:%Y-%m-%d %H:%M} UTC", markup=False
    )
    for name, sha256 in sorted(asked.evidence.items()):
        out.print(f"  {sha256} {name}", markup=False)
    out.print("Look at each of them; then two approvers: `aina gates approve`.")


@gates_app.command()
def approve(
    domain: OneDomain,
    key: Annotated[Path, typer.Option("--key", help="the approver's private key")],
    yes: Annotated[bool, typer.Option("--yes", help="I have looked at the evidence; do not ask")] = False,
) -> None:
    """Sign the request with one approver's key."""
    from aina_assets.gates.desk import approve as sign_request
    from aina_assets.gates.desk import what_is_asked

    with typed_errors():
        keeper = _keeper()
        asked = what_is_asked(keeper, domain)
        out.print(f"{domain} for {asked.asked.scope!r}, until {asked.asked.expires_at}", markup=False)
        for name, sha256 in sorted(asked.evidence.items()):
            out.print(f"  {sha256} {name}", markup=False)
        if not yes and not typer.confirm("Have you looked at all of this, and do you approve?"):
            raise typer.Exit(1)
        passphrase = typer.prompt("passphrase", default="", hide_input=True)
        who, signatures = sign_request(keeper, domain, key, passphrase)
    out.print(f"signed by {who}; {signatures} of 2 signatures", markup=False)


@gates_app.command()
def sign(
    receipt: Annotated[str, typer.Argument(help="a receipt's name, such as build_manifest_v1")],
    key: Annotated[Path, typer.Option("--key", help="an approver's private key")],
) -> None:
    """Sign a receipt, so that others can tell who stands for it: a DSSE envelope beside it."""
    from aina_assets.gates.desk import sign_receipt

    with typed_errors():
        passphrase = typer.prompt("passphrase", default="", hide_input=True)
        path, who = sign_receipt(_keeper(), receipt, key, passphrase)
    out.print(f"{path}: signed by {who}", markup=False)


@gates_app.command()
def close(domain: OneDomain, why: Why = "") -> None:
    """Close a gate at once. No key is needed."""
    from aina_assets.gates.desk import close as close_gate

    with typed_errors():
        close_gate(_keeper(), domain, why)
    out.print(f"{domain} is closed")


@gates_app.command()
def reopen(domain: OneDomain, why: Why = "") -> None:
    """Take back a `close`. The gate is then what its approval makes it: without one, blocked."""
    from aina_assets.gates.desk import reopen as take_back

    with typed_errors():
        state = take_back(_keeper(), domain, why)
    out.print(f"{domain} is {state}")
