"""Everything that is listed, as rows of a file: which lists there are, their columns, and who may take them away."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from broadcaster.domain.delivery import PLAYED, State
from broadcaster.domain.months import midnight
from broadcaster.services.places.health import standings
from broadcaster.store import figures
from broadcaster.store.tables import Airing, Announcement, Delivery, Override, Speaker, Version
from broadcaster.web.i18n import decimal, language_name, say
from broadcaster.web.labels import AIRING, ANNOUNCEMENT, CATEGORY, DELIVERY, KIND, KLASS, N_, REASON, SPEAKER, label
from broadcaster.web.sheets import Cell
from broadcaster.web.shown.sight import Sight
from firmware_config.protocol import Kind

AT_ONCE = 500
FAILED = (State.MISSED, State.PARTIAL, State.REFUSED)
YES = "x"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which units and days are wanted, and for whom they are put into words."""

    session: Session
    seen: Sight
    units: frozenset[str]
    since: datetime
    until: datetime
    zone: ZoneInfo
    language: str
    now: datetime

    def say(self, text: str) -> str:
        """In the language of whoever asked."""
        return say(self.language, text)

    def local(self, at: datetime | None) -> datetime | None:
        """On the clock of the place, as office programs want it."""
        return at.astimezone(self.zone).replace(tzinfo=None, microsecond=0) if at else None

    def unit(self, unit: str | None) -> str:
        """What a unit is called, with those above it."""
        if unit is None or unit not in self.seen.tree.parents:
            return unit or ""
        return " › ".join(self.seen.names_of(each) for each in self.seen.tree.path(unit) if each in self.seen.units)

    def languages(self, tags: Sequence[str]) -> str:
        """What languages are called."""
        return ", ".join(language_name(self.language, tag) for tag in tags)

    def rows(self, query: Any) -> Iterator[Row[Any]]:  # noqa: ANN401  (a select, whose type only SQLAlchemy can spell)
        """The rows of a select, some hundred in memory at a time."""
        yield from self.session.execute(query.execution_options(yield_per=AT_ONCE))


