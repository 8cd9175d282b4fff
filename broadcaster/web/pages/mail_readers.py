"""Who reads announcements by mail: the list, putting addresses on it, taking one off."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.errors import LoaError
from broadcaster.domain.mail_list import Typed, addresses
from broadcaster.domain.permissions import Action
from broadcaster.services.outlets import mail_readers
from broadcaster.services.outlets.mail_readers import Added
from broadcaster.store.tables import Channel
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.pages.again import again
from broadcaster.web.render import page
from broadcaster.web.shown.sight import sight
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
NOTHING = Typed((), ())


@router.get("/channels/{channel_id}/readers")
def readers(visit: Visit, channel_id: str, after: str = "") -> HTMLResponse:
    """One list, the newest readers first."""
    return show(visit, channel_id, after=after)


def show(visit: Visiting, channel_id: str, *, after: str = "", **values: object) -> HTMLResponse:
    """The page of one list; `values` are what became of addresses that were typed."""
    with visit.context.database.read() as session:
        found = _find(session, visit, channel_id)
        shown = mail_readers.page(session, channel_id, after=after or None)
        read, left = mail_readers.numbers(session, channel_id)
        common = {"list": found, "items": shown.items, "next": shown.next, "read": read, "left": left}
        usual = {"text": "", "added": None, "typed": NOTHING}
        return page(visit.request, "mail_readers.html", **(common | usual | values))


@router.post("/channels/{channel_id}/readers")
def change(visit: Sent, channel_id: str) -> Response:
    """Put the addresses that were typed on the list, or take one off."""
    with visit.context.database.read() as session:
        _find(session, visit, channel_id)
    path, text = f"/channels/{channel_id}/readers", visit.form.prose("addresses")
    try:
        if visit.form.line("remove"):
            with visit.context.database.transaction() as session:
                now, reader = visit.context.now(), visit.form.line("remove")
                mail_readers.remove(session, visit.me, channel_id, reader, now=now)
            return go(path, "reader-off")
        typed = addresses(text)
        added = _add(visit, channel_id, typed)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, channel_id, text=text))
    if not (added.left or typed.wrong):
        return go(path, "kept")
    # What needs another look stays in the field.
    return show(visit, channel_id, added=added, typed=typed, text="\n".join([*added.left, *typed.wrong]))


def _add(visit: Sent, channel_id: str, typed: Typed) -> Added:
    asked, now = bool(visit.form.line("asked_again")), visit.context.now()
    with visit.context.database.transaction() as session:
        return mail_readers.add(session, visit.me, channel_id, typed, asked_again=asked, now=now)


def _find(session: Session, visit: Visiting, channel_id: str) -> Channel:
    return mail_readers.find_list(session, sight(session, visit.me, Action.TEND_CHANNELS).units, channel_id)
