"""Who speaks which language natively: only they record it where no machine can, and review what others recorded."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import languages
from broadcaster.domain.errors import LanguageNotYours, NotAllowed, NotFound
from broadcaster.domain.languages import Language
from broadcaster.domain.permissions import Action, units_of
from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.store import places
from broadcaster.store.tables import Grant, Person


def require(session: Session, actor: Actor, tag: str) -> Language:
    """The language, for someone at work here who speaks it. Raises UnknownLanguage, NotAllowed, LanguageNotYours."""
    language = languages.require(tag)
    if not units_of(actor.grants, Action.SEE):
        raise NotAllowed(action=Action.SEE)
    person = session.get(Person, actor.person_id)
    if person is None or language.tag not in person.languages:
        raise LanguageNotYours(language=language.tag)
    return language


def speaks(session: Session, actor: Actor, tag: str) -> bool:
    """Whether it is noted that this person speaks the language."""
    person = session.get(Person, actor.person_id)
    return person is not None and tag in person.languages


def declare(session: Session, actor: Actor, person_id: str, tag: str, *, able: bool, now: datetime) -> Person:
    """Note that a person speaks a language, or does not; by someone who tends the people where that person works.

    Raises UnknownLanguage, NotFound, NotAllowed.
    """
    language = languages.require(tag)
    person = session.get(Person, person_id, with_for_update=True)
    if person is None or person.disabled_at is not None:
        raise NotFound(what="person", id=person_id)
    unit = _tended(session, actor, person_id)
    if able is (language.tag in person.languages):
        return person
    others = [each for each in person.languages if each != language.tag]
    person.languages = [*others, language.tag] if able else others
    details = {"language": language.tag, "able": able}
    audit.record(session, actor, "languages", ("person", person.id), now=now, unit=unit, details=details)
    return person


def _tended(session: Session, actor: Actor, person_id: str) -> str | None:
    """A unit where the person works and whose people the actor tends."""
    units = session.scalars(select(Grant.unit_id).where(Grant.person_id == person_id).order_by(Grant.unit_id)).all()
    tended = next((unit for unit in units if _tends(session, actor, unit)), None)
    if tended is None and actor.person_id != SYSTEM.person_id:
        raise NotAllowed(action=Action.TEND_PEOPLE)
    return tended


def _tends(session: Session, actor: Actor, unit: str) -> bool:
    return actor.may(Action.TEND_PEOPLE, places.path(session, unit))
