"""The page on the speaker's hotspot, over real HTTP on loopback: what phones send, and what nobody should."""

import contextlib
import http.client
import io
import socket
import struct
import time
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from device_agent import hotspot
from device_agent.carried import Stick
from device_agent.hotspot import Hotspot
from device_agent.hotspot_page import BROKEN, KEPT, NO_FILE, NO_PLAN, NO_RECEIPTS, TAKEN, TOO_LARGE, Status, page
from firmware_config import carried, carried_zip
from firmware_config.carried_zip import BadZip

pytestmark = pytest.mark.database

ME = "loa-ban-mot"
SHA = "5a" * 32


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Hotspot]:
    found = Hotspot("127.0.0.1:0", Stick(tmp_path / "carried", ME, always=False), lambda: Status(ME, NO_PLAN, 3, KEPT))
    found.start()
    yield found
    found.close()


def packed(**files: bytes) -> bytes:
    """A zip; two underscores in a name stand for a slash, "dot" for its dot."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


GOOD = packed(**{carried.KEYS: b"keys", carried.manifest(ME): b"manifest", carried.clip(SHA): b"sound"})


def form(content: bytes, boundary: str = "xyz") -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="bundle"; filename="a.zip"\r\n\r\n'
    return head.encode() + content + f"\r\n--{boundary}--\r\n".encode()


def send(
    served: Hotspot, body: bytes, kind: str = "multipart/form-data; boundary=xyz", path: str = "/"
) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.request("POST", path, body, {"Content-Type": kind})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def get(served: Hotspot, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.read()
    connection.close()
    return answer.status, found


def lies_there(served: Hotspot) -> set[str]:
    root = served.stick.folder
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_a_bundle_lies_in_the_folder_like_a_stick(served: Hotspot) -> None:
    status, text = send(served, form(GOOD))
    assert (status, TAKEN in text) == (200, True)
    # The clip is named by no manifest that can be read, so nothing is kept for it.
    assert lies_there(served) == {carried.KEYS, carried.manifest(ME)}


def test_other_speakers_manifests_receipts_and_strange_names_are_left_out(served: Hotspot, tmp_path: Path) -> None:
    strange = {
        carried.manifest(ME): b"manifest",
        carried.manifest("loa-other"): b"x",
        carried.receipts(ME, 1): b"x",
        "../outside.dsse": b"x",
        "/etc/outside": b"x",
        "loa/../../outside": b"x",
        "loa/clips/../keys.dsse": b"x",
        "loa/clips/" + "5A" * 32 + ".ogg": b"x",
        "loa\\keys.dsse": b"x",
    }
    assert send(served, form(packed(**strange)))[0] == 200
    assert lies_there(served) == {carried.manifest(ME)}
    assert [path.name for path in tmp_path.iterdir()] == ["carried"]


def test_what_is_no_bundle_leaves_nothing_on_the_disk(served: Hotspot) -> None:
    stray = {carried.clip(f"{number:064x}"): b"sound" for number in range(3)}
    assert send(served, form(packed(**stray)))[0] == 422
    assert send(served, form(packed(**stray, **{carried.manifest(ME): bytes(50_000_000)})))[0] == 422
    assert lies_there(served) == set()
    assert send(served, form(GOOD))[0] == 200
    assert send(served, form(packed(**stray)))[0] == 422
    assert lies_there(served) == {carried.KEYS, carried.manifest(ME)}


def bomb() -> bytes:
    return packed(**{carried.manifest(ME): bytes(50_000_000)})


def many() -> bytes:
    return packed(**{f"n{number}": b"" for number in range(carried_zip.MOST_FILES + 1)})


def claims_little() -> bytes:
    """A file whose claimed size is smaller than what comes out of it."""
    raw = bytearray(bomb())
    at = raw.rfind(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 100)
    return bytes(raw)


def zip64() -> bytes:
    return GOOD[:-22] + b"PK\x06\x07" + bytes(16) + GOOD[-22:]


@pytest.mark.parametrize(
    "content",
    [b"", b"x" * 5000, GOOD[:-30], GOOD[:200], bomb(), claims_little(), many(), zip64(), packed(readme=b"hello")],
    ids=["empty", "no zip", "half", "a beginning", "bomb", "liar", "too many", "zip64", "nothing for us"],
)
def test_what_nobody_should_unpack_is_refused_in_words(served: Hotspot, content: bytes) -> None:
    status, text = send(served, form(content))
    assert status in {400, 422}
    assert BROKEN in text or NO_FILE in text
    assert not any(name.startswith("loa/manifests") for name in lies_there(served))
    assert "received.zip" not in lies_there(served)
    assert send(served, form(GOOD))[0] == 200


@pytest.mark.parametrize(
    ("kind", "path"),
    [("text/plain", "/"), ("multipart/form-data", "/"), ("multipart/form-data; boundary=abc", "/"), ("x", "/other")],
)
def test_another_kind_of_form_is_no_upload(served: Hotspot, kind: str, path: str) -> None:
    status, text = send(served, form(GOOD), kind, path)
    assert status in {400, 422}
    assert NO_FILE in text or BROKEN in text
    assert lies_there(served) == set()


def test_too_much_is_not_even_read(served: Hotspot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotspot, "MOST_UPLOAD", 100)
    status, text = send(served, form(GOOD))
    assert (status, TOO_LARGE in text) == (413, True)
    monkeypatch.setattr(hotspot, "MOST_UPLOAD", 10_000)
    monkeypatch.setattr(hotspot, "SPARE_DISK", 10**18)
    assert send(served, form(GOOD))[0] == 422


def test_receipts_are_handed_out_as_they_lie_there(served: Hotspot) -> None:
    served.stick.written = 2
    status, text = get(served, "/receipts.zip")
    assert (status, NO_RECEIPTS.encode() in text) == (404, True)
    carried.write_whole(served.stick.folder, carried.receipts(ME, 1), b"batch")
    status, found = get(served, "/receipts.zip")
    assert status == 200
    assert list(carried_zip.batches(io.BytesIO(found))) == [(ME, b"batch")]
    assert served.stick.asked is not None


def test_the_page_needs_no_script_sets_no_cookie_and_trusts_no_name(served: Hotspot) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.request("GET", "/")
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert "<script" not in text
    assert answer.getheader("Set-Cookie") is None
    assert "default-src 'none'" in (answer.getheader("Content-Security-Policy") or "")
    assert get(served, "/etc/passwd")[0] == 404
    assert "<b>" not in page(Status("<b>", "<b>", 0, "<b>"), "<b>", good=True)


def test_idle_phones_cannot_take_all_the_room_for_ever(served: Hotspot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotspot._Handler, "timeout", 0.5)
    idle = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(hotspot.MOST_AT_ONCE + 3)]
    time.sleep(1.5)
    assert get(served, "/")[0] == 200
    for one in idle:
        one.close()


def test_a_zip_is_written_and_read_again(tmp_path: Path) -> None:
    (tmp_path / "sound").write_bytes(b"sound")
    carried_zip.write(tmp_path / "a.zip", [(carried.KEYS, b"keys"), (carried.clip(SHA), tmp_path / "sound")])
    with (tmp_path / "a.zip").open("rb") as file:
        found = {name: b"".join(pieces) for name, pieces in carried_zip.read(file, lambda _: 100, most=1000)}
    assert found == {carried.KEYS: b"keys", carried.clip(SHA): b"sound"}
    with (tmp_path / "a.zip").open("rb") as file, pytest.raises(BadZip):
        [b"".join(pieces) for _, pieces in carried_zip.read(file, lambda _: 100, most=6)]


def of_receipts(packing: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", packing) as archive:
        archive.writestr(carried.receipts(ME, 1), b"x" * 500)
        archive.writestr("other", b"y")
    return target.getvalue()


STORED, DEFLATED = of_receipts(zipfile.ZIP_STORED), of_receipts(zipfile.ZIP_DEFLATED)


@given(st.sampled_from([STORED, DEFLATED]), st.data())
def test_a_damaged_zip_is_a_bad_one_or_still_a_good_one(whole: bytes, data: st.DataObject) -> None:
    damaged = bytearray(whole)
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=3)):
        damaged[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BadZip), warnings.catch_warnings(action="ignore"):
        list(carried_zip.batches(io.BytesIO(bytes(damaged))))


@example(struct.pack("<II", 1_000_000, 0))
@given(st.binary(min_size=8, max_size=8))
def test_a_place_before_the_beginning_is_a_bad_zip(claimed: bytes) -> None:
    damaged = bytearray(STORED)
    at = damaged.rfind(b"PK\x05\x06")
    damaged[at + 12 : at + 20] = claimed
    with contextlib.suppress(BadZip):
        list(carried_zip.batches(io.BytesIO(bytes(damaged))))


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_no_phone_packs_with_is_not_unpacked(packing: int) -> None:
    with pytest.raises(BadZip, match="strange"):
        list(carried_zip.batches(io.BytesIO(of_receipts(packing))))
