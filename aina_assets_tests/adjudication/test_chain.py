"""The chain of merges: what is accepted, what is refused, and that every tampering is named."""

from __future__ import annotations

import json
import multiprocessing
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from aina_assets.adjudication import chain as chain_module
from aina_assets.adjudication.chain import MergeChain, MergeConflictError, MergeLockedError
from aina_assets.adjudication.fold import fold
from aina_assets.adjudication.merge import ChainError
from aina_assets.core.storage import sha256_bytes, write_json
from aina_assets_tests.adjudication.made import FINANCE, KEPT, OUT, chain_of, merge, title
from aina_assets_tests.builds import flip_byte

ORDER = "f" * 64


@pytest.fixture
def chain(tmp_path: Path) -> MergeChain:
    """Three merges of two batches."""
    return chain_of(
        tmp_path,
        merge([(title(1), *FINANCE), (title(2), *KEPT)], batch="00"),
        merge([(title(3), *OUT)], batch="01"),
        merge([(title(4), *FINANCE)], batch="00", wave=2),
    )


def paths(chain: MergeChain) -> list[Path]:
    return [file.path for file in chain.files()]


def test_merges_stand_in_order_and_each_names_the_one_before(chain: MergeChain) -> None:
    links = list(chain.links())
    assert [link.file.sequence for link in links] == [1, 2, 3]
    assert [link.merge["previous"] for link in links] == ["0" * 64, links[0].sha256, links[1].sha256]
    assert [link.sha256 for link in links] == [sha256_bytes(path.read_bytes()) for path in paths(chain)]
    assert json.loads((chain.root / "HEAD.json").read_bytes()) == {"sequence": 3, "sha256": links[2].sha256}


def test_a_chain_without_merges_is_whole(tmp_path: Path) -> None:
    assert list(MergeChain(tmp_path / "none").links()) == []


def test_the_same_merge_again_is_no_merge(chain: MergeChain) -> None:
    before = [path.read_bytes() for path in paths(chain)]
    again = chain.append(merge([(title(3), *OUT)], batch="01"))
    assert not again.is_new
    assert again.file.sequence == 2
    assert [path.read_bytes() for path in paths(chain)] == before


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (merge([(title(3), *FINANCE)], batch="01"), "merged already, with other content"),
        (merge([(title(1), *OUT)], wave=3), "decided already (promote_fallback, merge 1)"),
        (merge([(title(1), *FINANCE)], wave=3), "decided already (promote_fallback, merge 1)"),
        (merge([(title(2), *FINANCE)], wave=3), "decided already (keep, merge 1)"),
        (merge([(title(1), *OUT, ORDER)], wave=3), "decided already (promote_fallback, merge 1)"),
        # The inventory was cut into other batches: the same titles lie in others now.
        (merge([(title(3), *FINANCE)], batch="07", batches=8), "decided already (exclude, merge 2)"),
    ],
)
def test_a_second_decision_is_refused_and_changes_nothing(chain: MergeChain, made: object, told: str) -> None:
    before = [path.read_bytes() for path in paths(chain)]
    with pytest.raises(MergeConflictError) as caught:
        chain.append(made)  # type: ignore[arg-type]
    assert told in str(caught.value)
    assert [path.read_bytes() for path in paths(chain)] == before


def test_a_kept_title_is_decided_anew_under_an_order_once(chain: MergeChain) -> None:
    assert chain.append(merge([(title(2), *KEPT, ORDER)], wave=3)).is_new
    with pytest.raises(MergeConflictError, match="decided already"):
        chain.append(merge([(title(2), *FINANCE, ORDER)], wave=4))
    assert chain.append(merge([(title(2), *FINANCE, "e" * 64)], wave=4)).is_new


# --- tampering


def exchange(chain: MergeChain) -> None:
    first, second = (path.read_bytes() for path in paths(chain)[:2])
    names = [path.name for path in paths(chain)[:2]]
    for path in paths(chain)[:2]:
        path.unlink()
    (chain.root / f"000001{names[1][6:]}").write_bytes(second)
    (chain.root / f"000002{names[0][6:]}").write_bytes(first)


def add_after(chain: MergeChain) -> None:
    content = merge([(title(9), *FINANCE)], batch="05", sequence=4).content
    (chain.root / f"000004-05of32-w01-{sha256_bytes(content)[:16]}.json").write_bytes(content)


def rewrite_last(chain: MergeChain) -> None:
    last = paths(chain)[-1]
    told = json.loads(last.read_bytes())
    content = merge([(title(4), *OUT)], wave=2, sequence=3, previous=told["previous"]).content
    last.unlink()
    (chain.root / f"000003-00of32-w02-{sha256_bytes(content)[:16]}.json").write_bytes(content)


