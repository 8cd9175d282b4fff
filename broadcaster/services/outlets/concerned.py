"""Whose ears an announcement is meant for, asked from the side of one unit: a condition on its audience."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from broadcaster.domain.audience import Choice, ChoiceKind
from broadcaster.domain.land import Land, path, under
from broadcaster.store.tables import Announcement, AudienceEntry, GroupMember, Speaker, Submission


@dataclass(frozen=True, slots=True)
class Concerned:
    """What an audience may name to mean people of a unit."""

    path: tuple[str, ...]
    """The unit and all above it: excepted there is excepted here."""
    units: Collection[str]
    speakers: Collection[str] = ()
    groups: Collection[str] = ()

    def means(self, audience: Iterable[Choice]) -> bool:
        """Whether an audience names them."""
        named = {ChoiceKind.UNIT: self.units, ChoiceKind.GROUP: self.groups, ChoiceKind.SPEAKER: self.speakers}
        audience = list(audience)
        excepted = {one.ref for one in audience if one.kind is ChoiceKind.UNIT and not one.include}
        return excepted.isdisjoint(self.path) and any(one.include and one.ref in named[one.kind] for one in audience)

    def addressed(self) -> ColumnElement[bool]:
        """That an announcement is for them."""
        kind, ref = AudienceEntry.kind, AudienceEntry.ref
        named = or_(
            and_(kind == ChoiceKind.UNIT, ref.in_(self.units)),
            and_(kind == ChoiceKind.GROUP, ref.in_(self.groups)),
            and_(kind == ChoiceKind.SPEAKER, func.coalesce(AudienceEntry.successor, ref).in_(self.speakers)),
        )
        excepted = and_(kind == ChoiceKind.UNIT, ref.in_(self.path))
        mine = AudienceEntry.announcement_id == Announcement.id
        taken = exists().where(mine, AudienceEntry.include.is_(True), named)
        return and_(taken, ~exists().where(mine, AudienceEntry.include.is_(False), excepted))


def audience_of(session: Session, announcement_id: str, revision: int) -> list[Choice] | None:
    """Whom an earlier revision was for, as it was approved; None where that was not kept."""
    rows = select(Submission.content).where(Submission.announcement_id == announcement_id)
    kept = session.scalar(rows.where(Submission.revision == revision).order_by(Submission.id.desc()).limit(1))
    return None if kept is None else [Choice(ChoiceKind(kind), ref, include) for kind, ref, include in kept["audience"]]


def all_of(land: Land, unit_id: str) -> Concerned:
    """Those who are told as one: named is the unit itself or one above it."""
    above = path(land, unit_id)
    return Concerned(above, above)


def any_of(session: Session, land: Land, unit_id: str) -> Concerned:
    """Anybody there: named may be a part of it as well, a group with a loudspeaker there, or one loudspeaker."""
    above, inside = path(land, unit_id), under(land, unit_id)
    speakers = session.scalars(select(Speaker.id).where(Speaker.unit_id.in_(inside))).all()
    members = select(GroupMember.group_id).join(Speaker, Speaker.id == GroupMember.speaker_id)
    groups = session.scalars(members.where(Speaker.unit_id.in_(inside)).distinct()).all()
    return Concerned(above, {*above, *inside}, speakers, groups)
