"""A speaker's log is asked for, told again until it comes, and kept a while."""

import base64
import gzip
import os
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from broadcaster.domain.errors import Malformed, NotAllowed, NotFound, TooLarge, UnknownSpeaker
from broadcaster.services.actor import Actor
from broadcaster.services.places import logs, speakers
from broadcaster.services.speaking import live, relay
from broadcaster.store.tables import AuditEntry, LogRequest
from firmware_config import protocol
from firmware_config.protocol import ResyncRequest, SendLog
from tests.speakers.test_device_api import passing, web
from tests.speakers.world import APPROVER, CLERK, NOW, World
from tests.web.client import TestClient

pytestmark = pytest.mark.pages
__all__ = ["web"]

TEXT = "2026-11-22 10:00:00,123 INFO action=ready device=loa-1 items=3\n"
NONCE = "nonce-of-sixteen-or-more"


def asked(world: World, speaker: str) -> str:
    with world.database.transaction() as session:
        return logs.ask(session, CLERK, speaker, now=world.now).id


def commands(world: World, payloads: list[bytes], me: str) -> list[protocol.Command]:
    keys = world.signing.keys.ring()
    lives = [protocol.unpack_live(payload).command for payload in payloads]
    now = int(world.now.timestamp() * 1000)
    return [
        protocol.accept_command(one, me=me, places=None, keys=keys, now=now, seen=lambda _id: False) for one in lives
    ]


def told(world: World, speaker: str, nonce: str) -> list[protocol.Command]:
    """What it is sent when it asks what it should hold."""
    request = ResyncRequest(speaker, None, nonce, 0, "boot-1")
    with world.database.transaction() as session:
        found = live.resynced(session, {speaker: request}, signing=world.signing, now=world.now)
    payloads = [one.payload for one in found if one.topic == protocol.topics.command(speaker)]
    return [one for one in commands(world, payloads, speaker) if isinstance(one.action, SendLog)]


def test_a_connected_speaker_is_told_at_once_and_again_each_time_it_asks(world: World) -> None:
    me = world.speaker()
    request = asked(world, me)
    with world.database.transaction() as session:
        claims = [one for one in relay.claim(session, relay.LASTING, now=world.now, limit=9) if one.kind == "send_log"]
        built = relay.publications(session, claims, signing=world.signing, clips=world, now=world.now)
    [first] = commands(world, [one.payload for _, some in built for one in some], me)
    [second] = told(world, me, NONCE)
    [third] = told(world, me, NONCE + "2")
    assert {one.action for one in (first, second, third)} == {SendLog(request)}
    assert len({one.id for one in (first, second, third)}) == 3


def test_it_is_told_no_more_once_it_answered_or_nobody_waits_any_longer(world: World) -> None:
    me = world.speaker()
    request = asked(world, me)
    with world.database.transaction() as session:
        logs.take(session, me, request, gzip.compress(TEXT.encode()), now=world.now)
    assert told(world, me, NONCE) == []
    asked(world, me)
    world.now += logs.LIFE
    assert told(world, me, NONCE) == []


def test_one_request_is_open_at_a_time_and_stands_in_the_audit(world: World) -> None:
    me = world.speaker()
    assert asked(world, me) == asked(world, me)
    with world.database.read() as session:
        entries = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == me)).all()
    assert entries.count("ask_log") == 1


def test_who_may_not_tend_it_may_not_ask(world: World) -> None:
    me = world.speaker()
    with world.database.transaction() as session:
        with pytest.raises(NotAllowed):
            logs.ask(session, Actor("x", "X"), me, now=NOW)
        with pytest.raises(UnknownSpeaker):
            logs.ask(session, CLERK, "nobody", now=NOW)
        speakers.revoke(session, APPROVER, me, reason="stolen", now=NOW)
        with pytest.raises(UnknownSpeaker):
            logs.ask(session, CLERK, me, now=NOW)


def test_only_the_newest_are_kept(world: World) -> None:
    me = world.speaker()
    requests = []
    for number in range(logs.KEPT + 3):
        requests.append(asked(world, me))
        with world.database.transaction() as session:
            logs.take(session, me, requests[-1], gzip.compress(f"{number}".encode()), now=world.now)
        world.now += timedelta(minutes=1)
    with world.database.read() as session:
        assert [row.id for row in logs.latest(session, me)] == requests[::-1][: logs.KEPT]
        assert len(session.scalars(select(LogRequest)).all()) == logs.KEPT


@pytest.mark.parametrize(
    ("packed", "error"),
    [
        (b"", Malformed),
        (b"plain", Malformed),
        (gzip.compress(TEXT.encode(), mtime=0)[:-9], Malformed),
        (os.urandom(logs.MOST_PACKED + 1), TooLarge),
        (gzip.compress(bytes(50_000_000)), TooLarge),
    ],
)
def test_what_is_no_log_is_refused(packed: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        logs.unpacked(packed)


@given(st.binary(max_size=300))
def test_whatever_comes_is_text_or_refused(raw: bytes) -> None:
    text = logs.unpacked(gzip.compress(raw))
    assert all(letter == "\n" or letter.isprintable() or ord(letter) > 159 or letter == " " for letter in text)
    try:
        logs.unpacked(raw)
    except (Malformed, TooLarge):
        return


def test_over_https_it_is_asked_answers_once_and_is_believed_for_itself_only(world: World, web: TestClient) -> None:
    me, other = world.speaker("Loa 1"), world.speaker("Loa 2")
    request = asked(world, me)
    answer = web.get("/device/v1/manifest", params={"nonce": NONCE}, headers=passing(world, me))
    [command] = commands(world, [base64.b64decode(answer.headers["loa-command"])], me)
    assert command.action == SendLog(request)
    path, packed = f"/device/v1/log?request={request}", gzip.compress(TEXT.encode())
    assert web.post(path, content=packed, headers=passing(world, other)).status_code == 404
    assert web.post(path, content=packed).status_code == 401
    assert web.post(path, content=bytes(70_000), headers=passing(world, me)).status_code == 413
    for late in (packed, gzip.compress(b"another")):
        assert web.post(path, content=late, headers=passing(world, me)).status_code == 200
    with world.database.read() as session:
        assert session.get_one(LogRequest, request).text == TEXT
    again = web.get("/device/v1/manifest", params={"nonce": NONCE}, headers=passing(world, me))
    assert "loa-command" not in again.headers
    answers = [web.post(path, content=packed, headers=passing(world, me)).status_code for _ in range(12)]
    assert answers[-1] == 429
    assert web.post("/device/v1/log?request=x", content=packed, headers=passing(world, me)).status_code == 422


def test_a_request_that_is_not_there_is_not_answered(world: World) -> None:
    me = world.speaker()
    with world.database.transaction() as session, pytest.raises(NotFound):
        logs.take(session, me, "0" * 32, gzip.compress(b"x"), now=NOW)
