"""A loudspeaker came, went or hangs elsewhere: what is planned follows it, and nothing that has begun is touched."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from broadcaster.domain.airing import State
from broadcaster.domain.announcement import State as Approval
from broadcaster.domain.audience import ChoiceKind
from broadcaster.domain.delivery import State as Standing
from broadcaster.domain.schedule import Kind, Moment
from broadcaster.services.airtime import far, joining, laying
from broadcaster.services.airtime.cases import case_of
from broadcaster.services.airtime.knowledge import Knowledge
from broadcaster.services.airtime.laying import Joined
from broadcaster.services.airtime.rejudging import WAITING
from broadcaster.store import outbox
from broadcaster.store.tables import Airing, Announcement, AudienceEntry, Delivery, GroupMember, Schedule, Speaker

MOVED, REPLACED, RETIRED = "hangs_elsewhere", "replaced", "out_of_service"
OURS = frozenset({MOVED, REPLACED, RETIRED})
"""Why a delivery was taken back that comes again when its speaker does."""


@dataclass(frozen=True, slots=True)
class Followed:
    """Which airings a speaker no longer has, and which are new to it."""

    left: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    kept: int = 0


def follow(session: Session, speaker_id: str, *, reason: str, now: datetime) -> Followed:
    """Take back what is planned on a speaker that is no longer in the audience, and plan what it now is to hear."""
    session.flush()
    follower = _Follower(session, Knowledge(session, now), speaker_id, now)
    found = follower.go(reason)
    far.look_again(session)
    outbox.want(session, "manifest", [speaker_id], now=now)
    return found


@dataclass(frozen=True, slots=True)
class _Follower:
    session: Session
    know: Knowledge
    speaker: str
    now: datetime

    def go(self, reason: str) -> Followed:
        left, joined, kept = [], [], 0
        for airing in self.session.scalars(self._concerned()).all():
            announcement = self.session.get_one(Announcement, airing.announcement_id)
            held = self.session.get(Delivery, (airing.id, self.speaker), with_for_update=True)
            hears = self.speaker in {place.speaker for place in self.know.audience(announcement)}
            if held is not None and held.state in WAITING:
                kept += hears
                left += [airing.id] * (not hears)
            elif hears and (held is None or _ours(held)) and self._join(airing, announcement):
                joined.append(airing.id)
        self._take_back(left, reason)
        self._hang_deliveries()
        return Followed(tuple(left), tuple(joined), kept)

    def _concerned(self) -> Select[Airing]:
        """What is planned on it, and what is planned for a place it is in now."""
        row = self.session.get_one(Speaker, self.speaker)
        tree = self.know.atlas.tree
        path = tree.path(row.unit_id) if row.unit_id in tree.parents else ()
        groups = select(GroupMember.group_id).where(GroupMember.speaker_id == self.speaker)
        kind, ref = AudienceEntry.kind, AudienceEntry.ref
        hit = or_(
            and_(kind == ChoiceKind.UNIT, ref.in_(path)),
            and_(kind == ChoiceKind.GROUP, ref.in_(groups)),
            and_(kind == ChoiceKind.SPEAKER, or_(ref == self.speaker, AudienceEntry.successor == self.speaker)),
        )
        addressed = select(AudienceEntry.announcement_id).where(AudienceEntry.include, hit)
        mine = select(Delivery.airing_id).where(Delivery.speaker_id == self.speaker, Delivery.expires > self.now)
        planned = (Airing.state == State.PLANNED, Airing.latest_start >= self.now)
        rows = select(Airing).join(Announcement, Announcement.id == Airing.announcement_id)
        rows = rows.where(*planned, Announcement.state == Approval.APPROVED, Announcement.revision == Airing.revision)
        rows = rows.where(or_(Airing.announcement_id.in_(addressed), Airing.id.in_(mine)))
        return rows.order_by(Airing.planned_at, Airing.id).with_for_update(of=Airing)

    def _join(self, airing: Airing, announcement: Announcement) -> bool:
        """Whether it will be heard there, by the rules of the air."""
        schedule = self.session.get_one(Schedule, airing.schedule_id)
        place = self.know.atlas.places[self.speaker]
        if schedule.kind == Kind.REPEATING and not self.know.unheeding(announcement, [place]):
            return False
        self.know.judge.expect(announcement, [place])
        there = Joined(airing.id, airing.state, airing.created_at, airing.expires, frozenset())
        case = case_of(self.know, schedule, announcement, [place])
        one = joining.join(self.know, case, Moment(airing.planned_at, airing.wall), there, now=self.now)
        if one is None or one.state is not State.PLANNED or not any(one.open):
            return False
        self.know.judge.note(case.panel, one)
        mine = (Delivery.airing_id == airing.id, Delivery.speaker_id == self.speaker)
        self.session.execute(delete(Delivery).where(*mine).execution_options(synchronize_session="fetch"))
        laying.lay(self.session, [replace(one, standby=airing.standby)], now=self.now, mirror=False)
        return True

    def _take_back(self, airings: Sequence[str], reason: str) -> None:
        values = {"state": Standing.CANCELLED, "reason": reason, "ended_at": self.now, "updated_at": self.now}
        for at in range(0, len(airings), laying.CHUNK):
            self._set(values, Delivery.airing_id.in_(airings[at : at + laying.CHUNK]))

    def _hang_deliveries(self) -> None:
        """What is still to be heard stands on the boards of the unit where it will be heard."""
        place = self.know.atlas.places.get(self.speaker)
        if place is not None:
            self._set({"unit_id": place.unit}, Delivery.unit_id != place.unit)

    def _set(self, values: Mapping[str, object], which: ColumnElement[bool]) -> None:
        mine = (Delivery.speaker_id == self.speaker, Delivery.state.in_(WAITING), which)
        changed = update(Delivery).where(*mine).values(values).execution_options(synchronize_session=False)
        self.session.execute(changed)
        self.session.expire_all()


def _ours(held: Delivery) -> bool:
    return held.state == Standing.CANCELLED and held.reason in OURS


def titles(session: Session, airings: Collection[str]) -> list[tuple[datetime, str]]:
    """When and what these are, the next first."""
    rows = select(Airing.planned_at, Announcement.title).join(Announcement, Announcement.id == Airing.announcement_id)
    found = session.execute(rows.where(Airing.id.in_(airings)).order_by(Airing.planned_at, Airing.id))
    return [(row.planned_at, row.title) for row in found]
