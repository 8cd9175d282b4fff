"""The calendar feed of a unit, for whoever was given its address: no account, nothing but titles and times."""

from fastapi import APIRouter
from starlette.responses import Response

from broadcaster.services.airtime import feeds
from broadcaster.web.asking import Web

router = APIRouter(include_in_schema=False)
HEADERS = {"cache-control": "private, max-age=300", "x-robots-tag": "noindex", "referrer-policy": "no-referrer"}


@router.get("/feeds/{name}.ics")
def feed(context: Web, name: str) -> Response:
    """What is planned; an address that was renewed or never given is told apart from nothing."""
    with context.database.read() as session:
        body = feeds.calendar(session, name, address=context.settings.public_url, now=context.now())
    return Response(body, headers=HEADERS, media_type="text/calendar; charset=utf-8")
