"""The last lines of the log: bounded, on disk now and then, and without secrets."""

import gzip
import logging
import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent.log_ring import LONGEST_LINE, LogRing, clean
from firmware_config import pki
from firmware_config.protocol import make_token

pytestmark = pytest.mark.database


def logger(ring: LogRing) -> logging.Logger:
    found = logging.getLogger(f"test-{id(ring)}")
    found.setLevel(logging.INFO)
    found.propagate = False
    found.addHandler(ring)
    return found


def test_the_oldest_lines_make_room(tmp_path: Path) -> None:
    ring = LogRing(tmp_path / "log.txt", most=2_000)
    log = logger(ring)
    for number in range(1_000):
        log.info("action=receipt seq=%d đã phát xong", number)
    text = ring.text()
    assert len(text.encode()) <= 2_000
    assert text.endswith("seq=999 đã phát xong\n")
    assert "seq=900 " not in text
    assert gzip.decompress(ring.packed()).decode() == text


def test_a_restart_and_a_torn_file_lose_nothing_that_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    first = LogRing(path)
    logger(first).error("action=sink_failed")
    assert (first.unsaved, first.urgent) == (1, True)
    first.save()
    assert (first.unsaved, first.urgent) == (0, False)
    path.write_bytes(path.read_bytes() + b"\xff\xfe torn \x00")
    second = LogRing(path)
    logger(second).info("action=ready")
    lines = second.text().splitlines()
    assert "action=sink_failed" in lines[0]
    assert "torn" in lines[1]
    assert "action=ready" in lines[2]


def test_a_disk_that_takes_nothing_is_no_trouble(tmp_path: Path) -> None:
    ring = LogRing(tmp_path / "gone" / "log.txt")
    logger(ring).info("action=ready")
    ring.save()
    assert "action=ready" in ring.text()


def test_nothing_secret_stays_in_a_line() -> None:
    key = pki.new_signing_key()
    token = make_token("loa-1", key, now=1_790_000_000_000, audience="loa")
    pem = pki.signing_key_pem(key).decode()
    for secret in (token, pem, secrets.token_urlsafe(32), secrets.token_hex(24)):
        line = clean(f"action=errand_failed detail={secret} end")
        assert all(piece not in line for piece in secret.split() if len(piece) > 20)
        assert line.startswith("action=errand_failed")


def test_what_helps_is_left() -> None:
    digest = "5a" * 32
    line = f"2026-11-22 10:00:00,123 INFO action=clip sha256={digest} airing=0199-airing-1 volume=-16"
    assert clean(line) == line


@given(st.text(max_size=2_000))
def test_a_line_is_one_short_line(text: str) -> None:
    line = clean(text)
    assert len(line) <= LONGEST_LINE
    assert line.splitlines() in ([], [line])
    assert clean(line) == line