TAMPERING: dict[str, tuple[Callable[[MergeChain], object], str]] = {
    "a bit of the first": (lambda chain: flip_byte(paths(chain)[0], 300), "a merge was changed"),
    "a bit of the last": (lambda chain: flip_byte(paths(chain)[-1], 300), "a merge was changed"),
    "the first lost": (lambda chain: paths(chain)[0].unlink(), "merge 1 is lost"),
    "one lost between": (lambda chain: paths(chain)[1].unlink(), "merge 2 is lost"),
    "the last lost": (lambda chain: paths(chain)[-1].unlink(), "the last merges are lost"),
    "one twice": (
        lambda chain: shutil.copy(paths(chain)[0], chain.root / f"000001-09of32-w01-{'0' * 16}.json"),
        "stands twice",
    ),
    "two exchanged": (exchange, "follows|under another's name"),
    "one added": (add_after, "follows"),
    "a stray file": (lambda chain: (chain.root / "notes.json").write_text("{}"), "no merge lies among"),
    "the head older": (
        lambda chain: write_json(chain.root / "HEAD.json", {"sequence": 1, "sha256": "0" * 64}),
        "head",
    ),
    "the head lost": (lambda chain: (chain.root / "HEAD.json").unlink(), "the head is of merge 0"),
    "the head damaged": (lambda chain: (chain.root / "HEAD.json").write_text("{"), "the head is damaged"),
    "the last rewritten": (rewrite_last, "another than the head says"),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_every_tampering_is_named(chain: MergeChain, what: str) -> None:
    tamper, told = TAMPERING[what]
    tamper(chain)
    with pytest.raises(ChainError, match=told) as caught:
        fold(chain.links(), {})
    assert caught.value.file is not None
    assert "backup" in caught.value.remedy


@pytest.mark.parametrize(
    "what", ["the last lost", "a bit of the last", "the head damaged", "the last rewritten"]
)
def test_nothing_is_appended_to_an_end_that_is_not_whole(chain: MergeChain, what: str) -> None:
    TAMPERING[what][0](chain)
    with pytest.raises(ChainError):
        chain.append(merge([(title(9), *FINANCE)], batch="05"))


@settings(max_examples=40, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), number=st.integers(0, 2))
def test_no_byte_can_change_unnoticed(
    tmp_path_factory: pytest.TempPathFactory, place: float, number: int
) -> None:
    made = merge([(title(1), *FINANCE), (title(2), *KEPT)]), merge([(title(3), *OUT)], batch="01")
    chain = chain_of(tmp_path_factory.mktemp("chain"), *made, merge([(title(4), *KEPT)], batch="02"))
    path = paths(chain)[number]
    flip_byte(path, int(place * path.stat().st_size))
    with pytest.raises(ChainError):
        list(chain.links())


# --- crashes and company


def test_a_head_that_a_killed_process_left_behind_is_caught_up(chain: MergeChain) -> None:
    last = list(chain.links())[1]
    write_json(chain.root / "HEAD.json", {"sequence": 2, "sha256": last.sha256})
    assert len(list(chain.links())) == 3
    chain.append(merge([(title(9), *FINANCE)], batch="05"))
    assert json.loads((chain.root / "HEAD.json").read_bytes())["sequence"] == 4


def test_killed_twice_in_a_row_between_merge_and_head_the_chain_is_whole(
    chain: MergeChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (9, 10):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            append_and_die(chain, number, patch)
        assert len(list(chain.links())) == number - 5
    assert chain.append(merge([(title(11), *FINANCE)], batch="11")).is_new


def append_and_die(chain: MergeChain, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(chain.files())

    def dying(path: Path, value: object) -> None:
        assert isinstance(value, dict)
        if value["sequence"] > before:
            raise KeyboardInterrupt
        write_json(path, value)

    monkeypatch.setattr(chain_module, "write_json", dying)
    chain.append(merge([(title(number), *FINANCE)], batch=f"{number:02d}"))


def test_another_process_that_does_not_end_is_named(chain: MergeChain) -> None:
    with FileLock(chain.root / ".lock"), pytest.raises(MergeLockedError, match="another process"):
        MergeChain(chain.root, wait_seconds=0.05).append(merge([(title(9), *FINANCE)], batch="05"))


def _append(root: Path, code: str, start: object, told: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    try:
        appended = MergeChain(root).append(merge([(title(1), "promote_fallback", "function", code)]))
        told.put("won" if appended.is_new else "was told that it stands")  # type: ignore[attr-defined]
    except MergeConflictError:
        told.put("was told that another stands")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (("finance", "finance"), ["was told that it stands", "won"]),
        (("finance", "sales"), ["was told that another stands", "won"]),
    ],
)
def test_of_two_processes_that_merge_a_batch_at_once_one_wins_and_one_is_told(
    tmp_path: Path, codes: tuple[str, str], expected: list[str]
) -> None:
    context = multiprocessing.get_context("fork")
    start, told = context.Event(), context.Queue()
    processes = [context.Process(target=_append, args=(tmp_path, code, start, told)) for code in codes]
    for process in processes:
        process.start()
    start.set()
    found = sorted(told.get(timeout=30) for _ in processes)
    for process in processes:
        process.join(30)
    assert found == expected
    assert len(list(MergeChain(tmp_path).links())) == 1
