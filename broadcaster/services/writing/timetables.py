"""Taking over a timetable: a dry run of every event, then drafts with their schedules; nothing airs before approval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.domain.errors import LoaError
from broadcaster.domain.permissions import Action
from broadcaster.domain.schedule import zone_named
from broadcaster.domain.timetable import Entry, read
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.airtime import schedules
from broadcaster.services.places import units
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice, Draft, DraftVersion
from broadcaster.store import places


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: the drafts that were written, and the events that were left out."""

    drafts: Sequence[str]
    left: Sequence[Entry]


def look(session: Session, actor: Actor, unit_id: str, content: bytes, *, now: datetime) -> list[Entry]:
    """What each event would become in that unit, changing nothing.

    Raises NotAllowed, UnknownUnit, NotATimetable, TimetableTooLarge.
    """
    path = places.path(session, unit_id)
    for action in (Action.WRITE, Action.AIR):
        actor.require(action, path)
    return read(content, zone_named(units.zone_of(session, unit_id)), now)


def take(session: Session, actor: Actor, unit_id: str, content: bytes, *, language: str = "vi", now: datetime) -> Taken:
    """One draft for each text, heard in the whole unit, with a schedule for each of its events.

    Raises what `look` raises, and UnknownLanguage.
    """
    entries = look(session, actor, unit_id, content, now=now)
    good: dict[tuple[str, str], list[Entry]] = {}
    left = [entry for entry in entries if entry.problem]
    for entry in entries:
        if not entry.problem:
            good.setdefault((entry.title, entry.text), []).append(entry)
    drafts = []
    for (title, text), times in good.items():
        with session.begin_nested() as part:
            made = _write(session, actor, unit_id, title, text, language=language, times=times, now=now)
            if isinstance(made, LoaError):
                part.rollback()
                left += [Entry(each.title, each.text, each.rule, problem=made) for each in times]
            else:
                drafts.append(made)
    details = {"drafts": len(drafts), "left": len(left)}
    audit.record(session, actor, "timetable", ("unit", unit_id), now=now, unit=unit_id, details=details)
    return Taken(drafts, left)


def rehearse(session: Session, actor: Actor, unit_id: str, content: bytes, *, now: datetime) -> list[Entry]:
    """What `take` would do, event by event, undone again: so what the rules of the air forbid is known before."""
    entries = look(session, actor, unit_id, content, now=now)
    part = session.begin_nested()
    left = take(session, actor, unit_id, content, now=now).left
    part.rollback()
    refused = {(each.title, each.text): each for each in left if each not in entries}
    return [each if each.problem else refused.get((each.title, each.text), each) for each in entries]


def _write(
    session: Session,
    actor: Actor,
    unit_id: str,
    title: str,
    text: str,
    *,
    language: str,
    times: Sequence[Entry],
    now: datetime,
) -> str | LoaError:
    audience = [AudienceChoice("unit", unit_id)]
    draft = Draft(title=title, unit_id=unit_id, versions=[DraftVersion(language, text)], audience=audience, repeat=1)
    try:
        made = announcements.write(session, actor, draft, now=now)
        for each in times:
            schedules.add(session, actor, made.id, each.rule, starts=each.starts, until=each.until, now=now)
    except LoaError as error:
        return error
    return made.id
