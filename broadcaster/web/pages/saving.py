"""Saving what is written: when somebody presses a button, and by itself while one types."""

from dataclasses import dataclass, replace
from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.announcement import State
from broadcaster.domain.errors import EditedSince, LoaError, NotAllowed
from broadcaster.domain.permissions import Action
from broadcaster.domain.words import line
from broadcaster.services.writing import announcements
from broadcaster.store.tables import Announcement
from broadcaster.web.asking import Sending, Sent
from broadcaster.web.forms import WriteForm, posted_form, with_choices
from broadcaster.web.i18n import ZONE
from broadcaster.web.pages.again import again
from broadcaster.web.pages.announcements import make_and_submit
from broadcaster.web.pages.announcements import show as show_announcement
from broadcaster.web.pages.once import once
from broadcaster.web.pages.writing import OPEN, completed, show, stored_form, with_recordings
from broadcaster.web.problems import Problem, problem_of
from broadcaster.web.render import language_of, page
from broadcaster.web.shown.sight import find_announcement, sight
from broadcaster.web.shown.writing import plan, theirs
from broadcaster.web.sign_in import go
from firmware_config.protocol import Klass

router = APIRouter(include_in_schema=False)
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of the last saving by itself."""

    at: str = ""
    """"8:32"; empty when nothing was saved."""
    problem: Problem | None = None
    foreign: bool = False
    """Somebody else saved meanwhile: nothing more is saved by itself."""


@router.post("/announcements/keep")
def keep(visit: Sent) -> HTMLResponse:
    """Save the draft as far as it is written, and say when; what is unfinished is no error."""
    form = _known(visit, completed(visit, posted_form(visit.form)))
    try:
        saved, kept = _kept(visit, form)
    except NotAllowed:
        raise
    except EditedSince:
        saved, kept = form, Kept(foreign=True)
    except LoaError as error:
        saved, kept = form, Kept(problem=problem_of(error, language_of(visit.request)))
    return page(visit.request, "_kept.html", form=saved, kept=kept)


def _kept(visit: Sending, form: WriteForm) -> tuple[WriteForm, Kept]:
    first = next((version.text for version in form.versions if version.text), "")
    name = form.title or line(first)[:LONGEST_NAME]
    if not name or form.klass == Klass.EMERGENCY:
        return form, Kept()
    saved = _store(visit, replace(form, title=name), unfinished=True)
    with visit.context.database.read() as session:
        row = session.get_one(Announcement, saved)
        at = visit.context.now().astimezone(ZONE)
        return replace(form, announcement=saved, revision=row.revision), Kept(f"{at.hour}:{at.minute:02d}")


@router.post("/announcements")
def save_new(visit: Sent) -> Response:
    """Save a draft, and with the first button put it before the approvers."""
    return _save(visit, _known(visit, posted_form(visit.form)))


@router.post("/announcements/{announcement_id}")
def save_change(visit: Sent, announcement_id: str) -> Response:
    """The same for one that was changed."""
    return _save(visit, _known(visit, replace(posted_form(visit.form), announcement=announcement_id)))


def _known(visit: Sending, form: WriteForm) -> WriteForm:
    """The form of an announcement that is stored; what it does not show stays as it was. Raises NotFound."""
    if not form.announcement:
        return form
    with visit.context.database.read() as session:
        row = find_announcement(session, sight(session, visit.me, Action.WRITE), form.announcement)
        return replace(form, kind=row.kind, expires=row.expires)


def _save(visit: Sending, form: WriteForm) -> Response:
    form = completed(visit, form)
    try:
        form = with_recordings(visit, form)
        saved = _store(visit, form)
    except EditedSince as error:
        return _both(visit, form, error)
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


def _both(visit: Sending, form: WriteForm, error: LoaError) -> Response:
    """What was typed beside what somebody else saved: whoever looks at both chooses."""
    with visit.context.database.read() as session:
        row = session.get_one(Announcement, _stored(visit, form))
        other = theirs(session, row)
        other = replace(other, form=with_choices(session, sight(session, visit.me, Action.WRITE), other.form))
        mine = replace(form, announcement=row.id, revision=row.revision)
    answer = show(visit, mine, theirs=other, keeps=False)
    answer.status_code = error.status
    return answer


def _stored(visit: Sending, form: WriteForm) -> str:
    if form.announcement:
        return form.announcement
    with visit.context.database.transaction() as session:
        return once(session, visit, "write", lambda: form.announcement)


def _store(visit: Sending, form: WriteForm, *, unfinished: bool = False) -> str:
    """The id of what is written now. Raises what writing and scheduling do."""
    now, draft = visit.context.now(), replace(form.draft(), unfinished=unfinished)
    with visit.context.database.transaction() as session:
        made: list[str] = []

        def write() -> str:
            made.append(announcements.write(session, visit.me, draft, now=now, page=form.once).id)
            return made[0]

        name = form.announcement or once(session, visit, "write", write)
        row = session.get_one(Announcement, name)
        # A form that comes a second time without its announcement's name was saved, and its answer lost.
        if not made and (form.announcement or row.state in OPEN) and _changed(session, visit, row, form, unfinished):
            announcements.edit(session, visit.me, name, draft, revision=form.revision, now=now, page=form.once)
        _plan(session, visit, row, form, unfinished=unfinished)
    return name


def _changed(session: Session, visit: Sending, row: Announcement, form: WriteForm, unfinished: bool) -> bool:
    """Whether saving would change anything; what a person saves is saved anyhow."""
    if not unfinished:
        return True
    before = with_choices(
        session, sight(session, visit.me, Action.WRITE), stored_form(session, row, visit.context.now())
    )
    return row.state != State.DRAFT or before.draft() != form.draft()


def _plan(session: Session, visit: Sending, row: Announcement, form: WriteForm, *, unfinished: bool) -> None:
    try:
        plan(session, visit.me, row, form, now=visit.context.now())
    except LoaError:
        # Half a date is no reason to lose the words.
        if not unfinished:
            raise
