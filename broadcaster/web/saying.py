"""The page behind a link that asks somebody to speak for a loudspeaker: no session, no script, only a form."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.requests import Request
from starlette.responses import Response

from broadcaster.domain.errors import BadForm, StandInEnded, StandInLinkGone, TooMany
from broadcaster.services.alarms import stand_in_answers
from broadcaster.services.alarms.stand_in_answers import Answer
from broadcaster.services.ids import hashed
from broadcaster.store.tables import Person, StandInLink
from broadcaster.web.asking import OpenForm, origin, same_site
from broadcaster.web.by_key import HEADERS, WRONG_A_MINUTE, drawn, language_of
from broadcaster.web.context import Context
from broadcaster.web.problems import problem_of
from broadcaster.web.shown.standing_in import saying

OPENED_A_MINUTE = RateLimitItemPerMinute(60)
DID = {"done": True, "could_not": False}


def saying_routes(context: Context) -> APIRouter:
    """`/say/{secret}`: to read and to answer; `?lang=` chooses the language of the page's own words."""
    router = APIRouter(include_in_schema=False)
    limiter = FixedWindowRateLimiter(MemoryStorage())

    def admit(request: Request, secret: str) -> None:
        with context.database.read() as session:
            try:
                stand_in_answers.of_link(session, secret, now=context.now())
            except StandInLinkGone:
                if limiter.hit(WRONG_A_MINUTE, "wrong", origin(request)):
                    raise
                raise TooMany from None
        if not limiter.hit(OPENED_A_MINUTE, "opened", hashed(secret)):
            raise TooMany

    @router.api_route("/say/{secret}", methods=["GET", "HEAD"])
    def look(request: Request, secret: str, lang: str = "") -> Response:
        admit(request, secret)
        return shown(request, context, secret, lang)

    @router.post("/say/{secret}")
    def answer(request: Request, secret: str, form: OpenForm, lang: str = "") -> Response:
        if not same_site(request) or form.line("did") not in DID:
            raise BadForm
        admit(request, secret)
        given = Answer(DID[form.line("did")], form.line("reason"), form.line("name"))
        try:
            with context.database.transaction() as session:
                row = stand_in_answers.answer_by_link(session, secret, given, now=context.now(), origin=origin(request))
                airing = row.airing_id
        except StandInEnded as error:
            return shown(request, context, secret, lang, error)
        context.live.nudge(f"airing-{airing}")
        return RedirectResponse(request.url.path, 303, headers=HEADERS)

    return router


def shown(
    request: Request, context: Context, secret: str, lang: str, refused: StandInEnded | None = None
) -> HTMLResponse:
    """The page as it stands; after a refusal with its status, and saying what was answered before."""
    now = context.now()
    with context.database.read() as session:
        row, link = stand_in_answers.of_link(session, secret, now=now)
        person = session.get(Person, link.person_id) if link.person_id else None
        language = language_of(lang, person.locale if person else "", context.settings.language)
        it = saying(session, row, named=_named(link), now=now)
    problem = problem_of(refused, language) if refused else None
    text = drawn("say.html", language, now=now, it=it, path=request.url.path, problem=problem)
    return HTMLResponse(text, refused.status if refused else 200, headers=HEADERS)


def _named(link: StandInLink) -> bool:
    return link.person_id is not None
