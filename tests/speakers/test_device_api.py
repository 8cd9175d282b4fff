"""The second path: the same documents over HTTP, to whoever holds the speaker's key."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from audio.clip import clip_path
from broadcaster.domain.errors import LoaError
from broadcaster.services.moments import millis
from broadcaster.services.places import speakers
from broadcaster.services.speaking import receipts
from broadcaster.store.tables import Speaker
from broadcaster.web.device import DeviceApi, device_routes
from firmware_config import packing, protocol
from firmware_config.protocol import GENESIS, ClockState, Event, Health, Resynced, State, make_token
from tests.speakers.world import APPROVER, CLIP, World
from tests.web.client import TestClient

pytestmark = pytest.mark.pages

NONCE = "nonce-of-sixteen-or-more"


@pytest.fixture
def web(world: World, tmp_path: Path) -> Iterator[TestClient]:
    [sha256] = world.clips
    place = clip_path(tmp_path / "clips", sha256)
    place.parent.mkdir(parents=True)
    place.write_bytes(CLIP)
    app = FastAPI()
    api = DeviceApi(world.database, world.signing, tmp_path / "clips", now=lambda: world.now)
    app.include_router(device_routes(api))

    @app.exception_handler(LoaError)
    def problem(_request: Request, error: LoaError) -> JSONResponse:
        return JSONResponse({"code": error.code}, error.status)

    with TestClient(app) as client:
        yield client


def passing(world: World, device: str, *, audience: str = "loa") -> dict[str, str]:
    key = world.ledger(device).signer.key
    return {"Authorization": "Loa " + make_token(device, key, now=millis(world.now), audience=audience)}


def test_the_manifest_comes_with_its_number_and_our_time_under_the_nonce(world: World, web: TestClient) -> None:
    me = world.speaker()
    airing = world.air(world.approved())
    answer = web.get("/device/v1/manifest", params={"nonce": NONCE}, headers=passing(world, me))
    assert answer.status_code == 200
    keys = world.signing.keys.ring()
    found = protocol.accept_manifest(answer.content, me=me, keys=keys, have=None, now=millis(world.now))
    assert isinstance(found, protocol.Manifest)
    assert [item.airing for item in found.items] == [airing]
    assert answer.headers["etag"] == f'"{found.epoch}-{found.version}"'
    live = protocol.unpack_live(base64.b64decode(answer.headers["loa-resynced"]))
    command = protocol.accept_command(live.command, me=me, places=None, keys=keys, now=None, seen=lambda _id: False)
    assert command.action == Resynced(NONCE, millis(world.now), found.epoch, found.version)
    same = web.get("/device/v1/manifest", headers={**passing(world, me), "If-None-Match": answer.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


def test_announcement_clip_and_keys(world: World, web: TestClient) -> None:
    me = world.speaker()
    world.air(world.approved())
    manifest = web.get("/device/v1/manifest", headers=passing(world, me)).content
    keys = world.signing.keys.ring()
    found = protocol.accept_manifest(manifest, me=me, keys=keys, have=None, now=None)
    assert isinstance(found, protocol.Manifest)
    reference = found.items[0].announcement
    raw = web.get(f"/device/v1/announcements/{reference.removeprefix('sha256:')}", headers=passing(world, me)).content
    words = protocol.accept_announcement(raw, expected=reference, keys=keys, now=None)
    clip = words.versions[0].clip
    assert clip is not None
    part = web.get(f"/device/v1/clips/{clip.sha256}", headers={**passing(world, me), "Range": "bytes=1000-"})
    assert (part.status_code, part.content) == (206, CLIP[1000:])
    assert web.get("/device/v1/keys", headers=passing(world, me)).content == world.signing.keys_raw
    for unknown in ("clips", "announcements"):
        assert web.get(f"/device/v1/{unknown}/{'0' * 64}", headers=passing(world, me)).status_code == 404
    assert web.get("/device/v1/clips/..%2f..%2fkeys", headers=passing(world, me)).status_code == 404


def test_receipts_are_confirmed(world: World, web: TestClient) -> None:
    me = world.speaker()
    airing = world.air(world.approved())
    raw = world.ledger(me).say((Event.STORED, airing), (Event.ARMED, airing))
    for _ in range(2):
        answer = web.post("/device/v1/receipts", content=raw, headers=passing(world, me))
        assert (answer.status_code, answer.json()) == (200, {"receipts_through": 2})
    for poison, status in ((b"{}", 422), (b"x" * 300_000, 413)):
        assert web.post("/device/v1/receipts", content=poison, headers=passing(world, me)).status_code == status


def test_a_confirmation_over_https_costs_no_manifest(world: World, web: TestClient) -> None:
    me = world.speaker()
    airing = world.air(world.approved())
    held = web.get("/device/v1/manifest", headers=passing(world, me)).headers["etag"]
    ledger = world.ledger(me)
    for _ in range(2):
        raw = ledger.say(*[(Event.STORED, airing)] * 30)
        assert web.post("/device/v1/receipts", content=raw, headers=passing(world, me)).status_code == 200
        same = web.get("/device/v1/manifest", headers={**passing(world, me), "If-None-Match": held})
        assert (same.status_code, same.content) == (304, b"")
    with world.database.transaction() as session:
        [answer] = receipts.take_in(session, [(me, ledger.say(*[(Event.STORED, airing)] * 30))], now=world.now)
        assert (answer.through, answer.refused) == (90, None)
    # Over the broker nobody answered, so the next manifest has to.
    assert web.get("/device/v1/manifest", headers=passing(world, me)).headers["etag"] != held


def test_documents_come_packed_where_they_are_asked_for_so_and_receipts_are_taken_packed(
    world: World, web: TestClient
) -> None:
    me = world.speaker()
    airing = world.air(world.approved())
    plain = {**passing(world, me), "Accept-Encoding": "identity"}
    asking = {**passing(world, me), "Accept-Encoding": "gzip"}
    for path in ("manifest", "keys"):
        whole, short = (web.get(f"/device/v1/{path}", headers=headers) for headers in (plain, asking))
        assert "content-encoding" not in whole.headers
        assert short.headers["content-encoding"] == "gzip"
        assert int(short.headers["content-length"]) < len(whole.content) * 0.9
        assert short.content == whole.content
    assert web.get("/device/v1/manifest", headers=plain).headers["accept-encoding"] == "gzip"
    raw = world.ledger(me).say((Event.STORED, airing), (Event.ARMED, airing))
    sending = {**passing(world, me), "Content-Encoding": "gzip"}
    answer = web.post("/device/v1/receipts", content=packing.packed(raw), headers=sending)
    assert (answer.status_code, answer.json()) == (200, {"receipts_through": 2})


def test_no_bomb_is_let_off_and_no_other_coding_taken(world: World, web: TestClient) -> None:
    me = world.speaker()
    bomb = packing.packed(bytes(30_000_000))
    assert len(bomb) < 262_144
    for coding, raw, status in (
        ("gzip", bomb, 413),
        ("gzip", b"no gzip", 422),
        ("gzip", packing.packed(b"x" * 900)[:-3], 422),
        ("br", b"x", 422),
    ):
        headers = {**passing(world, me), "Content-Encoding": coding}
        for path in ("receipts", "state"):
            assert web.post(f"/device/v1/{path}", content=raw, headers=headers).status_code == status


def said(device: str, version: int, *, problems: tuple[str, ...] = ()) -> bytes:
    state = State(device, 1, version, "", ClockState.TRUSTED, 0, 50, "loa-agent 0.3.0", 0, GENESIS, "boot-1", problems)
    return replace(state, health=Health(centigrade=61)).to_bytes()


def test_a_speaker_without_a_broker_says_how_it_is_and_lags_no_more(world: World, web: TestClient) -> None:
    me, other = world.speaker("Loa 1"), world.speaker("Loa 2")
    held = web.get("/device/v1/manifest", headers=passing(world, me)).headers["etag"]
    web.get("/device/v1/manifest", headers=passing(world, other))
    epoch, version = (int(each) for each in held.strip('"').split("-"))
    world.now += timedelta(minutes=3)
    with world.database.read() as session:
        assert speakers.lagging(session, now=world.now) == sorted([me, other])
    raw = replace(State.from_bytes(said(me, version, problems=("too_hot",))), epoch=epoch).to_bytes()
    answer = web.post("/device/v1/state", content=raw, headers=passing(world, me))
    assert (answer.status_code, answer.content) == (204, b"")
    with world.database.read() as session:
        assert speakers.lagging(session, now=world.now) == [other]
        row = session.get_one(Speaker, me)
        assert (row.agent, row.clock, row.problems) == ("loa-agent 0.3.0", "trusted", ["too_hot"])
        assert (row.health, row.health_at) == ({"centigrade": 61}, world.now)
        assert (row.state_at, row.last_seen_at) == (world.now, world.now)


def test_who_asks_for_news_of_the_newest_manifest_holds_it(world: World, web: TestClient) -> None:
    me = world.speaker()
    first = web.get("/device/v1/manifest", headers=passing(world, me)).headers["etag"]
    world.air(world.approved())
    newest = web.get("/device/v1/manifest", headers=passing(world, me)).headers["etag"]
    world.now += timedelta(minutes=3)
    for held, late in ((first, [me]), (newest, [])):
        web.get("/device/v1/manifest", headers={**passing(world, me), "If-None-Match": held})
        with world.database.read() as session:
            assert speakers.lagging(session, now=world.now) == late


def test_a_state_that_is_none_or_anothers_changes_nothing(world: World, web: TestClient) -> None:
    me, other = world.speaker("Loa 1"), world.speaker("Loa 2")
    for raw, status in ((b"{}", 422), (said(other, 1), 422), (b"x" * 16_385, 413)):
        assert web.post("/device/v1/state", content=raw, headers=passing(world, me)).status_code == status
    assert web.post("/device/v1/state", content=said(me, 1)).status_code == 401
    with world.database.read() as session:
        assert session.get_one(Speaker, me).state_at is None
        assert session.get_one(Speaker, other).state_at is None


def test_who_has_no_token_or_a_wrong_one_stays_outside(world: World, web: TestClient) -> None:
    me, other = world.speaker("Loa 1"), world.speaker("Loa 2")
    late = passing(world, me)
    stranger = make_token(me, world.ledger(other).signer.key, now=millis(world.now), audience="loa")
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Loa {stranger}"}):
        assert web.get("/device/v1/manifest", headers=headers).status_code == 401
    assert web.get("/device/v1/manifest", headers=passing(world, me, audience="elsewhere")).status_code == 401
    world.now = world.now.replace(hour=world.now.hour + 1)
    assert web.get("/device/v1/manifest", headers=late).status_code == 401


def test_a_revoked_speaker_is_refused_everything(world: World, web: TestClient) -> None:
    me = world.speaker()
    with world.database.transaction() as session:
        speakers.revoke(session, APPROVER, me, reason="stolen", now=world.now)
    for path in ("manifest", "keys", "clips/" + "0" * 64):
        assert web.get(f"/device/v1/{path}", headers=passing(world, me)).status_code == 403
    for path, raw in (("receipts", b""), ("state", said(me, 1))):
        assert web.post(f"/device/v1/{path}", content=raw, headers=passing(world, me)).status_code == 403


def test_one_speaker_that_asks_without_end_is_slowed_and_others_are_not(world: World, web: TestClient) -> None:
    me, other = world.speaker("Loa 1"), world.speaker("Loa 2")
    headers = passing(world, me)
    answers = {web.get("/device/v1/keys", headers=headers).status_code for _ in range(245)}
    assert answers == {200, 429}
    assert web.get("/device/v1/keys", headers=passing(world, other)).status_code == 200
