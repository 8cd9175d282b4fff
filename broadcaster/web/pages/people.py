"""The people somebody looks after: the list, and inviting one more."""

import math
from datetime import timedelta
from functools import partial

import segno
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.errors import LoaError
from broadcaster.domain.words import line
from broadcaster.services.people import invitations, passkeys, proving
from broadcaster.services.people.invitations import Invited, Wish
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.labels import ROLE
from broadcaster.web.pages.again import again
from broadcaster.web.render import page
from broadcaster.web.seconds import asked_of, here, second_of
from broadcaster.web.shown import people as shown
from broadcaster.web.shown.people import MAY, Wanted
from broadcaster.web.shown.sight import sight, within
from broadcaster.web.sign_in import go, local

router = APIRouter(include_in_schema=False)


@router.get("/people")
def every_one(visit: Visit, q: str = "", unit: str = "", role: str = "") -> HTMLResponse:
    """Those with a role where this person looks after people."""
    wanted = Wanted(line(q)[:100], unit, role, _page_number(visit))
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, MAY)
        found = shown.found(session, seen, wanted)
        return page(
            visit.request,
            "people.html",
            found=found,
            wanted=wanted,
            units=shown.choices(seen),
            roles=ROLE,
            proof=proof(session, visit),
        )


def _page_number(visit: Visiting) -> int:
    text = visit.request.query_params.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1


@router.get("/people/new")
def ask(visit: Visit) -> HTMLResponse:
    """Whom to invite, as what."""
    return show_new(visit)


def show_new(visit: Visiting, **values: object) -> HTMLResponse:
    """The form."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, MAY)
        usual = {"typed": {}, "units": shown.choices(seen), "roles": ROLE, "proof": proof(session, visit)}
        return page(visit.request, "person_new.html", **(usual | values), provider=visit.context.provider)


@router.post("/people")
def invite(visit: Sent) -> Response:
    """An account, and its link, which is shown this once."""
    form, now = visit.form, visit.context.now()
    typed = {name: form.line(name) for name in ("name", "login", "unit", "role", "mail")}
    wish = Wish(typed["name"], typed["unit"], typed["role"], typed["login"], typed["mail"])
    try:
        with visit.context.database.transaction() as session:
            within(sight(session, visit.me, MAY), wish.unit_id)
            proving.require(session, here(visit), second_of(form), now=now)
            invited = invitations.invite(session, visit.me, wish, now=now)
    except LoaError as error:
        return again(visit.request, error, partial(show_new, visit, typed=typed))
    return show_link(visit, invited)


@router.post("/people/prove")
def prove(visit: Sent) -> Response:
    """Give the second factor once for the changes of the next minutes."""
    back = visit.form.line("back")
    back = back if local(back) and back.startswith("/people") else "/people"
    with visit.context.database.transaction() as session:
        proving.demand(session, here(visit), second_of(visit.form), now=visit.context.now())
    return go(back, "proved")


def show_link(visit: Visiting, invited: Invited) -> HTMLResponse:
    """The link, to be passed on by whoever invites."""
    address = f"{visit.context.settings.public_url}/sign-in/{invited.secret}"
    days = math.ceil((invited.expires - visit.context.now()) / timedelta(days=1))
    picture = segno.make(address, error="m").svg_inline(scale=4, border=3, light="#fff")
    return page(visit.request, "person_link.html", it=invited, address=address, qr=picture, days=days)


def proof(session: Session, visit: Visiting) -> dict[str, object]:
    """Whether a change needs a second factor now, what there is to give, and whether there is one at all."""
    asked = asked_of(session, visit.me.person_id, passkeys.ACCOUNT)
    has = asked.codes or asked.passkeys
    fresh = proving.is_fresh(session, here(visit), now=visit.context.now())
    return {"asked": asked, "has": has, "needed": has and not fresh}
