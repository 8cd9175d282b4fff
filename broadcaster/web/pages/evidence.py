"""The evidence of an airing: its signed receipts, and a signed report to be printed or checked elsewhere."""

from typing import Annotated

import segno
from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.services.speaking import reporting
from broadcaster.web.asking import Visit
from broadcaster.web.labels import PRETENDS
from broadcaster.web.render import page
from broadcaster.web.shown import evidence
from broadcaster.web.shown.sight import find_airing, sight

router = APIRouter(include_in_schema=False)
Asked = Annotated[str, Query(max_length=200)]


@router.get("/airings/{airing_id}/receipts")
def receipts(visit: Visit, airing_id: str, after: Asked = "") -> HTMLResponse:
    """Every receipt the loudspeakers signed about it, a hundred on a page."""
    with visit.context.database.read() as session:
        airing, announcement = find_airing(session, sight(session, visit.me), airing_id)
        found = evidence.receipts(session, airing.id, after)
        return page(
            visit.request,
            "receipts.html",
            it=airing,
            title=announcement.title,
            found=found,
            after=after,
            pretends=PRETENDS,
        )


@router.get("/airings/{airing_id}/report")
def report(visit: Visit, airing_id: str, sha256: Asked = "") -> HTMLResponse:
    """One sheet with all that came of it; with the hash of a paper it says whether that still holds."""
    context = visit.context
    with context.database.read() as session:
        airing, announcement = find_airing(session, sight(session, visit.me), airing_id)
        committee = evidence.committee(session, announcement.unit_id)
        signed = reporting.sign(session, airing.id, context.signing)
    address = f"{context.settings.public_url}/airings/{airing_id}/report?sha256={signed.sha256}"
    return page(
        visit.request,
        "airing_report.html",
        it=evidence.sheet(signed.report),
        airing_id=airing_id,
        committee=committee,
        signed=signed,
        same=evidence.is_now(sha256, signed.sha256),
        asked=sha256,
        printed=evidence.printed_at(context.now()),
        qr=segno.make(address, error="m").svg_inline(scale=3, border=2, light="#fff"),
    )


@router.get("/airings/{airing_id}/report/signed")
def signed(visit: Visit, airing_id: str) -> Response:
    """The envelope, to be kept and checked without this server."""
    with visit.context.database.read() as session:
        airing, _ = find_airing(session, sight(session, visit.me), airing_id)
        made = reporting.sign(session, airing.id, visit.context.signing)
    name = f'attachment; filename="loa-{airing_id}.dsse.json"'
    headers = {"content-disposition": name, "cache-control": "no-store"}
    return Response(made.envelope, media_type="application/json", headers=headers)
