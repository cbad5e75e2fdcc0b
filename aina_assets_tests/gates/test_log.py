"""The decision log: what is in it stays, what is wrong with it is known, and it is in a published form."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from aina_assets.core.errors import StateError
from aina_assets.core.receipts import receipt_schema
from aina_assets.core.storage import sha256_bytes
from aina_assets.gates.decide import Log
from aina_assets.gates.log import ENTRY, DecisionLog, Event, GateEntry, Verifier

NOW = datetime(2026, 7, 1, tzinfo=UTC)
EVIDENCE = {"receipts/build_manifest_v1.json": "a" * 64}


@pytest.fixture
def log(tmp_path: Path) -> DecisionLog:
    return DecisionLog(tmp_path / "gates" / "log.jsonl", tmp_path / "gates" / "head.json")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gates" / "log.jsonl"


def add(log: DecisionLog, scope: str = "s", now: datetime = NOW, **told: Any) -> str:
    return log.append(
        now,
        EVIDENCE,
        event=Event.ASKED,
        verifier=Verifier(),
        properties=(),
        domain="public_runtime",
        scope=scope,
        **told,
    )


def scopes(log: DecisionLog) -> list[str]:
    return [entry.scope for entry, _ in log.read(NOW).entries]


def test_a_log_that_nobody_wrote_is_empty_and_whole(log: DecisionLog, path: Path) -> None:
    found = log.read(NOW)
    assert (found.found, found.entries, found.approvals) == (Log.INTACT, (), frozenset())
    assert not path.parent.exists()


def test_entries_are_kept_in_order_and_chained(log: DecisionLog, path: Path) -> None:
    digests = [add(log, scope) for scope in "abc"]
    found = log.read(NOW)
    assert found.found is Log.INTACT
    assert [(e.number, e.scope, digest) for e, digest in found.entries] == [
        (1, "a", digests[0]),
        (2, "b", digests[1]),
        (3, "c", digests[2]),
    ]
    lines = path.read_bytes().splitlines(keepends=True)
    for (entry, _), before in zip(found.entries[1:], lines, strict=False):
        assert entry.rests_on[0].digest.sha256 == sha256_bytes(before)


def test_an_entry_is_a_simple_verification_result(log: DecisionLog, path: Path) -> None:
    add(log, is_granted=True, holds=("h",), reasons=("r",))
    statement = json.loads(path.read_bytes())
    jsonschema.validate(statement, receipt_schema(ENTRY, GateEntry))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://in-toto.io/attestation/svr/v0.1"
    assert statement["subject"] == [
        {"name": "receipts/build_manifest_v1.json", "digest": {"sha256": "a" * 64}}
    ]
    predicate = statement["predicate"]
    # What the published predicate requires, in its own names; ours are marked as ours.
    assert predicate["verifier"]["id"].startswith("https://")
    assert (predicate["timeCreated"], predicate["properties"]) == ("2026-07-01T00:00:00Z", [])
    ours = set(predicate) - {"verifier", "timeCreated", "properties", "seal", "rests_on"}
    assert all(name.startswith("aina_") for name in ours)


def test_every_single_wrong_bit_is_found(log: DecisionLog, path: Path) -> None:
    for scope in "ab":
        add(log, scope)
    content = path.read_bytes()
    for bit in range(0, len(content) * 8, 31):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        assert log.read(NOW).found is Log.CORRUPT, bit


def test_a_wrong_bit_in_the_head_is_found(log: DecisionLog, tmp_path: Path) -> None:
    add(log)
    head = tmp_path / "gates" / "head.json"
    content = head.read_bytes()
    values = range(content.index(b"1"), len(content) - 3)
    for position in values:
        damaged = bytearray(content)
        damaged[position] ^= 1
        if json_of(damaged) != json_of(content):
            head.write_bytes(damaged)
            assert log.read(NOW).found is Log.CORRUPT, position


def json_of(content: bytes | bytearray) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_a_shortened_log_is_known_and_nothing_is_added_to_it(log: DecisionLog, path: Path, kept: int) -> None:
    for scope in "abc":
        add(log, scope)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:kept]))
    found = log.read(NOW)
    assert (found.found, found.fault) == (Log.CORRUPT, f"the head counts 3 entries, the log has {kept}")
    with pytest.raises(StateError, match="shorter than its head says"):
        add(log)


def test_reordered_entries_are_known(log: DecisionLog, path: Path) -> None:
    for scope in "abc":
        add(log, scope)
    first, second, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(second + first + third)
    assert log.read(NOW).fault == "entry 1 is damaged or out of place"


def test_an_entry_of_another_log_is_known(log: DecisionLog, path: Path, tmp_path: Path) -> None:
    other = DecisionLog(tmp_path / "other" / "log.jsonl", tmp_path / "other" / "head.json")
    for scope in "xy":
        add(other, scope)
    for scope in "ab":
        add(log, scope)
    foreign = (tmp_path / "other" / "log.jsonl").read_bytes().splitlines(keepends=True)[1]
    first, _ = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + foreign)
    assert log.read(NOW).fault == "entry 2 is damaged or out of place"


def test_an_entry_whose_head_a_crash_cut_off_counts(log: DecisionLog, tmp_path: Path) -> None:
    head = tmp_path / "gates" / "head.json"
    add(log, "a")
    before = head.read_bytes()
    add(log, "b")
    head.write_bytes(before)
    assert (log.read(NOW).found, scopes(log)) == (Log.INTACT, ["a", "b"])
    add(log, "c")
    assert (log.read(NOW).found, scopes(log)) == (Log.INTACT, ["a", "b", "c"])


def test_two_entries_without_a_head_were_not_written_here(log: DecisionLog, tmp_path: Path) -> None:
    head = tmp_path / "gates" / "head.json"
    add(log, "a")
    before = head.read_bytes()
    add(log, "b")
    add(log, "c")
    head.write_bytes(before)
    assert log.read(NOW).fault == "entries were added behind the head's back"


def test_half_a_line_that_was_never_acknowledged_goes(log: DecisionLog, path: Path) -> None:
    add(log, "a")
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 2])
    assert (log.read(NOW).found, scopes(log)) == (Log.INTACT, ["a"])
    add(log, "b")
    assert (log.read(NOW).found, scopes(log)) == (Log.INTACT, ["a", "b"])


def test_an_entry_of_the_future_is_told_and_small_differences_of_clocks_are_not(log: DecisionLog) -> None:
    add(log, now=NOW + timedelta(seconds=2))
    assert log.read(NOW).found is Log.INTACT
    add(log, now=NOW + timedelta(seconds=3))
    found = log.read(NOW)
    assert (found.found, found.fault) == (Log.FUTURE_DATED, "an entry is of 2026-07-01T00:00:03+00:00")


def test_writers_at_once_lose_nothing(log: DecisionLog) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: add(log, str(number)), range(24)))
    found = log.read(NOW)
    assert found.found is Log.INTACT
    assert sorted(scopes(log), key=int) == [str(number) for number in range(24)]
    assert [entry.number for entry, _ in found.entries] == list(range(1, 25))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"entries": "x", "sha256": ""}'])
def test_a_head_that_cannot_be_read_is_corrupt(log: DecisionLog, tmp_path: Path, content: bytes) -> None:
    add(log)
    (tmp_path / "gates" / "head.json").write_bytes(content)
    assert log.read(NOW).found is Log.CORRUPT
    with pytest.raises(StateError, match="head cannot be read"):
        add(log)


def test_a_log_that_cannot_be_read_is_corrupt(log: DecisionLog, path: Path) -> None:
    path.parent.mkdir()
    (path.parent / "head.json").mkdir()
    assert log.read(NOW).found is Log.CORRUPT
