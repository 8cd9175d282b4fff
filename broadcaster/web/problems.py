"""Every refusal a person or a program sees is rendered here: RFC 9457 problem JSON for programs, a page for people."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from broadcaster.domain.errors import LoaError
from broadcaster.domain.errors.base import TYPED, UNCHANGED
from broadcaster.domain.said import Said
from broadcaster.web.i18n import choose, language_name, say
from broadcaster.web.labels import N_, WORDS

MEDIA_TYPE = "application/problem+json"


class NoSuchAddress(LoaError):
    """There is nothing at this address."""

    code, status, kept, todo = "no_such_address", 404, UNCHANGED, "Go back to the first page and look from there."


class MethodNotAllowed(LoaError):
    """This address does not take this kind of request."""

    code, status, kept, todo = "method_not_allowed", 405, UNCHANGED, "Look at the description of the API."


class Unreadable(LoaError):
    """The request cannot be read."""

    code, status, kept = "unreadable", 400, UNCHANGED
    todo = "Send it again; if it happens again, look at the description of the API."


class BadFields(LoaError):
    """Some fields are missing or are not what they should be."""

    code, status, kept, todo = "bad_fields", 422, TYPED, "Correct the fields named here and send it again."


class BadRange(LoaError):
    """This part of the file does not exist."""

    code, status, kept, todo = "bad_range", 416, UNCHANGED, "Ask for the whole file."


@dataclass(frozen=True, slots=True)
class Field:
    """One field that is wrong, and how."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What happened, what was kept, what to do, in one person's language."""

    code: str
    status: int
    title: str
    detail: str = ""
    kept: str = ""
    todo: str = ""
    fields: tuple[Field, ...] = ()
    number: str = ""
    """Under which the log holds what happened; only for our own mistakes."""

    def to_json(self, *, base: str) -> dict[str, Any]:
        """RFC 9457; `type` is the address of the paragraph that explains this code."""
        said = {name: value for name, value in asdict(self).items() if name != "number"}
        instance = {"instance": f"urn:loa:request:{self.number}"} if self.number else {}
        return {"type": f"{base}/problems#{self.code}", **said, **instance}


def problem_of(error: LoaError, language: str) -> Problem:
    """A refusal as a person reads it."""
    params = {name: _word(language, name, value) for name, value in error.params.items()}
    message, kept, todo = (say(language, sentence) for sentence in error.sentences())
    first, _, rest = message.format(**params).partition("\n\n")
    return Problem(error.code, error.status, first, rest, kept, todo)


def _word(language: str, name: str, value: str | int) -> str | int:
    if isinstance(value, Said):
        return value.in_(language)
    if name == "language":
        return language_name(language, str(value))
    return say(language, WORDS[value]) if isinstance(value, str) and value in WORDS else value


def fields_of(errors: Iterable[Mapping[str, Any]], language: str) -> Problem:
    """What FastAPI found wrong, by field name."""
    fields = tuple(Field(_where(error), say(language, _kind(str(error["type"])))) for error in errors)
    return replace(problem_of(BadFields(), language), fields=fields)


def _where(error: Mapping[str, Any]) -> str:
    place = [str(part) for part in error.get("loc", ())]
    return ".".join(place[1:] or place)


# pydantic's many kinds of complaint, in the few words a person needs.
KINDS = (
    ("missing", N_("is missing")),
    ("extra", N_("is not a field we know")),
    ("too_long", N_("is too long")),
    ("too_short", N_("is too short")),
    ("json", N_("is not JSON")),
    ("enum", N_("is not one of the choices")),
    ("literal", N_("is not one of the choices")),
    ("datetime", N_("is not a date and time with a zone, like 2026-11-25T17:00:00+07:00")),
    ("timezone", N_("is not a date and time with a zone, like 2026-11-25T17:00:00+07:00")),
    ("greater", N_("is outside its limits")),
    ("less", N_("is outside its limits")),
)
OTHER_KIND = N_("is not what it should be")


def _kind(code: str) -> str:
    return next((text for part, text in KINDS if part in code), OTHER_KIND)


def for_program(request: Request) -> bool:
    """Whether who asks is a program and not a page."""
    return request.url.path.startswith(("/api/", "/device/", "/cap/in/", "/healthz", "/metrics"))


def language_of_program(request: Request) -> str:
    """The language a program asked to be answered in."""
    return choose(request.headers.get("accept-language"))


def as_json(request: Request, problem: Problem) -> Response:
    """The problem for a program."""
    base = request.app.state.context.settings.public_url
    headers = {"www-authenticate": "Bearer"} if problem.status == 401 else None
    return JSONResponse(problem.to_json(base=base), problem.status, headers, media_type=MEDIA_TYPE)


Answer = Callable[[Request, Problem], Response]
