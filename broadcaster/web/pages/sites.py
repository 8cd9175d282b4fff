"""Schools and clinics of a unit: adding, changing, removing."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.errors import BadPlace, LoaError
from broadcaster.domain.permissions import Action
from broadcaster.domain.rules.words import DAYS
from broadcaster.services.hours import sites
from broadcaster.services.hours.sites import SiteFacts
from broadcaster.web.asking import Posted, Sending, Sent, Visit, Visiting
from broadcaster.web.pages.again import again
from broadcaster.web.pages.once import once
from broadcaster.web.render import language_of, page
from broadcaster.web.rules_form import WindowForm, filled_up, posted_windows, typed_windows, windows_of
from broadcaster.web.shown.rules import SITE
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.units import find_unit
from broadcaster.web.sign_in import go
from firmware_config.protocol import Hours

router = APIRouter(include_in_schema=False)
SCHOOL_DAY = (WindowForm((0, 1, 2, 3, 4), "07:00", "11:00"), WindowForm((0, 1, 2, 3, 4), "13:30", "16:30"))
USUAL = {"name": "", "kind": "school", "place": "", "radius": "500"}


@router.get("/units/{unit_id}/sites/new")
def new(visit: Visit, unit_id: str) -> HTMLResponse:
    """An empty form, with the hours of most schools."""
    return show(visit, unit_id, "", USUAL, SCHOOL_DAY)


@router.get("/units/{unit_id}/sites/{site_id}")
def edit(visit: Visit, unit_id: str, site_id: str) -> HTMLResponse:
    """The form filled with a site."""
    with visit.context.database.read() as session:
        find_unit(session, sight(session, visit.me, Action.TEND_UNITS), unit_id)
        site = sites.seen(session, [unit_id], site_id)
        place = "" if site.latitude is None else f"{site.latitude:.6f}, {site.longitude:.6f}"
        typed = {"name": site.name, "kind": site.kind, "place": place, "radius": str(site.radius_m or "")}
        windows = typed_windows([Hours.from_json(one) for one in site.quiet["hours"]])
    return show(visit, unit_id, site_id, typed, windows)


def show(
    visit: Visiting,
    unit_id: str,
    site_id: str,
    typed: dict[str, str],
    windows: tuple[WindowForm, ...],
    **values: object,
) -> HTMLResponse:
    """The page with the form."""
    with visit.context.database.read() as session:
        unit = find_unit(session, sight(session, visit.me, Action.TEND_UNITS), unit_id)
        common = {
            "unit": unit,
            "site": site_id,
            "typed": typed,
            "windows": filled_up(windows),
            "days": DAYS[language_of(visit.request)],
            "kinds": SITE,
        }
        return page(visit.request, "site.html", **(common | values))


@router.post("/units/{unit_id}/sites/new")
def add(visit: Sent, unit_id: str) -> Response:
    """A new site, whose hours hold at once."""
    return _save(visit, unit_id, "")


@router.post("/units/{unit_id}/sites/{site_id}")
def change(visit: Sent, unit_id: str, site_id: str) -> Response:
    """The site written anew, or removed."""
    return _save(visit, unit_id, site_id)


def _save(visit: Sending, unit_id: str, site_id: str) -> Response:
    form = visit.form
    typed = {name: form.line(name) for name in USUAL}
    windows = posted_windows(form)
    with visit.context.database.read() as session:
        find_unit(session, sight(session, visit.me), unit_id)
        if site_id:
            sites.seen(session, [unit_id], site_id)
    shown = partial(show, visit, unit_id, site_id, typed, windows)
    if form.line("do") == "add":
        return shown()
    try:
        _do(visit, unit_id, site_id, form.line("do"))
    except LoaError as error:
        return again(visit.request, error, shown)
    return go(f"/units/{unit_id}#sites", "unit-saved")


def _do(visit: Sending, unit_id: str, site_id: str, wish: str) -> None:
    now = visit.context.now()
    with visit.context.database.transaction() as session:
        if wish == "remove":
            sites.remove(session, visit.me, site_id, now=now)
        elif site_id:
            sites.change(session, visit.me, site_id, facts(visit.form), now=now)
        else:
            add = partial(sites.add, session, visit.me, unit_id, facts(visit.form), now=now)
            once(session, visit, f"site {unit_id}", lambda: add().id)


def facts(form: Posted) -> SiteFacts:
    """What was typed. Raises BadPlace, Malformed."""
    place, hours = form.line("place"), windows_of(posted_windows(form))
    name, kind = form.line("name"), form.line("kind")
    if not place:
        return SiteFacts(name, kind, hours)
    try:
        latitude, longitude = (float(part) for part in place.replace(";", ",").split(","))
    except ValueError:
        raise BadPlace(place=place[:60]) from None
    return SiteFacts(name, kind, hours, latitude, longitude, form.number("radius"))
