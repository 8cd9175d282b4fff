"""What one planning pass needs to know of places, loaded once with a few queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.atlas import Atlas
from broadcaster.domain.audience import Place, Tree
from broadcaster.services.airtime.judging import Judge
from broadcaster.services.hours.book import Book
from broadcaster.services.places.audiences import choices
from broadcaster.store.tables import Acknowledgement, Announcement, GroupMember, Speaker, Unit
from firmware_config.protocol import PAUSE_MS

Wanted = tuple[str, ...]
"""Languages in the order in which they are heard; none = all."""


class Knowledge:
    """The tree, its speakers and what they play of an announcement, as they were when the pass began."""

    def __init__(self, session: Session, now: datetime, *, until: datetime | None = None) -> None:
        self._session = session
        self._units = {row.id: row for row in session.execute(select(Unit.id, Unit.parent_id, Unit.languages))}
        self.atlas = Atlas(Tree({unit: row.parent_id for unit, row in self._units.items()}), self._places())
        self.book = Book(session, now)
        self.judge = Judge(self.book, now, until=until)
        self._spoken: dict[str, Wanted] = {}

    def audience(self, announcement: Announcement) -> tuple[Place, ...]:
        """The speakers in service that hear it, by id; perhaps none."""
        return self.atlas.resolve(choices(announcement))

    def unheeding(self, announcement: Announcement, audience: Sequence[Place]) -> tuple[Place, ...]:
        """Those of the audience where nobody has acknowledged it yet."""
        asked = select(Acknowledgement.unit_id).where(Acknowledgement.announcement_id == announcement.id)
        done = set[str]().union(*map(self.atlas.under, self._session.scalars(asked)))
        return tuple(place for place in audience if place.speaker not in done)

    def sound_ms(self, announcement: Announcement, audience: Iterable[Place]) -> int:
        """The longest it sounds on any of them: the chime once, each version heard there, and the silences."""
        silences: dict[Wanted, int] = defaultdict(int)
        for place in audience:
            silences[self._wanted[place.speaker]] = max(
                silences[self._wanted[place.speaker]], self._silence[place.speaker]
            )
        return max((silence + _spoken(announcement, wanted) for wanted, silence in silences.items()), default=0)

    def _places(self) -> list[Place]:
        members: Mapping[str, set[str]] = defaultdict(set)
        for member in self._session.execute(select(GroupMember.speaker_id, GroupMember.group_id)):
            members[member.speaker_id].add(member.group_id)
        columns = (Speaker.id, Speaker.unit_id, Speaker.languages, Speaker.lead_ms, Speaker.tail_ms)
        rows = self._session.execute(select(*columns).where(Speaker.revoked_at.is_(None))).all()
        self._silence = {row.id: row.lead_ms + row.tail_ms for row in rows}
        self._wanted = {row.id: tuple(row.languages) or self._inherited(row.unit_id) for row in rows}
        return [Place(row.id, row.unit_id, frozenset(members.get(row.id, ()))) for row in rows]

    def _inherited(self, unit_id: str | None) -> Wanted:
        while unit_id is not None:
            unit = self._units[unit_id]
            if unit.languages:
                return tuple(unit.languages)
            unit_id = unit.parent_id
        return ()


def _spoken(announcement: Announcement, wanted: Wanted) -> int:
    # As the speaker counts it: see bundle_ms.
    heard = (version.clip for version in announcement.versions if not wanted or version.language in wanted)
    clips = [clip.ms for clip in (announcement.chime, *heard) if clip]
    return sum(clips) + PAUSE_MS * max(0, len(clips) - 1)
