"""Which languages a loudspeaker should have played and did not: the others aired all the same."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.delivery import State
from broadcaster.store import places
from broadcaster.store.tables import Airing, Announcement, Delivery, Speaker, Unit

TELLING = frozenset({State.FINISHED, State.HEARD, State.PARTIAL})
"""Only a speaker that came to its end has said all it played."""


def languages(session: Session, airing: Airing, deliveries: Iterable[Delivery]) -> Mapping[str, tuple[str, ...]]:
    """For each speaker that played, what its village wants of the announcement and did not hear, in its order."""
    announcement = session.get_one(Announcement, airing.announcement_id)
    played = [each for each in deliveries if each.state in TELLING and each.languages]
    if announcement.revision != airing.revision or not played:
        return {}
    written = [version.language for version in announcement.versions]
    wanted = _wanted(session, played)
    return {
        each.speaker_id: missing
        for each in played
        if (missing := _missing(wanted[each.speaker_id] or written, written, each.languages))
    }


def _missing(wanted: Iterable[str], written: Iterable[str], heard: Iterable[str]) -> tuple[str, ...]:
    return tuple(language for language in wanted if language in {*written} - {*heard})


def _wanted(session: Session, deliveries: Iterable[Delivery]) -> Mapping[str, tuple[str, ...]]:
    ids = [each.speaker_id for each in deliveries]
    tree = places.tree(session)
    own = {row.id: row.languages for row in session.execute(select(Unit.id, Unit.languages))}
    found: dict[str, tuple[str, ...]] = {}
    for row in session.execute(select(Speaker.id, Speaker.unit_id, Speaker.languages).where(Speaker.id.in_(ids))):
        above = (own[unit] for unit in reversed(tree.path(row.unit_id)) if own[unit])
        found[row.id] = tuple(row.languages or next(above, ()))
    return found
