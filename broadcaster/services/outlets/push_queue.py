"""The notices that are due: taken by a conditional update, sent outside any transaction, noted afterwards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from broadcaster.domain import push
from broadcaster.domain.announcement import State
from broadcaster.domain.errors import NotFound
from broadcaster.domain.mirror import (
    EXPIRED,
    MOST_REPEATS,
    SUPERSEDED,
    TABLE,
    Action,
    CopyState,
    Event,
    Outcome,
    step,
    wait,
)
from broadcaster.domain.mirror_terms import clock, quiet_end
from broadcaster.services.outlets import listen_again, subscriptions
from broadcaster.services.outlets.claiming import NOT_NOTED, SPOILED, UNREADABLE, claimed
from broadcaster.services.outlets.push_owing import WORTH_TELLING
from broadcaster.store import places
from broadcaster.store.heard import aired
from broadcaster.store.tables import Airing, Announcement, PushMessage, PushSubscription
from firmware_config.protocol import Kind, Klass

KEPT = timedelta(days=3)
"""Afterwards nothing follows what was told of an announcement that is over."""
GONE = frozenset({"404", "410"})
"""What a service says of a browser that does not want to be told any more, or is no more."""
NOT_PUBLIC = "not public"

_OPEN = PushMessage.state.in_([CopyState.QUEUED, CopyState.UNKNOWN])
_QUEUED = and_(PushMessage.state == CopyState.QUEUED, PushMessage.claimed_until.is_(None))
_ORDER = (case((PushMessage.klass == Klass.EMERGENCY, 0), else_=1), PushMessage.due_at, PushMessage.id)


@dataclass(frozen=True, slots=True)
class Work:
    """One notice to send, with all that its service and its browser need."""

    id: str
    service: str
    endpoint: str
    p256dh: str
    auth: str = field(repr=False)
    payload: bytes
    topic: str
    """The service keeps only the newest of one topic for a phone that is off."""
    urgency: str
    ttl: int


def due(session: Session, *, now: datetime, free: Mapping[str, int]) -> list[PushMessage]:
    """Notices to send now, emergencies first and locked; of each service at most as many as it has room for."""
    found: list[PushMessage] = []
    for service, room in free.items():
        rows = select(PushMessage).join(Announcement).join(PushSubscription).where(_sendable(now))
        rows = rows.where(PushSubscription.service == service).order_by(*_ORDER).limit(room)
        # What somebody is just changing or removing can wait for the next round.
        rows = rows.with_for_update(of=PushMessage, skip_locked=True)
        found += session.scalars(rows) if room > 0 else ()
    return found


def waiting(session: Session, *, now: datetime) -> set[str]:
    """The services through which something is due."""
    rows = select(PushSubscription.service).join(PushMessage).join(Announcement).where(_sendable(now)).distinct()
    return set(session.scalars(rows))


def _sendable(now: datetime) -> ColumnElement[bool]:
    repeated = and_(
        PushMessage.state == CopyState.UNKNOWN,
        PushMessage.klass == Klass.EMERGENCY,
        PushMessage.lost < MOST_REPEATS,
    )
    stands = and_(Announcement.state == State.APPROVED, Announcement.revision == PushMessage.revision)
    return and_(
        or_(PushMessage.state == CopyState.QUEUED, repeated),
        PushMessage.claimed_until.is_(None),
        PushMessage.due_at <= now,
        PushMessage.expires_at > now,
        or_(PushMessage.action == Action.WITHDRAW, stands),
        or_(PushMessage.action != Action.POST, _begun(now)),
        ~_overtaken(now),
        ~_spoken_to(now),
    )


def _spoken_to(now: datetime) -> ColumnElement[bool]:
    """Whether this browser is being sent something of this announcement: its withdrawal must not come first."""
    sending = aliased(PushMessage)
    return exists().where(
        sending.subscription_id == PushMessage.subscription_id,
        sending.announcement_id == PushMessage.announcement_id,
        sending.claimed_until > now,
    )


def _begun(now: datetime) -> ColumnElement[bool]:
    return exists().where(Airing.announcement_id == PushMessage.announcement_id, aired(Airing, now))


def _overtaken(now: datetime) -> ColumnElement[bool]:
    """Whether a part of the same alert was called up since: an alert must not follow its all-clear."""
    mine, part, own, called = aliased(Announcement), aliased(Announcement), aliased(Airing), aliased(Airing)
    last = select(func.max(own.planned_at)).where(own.announcement_id == mine.id, aired(own, now)).scalar_subquery()
    later = (
        select(mine.id)
        .join(part, or_(part.part_of_id == mine.id, part.part_of_id == mine.part_of_id))
        .join(called, called.announcement_id == part.id)
        # What is older than news has expired, and few airings are left to look at.
        .where(aired(called, now), called.planned_at > now - WORTH_TELLING, called.planned_at > last)
    )
    return and_(PushMessage.action == Action.POST, PushMessage.announcement_id.in_(later))


def stale(session: Session, *, now: datetime) -> bool:
    """Whether tidy() has anything to do."""
    return bool(session.scalar(select(or_(*(exists().where(condition) for condition in _stale(now))))))


def tidy(session: Session, *, now: datetime) -> None:
    """End what expired or was overtaken before it went out; what was never noted becomes unknown."""
    lapsed, expired, overtaken = _stale(now)
    unsent = {"state": step(CopyState.QUEUED, Event.DROP), "updated_at": now}
    session.execute(update(PushMessage).where(expired).values(provider_code=EXPIRED, **unsent))
    session.execute(update(PushMessage).where(overtaken).values(provider_code=SUPERSEDED, **unsent))
    for row in session.scalars(select(PushMessage).where(lapsed).with_for_update(skip_locked=True)):
        _note(row, Outcome(CopyState.UNKNOWN, provider_code=NOT_NOTED), now)
        row.due_at = now


def _stale(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool], ColumnElement[bool]]:
    return (
        PushMessage.claimed_until <= now,
        and_(_QUEUED, PushMessage.expires_at <= now),
        and_(_QUEUED, PushMessage.due_at <= now, _overtaken(now)),
    )


def forget_what_is_over(session: Session, *, now: datetime) -> None:
    """Delete the notices of announcements that ended; others keep an announcement from being told twice.

    It looks at all there are: enough now and then.
    """
    ended = select(Announcement.id).where(Announcement.state.in_([State.WITHDRAWN, State.EXPIRED]))
    old = and_(PushMessage.updated_at <= now - KEPT, PushMessage.announcement_id.in_(ended), ~_OPEN)
    session.execute(delete(PushMessage).where(old))


def claim(session: Session, rows: Iterable[PushMessage], *, now: datetime, public_url: str) -> list[Work]:
    """Take these for LEASE and say what to send; what falls into quiet hours waits for their end instead."""
    taking = _Taking(session, now, public_url)
    return [work for row in rows if (work := taking.readable(row))]


class _Taking:
    """One round; words and clocks are the same for many browsers."""

    def __init__(self, session: Session, now: datetime, public_url: str) -> None:
        self._session, self._now, self._url = session, now, public_url
        self._pages: dict[str, listen_again.Page | None] = {}
        self._zones: dict[str, ZoneInfo] = {}

    def readable(self, row: PushMessage) -> Work | None:
        """What to send of it; one that cannot be read is ended, so that it stops no other."""
        try:
            return self.work(row)
        except SPOILED:
            _note(row, Outcome(CopyState.FAILED, permanent=True, provider_code=UNREADABLE), self._now)
            return None

    def work(self, row: PushMessage) -> Work | None:
        """What to send of it, if it can be taken now."""
        to = self._session.get_one(PushSubscription, row.subscription_id)
        announcement = self._session.get_one(Announcement, row.announcement_id)
        if until := self._quiet(to, row):
            row.due_at = until
            return None
        page = self._page(announcement)
        if page is None:
            _note(row, Outcome(CopyState.FAILED, permanent=True, provider_code=NOT_PUBLIC), self._now)
            return None
        if not claimed(self._session, row, now=self._now):
            return None
        return _work(row, to, self._notice(row, to, page, announcement), self._now)

    def _quiet(self, to: PushSubscription, row: PushMessage) -> datetime | None:
        if row.klass == Klass.EMERGENCY or not to.quiet_from:
            return None
        if to.unit_id not in self._zones:
            lineage = reversed(places.lineage(self._session, to.unit_id))
            self._zones[to.unit_id] = clock(unit.zone for unit in lineage)
        return quiet_end(self._now, self._zones[to.unit_id], to.quiet_from, to.quiet_until)

    def _page(self, announcement: Announcement) -> listen_again.Page | None:
        if announcement.id not in self._pages:
            try:
                self._pages[announcement.id] = listen_again.page(self._session, announcement.public_id)
            except NotFound:
                self._pages[announcement.id] = None
        return self._pages[announcement.id]

    def _notice(
        self, row: PushMessage, to: PushSubscription, page: listen_again.Page, announcement: Announcement
    ) -> push.Notice:
        spoken = {passage.language: passage.text for passage in reversed(page.passages)}
        return push.Notice(
            action=Action(row.action),
            klass=Klass(row.klass),
            kind=Kind(page.kind),
            title=page.title,
            text=spoken.get(to.language) or next((each.text for each in page.passages if each.text), ""),
            place=page.place,
            link=f"{self._url}/n/{page.public_id}",
            tag=page.public_id,
            language=to.language,
            part=announcement.part or "",
            repeated=row.state == CopyState.UNKNOWN,
        )


def _work(row: PushMessage, to: PushSubscription, notice: push.Notice, now: datetime) -> Work:
    return Work(
        id=row.id,
        service=to.service,
        endpoint=to.endpoint,
        p256dh=to.p256dh,
        auth=to.auth,
        payload=push.payload(notice),
        topic=notice.tag,
        urgency=push.urgency(notice.klass),
        ttl=push.ttl(row.expires_at, now),
    )


def noted(session: Session, message_id: str, outcome: Outcome, *, now: datetime) -> None:
    """Write down what came of an attempt; a browser that is gone is forgotten with all that it was owed."""
    row = session.get(PushMessage, message_id, with_for_update=True, populate_existing=True)
    if row is None:
        # It was unsubscribed while the notice was on its way.
        return
    if outcome.provider_code in GONE:
        session.expunge(row)
        subscriptions.forget(session, row.subscription_id)
        return
    _note(row, outcome, now)
    if outcome.state is CopyState.ACCEPTED:
        session.get_one(PushSubscription, row.subscription_id).last_taken_at = now


def _note(row: PushMessage, outcome: Outcome, now: datetime) -> None:
    state = CopyState(row.state)
    if outcome.event is Event.LOSE and row.claimed_until is not None:
        row.lost += 1
    row.claimed_until, row.updated_at = None, now
    if (state, outcome.event) in TABLE:
        row.state, row.provider_code = step(state, outcome.event), outcome.provider_code[:200]
        row.due_at = now + wait(max(row.attempts, 1), outcome.retry_after)
