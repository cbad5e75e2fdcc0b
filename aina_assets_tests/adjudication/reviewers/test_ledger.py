"""The cost ledger: sums, crashes, damage, and several writers at once."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aina_assets.adjudication.protocol import ReviewRequest
from aina_assets.adjudication.reviewers.ledger import Ledger, Outcome
from aina_assets.core.errors import StateError, StorageFullError
from aina_assets_tests.adjudication.reviewers.asked import request_of, rows_of, spec_of

SPECS = {
    "reviewer_a": spec_of("http", name="reviewer_a", model="m-a"),
    "reviewer_b": spec_of("http", name="reviewer_b", model="m-b"),
}
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def request(seat: str = "reviewer_a", wave: int = 1, rows: int = 3) -> ReviewRequest:
    return request_of(SPECS[seat], rows_of(*(f"T{number}" for number in range(rows))), wave=wave)


def ledger(folder: Path) -> Ledger:
    return Ledger(folder / "ledger.jsonl", now=lambda: NOW)


def fill(book: Ledger, calls: int = 3) -> None:
    for attempt in range(1, calls + 1):
        call = book.begin(request(), attempt)
        book.end(call, "answered", seconds=1.5, tokens_in=10, tokens_out=4, cost_usd=Decimal("0.0001"))


def test_an_entry_says_when_who_what_and_how_much(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    asked = request()
    call = book.begin(asked, 2)
    book.end(call, "timed_out", seconds=0.12345)
    begun, ended = (json.loads(line) for line in book.path.read_text().splitlines())
    assert begun.pop("digest") != ended.pop("digest")
    assert begun == {
        "entry": "begun",
        "call": call,
        "at": "2026-11-23T12:00:00Z",
        "reviewer": "reviewer_a",
        "provider": "test",
        "model": "m-a",
        "wave": 1,
        "title_batch": "00",
        "chunk": 0,
        "round": 0,
        "rows": 3,
        "request_id": asked.request_id,
        "attempt": 2,
    }
    assert ended == {
        "entry": "ended",
        "call": call,
        "at": "2026-11-23T12:00:00Z",
        "outcome": "timed_out",
        "tokens_in": None,
        "tokens_out": None,
        "cost_usd": None,
        "seconds": 0.123,
    }


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["reviewer_a", "reviewer_b"]),
            st.integers(1, 3),
            st.integers(1, 4),
            st.sampled_from([None, "answered", "refused", "rate_limited", "timed_out", "failed"]),
            st.none() | st.tuples(st.integers(0, 10**6), st.decimals(0, 10, places=6)),
        ),
        max_size=12,
    )
)
@settings(max_examples=25, deadline=None)
def test_sums_are_those_of_the_calls(
    tmp_path_factory: pytest.TempPathFactory,
    calls: list[tuple[str, int, int, Outcome | None, tuple[int, Decimal] | None]],
) -> None:
    folder = tmp_path_factory.mktemp("sums")
    writer = ledger(folder)
    for seat, wave, rows, outcome, cost in calls:
        call = writer.begin(request(seat, wave, rows), 1)
        if outcome is not None:
            tokens, usd = cost if cost is not None else (None, None)
            writer.end(call, outcome, seconds=2.0, tokens_in=tokens, tokens_out=tokens, cost_usd=usd)
    keys = sorted({(wave, seat) for seat, wave, _, _, _ in calls})
    for book in (writer, ledger(folder)):
        spent = book.spent()
        assert [(sums.wave, sums.reviewer) for sums in spent] == keys
        for sums in spent:
            mine = [call for call in calls if (call[1], call[0]) == (sums.wave, sums.reviewer)]
            ended = [call for call in mine if call[3] is not None]
            priced = [call for call in ended if call[4] is not None]
            assert sums.calls == len(mine) == sums.answered + sums.failed + sums.open
            assert sums.open == len(mine) - len(ended)
            assert sums.unpriced == len(mine) - len(priced)
            assert sums.cost_usd == sum((call[4][1] for call in priced if call[4]), Decimal(0))
            assert sums.tokens_in == sums.tokens_out == sum(call[4][0] for call in priced if call[4])
            assert sums.rows == sum(call[2] for call in mine if call[3] == "answered")
            assert sums.seconds == 2.0 * len(ended)
            assert book.cost_usd(sums.wave, sums.reviewer) == sums.cost_usd


def test_an_empty_ledger_has_no_sums(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    assert book.spent() == ()
    assert book.cost_usd(1, "reviewer_a") == 0
    assert not book.path.exists()


def test_a_crash_at_any_byte_loses_no_acknowledged_entry_and_counts_nothing_twice(tmp_path: Path) -> None:
    whole = ledger(tmp_path)
    fill(whole, 1)
    content = whole.path.read_bytes()
    ends = [place + 1 for place, byte in enumerate(content) if byte == ord("\n")]
    assert len(ends) == 2
    for cut in range(len(content) + 1):
        torn = ledger(tmp_path / str(cut % 7))
        torn.path.parent.mkdir(exist_ok=True)
        torn.path.write_bytes(content[:cut])
        lines = sum(end <= cut for end in ends)
        (sums,) = torn.spent() or (None,)
        assert (0 if sums is None else sums.calls) == (lines + 1) // 2
        assert (0 if sums is None else sums.answered) == lines // 2
        if cut % 13 and cut not in ends:
            continue
        call = torn.begin(request("reviewer_b"), 1)
        torn.end(call, "answered", seconds=0.0, tokens_in=1, tokens_out=1, cost_usd=Decimal(1))
        again = ledger(torn.path.parent).spent()
        assert again[-1].answered == 1
        assert sum(sums.calls for sums in again) == (lines + 1) // 2 + 1


def test_every_flipped_bit_is_found_and_its_line_named(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    fill(book, 1)
    content = bytearray(book.path.read_bytes())
    starts = [0, *(place + 1 for place, byte in enumerate(content) if byte == ord("\n"))]
    # But for the last byte: without it the last line is one that was never acknowledged.
    for place in range(len(content) - 1):
        content[place] ^= 1 << place % 8
        book.path.write_bytes(content)
        content[place] ^= 1 << place % 8
        line = sum(start <= place for start in starts)
        with pytest.raises(StateError, match="damaged") as caught:
            ledger(tmp_path).spent()
        # A line end that is none any more makes two lines one: the damage shows where they begin.
        assert caught.value.place == f"line {line}"
    # Nothing is added to what is damaged.
    with pytest.raises(StateError, match="damaged"):
        ledger(tmp_path).begin(request(), 1)


def test_a_lost_a_repeated_and_a_moved_line_are_found(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    fill(book, 3)
    lines = book.path.read_bytes().splitlines(keepends=True)
    spoiled = {
        3: lines[:2] + lines[3:],
        4: lines[:3] + lines[2:],
        2: [lines[0], lines[2], lines[1], *lines[3:]],
    }
    for line, content in spoiled.items():
        book.path.write_bytes(b"".join(content))
        with pytest.raises(StateError, match="damaged") as caught:
            ledger(tmp_path).spent()
        assert caught.value.place == f"line {line}"


def test_a_ledger_that_shrank_or_went_away_under_its_reader_is_named(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    fill(book, 1)
    content = book.path.read_bytes()
    book.path.write_bytes(content[:50])
    with pytest.raises(StateError, match="shorter than it was"):
        book.begin(request(), 1)
    book.path.unlink()
    with pytest.raises(StateError, match="gone"):
        book.spent()


def test_an_end_without_a_beginning_is_refused(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    fill(book, 1)
    before = book.path.read_bytes()
    with pytest.raises(StateError, match="no open call"):
        book.end("0" * 16, "answered", seconds=0.0)
    call = book.begin(request(), 1)
    book.end(call, "failed", seconds=0.0)
    with pytest.raises(StateError, match="no open call"):
        book.end(call, "failed", seconds=0.0)
    assert book.path.read_bytes().startswith(before)
    assert book.spent()[0].calls == 2


def test_a_full_disk_is_named_and_the_ledger_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = ledger(tmp_path)
    fill(book, 1)
    before = book.path.read_bytes()
    real = os.pwrite

    def half(handle: int, content: bytes, offset: int) -> int:
        if len(content) < 100:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, content[: len(content) // 2], offset)

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", half)
        with pytest.raises(StorageFullError) as caught:
            book.begin(request(), 2)
    assert caught.value.file == str(book.path)
    torn = book.path.read_bytes()
    assert torn.startswith(before)
    assert len(torn) > len(before)
    fill(book, 1)
    assert book.path.read_bytes().startswith(before)
    for reader in (book, ledger(tmp_path)):
        assert (reader.spent()[0].calls, reader.spent()[0].answered) == (2, 2)


def test_a_write_in_pieces_is_one_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda handle, content, offset: real(handle, content[:7], offset))
    book = ledger(tmp_path)
    fill(book, 2)
    assert ledger(tmp_path).spent()[0].answered == 2


def test_threads_share_a_ledger(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: fill(book, 5), range(6)))
    (sums,) = ledger(tmp_path).spent()
    assert (sums.calls, sums.answered, sums.cost_usd) == (30, 30, Decimal("0.0030"))


def _fill_in_a_process(folder: Path) -> None:
    fill(ledger(folder), 10)


def test_processes_share_a_ledger(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_fill_in_a_process, args=(tmp_path,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    (sums,) = ledger(tmp_path).spent()
    assert (sums.calls, sums.answered, sums.tokens_in) == (30, 30, 300)
