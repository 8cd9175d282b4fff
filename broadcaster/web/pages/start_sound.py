"""The middle steps: a loudspeaker, real or pretended, and one sentence written and heard in this browser."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.errors import LoaError
from broadcaster.domain.permissions import Action
from broadcaster.services.speaking import pretending
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice, Draft, DraftVersion
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.pages.again import again
from broadcaster.web.pages.once import once
from broadcaster.web.render import page
from broadcaster.web.shown.sight import sight, within
from broadcaster.web.shown.start import Progress, progress, villages
from broadcaster.web.sign_in import go
from broadcaster.web.sound import make_sounds

router = APIRouter(include_in_schema=False)
LONGEST_TITLE = 60


@router.get("/start/speaker")
def speaker(visit: Visit) -> Response:
    """Which loudspeakers there are, and the two ways to another."""
    return _after_naming(visit, "start_speaker.html")


@router.post("/start/pretend")
def pretend(visit: Sent) -> Response:
    """Make the unit's pretend loudspeaker, or find the one it has, and open it."""
    with visit.context.database.transaction() as session:
        seen = sight(session, visit.me, Action.ENROL)
        unit = visit.form.line("unit") or min(seen.tops)
        within(seen, unit)
        made = pretending.make(session, visit.me, unit, visit.context.vault, now=visit.context.now())
    return go(f"/pretend/{made.id}")


@router.get("/start/sentence")
def sentence(visit: Visit) -> Response:
    """The form for one sentence, or the one that was written, to be listened to."""
    return _after_naming(visit, "start_sentence.html", text="")


@router.post("/start/sentence")
def write(visit: Sent) -> Response:
    """Make a draft of it and its sound; the title is its first words."""
    text = visit.form.prose("text")
    with visit.context.database.read() as session:
        it = progress(session, visit.me)
    try:
        with visit.context.database.transaction() as session:
            act = partial(announcements.write, session, visit.me, _draft(it, text), now=visit.context.now())
            made = once(session, visit, f"first {text}", lambda: act().id)
        make_sounds(visit.context, visit.me, made)
    except LoaError as error:
        return again(visit.request, error, partial(_show, visit, "start_sentence.html", text=text))
    return go("/start/sentence")


def _after_naming(visit: Visiting, template: str, **values: object) -> Response:
    with visit.context.database.read() as session:
        named = progress(session, visit.me).unit
    return _show(visit, template, **values) if named else go("/start/commune")


def _show(visit: Visiting, template: str, **values: object) -> HTMLResponse:
    with visit.context.database.read() as session:
        it = progress(session, visit.me)
        common = {"it": it, "villages": villages(session, it.unit)}
    return page(visit.request, template, **(common | values))


def _draft(it: Progress, text: str) -> Draft:
    """Heard on the pretend loudspeaker, where there is one: nobody else is disturbed by a first try."""
    here = it.pretended
    audience = AudienceChoice("speaker", here.id) if here else AudienceChoice("unit", it.unit)
    return Draft(_title(text), it.unit, [DraftVersion("vi", text)], [audience], repeat=1)


def _title(text: str) -> str:
    first = text.partition("\n")[0]
    return first if len(first) <= LONGEST_TITLE else first[:LONGEST_TITLE].rpartition(" ")[0] + " …"
