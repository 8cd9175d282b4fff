"""A new box makes itself known: the authority it knows us by, and its label for a certificate."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from broadcaster.domain.errors import LoaError, Malformed, TooLarge, TooMany
from broadcaster.services.places import enrolling
from broadcaster.services.places.enrolling import Claimed
from broadcaster.services.speaking import snapshot
from broadcaster.store.tables import Speaker
from broadcaster.web.asking import origin
from broadcaster.web.context import Context
from firmware_config.protocol import Refused
from firmware_config.protocol.enrolment import Enrolled, EnrolRequest

PER_MINUTE = RateLimitItemPerMinute(20)
PEM = "application/x-pem-file"


async def _asked(request: Request) -> EnrolRequest:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > EnrolRequest.LIMIT:
            raise TooLarge(limit=EnrolRequest.LIMIT)
    try:
        return EnrolRequest.from_bytes(bytes(raw))
    except Refused as refused:
        raise Malformed(field=refused.detail.partition(":")[0], problem=str(refused)) from refused


def enrol_routes(context: Context) -> APIRouter:
    """The two routes under /device/v1 that need no pass: whoever asks has none yet."""
    limiter = FixedWindowRateLimiter(MemoryStorage())
    authority = context.authority.certificate_pem
    routes = APIRouter(prefix="/device/v1", tags=["device"])

    @routes.get("/authority")
    def show_authority() -> Response:
        """The certificate of our authority (PEM); its fingerprint stands on every label."""
        return Response(authority, media_type=PEM)

    @routes.post("/enrol")
    def enrol(request: Request, asked: Annotated[EnrolRequest, Depends(_asked)]) -> Response:
        """Take a box into service with its label and code, and tell it who it is."""
        if not limiter.hit(PER_MINUTE, origin(request)):
            raise TooMany
        where, now = origin(request), context.now()
        with context.database.transaction() as session:
            found = enrolling.claim(
                session, asked, authority=context.authority, vault=context.vault, origin=where, now=now
            )
            answer = found if isinstance(found, LoaError) else _answer(context, found, snapshot.site(session))
        if isinstance(answer, LoaError):
            raise answer
        return Response(answer.to_bytes(), media_type=Enrolled.TYPE)

    return routes


def _answer(context: Context, found: Claimed, site: snapshot.Site) -> Enrolled:
    speaker: Speaker = found.speaker
    return Enrolled(
        device=speaker.id,
        name=speaker.name,
        certificate=found.certificate.decode("ascii"),
        root=context.signing.root,
        keys=context.signing.keys_raw.decode("utf-8"),
        brokers=site.brokers,
        urls=site.urls or (context.settings.public_url,),
        lead_ms=speaker.lead_ms,
        tail_ms=speaker.tail_ms,
    )
