"""Where Zalo tells of an Official Account; it waits two seconds, and asks five times."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from broadcaster.domain.errors import TooLarge
from broadcaster.services.outlets import zalo_events
from broadcaster.services.outlets.zalo_events import Call
from broadcaster.web.context import Context

LARGEST = 262_144


async def _called(request: Request) -> Call:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST:
            raise TooLarge(limit=LARGEST)
    headers = request.headers
    return Call(bytes(raw), headers.get("x-zevent-signature", ""), headers.get("x-zevent-timestamp", ""))


def zalo_routes(context: Context) -> APIRouter:
    """`POST /zalo/{account}`: open to everybody, believed only with a true signature."""
    router = APIRouter(include_in_schema=False)

    @router.post("/zalo/{account_id}")
    def told(account_id: str, call: Annotated[Call, Depends(_called)]) -> Response:
        with context.database.read() as session:
            taken = zalo_events.judged(session, account_id, call)
        if taken:
            with context.database.transaction() as session:
                taken = zalo_events.take(session, account_id, call, now=context.now())
        return Response(status_code=401 if taken is False else 200)

    return router
