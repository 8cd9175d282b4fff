"""What a person forwards by hand: the list, one copy with its text, picture and link, and that it was done."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.errors import CopyNotNeeded
from broadcaster.domain.mirror_wording import LIMITS, compose
from broadcaster.services.outlets import by_hand
from broadcaster.store.paging import page as paged
from broadcaster.store.tables import MirrorCopy, Person
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.labels import CARRY, COPY, label
from broadcaster.web.pages.again import again
from broadcaster.web.picture_card import card_of, draw
from broadcaster.web.render import page
from broadcaster.web.shown.copies import shown, to_carry
from broadcaster.web.shown.sight import sight
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
After = Annotated[str | None, Query(max_length=64)]


@router.get("/share")
def every(visit: Visit, after: After = None) -> HTMLResponse:
    """What waits for this person to forward it."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        found = paged(session, to_carry(seen, now=visit.context.now()), MirrorCopy.id, after=after)
        return page(visit.request, "share_packs.html", items=shown(session, seen, found.items), next=found.next)


@router.get("/share/{copy_id}")
def one(visit: Visit, copy_id: str) -> HTMLResponse:
    """Text to copy, picture and link, and the button."""
    return show(visit, copy_id)


def show(visit: Visiting, copy_id: str, **values: object) -> HTMLResponse:
    """The page of one copy."""
    context = visit.context
    with context.database.read() as session:
        pack = by_hand.find(session, visit.me, copy_id)
        copy = by_hand.words(session, pack, now=context.now(), public_url=context.settings.public_url)
        person = session.get(Person, pack.row.person_id) if pack.row.person_id else None
        common = {
            "id": copy_id,
            "copy": copy,
            "group": pack.channel.name,
            "state": label(CARRY if pack.row.state in CARRY else COPY, pack.row.state),
            "open": pack.open,
            "dropped": pack.dropped,
            "by": person.name if person else "",
            "at": pack.row.delivered_at,
            "text": compose(copy, limit=LIMITS[pack.channel.kind]),
        }
        return page(visit.request, "share_pack.html", **(common | values))


@router.get("/share/{copy_id}/card.png")
def card(visit: Visit, copy_id: str) -> Response:
    """The picture of one copy."""
    context = visit.context
    with context.database.read() as session:
        pack = by_hand.find(session, visit.me, copy_id)
        copy = by_hand.words(session, pack, now=context.now(), public_url=context.settings.public_url)
    return Response(draw(card_of(copy)), media_type="image/png", headers={"cache-control": "private, max-age=60"})


@router.post("/share/{copy_id}/forwarded")
def forwarded(visit: Sent, copy_id: str) -> Response:
    """Somebody carried it over; their name is kept."""
    try:
        with visit.context.database.transaction() as session:
            by_hand.forwarded(session, visit.me, copy_id, now=visit.context.now())
    except CopyNotNeeded as error:
        return again(visit.request, error, partial(show, visit, copy_id))
    return go(f"/share/{copy_id}", "forwarded")
