"""Templates to answers: one Jinja2 environment per language, and what every page knows."""

import secrets
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request

from broadcaster.domain.permissions import Action, units_of
from broadcaster.services.actor import Actor
from broadcaster.web import i18n, manual, menu, reasons, wire
from broadcaster.web.compiling import Translated
from broadcaster.web.context import Context
from broadcaster.web.labels import N_
from broadcaster.web.problems import Problem

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGE_COOKIE = "loa_language"

# The few sentences a page may greet with after a form was sent; the address carries only their name.
SAID = {
    "chain-followed": N_("The whole log book was checked."),
    "saved": N_("Saved as a draft."),
    "submitted": N_("Sent for approval."),
    "approved": N_("Approved. It can go on air now."),
    "rejected": N_("Sent back to whoever wrote it."),
    "withdrawn": N_("Withdrawn. Loudspeakers that have not played it will not."),
    "signed-out": N_("You are signed out."),
    "stopped": N_("Stopped."),
    "copy-again": N_("The copy is sent once more; its state below shows how it went."),
    "forwarded": N_("Written down, with your name."),
    "begun": N_("The list is ready: now it can be recorded."),
    "recorded": N_("Kept. Somebody else who speaks the language listens to it before it is heard."),
    "listened": N_("Kept, with your name."),
    "unit-change": N_("Decided. What it changes and when is written here."),
    "unit-change-off": N_("Called off. Everything stays as it is."),
    "unit-saved": N_("Saved. The loudspeakers there are told."),
    "rules-saved": N_("The rules are written. Loudspeakers obey them from their day on."),
    "override-asked": N_("Asked for. Somebody else must grant it."),
    "override-granted": N_("Granted. It is shown here for as long as it runs."),
    "override-refused": N_("Not granted. The rules hold."),
    "override-ended": N_("Taken back. The rules hold again."),
    "taken-over": N_("The drafts are written. Nothing is heard before they are approved."),
    "scheduled": N_("The times are kept."),
    "rescheduled": N_("The times are changed. What was planned before is cancelled."),
    "unscheduled": N_("Ended. What was still planned is cancelled."),
    "factor-added": N_("Your second factor is ready."),
    "factor-removed": N_("Removed."),
    "kept": N_("Kept."),
    "agreed": N_("Zalo gave us a token. From now on it is renewed by itself."),
    "channels-made": N_("Made. Each group is in the list and gets a copy from now on."),
    "reader-off": N_("Taken off the list."),
    "word-removed": N_("Removed. The machine reads the word by its own rules again."),
    "template-removed": N_("Removed. What was written with it stays."),
    "undone": N_("Called back before it was heard. Nothing goes on the air."),
    "password": N_("The password is kept. Other browsers were signed out."),
    "sessions-ended": N_("Signed out there."),
    "account-closed": N_("The account is closed, and nobody is signed in with it any more."),
    "account-open": N_("The account is open again."),
    "role-given": N_("The role is given."),
    "role-taken": N_("The role is taken back."),
    "proved": N_("That was you. For ten minutes you are not asked again."),
    "test-asked": N_("Asked for. A loudspeaker that is connected sounds for a second; the result stands below."),
    "speaker-moved": N_("Moved. The loudspeaker is told; what was heard of it stays."),
    "speaker-retired": N_("Taken out of service. What it played stays on record."),
    "label-cancelled": N_("The label is cancelled; no box can use it any more."),
    "border-kept": N_("The border is kept and shown on the map."),
    "speaker-told": N_("Saved. The loudspeaker is told."),
    "changed-since": N_("Somebody has changed it since; nothing was set back."),
    "one-approval": N_("Your approval is kept. It needs one more person."),
    "renewed": N_("You have answered for it once more."),
    "stood-in": N_("Written down, with your name."),
    "deputy": N_("Appointed. It ends by itself on the last day."),
    "voice-answered": N_("The answer is kept."),
    "voice-published": N_("Kept. Residents read the answer on the announcement’s page."),
    "pole-code": N_("The code is made. Print it and put it on the pole."),
}


@cache
def environment(language: str) -> Environment:
    """The templates speaking one language."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", wire.Addresses],
    )
    made.code_generator_class = Translated
    made.install_gettext_translations(i18n.translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.filters |= {
        "said": partial(i18n.say, language),
        "reason": partial(reasons.reason, language),
        "reasons": partial(reasons.reasons, language),
        "day": partial(i18n.day, language),
        "clock_of": partial(i18n.clock_of, language),
        "language_name": partial(i18n.language_name, language),
        "megabytes": partial(i18n.megabytes, language),
        "whole": lambda number: i18n.whole(language, number),
        "seconds": lambda number: i18n.decimal(language, round(number * 100)),
        "unit_of_sound": lambda centi: i18n.decimal(language, centi),
    }
    return made


def language_of(request: Request) -> str:
    """The language this person chose here, else their own, else the commune's."""
    context: Context = request.app.state.context
    me: Actor | None = getattr(request.state, "me", None)
    wishes = (request.cookies.get(LANGUAGE_COOKIE), me.locale if me else None, context.settings.language)
    return next((wish for wish in wishes if wish in i18n.LANGUAGES), i18n.DEFAULT)


def page(request: Request, template: str, **values: Any) -> HTMLResponse:  # noqa: ANN401  (templates take anything)
    """A page or a partial, with what every page knows."""
    language = language_of(request)
    text = environment(language).get_template(template).render(_common(request, language) | values)
    body, packed = wire.pack(request, text)
    usual = {"cache-control": "no-store", "vary": "Cookie, HX-Request, Accept-Encoding"}
    return HTMLResponse(body, headers=usual | packed)


def problem_page(request: Request, problem: Problem) -> HTMLResponse:
    """A refusal as a page of its own; to htmx the same piece alone."""
    template = "_problem.html" if request.headers.get("hx-request") else "problem.html"
    answer = page(request, template, problem=problem)
    answer.status_code = problem.status
    return answer


def _common(request: Request, language: str) -> dict[str, Any]:
    context: Context = request.app.state.context
    me: Actor | None = getattr(request.state, "me", None)
    now = context.now()
    return {
        "language": language,
        "languages": i18n.LANGUAGES,
        "nonce": request.state.nonce,
        "csrf": wire.mask(getattr(request.state, "csrf", "")),
        "once": secrets.token_hex(16),
        "path": request.url.path,
        "me": me,
        "menu": menu.tabs(me, request.url.path, getattr(request.state, "waiting", 0)),
        "help": f"/help/{manual.fitting(request.url.path)}".rstrip("/"),
        "sections": menu.sections(me, request.url.path),
        "may": {action.value: bool(me and units_of(me.grants, action)) for action in Action},
        "tiles": context.settings.map_tiles is not None,
        "said": SAID.get(request.query_params.get("said", "")),
        "problem": None,
        "now": now,
        "moment": partial(_moment, language, now),
    }


def _moment(language: str, now: datetime, at: datetime | None) -> str:
    return i18n.moment(language, at, now=now)


def translate(request: Request, text: str) -> str:
    """One message in the language of the person asking."""
    return i18n.say(language_of(request), text)
