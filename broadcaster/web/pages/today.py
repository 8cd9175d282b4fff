"""The first page: what waits for me, what is on air today."""

from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from broadcaster.domain.announcement import State
from broadcaster.domain.permissions import MAY, Action, units_of
from broadcaster.domain.schedule.almanac import lunar_short
from broadcaster.services.places.health import in_need
from broadcaster.store.tables import Airing, Announcement, MirrorCopy
from broadcaster.web.asking import Visit, Visiting
from broadcaster.web.i18n import ZONE
from broadcaster.web.render import language_of, page
from broadcaster.web.shown import attention, desk
from broadcaster.web.shown.announcements import Brief, briefs, listed
from broadcaster.web.shown.approvals import Waiting as Queued
from broadcaster.web.shown.approvals import waiting_for
from broadcaster.web.shown.channels import ill as ill_channels
from broadcaster.web.shown.collisions import how_many
from broadcaster.web.shown.copies import Waiting, shown, to_carry
from broadcaster.web.shown.official_accounts import ailing
from broadcaster.web.shown.places import connected
from broadcaster.web.shown.sight import Sight, sight
from broadcaster.web.shown.standing_in import requests
from broadcaster.web.shown.start import HEARD

router = APIRouter(include_in_schema=False)
UNFINISHED = (State.DRAFT, State.REJECTED)
MOST = 10


@router.get("/")
def today(visit: Visit) -> HTMLResponse:
    """What a person needs first in the morning."""
    now = visit.context.now()
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        exceptions = attention.exceptions(session, seen, now)
        return page(
            visit.request,
            "today.html",
            packs=_packs(session, seen, now),
            alerts=attention.alerts(session, seen),
            came_in=attention.came_in(session, seen),
            stand_ins=requests(session, seen, now=now, ended=False),
            exceptions=[it for it in exceptions if it.running],
            asked=[it for it in exceptions if it.may_grant],
            recordings=attention.recordings(session, visit.me),
            waiting=_waiting(visit, session, seen, now),
            mine=_mine(session, seen),
            ready=_ready(session, seen),
            desk=desk.today(session, seen, now=now),
            few=desk.FEW,
            villages=desk.villages(session, seen, now=now),
            lunar=lunar_short(now.astimezone(ZONE).date()),
            stop=_stop(seen),
            begins=_begins(session, seen),
            speakers=connected(session, seen),
            ill=len(in_need(session, seen.units, now=now)),
            accounts=ailing(session, seen, now=now),
            ill_channels=ill_channels(session, seen),
            overlaps=how_many(session, seen, now=now),
        )


def _waiting(visit: Visiting, session: Session, seen: Sight, now: datetime) -> list[Queued]:
    # How many they are was asked for the menu.
    many = visit.request.state.waiting
    return waiting_for(session, seen, language_of(visit.request), now=now)[:MOST] if many else []


def _packs(session: Session, seen: Sight, now: datetime) -> list[Waiting]:
    rows = to_carry(seen, now=now).order_by(MirrorCopy.id.desc()).limit(MOST)
    return sorted(shown(session, seen, session.scalars(rows)), key=lambda each: not each.urgent)


def _begins(session: Session, seen: Sight) -> bool:
    """Whether this person sets all of it up, and no loudspeaker ever said anything."""
    tends = units_of(seen.actor.grants, Action.TEND_UNITS)
    return bool(tends) and not session.scalar(select(exists().where(Airing.state.in_(HEARD))))


def _stop(seen: Sight) -> str:
    """Where the big button leads: to the one unit this person may silence, else to a choice; empty where to none."""
    may = [unit for unit in seen.tops if seen.allows(Action.WITHDRAW, unit)]
    below = any(Action.WITHDRAW in MAY.get(grant.role, ()) for grant in seen.actor.grants)
    if len(may) == 1 and may == sorted(seen.tops):
        return f"/units/{may[0]}/stop"
    return "/airings/stop" if below else ""


def _mine(session: Session, seen: Sight) -> list[Brief]:
    own = Announcement.author_id == seen.actor.person_id
    return briefs(session, seen, listed(seen, own, Announcement.state.in_(UNFINISHED)).limit(MOST))


def _ready(session: Session, seen: Sight) -> list[Brief]:
    never_aired = ~Announcement.id.in_(Airing.__table__.select().with_only_columns(Airing.announcement_id))
    return briefs(session, seen, listed(seen, Announcement.state == State.APPROVED, never_aired).limit(MOST))
