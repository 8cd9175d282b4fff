"""Writing an alert: which hazard, which level, where, when, what to do."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain import hazards
from broadcaster.domain.errors import LoaError
from broadcaster.domain.hazards import HAZARDS, LEVELS, WORDINGS
from broadcaster.domain.permissions import Action
from broadcaster.services.alarms import emergencies
from broadcaster.services.alarms.emergencies import Alert
from broadcaster.services.sound import clips
from broadcaster.web.asking import Posted, Sending, Sent, Visit, Visiting
from broadcaster.web.forms import WriteForm, form_of_announcement, with_choices
from broadcaster.web.labels import N_
from broadcaster.web.pages.again import again
from broadcaster.web.pages.once import once
from broadcaster.web.render import language_of, page
from broadcaster.web.shown.announcements import ClipView, clip_view
from broadcaster.web.shown.sight import find_announcement, sight
from broadcaster.web.sign_in import go
from broadcaster.web.sound import make_sounds

router = APIRouter(include_in_schema=False)

SLOTS = {
    "what": N_("What or who"),
    "place": N_("Place, as it is said"),
    "time": N_("Time, as it is said"),
    "action": N_("What people should do"),
}
COLOURS = {
    "light_blue": N_("light blue"),
    "light_yellow": N_("light yellow"),
    "orange": N_("orange"),
    "red": N_("red"),
    "purple": N_("purple"),
}


@dataclass(frozen=True, slots=True)
class Preview:
    """One language as it will be heard."""

    language: str
    text: str
    clip: ClipView | None = None


@dataclass(frozen=True, slots=True)
class AlertForm:
    """Everything in the form."""

    hazard: str
    level: int | None
    slots: dict[str, dict[str, str]]
    """language → slot → what was typed."""
    where: WriteForm = field(default_factory=WriteForm)

    def alert(self) -> Alert:
        """What the service takes."""
        return Alert(self.hazard, self.level, self.where.unit, self.where.audience(), self.slots, self.where.repeat)

    def advised(self) -> "AlertForm":
        """The same with the usual advice of its level in every language."""
        advice = {code: hazards.default_action(self.hazard, self.level, code) for code in self.slots}
        return replace(self, slots={code: slots | {"action": advice[code]} for code, slots in self.slots.items()})


@router.get("/emergency")
def choose(visit: Visit) -> HTMLResponse:
    """Every hazard with its levels, as large as they fit."""
    language = language_of(visit.request)
    with visit.context.database.read() as session:
        sight(session, visit.me, Action.WRITE)
    named = [(hazard, hazards.name(hazard.key, language)) for hazard in HAZARDS.values()]
    return page(visit.request, "emergency_choose.html", hazards=named, colours=COLOURS, levels=LEVELS)


@router.get("/emergency/{hazard}")
def write(visit: Visit, hazard: str, level: Annotated[int | None, Query(ge=1, le=5)] = None) -> HTMLResponse:
    """The template with its slots; the usual advice stands in it already."""
    found = hazards.hazard_of(hazard)
    chosen = level if level in found.levels else (found.levels[2] if found.levels else None)
    form = AlertForm(found.key, chosen, {"vi": dict.fromkeys(found.slots, "")}, WriteForm(repeat=3)).advised()
    return show(visit, form)


@router.get("/emergency/at/{announcement_id}/edit")
def edit(visit: Visit, announcement_id: str) -> HTMLResponse:
    """The template as it was filled in; keeping it takes back an approval."""
    with visit.context.database.read() as session:
        row = find_announcement(session, sight(session, visit.me, Action.WRITE), announcement_id)
        found = hazards.hazard_of(emergencies.require(session, row.id).hazard or "")
        form = AlertForm(found.key, row.level, dict(row.slots or {}), form_of_announcement(row))
    return show(visit, form)


@router.post("/emergency/at/{announcement_id}/edit")
def changed(visit: Sent, announcement_id: str) -> Response:
    """The same, kept in the place of what stood there."""
    with visit.context.database.read() as session:
        row = find_announcement(session, sight(session, visit.me, Action.WRITE), announcement_id)
        hazard = emergencies.require(session, row.id).hazard or ""
    form = posted(visit.form, hazard)
    where = replace(form.where, announcement=announcement_id, revision=visit.form.number("revision"))
    return _answer(visit, replace(form, where=where))


@router.post("/emergency/{hazard}")
def written(visit: Sent, hazard: str) -> Response:
    """One more language, the advice of another level, how it sounds, or the draft with all three texts."""
    return _answer(visit, posted(visit.form, hazard))


def _answer(visit: Sending, form: AlertForm) -> Response:
    try:
        match visit.form.line("do"):
            case "advice":
                return show(visit, form.advised())
            case "add":
                return show(visit, _with_language(form, visit.form.line("add_language")))
            case "preview":
                return show(visit, form, previews=_previews(visit, form))
        saved = _store(visit, completed(visit, form))
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, form))
    try:
        make_sounds(visit.context, visit.me, saved)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, form))
    return go(f"/emergency/at/{saved}", "saved")


def show(visit: Visiting, form: AlertForm, **values: object) -> HTMLResponse:
    """The form with what is in it."""
    language = language_of(visit.request)
    found = hazards.hazard_of(form.hazard)
    common = {
        "alert": form,
        "action": f"/emergency/at/{form.where.announcement}/edit"
        if form.where.announcement
        else f"/emergency/{found.key}",
        "form": completed(visit, form).where,
        "hazard": found,
        "heading": hazards.name(found.key, language),
        "levels": [LEVELS[number] for number in found.levels],
        "colours": COLOURS,
        "slot_names": SLOTS,
        "others": [code for code in WORDINGS if code not in form.slots],
        "previews": [],
    }
    return page(visit.request, "emergency_write.html", **(common | values))


def completed(visit: Visiting, form: AlertForm) -> AlertForm:
    """The form with what there is to choose from."""
    with visit.context.database.read() as session:
        return replace(form, where=with_choices(session, sight(session, visit.me, Action.WRITE), form.where))


def posted(form: Posted, hazard: str) -> AlertForm:
    """What was sent, kept as it was typed. Raises UnknownHazard."""
    found = hazards.hazard_of(hazard)
    level = form.number("level")
    languages = [code for code in dict.fromkeys(form.lines("languages")) if code in WORDINGS] or ["vi"]
    return AlertForm(
        found.key,
        level if level in found.levels else (found.levels[2] if found.levels else None),
        {code: {slot: form.prose(f"{slot}-{code}") for slot in found.slots} for code in languages},
        where_of(form),
    )


def where_of(form: Posted) -> WriteForm:
    """Where it is heard, in whose name, and how often in a row."""
    return WriteForm(
        unit=form.line("unit"),
        repeat=min(max(form.number("repeat"), 1), 5),
        ticked=frozenset(form.lines("audience")),
        excepted=frozenset(form.lines("but")),
        once=form.line("once"),
    )


def _with_language(form: AlertForm, code: str) -> AlertForm:
    if code not in WORDINGS or code in form.slots:
        return form
    place = next(iter(form.slots.values())).get("place", "")
    slots = dict.fromkeys(hazards.hazard_of(form.hazard).slots, "")
    slots |= {"place": place, "action": hazards.default_action(form.hazard, form.level, code)}
    return replace(form, slots={**form.slots, code: slots})


def _previews(visit: Visiting, form: AlertForm) -> list[Preview]:
    context, wanted = visit.context, emergencies.draft_of(form.alert())
    with context.database.read() as session:
        sight(session, visit.me, Action.WRITE)
    made = []
    for version in wanted.versions:
        text = version.text or ""
        clip = clips.preview(
            context.database,
            context.studio,
            text,
            version.language,
            klass=wanted.klass,
            repeat=wanted.repeat,
            now=context.now(),
            calm=clips.is_calm(None, wanted.hazard),
            unit_id=wanted.unit_id,
        )
        made.append(Preview(version.language, text, clip_view(clip)))
    return made


def _store(visit: Sending, form: AlertForm) -> str:
    alert, now = form.alert(), visit.context.now()
    with visit.context.database.transaction() as session:
        if name := form.where.announcement:
            emergencies.change(session, visit.me, name, alert, revision=form.where.revision, now=now)
            return name
        return once(session, visit, "alert", lambda: emergencies.draft(session, visit.me, alert, now=now).id)
