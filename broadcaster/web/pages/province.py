"""A province's communes, or a commune's villages, side by side; and the same for a screen on a wall."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field
from starlette.requests import Request

from broadcaster.domain.comparing import By, Compared, in_order
from broadcaster.domain.words import plain
from broadcaster.services.actor import Actor
from broadcaster.services.people import people
from broadcaster.web.asking import Sent, Visit, Visiting, Web, origin
from broadcaster.web.context import Context
from broadcaster.web.i18n import say
from broadcaster.web.labels import N_
from broadcaster.web.render import language_of, page
from broadcaster.web.shown.province import Overview, overview
from broadcaster.web.shown.sight import sight

router = APIRouter(include_in_schema=False)
PAGE, ON_THE_WALL = 40, 12
WALL, SCOPE = N_("Wall screen"), "wall:"
Word = Annotated[str, Query(max_length=64)]
Number = Annotated[int, Query(ge=0, le=100_000)]
ORDERS = {
    By.TROUBLE: N_("Worst first"),
    By.NAME: N_("Name"),
    By.ONLINE: N_("Connected"),
    By.TODAY: N_("Heard today"),
    By.WEEK: N_("Heard in 7 days"),
    By.FAILURES: N_("Open failures"),
    By.EXCEPTIONS: N_("Exceptions"),
    By.DRILL: N_("Drills"),
}


@dataclass(frozen=True, slots=True)
class Order:
    """One way to put the table in order."""

    text: str
    href: str
    here: bool
    reverse: bool


class Asked(BaseModel):
    """What the address of the table says."""

    unit: str = Field("", max_length=64)
    by: By = By.TROUBLE
    reverse: bool = False
    find: str = Field("", max_length=64)
    skip: int = Field(0, ge=0, le=100_000)


@router.get("/province")
def side_by_side(visit: Visit, asked: Annotated[Asked, Query()]) -> HTMLResponse:
    """The units below one, in the order asked for."""
    it, find, skip = _overview(visit, asked.unit), asked.find.strip(), asked.skip
    ordered = in_order(it.units, asked.by, reverse=asked.reverse)
    units = [one for one in ordered if plain(find) in plain(one.name)]
    here = {"unit": asked.unit, "find": find, "by": asked.by.value, "reverse": "true" if asked.reverse else ""}
    return page(
        visit.request,
        "province.html",
        it=it,
        units=units[skip : skip + PAGE],
        found=len(units),
        find=find,
        more=_address(here, skip=skip + PAGE) if len(units) > skip + PAGE else "",
        orders=[_order(here, each, asked) for each in By],
        by=asked.by.value,
    )


@router.get("/province/wall")
def wall(visit: Visit, unit: Word = "", skip: Number = 0) -> HTMLResponse:
    """A screen that nobody touches: it asks again by itself, and says when it got no answer."""
    return _wall(_Wall(visit.request, visit.context, visit.me, unit), "wall.html", skip)


@router.get("/province/wall/board")
def wall_alone(visit: Visit, unit: Word = "", skip: Number = 0) -> HTMLResponse:
    """The same without its frame, as the screen asks for its next page."""
    return _wall(_Wall(visit.request, visit.context, visit.me, unit), "_wall.html", skip)


@router.post("/province/wall")
def make_key(visit: Sent) -> HTMLResponse:
    """An address that shows the wall screen and nothing else, without a sign-in; it is shown this once."""
    unit, now = visit.form.line("unit"), visit.context.now()
    with visit.context.database.transaction() as session:
        it = overview(session, sight(session, visit.me), unit, now=now)
        name = f"{say(language_of(visit.request), WALL)}: {it.name}".removesuffix(": ")
        secret = people.create_token(session, visit.me, visit.me.person_id, name=name, now=now, scope=f"{SCOPE}{unit}")
    address = f"{visit.context.settings.public_url}/wall/{secret}?{urlencode({'unit': unit})}"
    return page(visit.request, "wall_key.html", it=it, address=address)


@router.get("/wall/{secret}")
def open_wall(request: Request, context: Web, secret: str, unit: Word = "", skip: Number = 0) -> HTMLResponse:
    """The wall screen by its own address, until whoever made it takes it back."""
    return _wall(_by_key(request, context, secret, unit), "wall.html", skip)


@router.get("/wall/{secret}/board")
def open_wall_alone(request: Request, context: Web, secret: str, unit: Word = "", skip: Number = 0) -> HTMLResponse:
    """The same without its frame."""
    return _wall(_by_key(request, context, secret, unit), "_wall.html", skip)


@dataclass(frozen=True, slots=True)
class _Wall:
    """A wall screen: in whose name it looks, and where."""

    request: Request
    context: Context
    me: Actor
    unit: str
    address: str = "/province/wall"


def _by_key(request: Request, context: Context, secret: str, unit: str) -> _Wall:
    with context.database.read() as session:
        me = people.actor_for_token(session, secret, now=context.now(), origin=origin(request), scope=f"{SCOPE}{unit}")
    return _Wall(request, context, me, unit, f"/wall/{secret}")


def _wall(wall: _Wall, template: str, skip: int) -> HTMLResponse:
    with wall.context.database.read() as session:
        it = overview(session, sight(session, wall.me), wall.unit, now=wall.context.now())
    units = in_order(it.units, By.TROUBLE)
    begin = skip if skip < len(units) else 0
    following = begin + ON_THE_WALL if begin + ON_THE_WALL < len(units) else 0
    return page(
        wall.request,
        template,
        it=it,
        address=wall.address,
        units=units[begin : begin + ON_THE_WALL],
        first=begin + 1,
        last=min(begin + ON_THE_WALL, len(units)),
        total=len(units),
        bad=_bad(units),
        query=urlencode({"unit": wall.unit, "skip": following}),
    )


def _bad(units: list[Compared]) -> int:
    return sum(one.figures.tone == "bad" for one in units)


def _overview(visit: Visiting, unit: str) -> Overview:
    with visit.context.database.read() as session:
        return overview(session, sight(session, visit.me), unit, now=visit.context.now())


def _order(here: dict[str, str], each: By, asked: Asked) -> Order:
    again = each is asked.by
    turned = "true" if again and not asked.reverse else ""
    return Order(ORDERS[each], _address(here, by=each.value, reverse=turned), again, again and asked.reverse)


def _address(here: dict[str, str], **changes: object) -> str:
    return "/province?" + urlencode({key: value for key, value in (here | changes).items() if value != ""})
