"""Writing and changing an announcement."""

from dataclasses import replace
from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.errors import LoaError
from broadcaster.domain.languages import LANGUAGES
from broadcaster.domain.permissions import Action
from broadcaster.services.sound import clips
from broadcaster.services.writing import announcements
from broadcaster.web.asking import Sending, Sent, Visit, Visiting
from broadcaster.web.forms import WriteForm, form_of_announcement, posted_form, with_choices
from broadcaster.web.labels import CATEGORY, KLASS, N_
from broadcaster.web.pages.again import again
from broadcaster.web.pages.announcements import make_and_submit
from broadcaster.web.pages.announcements import show as show_announcement
from broadcaster.web.pages.hearing import listened, read
from broadcaster.web.pages.once import once
from broadcaster.web.render import page, translate
from broadcaster.web.shown.sight import find_announcement, sight
from broadcaster.web.sign_in import go
from firmware_config.protocol import Kind

router = APIRouter(include_in_schema=False)
NEW = N_("Write an announcement")
CHANGE = N_("Change the announcement")


def show(visit: Visiting, form: WriteForm, **values: object) -> HTMLResponse:
    """The form with what is in it."""
    common = {
        "form": completed(visit, form),
        "heading": translate(visit.request, CHANGE if form.announcement else NEW),
        "action": f"/announcements/{form.announcement}" if form.announcement else "/announcements",
        "classes": KLASS,
        "categories": CATEGORY,
    }
    return page(visit.request, "write.html", **(common | values))


def completed(visit: Visiting, form: WriteForm) -> WriteForm:
    """The form with what there is to choose from."""
    with visit.context.database.read() as session:
        return with_choices(session, sight(session, visit.me, Action.WRITE), form)


@router.get("/announcements/new")
def new(visit: Visit) -> HTMLResponse:
    """An empty form."""
    return show(visit, WriteForm())


@router.get("/announcements/{announcement_id}/edit", response_model=None)
def edit(visit: Visit, announcement_id: str) -> Response:
    """The form filled with an announcement; saving it takes back an approval. Alerts and drills have their own."""
    with visit.context.database.read() as session:
        row = find_announcement(session, sight(session, visit.me, Action.WRITE), announcement_id)
        form = form_of_announcement(row)
        if row.hazard:
            drill = row.kind == Kind.DRILL
            return go(f"/drill/at/{row.id}" if drill else f"/emergency/at/{row.part_of_id or row.id}/edit")
    return show(visit, form)


@router.post("/announcements/again")
def same_form(visit: Sent) -> HTMLResponse:
    """The same form with one more thing in it, for browsers without scripts."""
    form = completed(visit, posted_form(visit.form))
    try:
        form = with_recordings(visit, form)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, form))
    wish, _, language = visit.form.line("do").partition("-")
    version = form.version(language if language in LANGUAGES else visit.form.line("add_language"))
    if wish == "read":
        version = replace(version, heard=read(version))
    elif wish == "listen":
        version = replace(version, heard=listened(visit, form, version))
    return show(visit, form.with_version(version) if version.language in LANGUAGES else form)


@router.post("/announcements")
def save_new(visit: Sent) -> Response:
    """Save a draft, and with the first button put it before the approvers."""
    return _save(visit, posted_form(visit.form))


@router.post("/announcements/{announcement_id}")
def save_change(visit: Sent, announcement_id: str) -> Response:
    """The same for one that was changed."""
    with visit.context.database.read() as session:
        row = find_announcement(session, sight(session, visit.me, Action.WRITE), announcement_id)
        # What the form does not show stays as it was.
        form = replace(posted_form(visit.form), announcement=row.id, kind=row.kind, expires=row.expires)
    return _save(visit, form)


def _save(visit: Sending, form: WriteForm) -> Response:
    form = completed(visit, form)
    try:
        form = with_recordings(visit, form)
        saved = _store(visit, form)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, form))
    if visit.form.line("do") != "submit":
        return go(f"/announcements/{saved}", "saved")
    try:
        make_and_submit(visit.context, visit.me, saved)
    except LoaError as error:
        # The draft is safe by now, so its own page says what is still in the way.
        return again(visit.request, error, partial(show_announcement, visit, saved))
    return go(f"/announcements/{saved}", "submitted")


def _store(visit: Sending, form: WriteForm) -> str:
    now, draft = visit.context.now(), form.draft()
    with visit.context.database.transaction() as session:
        if form.announcement:
            announcements.edit(session, visit.me, form.announcement, draft, revision=form.revision, now=now)
            return form.announcement
        return once(session, visit, "write", lambda: announcements.write(session, visit.me, draft, now=now).id)


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
