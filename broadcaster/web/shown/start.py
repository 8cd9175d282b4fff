"""How far a new installation is: derived from what there is, and kept nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from broadcaster.domain.airing import State as Aired
from broadcaster.domain.permissions import MAY, Action
from broadcaster.services.actor import Actor
from broadcaster.services.places import beginning, units
from broadcaster.store.tables import Airing, Announcement, Channel, Grant, Person, Speaker, Unit
from broadcaster.web.labels import N_, Label
from broadcaster.web.shown.announcements import ClipView, clip_view
from broadcaster.web.shown.sight import Sight, sight

DONE = Label(N_("Done"), "check", "ok")
NEXT = Label(N_("Now this"), "pencil", "busy")
LATER = Label(N_("Not yet"), "ring", "off")
FATE = {
    "new": Label(N_("New"), "check", "ok"),
    "completed": Label(N_("Completed"), "pencil", "busy"),
    "there": Label(N_("There already"), "ring", "off"),
    "renamed": Label(N_("Its old name is still a unit"), "warning", "wait"),
    "wrong": Label(N_("Left out"), "cross", "bad"),
}
WRONG = {
    "no_name": N_("This line has no name."),
    "too_long": N_("This name is too long."),
    "twice": N_("This name stands in the list twice."),
    "people": N_("The number of people cannot be read."),
}
HEARD = (Aired.ON_AIR, Aired.DONE)
APPROVING = sorted(role for role in MAY if Action.APPROVE in MAY[role])


@dataclass(frozen=True, slots=True)
class Box:
    """A loudspeaker, real or pretended."""

    id: str
    name: str
    pretend: bool
    seen: datetime | None


@dataclass(frozen=True, slots=True)
class Sentence:
    """The announcement that was written last by this person."""

    id: str
    title: str
    text: str
    state: str
    clip: ClipView | None


@dataclass(frozen=True, slots=True)
class Progress:
    """All that the steps are derived from."""

    unit: str = ""
    name: str = ""
    zone: str = units.ZONE
    villages: int = 0
    silent: int = 0
    """Villages without a loudspeaker of their own."""
    boxes: Sequence[Box] = ()
    sentence: Sentence | None = None
    approvers: Sequence[str] = ()
    """Names of others who may approve."""
    aired: str = ""
    """The airing that was heard last."""
    groups: Sequence[Channel] = ()

    @property
    def steps(self) -> dict[str, Label]:
        """Each step in its order with how it stands; the first that is not done comes next."""
        done = {
            "commune": bool(self.unit),
            "villages": self.villages > 0,
            "speaker": bool(self.boxes),
            "sentence": self.sentence is not None and self.sentence.clip is not None,
            "approver": bool(self.approvers),
            "air": bool(self.aired),
            "group": any(group.last_accepted_at for group in self.groups),
        }
        coming = next((step for step, is_done in done.items() if not is_done), "")
        return {step: DONE if is_done else NEXT if step == coming else LATER for step, is_done in done.items()}

    @property
    def finished(self) -> bool:
        """Whether no step is left."""
        return all(label is DONE for label in self.steps.values())

    @property
    def pretended(self) -> Box | None:
        """The first that only pretends."""
        return next((box for box in self.boxes if box.pretend), None)

    def clock(self, now: datetime) -> str:
        """The hour there."""
        return now.astimezone(ZoneInfo(self.zone)).strftime("%H:%M")


def progress(session: Session, me: Actor) -> Progress:
    """How far this person's commune is. Raises NotAllowed for who neither looks after one nor sets one up."""
    if beginning.may_name(session, me):
        return Progress()
    seen = sight(session, me, Action.TEND_UNITS)
    unit = min(seen.tops - seen.closed or seen.tops, key=lambda each: (seen.names[each], each))
    inside = seen.tree.under(unit)
    there = inside - seen.closed - {unit}
    # Between a commune and its villages there may be areas, which have no loudspeakers of their own.
    leaves = there - {seen.parent(each) for each in there}
    real = _in_service(inside).where(Speaker.pretend.is_(False)).with_only_columns(Speaker.unit_id)
    hung = {seen.home(each) for each in session.scalars(real)}
    return Progress(
        unit,
        seen.names[unit],
        units.zone_of(session, unit),
        len(leaves),
        len(leaves - hung),
        _boxes(session, inside),
        _sentence(session, seen, inside),
        _approvers(session, seen, unit),
        session.scalar(_aired(inside)) or "",
        session.scalars(
            select(Channel).where(Channel.unit_id.in_(inside), Channel.person_id.is_(None)).order_by(Channel.id)
        ).all(),
    )


def _boxes(session: Session, inside: frozenset[str]) -> list[Box]:
    found = session.scalars(_in_service(inside).order_by(Speaker.pretend, Speaker.name).limit(20))
    return [Box(row.id, row.name, row.pretend, row.last_seen_at) for row in found]


def _in_service(inside: frozenset[str]) -> Select[Speaker]:
    return select(Speaker).where(Speaker.unit_id.in_(inside), Speaker.revoked_at.is_(None))


def _sentence(session: Session, seen: Sight, inside: frozenset[str]) -> Sentence | None:
    mine = (Announcement.unit_id.in_(inside), Announcement.author_id == seen.actor.person_id)
    rows = select(Announcement).where(*mine, Announcement.part_of_id.is_(None)).order_by(Announcement.id.desc())
    row = session.scalars(rows.limit(1)).first()
    if row is None:
        return None
    version = row.versions[0] if row.versions else None
    clip = clip_view(version.clip) if version is not None and version.clip else None
    return Sentence(row.id, row.title, version.text or "" if version else "", row.state, clip)


def _approvers(session: Session, seen: Sight, unit: str) -> Sequence[str]:
    holding = select(Grant.person_id).where(Grant.unit_id.in_(seen.tree.path(unit)), Grant.role.in_(APPROVING))
    others = (Person.id.in_(holding), Person.id != seen.actor.person_id, Person.disabled_at.is_(None))
    return session.scalars(select(Person.name).where(*others).order_by(Person.name).limit(10)).all()


def _aired(inside: frozenset[str]) -> Select[str]:
    own = select(Announcement.id).where(Announcement.unit_id.in_(inside))
    heard = select(Airing.id).where(Airing.announcement_id.in_(own), Airing.state.in_(HEARD))
    return heard.order_by(Airing.planned_at.desc()).limit(1)


def villages(session: Session, unit_id: str) -> list[tuple[str, str, Sequence[str]]]:
    """The units directly below: (id, name, former names)."""
    rows = select(Unit.id, Unit.name, Unit.former_names).where(Unit.parent_id == unit_id, Unit.closed_at.is_(None))
    return [(row.id, row.name, row.former_names) for row in session.execute(rows.order_by(Unit.position, Unit.name))]
