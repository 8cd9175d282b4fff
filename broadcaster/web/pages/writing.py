"""The page on which an announcement is written: empty, from an earlier one, from a template, or to be changed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain import words
from broadcaster.domain.announcement import State
from broadcaster.domain.errors import LoaError
from broadcaster.domain.languages import LANGUAGES
from broadcaster.domain.permissions import Action
from broadcaster.domain.schedule import zone_named
from broadcaster.domain.schedule.rrules import WEEKDAYS
from broadcaster.domain.schedule.words import weekday_words
from broadcaster.domain.templates import fill
from broadcaster.services.places import units
from broadcaster.services.sound import clips
from broadcaster.store.tables import Announcement, Feedback, Template
from broadcaster.web.asking import Sending, Sent, Visit, Visiting
from broadcaster.web.forms import VersionForm, WriteForm, form_of_announcement, posted_form, with_choices
from broadcaster.web.labels import CATEGORY, KLASS, N_
from broadcaster.web.pages.again import again
from broadcaster.web.pages.hearing import listened, read, remember, said_of
from broadcaster.web.pages.starting_texts import usable_template
from broadcaster.web.render import language_of, page, translate
from broadcaster.web.schedule_form import FEASTS, HOLIDAYS, LUNAR_DAYS, PATTERNS
from broadcaster.web.shown import schedules as shown
from broadcaster.web.shown.chats import previews
from broadcaster.web.shown.feedback import find_voice
from broadcaster.web.shown.sight import find_announcement, sight
from broadcaster.web.shown.writing import SPEEDS, afresh, length_of, voices, when_of
from broadcaster.web.sign_in import go
from firmware_config.protocol import Kind

router = APIRouter(include_in_schema=False)
NEW = N_("Write an announcement")
CHANGE = N_("Change the announcement")
CHOICES = {"patterns": PATTERNS, "lunar_days": LUNAR_DAYS, "feasts": FEASTS, "holidays": HOLIDAYS}
MOST = 500
OPEN = {"", State.DRAFT}
"""What may be saved while one types: whatever was submitted is taken back by saving, and only a person does that."""


def show(visit: Visiting, form: WriteForm, **values: object) -> HTMLResponse:
    """The form with what is in it."""
    language, studio = language_of(visit.request), visit.context.studio
    form, known = filled(visit, form)
    common = {
        "form": form,
        "heading": translate(visit.request, CHANGE if known["state"] else NEW),
        "action": f"/announcements/{form.announcement}" if known["state"] else "/announcements",
        "classes": KLASS,
        "categories": CATEGORY,
        "voices": {it.language: voices(studio.offers(it.language), it.read_by) for it in form.versions},
        "speeds": SPEEDS,
        "lengths": {it.language: length_of(form, it) for it in form.versions},
        "weekdays": {code: weekday_words(day, language) for day, code in enumerate(WEEKDAYS)},
        "keeps": known["state"] in OPEN,
        "kept": None,
        "preview": None,
        "theirs": None,
    }
    return page(visit.request, "write.html", **(common | CHOICES | known | values))


def filled(visit: Visiting, form: WriteForm) -> tuple[WriteForm, dict[str, object]]:
    """The form with what there is to choose from, and what is known of its announcement and places."""
    now, language = visit.context.now(), language_of(visit.request)
    with visit.context.database.read() as session:
        writing = sight(session, visit.me, Action.WRITE)
        form = with_choices(session, writing, form)
        row = session.get(Announcement, form.announcement) if form.announcement else None
        clock = now.astimezone(zone_named(units.zone_of(session, form.unit)))
        return form, {
            "state": row.state if row else "",
            "running": shown.running(session, row.id, language, now) if row else [],
            "earliest": f"{clock:%Y-%m-%d}",
            "chats": previews(session, form.draft(), visit.context.settings.public_url, now),
        }


def completed(visit: Visiting, form: WriteForm) -> WriteForm:
    """The form with what there is to choose from."""
    with visit.context.database.read() as session:
        return with_choices(session, sight(session, visit.me, Action.WRITE), form)


@router.get("/announcements/new")
def new(
    visit: Visit,
    earlier: Annotated[str, Query(alias="from", max_length=64)] = "",
    template: Annotated[str, Query(max_length=64)] = "",
    voice: Annotated[str, Query(max_length=64)] = "",
) -> HTMLResponse:
    """An empty form, or one that begins with an earlier announcement, a template or what was answered a resident."""
    with visit.context.database.read() as session:
        writing = sight(session, visit.me, Action.WRITE)
        form = WriteForm()
        if earlier:
            form = afresh(form_of_announcement(find_announcement(session, sight(session, visit.me), earlier)))
        elif template:
            given = dict(enumerate(visit.request.query_params.getlist("value")))
            row = usable_template(session, writing, template)
            form = begun(row, {name: given.get(place, "")[:MOST] for place, name in enumerate(row.placeholders)})
        elif voice:
            form = answering(find_voice(session, sight(session, visit.me), voice))
    return show(visit, form)


def answering(row: Feedback) -> WriteForm:
    """What was answered one resident, as the beginning of an announcement to all."""
    return WriteForm(versions=(VersionForm("vi", row.answer),)) if row.answer else WriteForm()


def begun(row: Template, values: Mapping[str, str]) -> WriteForm:
    """A template with its braces filled, as the beginning of an announcement."""
    texts = {code: words.prose(fill(text, values)) for code, text in row.versions.items()}
    return WriteForm(
        title=words.line(fill(row.title, values)),
        klass=row.klass,
        category=row.category,
        repeat=row.repeat,
        versions=tuple(VersionForm(code, text) for code, text in texts.items()),
    )


@router.get("/announcements/{announcement_id}/edit", response_model=None)
def edit(visit: Visit, announcement_id: str) -> Response:
    """The form filled with an announcement; saving it takes back an approval. Alerts and drills have their own."""
    with visit.context.database.read() as session:
        row = find_announcement(session, sight(session, visit.me, Action.WRITE), announcement_id)
        form = stored_form(session, row, visit.context.now())
        if row.hazard:
            drill = row.kind == Kind.DRILL
            return go(f"/drill/at/{row.id}" if drill else f"/emergency/at/{row.part_of_id or row.id}/edit")
    return show(visit, form)


def stored_form(session: Session, row: Announcement, now: datetime) -> WriteForm:
    """An announcement as it is changed, with when it is heard."""
    return replace(form_of_announcement(row), when=when_of(session, row, now))


@router.post("/announcements/again")
def same_form(visit: Sent) -> HTMLResponse:
    """The same form with one more thing in it, for browsers without scripts."""
    form = completed(visit, posted_form(visit.form))
    wish, _, rest = visit.form.line("do").partition("-")
    values: dict[str, object] = {}
    try:
        form = with_recordings(visit, form)
        if wish == "own":
            remember(visit, form, rest.partition("-")[0])
        elif wish == "when":
            values["preview"] = said_of(visit, form)
    except LoaError as error:
        return again(visit.request, error, lambda **problem: show(visit, form, **problem))
    language = rest.partition("-")[0]
    version = form.version(language if language in LANGUAGES else visit.form.line("add_language"))
    if wish in {"read", "own"}:
        version = replace(version, heard=read(visit, form, version))
    elif wish == "listen":
        version = replace(version, heard=listened(visit, form, version))
    elif wish == "when":
        return show(visit, form, **values)
    return show(visit, form.with_version(version) if version.language in LANGUAGES else form, **values)


def with_recordings(visit: Sending, form: WriteForm) -> WriteForm:
    """The form after its recordings were taken in. Raises a RecordingRefused."""
    context = visit.context
    for version in form.versions:
        file = visit.form.file(f"file-{version.language}")
        if file is not None:
            kept = clips.take_recording(
                context.database,
                context.clips,
                visit.me,
                file.file,
                version.language,
                unit_id=form.unit,
                now=context.now(),
            )
            form = form.with_version(replace(version, recording=kept.sha256))
    return form
