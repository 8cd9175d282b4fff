"""What a resident may read and hear about one announcement, without an account: only what was approved."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.airing import State
from broadcaster.domain.errors import NotFound
from broadcaster.services.outlets.answered import Answered, in_public
from broadcaster.services.outlets.told import Event, Happened, approvals, contents, history
from broadcaster.store.tables import Airing, Announcement, Clip, Unit

__all__ = ["Called", "Event", "Happened", "Page", "Passage", "page", "page_of"]
LATEST_AIRINGS = 3
SILENT = (State.MISSED, State.REFUSED)


@dataclass(frozen=True, slots=True)
class Passage:
    """One language: its text, and the sound of it in milliseconds where there is one."""

    language: str
    text: str
    clip: str | None
    ms: int = 0


@dataclass(frozen=True, slots=True)
class Called:
    """What was said about an alert after it: that it was wrong, or that it is over."""

    at: datetime
    part: str
    public_id: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything a permalink shows."""

    public_id: str
    revision: int
    klass: str
    kind: str
    part: str
    """"correction" or "all_clear" of an alert; else empty."""
    title: str
    place: str
    unit_id: str
    passages: tuple[Passage, ...]
    withdrawn: bool
    reason: str
    airings: tuple[datetime, ...]
    """The latest ones that were or may be heard, newest first."""
    history: tuple[Event, ...]
    called: tuple[Called, ...] = ()
    """The latest first."""
    answers: tuple[Answered, ...] = ()
    """What the commune answered residents in public; only where the page stands alone."""

    def clips(self) -> frozenset[str]:
        """The sounds that may be fetched: none once it is withdrawn."""
        return frozenset() if self.withdrawn else frozenset(part.clip for part in self.passages if part.clip)

    @property
    def corrected(self) -> bool:
        """Whether its words are not the first ones."""
        return any(event.what is Happened.CORRECTED for event in self.history)


@dataclass(frozen=True, slots=True)
class _Words:
    revision: int
    klass: str
    kind: str
    title: str
    passages: tuple[Passage, ...]


def page(session: Session, public_id: str) -> Page:
    """The announcement behind a permalink. Raises NotFound for one that does not exist or was never approved,
    and for an alert's correction that nobody called up.
    """
    found = session.scalar(select(Announcement).where(Announcement.public_id == public_id))
    shown = page_of(session, found) if found else None
    if found is None or shown is None:
        raise NotFound(what="announcement", id=public_id[:64])
    return replace(shown, answers=in_public(session, found.id))


def page_of(session: Session, found: Announcement) -> Page | None:
    """The same for one that is at hand; None where residents may not read it."""
    # An alert's correction is approved with it, and nobody reads that before it is called up.
    if found.part_of_id:
        words = _written(found) if _called_up(session, found.id) else None
    else:
        words = _standing(found) or _approved_before(session, found)
    if words is None:
        return None
    return Page(
        public_id=found.public_id,
        revision=words.revision,
        klass=words.klass,
        kind=words.kind,
        part=found.part or "",
        title=words.title,
        place=session.get_one(Unit, found.unit_id).name,
        unit_id=found.unit_id,
        passages=words.passages,
        withdrawn=found.withdrawn_at is not None,
        reason=found.reason if found.withdrawn_at else "",
        airings=_airings(session, found.id),
        history=history(session, found),
        called=_called(session, found.id),
    )


def _standing(found: Announcement) -> _Words | None:
    """The words in the rows, if they are the approved ones and not a draft that came after.

    Where two must approve, what the first said decides nothing.
    """
    mine = (each for each in found.approvals if each.approved and each.revision == found.revision)
    return _written(found) if any(each.at == found.decided_at for each in mine) else None


def _written(found: Announcement) -> _Words:
    passages = tuple(
        Passage(version.language, version.text, version.clip_sha256, version.clip.ms if version.clip else 0)
        for version in found.versions
    )
    return _Words(found.revision, found.klass, found.kind, found.title, passages)


def _approved_before(session: Session, found: Announcement) -> _Words | None:
    """The words that were approved last, where others were written since."""
    given = approvals(session, found)
    said = contents(session, found, [given[-1][0]]).get(given[-1][0]) if given else None
    if said is None:
        return None
    names = [version[2] for version in said["versions"] if version[2]]
    lengths = {
        row.sha256: row.ms for row in session.execute(select(Clip.sha256, Clip.ms).where(Clip.sha256.in_(names)))
    }
    passages = tuple(
        Passage(language, text, clip if clip in lengths else None, lengths.get(clip, 0))
        for language, text, clip, *_ in said["versions"]
    )
    return _Words(given[-1][0], said["class"], said["kind"], said["title"], passages)


def _called_up(session: Session, announcement_id: str) -> bool:
    said = select(Airing.id).where(Airing.announcement_id == announcement_id, Airing.standby.is_(False))
    return session.scalar(said.where(Airing.cancelled_at.is_(None)).limit(1)) is not None


def _airings(session: Session, announcement_id: str) -> tuple[datetime, ...]:
    rows = select(Airing.planned_at).where(Airing.announcement_id == announcement_id, Airing.cancelled_at.is_(None))
    rows = rows.where(Airing.standby.is_(False), Airing.state.not_in(SILENT))
    return tuple(session.scalars(rows.order_by(Airing.planned_at.desc()).limit(LATEST_AIRINGS)))


def _called(session: Session, announcement_id: str) -> tuple[Called, ...]:
    parts = select(Airing.planned_at, Announcement.part, Announcement.public_id).join(Announcement)
    parts = parts.where(Announcement.part_of_id == announcement_id, Airing.standby.is_(False))
    rows = session.execute(parts.where(Airing.cancelled_at.is_(None)).order_by(Airing.planned_at.desc()))
    return tuple(Called(at, part or "", public_id) for at, part, public_id in rows)
