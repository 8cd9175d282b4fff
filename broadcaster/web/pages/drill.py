"""Drills: their own place from the template to the statistics; no form here ever reaches the services of alerts."""

from dataclasses import dataclass, field, replace
from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain import drill
from broadcaster.domain.announcement import State
from broadcaster.domain.errors import LoaError
from broadcaster.domain.permissions import Action
from broadcaster.services.alarms import drills
from broadcaster.services.alarms.drills import Practice
from broadcaster.services.writing import announcements
from broadcaster.store.tables import Airing
from broadcaster.web.asking import Posted, Sending, Sent, Visit, Visiting
from broadcaster.web.forms import WriteForm, with_choices
from broadcaster.web.pages.again import again
from broadcaster.web.pages.airing import instant, proposed, wall
from broadcaster.web.pages.emergency import SLOTS, where_of
from broadcaster.web.pages.once import once
from broadcaster.web.render import language_of, page
from broadcaster.web.shown.airings import airings
from broadcaster.web.shown.announcements import full
from broadcaster.web.shown.approvals import is_writer
from broadcaster.web.shown.sight import find_announcement, sight
from broadcaster.web.sign_in import go
from broadcaster.web.sound import make_sounds

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class DrillForm:
    """Everything in the form."""

    key: str
    slots: dict[str, dict[str, str]]
    where: WriteForm = field(default_factory=WriteForm)

    def practice(self) -> Practice:
        """What the service takes."""
        return Practice(self.key, self.where.unit, self.where.audience(), self.slots, self.where.repeat)


@router.get("/drill")
def choose(visit: Visit) -> HTMLResponse:
    """What can be practised."""
    language = language_of(visit.request)
    with visit.context.database.read() as session:
        sight(session, visit.me, Action.WRITE)
    named = [(key, drill.practised(key, language).name) for key in drill.KEYS]
    return page(visit.request, "drill_choose.html", drills=named)


@router.get("/drills")
def results(visit: Visit) -> HTMLResponse:
    """How the drills went."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        return page(visit.request, "drills.html", results=drills.results(session, seen.units))


@router.get("/drill/{key}")
def write(visit: Visit, key: str) -> HTMLResponse:
    """The template with its slots."""
    return show(visit, DrillForm(key, {"vi": _advised(key, "vi", "")}, WriteForm(repeat=1)))


@router.post("/drill/{key}")
def written(visit: Sent, key: str) -> Response:
    """One more language, or the drill sent for approval."""
    form = _posted(visit.form, key)
    if visit.form.line("do") == "add":
        return show(visit, _with_language(form, visit.form.line("add_language")))
    try:
        saved = _store(visit, _completed(visit, form))
        make_sounds(visit.context, visit.me, saved)
        with visit.context.database.transaction() as session:
            announcements.submit(session, visit.me, saved, now=visit.context.now())
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, form))
    return go(f"/drill/at/{saved}", "submitted")


@router.get("/drill/at/{announcement_id}")
def look(visit: Visit, announcement_id: str) -> HTMLResponse:
    """One drill: its words, who must approve it, and its start."""
    return show_one(visit, announcement_id)


@router.post("/drill/at/{announcement_id}/start")
def start(visit: Sent, announcement_id: str) -> Response:
    """Hold the drill now or at a time."""
    form, now = visit.form, visit.context.now()
    try:
        at = instant(form.line("at")) if form.line("when") == "at" else None
        with visit.context.database.transaction() as session:
            find_announcement(session, sight(session, visit.me), announcement_id)
            wish = f"drill {announcement_id} {at}"
            airing = once(
                session, visit, wish, lambda: drills.start(session, visit.me, announcement_id, at=at, now=now).id
            )
    except LoaError as error:
        return again(visit.request, error, partial(show_one, visit, announcement_id))
    return go(f"/airings/{airing}")


def show(visit: Visiting, form: DrillForm, **values: object) -> HTMLResponse:
    """The form with what is in it."""
    common = {
        "practice": form,
        "form": _completed(visit, form).where,
        "heading": drill.practised(form.key, language_of(visit.request)).name,
        "slot_order": drill.SLOTS,
        "slot_names": SLOTS,
        "others": [code for code in drill.DRILLS if code not in form.slots],
    }
    return page(visit.request, "drill_write.html", **(common | values))


def show_one(visit: Visiting, announcement_id: str, **values: object) -> HTMLResponse:
    """The page of one drill."""
    now = visit.context.now()
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        row = find_announcement(session, seen, announcement_id)
        drills.require(session, row.id)
        common = {
            "it": full(session, seen, row),
            "airings": airings(session, seen, Airing.announcement_id == row.id),
            "state": row.state,
            "own": is_writer(session, visit.me, row.id),
            "can_start": row.state == State.APPROVED and seen.allows(Action.AIR, row.unit_id),
            "at": wall(proposed(now)),
            "earliest": wall(now),
        }
        return page(visit.request, "drill_at.html", **(common | values))


def _completed(visit: Visiting, form: DrillForm) -> DrillForm:
    with visit.context.database.read() as session:
        return replace(form, where=with_choices(session, sight(session, visit.me, Action.WRITE), form.where))


def _posted(form: Posted, key: str) -> DrillForm:
    languages = [code for code in dict.fromkeys(form.lines("languages")) if code in drill.DRILLS] or ["vi"]
    drill.practised(key, "vi")
    slots = {code: {slot: form.prose(f"{slot}-{code}") for slot in drill.SLOTS} for code in languages}
    return DrillForm(key, slots, where_of(form))


def _with_language(form: DrillForm, code: str) -> DrillForm:
    if code not in drill.DRILLS or code in form.slots:
        return form
    place = next(iter(form.slots.values())).get("place", "")
    return replace(form, slots={**form.slots, code: _advised(form.key, code, place)})


def _advised(key: str, code: str, place: str) -> dict[str, str]:
    return dict.fromkeys(drill.SLOTS, "") | {"place": place, "action": drill.practised(key, code).action}


def _store(visit: Sending, form: DrillForm) -> str:
    practice, now = form.practice(), visit.context.now()
    with visit.context.database.transaction() as session:
        return once(session, visit, "drill", lambda: drills.draft(session, visit.me, practice, now=now).id)
