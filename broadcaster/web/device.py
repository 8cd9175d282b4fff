"""The speakers' own API, their second path beside the broker; the documents carry their own signatures."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import FileResponse
from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from audio.clip import clip_path
from broadcaster.domain.errors import (
    BadToken,
    BrokenSeal,
    Malformed,
    NotFound,
    SpeakerRevoked,
    TooLarge,
    TooMany,
    UnknownClip,
)
from broadcaster.services.moments import millis
from broadcaster.services.places import logs, speakers
from broadcaster.services.speaking import live, manifests, receipts
from broadcaster.services.speaking.signing import Signing
from broadcaster.store.database import Database
from broadcaster.store.tables import SignedDocument
from firmware_config import packing
from firmware_config.protocol import Refused, accept_token

AUDIENCE = "loa"
SCHEME = "Loa "
MOST_BYTES = 262_144
KEEP_ALIVE_S = 75
"""A connection without a question is kept longer than a speaker waits between two; each new one costs it kilobytes."""
PER_MINUTE = RateLimitItemPerMinute(240)
LOGS_PER_HOUR = RateLimitItemPerHour(12)
LOG_REQUEST = r"^[0-9a-f]{32}$"
NO_HEADERS: Mapping[str, str] = {}
NONCE = r"^[A-Za-z0-9_-]{16,64}$"
ENVELOPE = "application/vnd.dsse.envelope.v1+json"


@dataclass(frozen=True, slots=True)
class DeviceApi:
    """What the routes need; `on_changed` is told which airings got further."""

    database: Database
    signing: Signing
    clips: Path
    now: Callable[[], datetime]
    on_changed: Callable[[set[str]], None] = lambda _airings: None

    def speaker(self, authorization: str) -> str:
        """The speaker that signed this token. Raises BadToken, SpeakerRevoked."""
        if not authorization.startswith(SCHEME):
            raise BadToken
        with self.database.read() as session:
            try:
                found = accept_token(
                    authorization.removeprefix(SCHEME),
                    lookup=lambda device: speakers.key_of(session, device),
                    now=millis(self.now()),
                    audience=AUDIENCE,
                )
            except Refused as refused:
                raise BadToken from refused
            if speakers.is_revoked(session, found):
                raise SpeakerRevoked(id=found)
            return found


async def _body(request: Request) -> bytes:
    return await _up_to(MOST_BYTES, request)


async def _report(request: Request) -> bytes:
    return await _up_to(speakers.REPORT_LIMIT, request)


async def _packed(request: Request) -> bytes:
    return await _up_to(logs.MOST_PACKED, request)


async def _up_to(most: int, request: Request) -> bytes:
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > most:
            raise TooLarge(limit=most)
    coding = request.headers.get("content-encoding", "identity").lower()
    if coding == "identity":
        return bytes(found)
    try:
        if coding != packing.CODING:
            raise packing.Unpackable(f"only {packing.CODING} is understood")
        return packing.unpacked(bytes(found), most)
    except packing.TooMuch as failure:
        raise TooLarge(limit=most) from failure
    except packing.Unpackable as failure:
        raise Malformed(field="Content-Encoding", problem=str(failure)) from failure


def _document(raw: bytes, request: Request, headers: Mapping[str, str] = NO_HEADERS) -> Response:
    """An envelope, packed where the speaker unpacks and something is saved by it; what is signed is what is inside."""
    headers = {**headers, "Accept-Encoding": packing.CODING}
    offered = packing.CODING in request.headers.get("accept-encoding", "")
    shorter = packing.worth(raw) if offered else None
    if shorter is None:
        return Response(raw, media_type=ENVELOPE, headers=headers)
    return Response(shorter, media_type=ENVELOPE, headers={**headers, "Content-Encoding": packing.CODING})


def device_routes(api: DeviceApi) -> APIRouter:
    """The routes under /device/v1."""
    limiter = FixedWindowRateLimiter(MemoryStorage())

    def speaker(authorization: Annotated[str, Header()] = "") -> str:
        found = api.speaker(authorization)
        if not limiter.hit(PER_MINUTE, found):
            raise TooMany
        return found

    routes = APIRouter(prefix="/device/v1", tags=["device"])
    _add_documents(routes, api, speaker)
    _add_manifest(routes, api, speaker)
    _add_receipts(routes, api, speaker)
    _add_state(routes, api, speaker)
    _add_log(routes, api, speaker, limiter)
    return routes


def _add_state(routes: APIRouter, api: DeviceApi, speaker: Callable[..., str]) -> None:
    @routes.post("/state", status_code=204)
    def take_state(me: Annotated[str, Depends(speaker)], raw: Annotated[bytes, Depends(_report)]) -> None:
        """Take in how a speaker says it is, where it cannot say so over the broker."""
        with api.database.transaction() as session:
            refused = speakers.take_states(session, [(me, raw)], now=api.now())
        for code in refused:
            raise BrokenSeal(refusal=code)


def _add_log(routes: APIRouter, api: DeviceApi, speaker: Callable[..., str], limiter: FixedWindowRateLimiter) -> None:
    @routes.post("/log")
    def take_log(
        me: Annotated[str, Depends(speaker)],
        request: Annotated[str, Query(pattern=LOG_REQUEST)],
        packed: Annotated[bytes, Depends(_packed)],
    ) -> dict[str, bool]:
        """Take in the last lines of a speaker's log, which somebody asked for."""
        if not limiter.hit(LOGS_PER_HOUR, f"log {me}"):
            raise TooMany
        with api.database.transaction() as session:
            logs.take(session, me, request, packed, now=api.now())
        return {"taken": True}


