"""The guard's bounds of a process: what it may do without asking anybody.

Belongs here: its data root, the hosts that the policy names, the programs. Does not: the guard itself, or
leave for more (see `edge`). Every command pays for this module: it imports little.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from aina_assets.core.errors import SettingsError
from aina_assets.core.processes import also_in_workers
from aina_assets.core.settings import PROJECT_ROOT, Settings
from aina_assets.gates.guard import Bounds, guarded
from aina_assets.gates.policy import try_gate_policy

# What no command writes, wherever the data root is: what decides, the code, and its history.
NEVER_WRITTEN = ("data/policies", "data/sources.lock.json", "aina_assets", ".git")


def bounds_of(settings: Settings, *more: Path) -> Bounds:
    """What a process with these settings may do: write its data root, read its sources.

    Args:
        more: other folders that the caller records runs in.
    """
    policy = try_gate_policy(settings.policies_root)
    local = None if isinstance(policy, SettingsError) else policy.gates.local
    proxies = {urlsplit(base).hostname or "" for base in settings.endpoints.values()}
    return Bounds(
        roots=(settings.data, *more),
        hosts=frozenset({*(local.hosts if local else ()), *proxies}),
        programs=frozenset(local.programs if local else ()),
        kept=tuple(PROJECT_ROOT / kept for kept in NEVER_WRITTEN),
    )


@contextmanager
def guarded_by(settings: Settings, *more: Path) -> Iterator[None]:
    """A guard with the bounds of these settings, for this process and those that it starts to work for it."""
    with guarded(bounds_of(settings, *more)), also_in_workers(guarded_by, settings, *more):
        yield