def days(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last."""
    return midnight(first, zone), midnight(last + timedelta(days=1), zone)


def speakers(it: Scope) -> Iterator[Sequence[Cell]]:
    """Every loudspeaker as it is."""
    for row in it.session.scalars(
        select(Speaker).where(Speaker.unit_id.in_(it.units)).order_by(Speaker.name, Speaker.id)
    ):
        state = "revoked" if row.revoked_at else "online" if row.online else "offline" if row.last_seen_at else "new"
        yield (
            row.id,
            row.name,
            it.unit(row.unit_id),
            it.say(label(SPEAKER, state).text),
            YES if row.pretend else "",
            it.local(row.last_seen_at),
            row.volume_max,
            it.languages(row.languages),
            row.latitude,
            row.longitude,
            row.agent or "",
            it.local(row.enrolled_at),
            it.local(row.revoked_at),
        )


def airings(it: Scope) -> Iterator[Sequence[Cell]]:
    """Every airing that was planned in these days, and how far it got."""
    for row in it.rows(_counted_airings(it).where(Airing.kind != Kind.DRILL)):
        airing = row.Airing
        yield (
            airing.id,
            row.title,
            it.unit(row.unit_id),
            it.say(label(KLASS, airing.klass).text),
            it.say(CATEGORY.get(row.category, row.category)),
            it.say(KIND.get(airing.kind, airing.kind)),
            it.local(airing.planned_at),
            it.say(label(AIRING, airing.state).text),
            it.say(REASON.get(airing.cancel_reason, airing.cancel_reason)),
            round(airing.sound_ms / 1000),
            it.languages(airing.languages),
            row.due,
            row.heard,
            row.sounded,
        )


def drills(it: Scope) -> Iterator[Sequence[Cell]]:
    """The drills of these days."""
    for row in it.rows(_counted_airings(it).where(Airing.kind == Kind.DRILL)):
        airing, state = row.Airing, label(AIRING, row.Airing.state).text
        yield (
            airing.id,
            row.title,
            it.unit(row.unit_id),
            it.local(airing.planned_at),
            it.say(state),
            row.due,
            row.sounded,
        )


def _counted_airings(it: Scope) -> Any:  # noqa: ANN401
    told = (
        select(
            Delivery.airing_id,
            func.count().label("due"),
            figures.many(Delivery.state == State.HEARD).label("heard"),
            figures.many(Delivery.state.in_(PLAYED)).label("sounded"),
        )
        .where(Delivery.airing_id.in_(select(Airing.id).where(*_planned(it))))
        .where(Delivery.unit_id.in_(it.units), Delivery.speaker_id.not_in(figures.PRETEND))
        .group_by(Delivery.airing_id)
        .subquery()
    )
    named = select(Airing, Announcement.title, Announcement.category, Announcement.unit_id, told.c.due, told.c.heard)
    named = named.add_columns(told.c.sounded).join(told, told.c.airing_id == Airing.id)
    named = named.join(Announcement, Announcement.id == Airing.announcement_id)
    return named.order_by(Airing.planned_at, Airing.id)


def _planned(it: Scope) -> tuple[Any, ...]:
    return Airing.planned_at >= it.since, Airing.planned_at < it.until, Airing.standby.is_(False)


def deliveries(it: Scope) -> Iterator[Sequence[Cell]]:
    """Each airing on each loudspeaker."""
    return map(_delivery_of(it), it.rows(_named_deliveries(it)))


def failures(it: Scope) -> Iterator[Sequence[Cell]]:
    """Those of them that were missed, cut short or refused."""
    return map(_delivery_of(it), it.rows(_named_deliveries(it).where(Delivery.state.in_(FAILED))))


def _named_deliveries(it: Scope) -> Any:  # noqa: ANN401
    named = select(Delivery, Airing.planned_at, Announcement.title, Speaker.name)
    named = named.join(Airing, Airing.id == Delivery.airing_id).join(Speaker, Speaker.id == Delivery.speaker_id)
    named = named.join(Announcement, Announcement.id == Airing.announcement_id)
    named = named.where(*_planned(it), Delivery.unit_id.in_(it.units), Speaker.pretend.is_(False))
    return named.order_by(Airing.planned_at, Airing.id, Speaker.name, Speaker.id)


def _delivery_of(it: Scope) -> Callable[[Row[Any]], Sequence[Cell]]:
    def line(row: Row[Any]) -> Sequence[Cell]:
        told = row.Delivery
        return (
            told.airing_id,
            row.title,
            it.local(row.planned_at),
            told.speaker_id,
            row.name,
            it.unit(told.unit_id),
            it.say(label(DELIVERY, told.state).text),
            it.say(REASON.get(told.reason, told.reason)),
            it.local(told.started_at),
            it.local(told.finished_at),
            it.local(told.heard_at),
            None if told.ms is None else round(told.ms / 1000, 1),
            # With its true minus sign no office program takes it for a formula.
            "" if told.level is None else decimal(it.language, told.level),
            it.languages(told.languages),
            it.local(told.by_person_at),
        )

    return line


def announcements(it: Scope) -> Iterator[Sequence[Cell]]:
    """What was written in these days."""
    wanted = select(Announcement).where(Announcement.unit_id.in_(it.units), Announcement.created_at >= it.since)
    ordered = wanted.where(Announcement.created_at < it.until).order_by(Announcement.created_at, Announcement.id)
    for row in it.session.scalars(ordered.execution_options(yield_per=AT_ONCE)):
        yield (
            row.id,
            row.title,
            it.unit(row.unit_id),
            it.say(label(KLASS, row.klass).text),
            it.say(CATEGORY.get(row.category, row.category)),
            it.say(KIND.get(row.kind, row.kind)),
            it.say(label(ANNOUNCEMENT, row.state).text),
            it.languages([version.language for version in row.versions]),
            "\n\n".join(_text(version) for version in row.versions),
            it.local(row.created_at),
            it.local(row.submitted_at),
            it.local(row.decided_at),
            ", ".join(dict.fromkeys(one.person_name for one in row.approvals if one.approved)),
            row.reason,
        )


def _text(version: Version) -> str:
    return version.text or "♪"


def overrides(it: Scope) -> Iterator[Sequence[Cell]]:
    """Exceptions that were to hold in these days."""
    wanted = select(Override, Announcement.title).join(Announcement, Announcement.id == Override.announcement_id)
    wanted = wanted.where(Override.unit_id.in_(it.units), Override.starts < it.until, Override.ends > it.since)
    for row in it.rows(wanted.order_by(Override.starts, Override.id)):
        one, title = row.Override, row.title
        answer = {True: N_("Granted"), False: N_("Not granted")}.get(one.granted, N_("Not decided yet"))
        yield (
            title,
            it.unit(one.unit_id),
            it.local(one.starts),
            it.local(one.ends),
            one.reason,
            one.asked_by_name,
            it.local(one.asked_at),
            it.say(answer),
            one.decided_by_name,
            it.local(one.decided_at),
            it.local(one.ended_at),
        )


def alarms(it: Scope) -> Iterator[Sequence[Cell]]:
    """What is wrong now with which loudspeaker."""
    for one in standings(it.session, it.units, now=it.now):
        for alarm in one.alarms:
            yield one.id, one.name, it.unit(one.unit_id), alarm.says(it.language), alarm.cure(it.language)
