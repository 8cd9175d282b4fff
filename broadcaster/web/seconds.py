"""A second factor as a form brings it, and what a form must offer for it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from broadcaster.services.people import second_factor
from broadcaster.services.people.proving import Here
from broadcaster.services.people.second_factor import Method, Second
from broadcaster.web.asking import Posted, Visiting, cookie_of


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person can prove themselves by."""

    codes: bool
    passkeys: bool
    about: str
    """What a passkey is asked to answer for."""


def asked_of(session: Session, person_id: str, about: str) -> Asked:
    """Which of the two this person has."""
    kinds = {each.kind for each in second_factor.standing(session, person_id)}
    return Asked(Method.TOTP in kinds, Method.PASSKEY in kinds, about)


def here(visit: Visiting) -> Here:
    """Who is asking, in this browser."""
    return Here(visit.me, cookie_of(visit.request, visit.context), visit.context.vault)


def second_of(form: Posted) -> Second | None:
    """The passkey's answer, else the code that was typed, else nothing."""
    if answer := form.line("passkey"):
        return Second(Method.PASSKEY, answer)
    code = form.line("code")
    return Second(Method.TOTP, code) if code else None
