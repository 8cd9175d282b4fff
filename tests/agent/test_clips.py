"""Clips are whole and checked, or not there; downloads go on where they stopped."""

import contextlib
import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device_agent.clips import Body, CacheFull, ClipRefused, ClipStore
from firmware_config.protocol import ClipRef

pytestmark = pytest.mark.database

MEGABYTE = 1_000_000


class Answer:
    """A body that breaks off where it is told to."""

    def __init__(self, data: bytes, status: int, breaks_at: int | None = None) -> None:
        self.status = status
        self._data = data if breaks_at is None else data[:breaks_at]
        self._breaks = breaks_at is not None
        self._at = 0

    def read(self, amount: int) -> bytes:
        piece = self._data[self._at : self._at + amount]
        self._at += len(piece)
        if not piece and self._breaks:
            raise OSError("connection reset")
        return piece


def served(data: bytes, asked: list[int], breaks: list[int | None], *, ranges: bool = True) -> Callable[[int], Body]:
    def get(start: int) -> Body:
        asked.append(start)
        at = breaks.pop(0) if breaks else None
        if start and ranges:
            return Answer(data[start:], 206, at)
        return Answer(data, 200, at)

    return get


def ref_of(data: bytes) -> ClipRef:
    return ClipRef(hashlib.sha256(data).hexdigest(), len(data), 1_000)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    data=st.binary(min_size=1, max_size=60_000),
    breaks=st.lists(st.integers(0, 60_000), max_size=4),
    ranges=st.booleans(),
)
def test_however_often_it_breaks_off_the_clip_becomes_whole(
    tmp_path: Path, data: bytes, breaks: list[int], ranges: bool
) -> None:
    store = ClipStore(tmp_path / "clips", MEGABYTE)
    store.keep(())
    clip, asked = ref_of(data), list[int]()
    get = served(data, asked, [at if at < len(data) else None for at in breaks], ranges=ranges)
    for _ in range(len(breaks) + 1):
        try:
            store.download(clip, get)
        except OSError:
            assert store.names() == frozenset()
    assert store.path(clip.sha256).read_bytes() == data
    assert list(store._folder.glob("*.part")) == []


def test_a_broken_download_goes_on_where_it_stopped(tmp_path: Path) -> None:
    data = bytes(range(256)) * 400
    store, asked = ClipStore(tmp_path, MEGABYTE), list[int]()
    get = served(data, asked, [50_000])
    with pytest.raises(OSError, match="reset"):
        store.download(ref_of(data), get)
    store.download(ref_of(data), get)
    assert asked == [0, 50_000]


def test_never_more_than_was_signed(tmp_path: Path) -> None:
    data = b"x" * 1_000
    clip = ClipRef(ref_of(data).sha256, 500, 1_000)
    store = ClipStore(tmp_path, MEGABYTE)

    class Endless:
        status = 200
        given = 0

        def read(self, amount: int) -> bytes:
            self.given += amount
            return b"x" * amount

    endless = Endless()
    with pytest.raises(ClipRefused):
        store.download(clip, lambda start: endless)
    assert endless.given <= 16_384
    assert store.size() == 0


def test_other_bytes_of_the_right_length_are_thrown_away(tmp_path: Path) -> None:
    store = ClipStore(tmp_path, MEGABYTE)
    clip = ref_of(b"the words that were signed")
    with pytest.raises(ClipRefused):
        store.download(clip, served(b"other words of that length", [], []))
    with pytest.raises(ClipRefused):
        store.put(clip, b"other words of that length")
    assert store.size() == 0


def test_a_beginning_spoiled_by_a_power_cut_is_found_out(tmp_path: Path) -> None:
    data = b"0123456789" * 100
    store, clip = ClipStore(tmp_path, MEGABYTE), ref_of(data)
    (tmp_path / f"{clip.sha256}.part").write_bytes(bytes(500))
    with pytest.raises(ClipRefused):
        store.download(clip, served(data, [], []))
    store.download(clip, served(data, [], []))
    assert store.names() == {clip.sha256}


def test_a_full_cache_takes_only_what_is_urgent(tmp_path: Path) -> None:
    store = ClipStore(tmp_path, 1_500)
    first, second = b"a" * 1_000, b"b" * 1_000
    store.download(ref_of(first), served(first, [], []))
    with pytest.raises(CacheFull):
        store.download(ref_of(second), served(second, [], []))
    store.download(ref_of(second), served(second, [], []), urgent=True)
    store.keep({ref_of(second).sha256})
    assert store.names() == {ref_of(second).sha256}


def test_a_clip_that_came_along_does_not_spoil_a_download_of_the_same_one(tmp_path: Path) -> None:
    data = bytes(range(256)) * 400
    store, asked = ClipStore(tmp_path, MEGABYTE), list[int]()
    get = served(data, asked, [50_000])
    with pytest.raises(OSError, match="reset"):
        store.download(ref_of(data), get)

    class Overtaken(Answer):
        def read(self, amount: int) -> bytes:
            if self._at > 20_000:
                store.put(ref_of(data), data)
            return super().read(amount)

    store.download(ref_of(data), lambda start: Overtaken(data[start:], 206))
    assert store.path(ref_of(data).sha256).read_bytes() == data


def test_its_size_may_be_asked_while_downloads_come_and_go(tmp_path: Path) -> None:
    store, ended = ClipStore(tmp_path, MEGABYTE), threading.Event()

    def come_and_go() -> None:
        for nr in range(400):
            data = b"%d" % nr
            store.put(ref_of(data), data)
            store.drop(ref_of(data).sha256)
        ended.set()

    thread = threading.Thread(target=come_and_go)
    thread.start()
    while not ended.is_set():
        assert 0 <= store.size() < 100
    thread.join()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(min_size=1, max_size=60_000), breaks=st.lists(st.integers(0, 60_000), max_size=6))
def test_no_byte_is_paid_for_twice_even_by_a_new_boot(tmp_path: Path, data: bytes, breaks: list[int]) -> None:
    ClipStore(tmp_path / "clips", MEGABYTE).keep(())
    clip, paid = ref_of(data), 0

    def get(start: int) -> Body:
        nonlocal paid
        rest = data[start:]
        at = breaks.pop(0) if breaks else len(rest)
        paid += min(at, len(rest))
        return Answer(rest, 206 if start else 200, at if at < len(rest) else None)

    while clip.sha256 not in (store := ClipStore(tmp_path / "clips", MEGABYTE)).names():
        with contextlib.suppress(OSError):
            store.download(clip, get)
    assert store.path(clip.sha256).read_bytes() == data
    assert paid == len(data)
