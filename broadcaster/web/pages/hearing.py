"""Before anything is saved: how it will be read, how it sounds, how many will hear it."""

from dataclasses import replace

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from broadcaster.domain.errors import LoaError
from broadcaster.domain.permissions import Action
from broadcaster.services.sound import clips
from broadcaster.web.asking import Sending, Sent
from broadcaster.web.forms import Heard, VersionForm, WriteForm, posted_form, with_choices
from broadcaster.web.problems import problem_of
from broadcaster.web.render import language_of, page
from broadcaster.web.shown.announcements import clip_view, words
from broadcaster.web.shown.sight import sight

router = APIRouter(include_in_schema=False)


@router.post("/announcements/reach")
def reach(visit: Sent) -> HTMLResponse:
    """How many villages and loudspeakers are chosen."""
    with visit.context.database.read() as session:
        form = with_choices(session, sight(session, visit.me, Action.WRITE), posted_form(visit.form))
    return page(visit.request, "_reach.html", reach=form.reach)


@router.post("/announcements/read/{language}")
def read_aloud(visit: Sent, language: str) -> HTMLResponse:
    """How the machine will read one version."""
    may_write(visit)
    return page(visit.request, "_heard.html", heard=read(posted_form(visit.form).version(language)))


@router.post("/announcements/listen/{language}")
def listen(visit: Sent, language: str) -> HTMLResponse:
    """One version as the loudspeakers will play it."""
    may_write(visit)
    form = posted_form(visit.form)
    return page(visit.request, "_heard.html", heard=listened(visit, form, form.version(language)))


def may_write(visit: Sending) -> None:
    """Making sound costs the server something: only for those who write. Raises NotAllowed."""
    with visit.context.database.read() as session:
        sight(session, visit.me, Action.WRITE)


def read(version: VersionForm) -> Heard:
    """The version's words as the machine will say them."""
    return Heard(words(version.text, version.language) if version.text else None)


def listened(visit: Sending, form: WriteForm, version: VersionForm) -> Heard:
    """The version's sound, made now; a refusal instead where it cannot be."""
    context = visit.context
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
            now=context.now(),
        )
    except LoaError as error:
        return Heard(problem=problem_of(error, language_of(visit.request)))
    read_first = read(version) if version.voice else Heard()
    return replace(read_first, clip=clip_view(clip))