def _add_manifest(routes: APIRouter, api: DeviceApi, speaker: Callable[..., str]) -> None:
    @routes.get("/manifest")
    def manifest(
        request: Request,
        me: Annotated[str, Depends(speaker)],
        nonce: Annotated[str | None, Query(pattern=NONCE)] = None,
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        """The signed manifest, or 304; with a nonce also our time under it, in the header Loa-Resynced."""
        now = api.now()
        with api.database.transaction() as session:
            found = manifests.sealed(session, me, signing=api.signing, now=now)
            speakers.heard_from(session, me, now=now)
            tag = f'"{found.epoch}-{found.version}"'
            if if_none_match == tag:
                speakers.holds(session, me, epoch=found.epoch, version=found.version, sha256=found.sha256)
            asked = live.send_log(session, {me: nonce}, signing=api.signing, now=now) if nonce else []
        # Nobody in between keeps what was asked for with a pass: that costs no line of its own here, or below.
        headers = {"ETag": tag}
        if nonce is not None:
            answer = live.answer_to(me, nonce, found, signing=api.signing, now=now)
            headers["Loa-Resynced"] = base64.b64encode(answer).decode("ascii")
            for one in asked[:1]:
                headers["Loa-Command"] = base64.b64encode(one.payload).decode("ascii")
        if if_none_match == tag:
            return Response(status_code=304, headers=headers)
        return _document(found.raw, request, headers)


def _add_receipts(routes: APIRouter, api: DeviceApi, speaker: Callable[..., str]) -> None:
    @routes.post("/receipts")
    def take_receipts(me: Annotated[str, Depends(speaker)], raw: Annotated[bytes, Depends(_body)]) -> dict[str, int]:
        """Take in one signed batch; everything up to `receipts_through` may now be forgotten."""
        with api.database.transaction() as session:
            [answer] = receipts.take_in(session, [(me, raw)], now=api.now())
            if answer.refused is None:
                manifests.confirmed(session, me, answer.through)
        if answer.refused == receipts.REVOKED:
            raise SpeakerRevoked(id=me)
        if answer.refused is not None:
            raise BrokenSeal(refusal=answer.refused)
        if answer.changed_airings:
            api.on_changed(answer.changed_airings)
        return {"receipts_through": answer.through}


def _add_documents(routes: APIRouter, api: DeviceApi, speaker: Callable[..., str]) -> None:
    @routes.get("/announcements/{sha256}", dependencies=[Depends(speaker)])
    def announcement(sha256: str, request: Request) -> Response:
        """The announcement's envelope under the content key, by the hash of its bytes."""
        with api.database.read() as session:
            found = session.get(SignedDocument, sha256)
        if found is None:
            raise NotFound(what="announcement", id=sha256)
        return _document(found.raw, request)

    @routes.get("/clips/{sha256}", dependencies=[Depends(speaker)])
    def clip(sha256: str) -> FileResponse:
        """The clip; Range is understood."""
        try:
            path = clip_path(api.clips, sha256)
        except ValueError:
            raise UnknownClip(id=sha256) from None
        if not path.is_file():
            raise UnknownClip(id=sha256)
        return FileResponse(path, media_type="audio/ogg")

    @routes.get("/keys", dependencies=[Depends(speaker)])
    def keys(request: Request) -> Response:
        """The key set, signed by the root."""
        return _document(api.signing.keys_raw, request)
