"""Before anything is saved: how it will be read, how it sounds, how many will hear it, and when."""

from dataclasses import replace

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from broadcaster.domain.errors import LoaError, NotAllowed
from broadcaster.domain.permissions import Action
from broadcaster.services.sound import clips
from broadcaster.services.writing import dictionary
from broadcaster.web.asking import Sending, Sent
from broadcaster.web.forms import Heard, VersionForm, WriteForm, posted_form, with_choices
from broadcaster.web.pages.again import again
from broadcaster.web.problems import problem_of
from broadcaster.web.render import language_of, page
from broadcaster.web.shown.announcements import clip_view, words
from broadcaster.web.shown.chats import previews
from broadcaster.web.shown.schedules import Said
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.writing import foreseen

router = APIRouter(include_in_schema=False)
NEW = "new"


@router.post("/announcements/reach")
def reach(visit: Sent) -> HTMLResponse:
    """How many villages and loudspeakers are chosen."""
    with visit.context.database.read() as session:
        form = with_choices(session, sight(session, visit.me, Action.WRITE), posted_form(visit.form))
    return page(visit.request, "_reach.html", reach=form.reach)


@router.post("/announcements/read/{language}")
def read_aloud(visit: Sent, language: str) -> HTMLResponse:
    """How the machine will read one version."""
    form = posted_form(visit.form)
    return page(visit.request, "_heard.html", heard=read(visit, form, form.version(language)))


@router.post("/announcements/own/{language}")
def own(visit: Sent, language: str) -> HTMLResponse:
    """Read one word otherwise from now on, in the whole unit, and show how the version is read then."""
    form = posted_form(visit.form)
    try:
        remember(visit, form, language)
    except NotAllowed:
        raise
    except LoaError as error:
        refused = Heard(problem=problem_of(error, language_of(visit.request)), language=language)
        return again(visit.request, error, lambda **_: page(visit.request, "_heard.html", heard=refused))
    return page(visit.request, "_heard.html", heard=read(visit, form, form.version(language)))


@router.post("/announcements/listen/{language}")
def listen(visit: Sent, language: str) -> HTMLResponse:
    """One version as the loudspeakers will play it."""
    form = posted_form(visit.form)
    return page(visit.request, "_heard.html", heard=listened(visit, form, form.version(language)))


@router.post("/announcements/chats")
def chats(visit: Sent) -> HTMLResponse:
    """What each chat group of the places chosen will read."""
    context = visit.context
    with context.database.read() as session:
        form = with_choices(session, sight(session, visit.me, Action.WRITE), posted_form(visit.form))
        found = previews(session, form.draft(), context.settings.public_url, context.now())
    return page(visit.request, "_chats.html", chats=found)


@router.post("/announcements/when")
def when(visit: Sent) -> HTMLResponse:
    """When it would be heard, what the rules of the air and other announcements say to it."""
    with visit.context.database.read() as session:
        form = with_choices(session, sight(session, visit.me, Action.WRITE), posted_form(visit.form))
    try:
        said = said_of(visit, form)
    except NotAllowed:
        raise
    except LoaError as error:
        problem = problem_of(error, language_of(visit.request))
        return page(visit.request, "_schedule_preview.html", said=None, problem=problem)
    return page(visit.request, "_schedule_preview.html", said=said)


def said_of(visit: Sending, form: WriteForm) -> Said | None:
    """When it would be heard; None where nothing is chosen yet. Raises what the schedule deserves."""
    with visit.context.database.read() as session:
        return foreseen(session, visit.me, form, language_of(visit.request), visit.context.now())


def remember(visit: Sending, form: WriteForm, language: str) -> None:
    """Put the word whose button was pressed into the dictionary. Raises NotAllowed, Malformed."""
    place = visit.form.line("do").rpartition("-")[2] or NEW
    written, spoken = (visit.form.line(f"own-{part}-{language}-{place}") for part in ("written", "spoken"))
    with visit.context.database.transaction() as session:
        now = visit.context.now()
        dictionary.put(session, visit.me, form.unit, written, spoken, language=language, now=now)


def read(visit: Sending, form: WriteForm, version: VersionForm) -> Heard:
    """The version's words as the machine will say them in the unit."""
    return _read(version, _own(visit, form, version.language))


def listened(visit: Sending, form: WriteForm, version: VersionForm) -> Heard:
    """The version's sound, made now; a refusal instead where it cannot be."""
    context, words_here = visit.context, _own(visit, form, version.language)
    try:
        clip = clips.preview(
            context.database,
            context.studio,
            version.text,
            version.language,
            klass=form.klass,
            kind=form.kind,
            repeat=form.repeat,
            recording=version.recording or None,
            script=version.script,
            unit_id=form.unit,
            reader=clips.reader_of(version.read_by, version.speed),
            now=context.now(),
        )
    except LoaError as error:
        return Heard(problem=problem_of(error, language_of(visit.request)), language=version.language)
    read_first = _read(version, words_here) if version.voice else Heard(language=version.language)
    return replace(read_first, clip=clip_view(clip))


def _read(version: VersionForm, own_words: dict[str, str]) -> Heard:
    said = words(version.text, version.language, own_words) if version.text else None
    return Heard(said, language=version.language)


def _own(visit: Sending, form: WriteForm, language: str) -> dict[str, str]:
    # Making sound costs the server something: only for those who write.
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.WRITE)
        return dictionary.of_unit(session, form.unit, language) if form.unit in seen.units else {}
