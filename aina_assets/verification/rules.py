"""What must hold of a state as a whole. Each rule gives a finding; none knows Dagster."""

from __future__ import annotations

from aina_assets.core.contracts import SAMPLE_ROWS
from aina_assets.core.engine import Engine
from aina_assets.core.receipts import subject_name
from aina_assets.core.rules import Finding, Severity
from aina_assets.core.store import NOT_AVAILABLE
from aina_assets.verification.manifest import MANIFEST, read_manifest
from aina_assets.verification.sources import source_files
from aina_assets.verification.state import unknown_files
from aina_assets.verification.walk import verify


def state_verifies(engine: Engine) -> Finding:
    """Every file of the state is what the receipts and the lock say; every byte is read."""
    report = verify(engine, leaving_out_above=subject_name(MANIFEST))
    return Finding(
        passed=report.is_sound,
        summary=(
            f"{len(report.differences)} of {report.files} files differ: "
            + ", ".join(f"{found.name} {found.kind}" for found in report.differences[:3])
            if report.differences
            else f"{report.files} files, {report.bytes_read} bytes, are what {report.receipts} receipts say"
        ),
        failed_rows=len(report.differences),
        sample=[
            {"file": d.name, "finding": d.kind.value, "says": d.says, "void": len(d.void)}
            for d in report.differences[:SAMPLE_ROWS]
        ],
        remedy="`aina verify` names what differs and what it voids; `aina build` makes tables anew.",
        figures={"files": report.files, "bytes": report.bytes_read},
    )


def every_file_is_looked_after(engine: Engine) -> Finding:
    """Nothing lies in the data root that neither the manifest nor anybody else looks after."""
    unknown = unknown_files(engine.data)
    return Finding(
        passed=not unknown,
        summary=f"{len(unknown)} files of the data root are nobody's",
        failed_rows=len(unknown),
        sample=[{"file": name} for name in unknown[:SAMPLE_ROWS]],
        remedy="Remove the files, or register their folder in aina_assets/verification/state.py.",
        severity=Severity.WARN,
    )


def origins_resolve(engine: Engine) -> Finding:
    """Whatever a file is said to be made from is a file that the manifest or a receipt below it names."""
    manifest = read_manifest(engine)
    known = {*manifest.digests, *source_files(engine, is_offline=True)}
    folders = {name[: name.rfind("/") + 1] for name in known}
    rows = [
        {"file": entry.file, "made_from": origin}
        for entry in (*manifest.tables, *manifest.files)
        for origin in entry.made_from
        if origin not in known and origin not in folders
    ]
    without = [
        {"file": entry.file, "made_from": "(nothing)"}
        for entry in manifest.tables
        if not entry.made_from and set(entry.vintages.values()) != {NOT_AVAILABLE} and entry.rows
    ]
    return Finding(
        passed=not rows and not without,
        summary=f"{len(rows)} origins are not on record, {len(without)} tables with rows have none",
        failed_rows=len(rows) + len(without),
        sample=[*rows, *without][:SAMPLE_ROWS],
        remedy="A table's inputs are the names of tables, models, source files, policies or gold sets.",
        figures={"tables": len(manifest.tables)},
    )
