"""CAP for other systems: our emergencies, each message signed, with an Atom list; and where theirs are posted."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Annotated
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import APIRouter, Depends
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from audio.clip import clip_path
from broadcaster.domain.cap.message import Message
from broadcaster.domain.cap.refusal import Refused
from broadcaster.domain.cap.writing import to_xml
from broadcaster.domain.errors import CapRefused, NotFound, TooMany
from broadcaster.domain.feedback import household
from broadcaster.services.alarms import cap_in
from broadcaster.services.outlets import cap_out
from broadcaster.services.outlets.cap_out import Site
from broadcaster.services.outlets.cap_seal import Seal
from broadcaster.store.tables import CapSource
from broadcaster.web.asking import origin
from broadcaster.web.context import Context
from broadcaster.web.residents.kept import Shelf

CACHE = "public, max-age=10"
PER_MINUTE = RateLimitItemPerMinute(60)
"""Refused from one household for one source, or asked for and not there; a signature costs us more than its sender."""
KINDS = {"cap": "application/cap+xml", "atom": "application/atom+xml; charset=utf-8"}
ATOM = "http://www.w3.org/2005/Atom"


def cap_routes(context: Context) -> APIRouter:
    """`/cap/{announcement}-{n}.xml`, `/cap/index.atom`, and `POST /cap/in/{source}`, where others' alerts come in."""
    router = APIRouter(include_in_schema=False)
    limiter = FixedWindowRateLimiter(MemoryStorage())
    shelf = Shelf(context.database, context.now)
    site = Site(context.settings.public_url, lambda sha256: _sha1(context.clips, sha256))

    @router.api_route("/cap/index.atom", methods=["GET", "HEAD"])
    def index(request: Request) -> Response:
        def draw() -> tuple[bytes, dict[str, str]]:
            with context.database.read() as session:
                return _atom(cap_out.latest(session, now=context.now(), site=site), site.public_url), {}

        return _answer(request, shelf.get("index", draw).plain, KINDS["atom"])

    @router.api_route("/cap/{identifier}.xml", methods=["GET", "HEAD"])
    def one(request: Request, identifier: str) -> Response:
        public_id, who = identifier.rpartition("-")[0], ("unknown", household(origin(request)))

        def draw() -> tuple[bytes, dict[str, str]]:
            if not limiter.test(PER_MINUTE, *who):
                raise TooMany
            try:
                return _chain(context, public_id, site), {}
            except NotFound:
                limiter.hit(PER_MINUTE, *who)
                raise

        # One for all numbers of an announcement: those that are not there cost no drawing either.
        found = json.loads(shelf.get(("messages", public_id), draw).plain).get(identifier)
        if found is None:
            raise NotFound(what="announcement", id=identifier[:64])
        return _answer(request, _sealed(context.cap_seal, found.encode()), KINDS["cap"])

    _take_in(router, context, limiter)
    return router


def _take_in(router: APIRouter, context: Context, limiter: FixedWindowRateLimiter) -> None:
    @router.post("/cap/in/{source_id}")
    def take(request: Request, source_id: str, raw: Annotated[bytes, Depends(_body)]) -> Response:
        """A signed alert, posted by whoever writes it."""
        who = (source_id[:64], household(origin(request)))
        if not limiter.test(PER_MINUTE, *who):
            raise TooMany
        with context.database.read() as session:
            source = _source(session, source_id)
        try:
            # Looked at once before: rubbish must not hold up whoever writes.
            cap_in.genuine(source, raw, pinned=False, now=context.now())
            with context.database.transaction() as session:
                row = cap_in.receive(session, _source(session, source_id), raw, pinned=False, now=context.now())
                told = {"state": row.state, "code": row.code}
        except Refused as refused:
            limiter.hit(PER_MINUTE, *who)
            raise CapRefused(reason=refused.refusal) from None
        return JSONResponse(told)


def _chain(context: Context, public_id: str, site: Site) -> bytes:
    """All messages of one announcement by their identifiers. Raises NotFound."""
    with context.database.read() as session:
        chain = cap_out.messages(session, public_id, now=context.now(), site=site)
    return json.dumps({each.identifier: to_xml(each).decode() for each in chain}).encode()


def _source(session: Session, source_id: str) -> CapSource:
    source = session.get(CapSource, source_id)
    if source is None or not source.enabled:
        raise NotFound(what="cap_source", id=source_id[:64])
    return source


async def _body(request: Request) -> bytes:
    return await request.body()


# Each signature is another one: who asks again must find the same bytes.
@lru_cache(maxsize=512)
def _sealed(seal: Seal, document: bytes) -> bytes:
    return seal.sign(document)


@lru_cache(maxsize=512)
def _sha1(clips: Path, sha256: str) -> str:
    try:
        content = clip_path(clips, sha256).read_bytes()
    except OSError:
        return ""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def _atom(found: list[Message], public_url: str) -> bytes:
    feed = Element("feed", xmlns=ATOM)
    here = f"{public_url}/cap/index.atom"
    SubElement(feed, "id").text = here
    SubElement(feed, "title").text = "CAP"
    SubElement(feed, "updated").text = (found[0].sent.isoformat()) if found else "1970-01-01T00:00:00+00:00"
    SubElement(feed, "author")
    SubElement(feed[-1], "name").text = "Loa"
    SubElement(feed, "link", rel="self", href=here)
    for message in found:
        _entry(SubElement(feed, "entry"), message, public_url)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(feed, encoding="unicode")}'.encode()


def _entry(entry: Element, message: Message, public_url: str) -> None:
    address = f"{public_url}/cap/{message.identifier}.xml"
    headline = message.infos[0].headline if message.infos else message.identifier
    SubElement(entry, "id").text = address
    SubElement(entry, "title").text = f"{message.status}, {message.msg_type}: {headline}"
    SubElement(entry, "updated").text = message.sent.isoformat()
    SubElement(entry, "link", rel="alternate", type=KINDS["cap"], href=address)


def _answer(request: Request, content: bytes, media_type: str) -> Response:
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": CACHE, "access-control-allow-origin": "*"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
