"""Finding the id of a chat group: somebody writes to the bot there, and the provider is asked where that was."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.errors import LoaError, NotFound
from broadcaster.domain.permissions import Action
from broadcaster.services.outlets import channels
from broadcaster.services.outlets.channels import Typed
from broadcaster.services.outlets.trying import Found
from broadcaster.store.tables import Channel
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.pages.again import again
from broadcaster.web.render import page
from broadcaster.web.shown.sight import sight
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
KIND = "zalo_bot"


@router.get("/channels/{channel_id}/chats")
def ask(visit: Visit, channel_id: str) -> HTMLResponse:
    """What to do in the group, and the button to press afterwards."""
    return show(visit, channel_id)


def show(visit: Visiting, channel_id: str, found: Found | None = None, **values: object) -> HTMLResponse:
    """The page, with what was found."""
    return page(visit.request, "channel_chats.html", it=_channel(visit, channel_id), found=found, **values)


@router.post("/channels/{channel_id}/chats")
def find(visit: Sent, channel_id: str) -> Response:
    """Look for it, or keep the one that was chosen."""
    context, row, chat = visit.context, _channel(visit, channel_id), visit.form.line("group")
    try:
        if not chat:
            with context.database.read() as session:
                opened = channels.access(session, visit.me, channel_id)
            return show(visit, channel_id, context.outlets.chats(opened))
        with context.database.transaction() as session:
            typed = Typed(row.name, row.kind, {**row.settings, "chat_id": chat})
            channels.change(session, visit.me, channel_id, typed, context.outlets, now=context.now())
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, channel_id))
    return go(f"/channels/{channel_id}", "kept")


def _channel(visit: Visiting, channel_id: str) -> Channel:
    with visit.context.database.read() as session:
        row = channels.find(session, sight(session, visit.me, Action.TEND_CHANNELS).units, channel_id)
    if row.kind != KIND:
        raise NotFound(what="channel", id=channel_id)
    return row
