"""Which hosts are this machine.

Belongs here: the one answer that gates, reviewers and the service share. Does not: what a host may be sent.
"""

from __future__ import annotations

from ipaddress import ip_address

LOOPBACK_NAMES = frozenset({"localhost", "ip6-localhost", "localhost.localdomain"})


def is_loopback(host: str) -> bool:
    """Whether an address or name is this machine's own and reachable from nowhere else."""
    if host.lower() in LOOPBACK_NAMES:
        return True
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
