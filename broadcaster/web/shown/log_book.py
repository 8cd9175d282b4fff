"""The log book narrowed down: by who acted, what it was about, and when; and how its chain stands."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from broadcaster.domain.words import plain
from broadcaster.services import verifying
from broadcaster.services.verifying import Checked
from broadcaster.store import audit
from broadcaster.store.tables import Airing, AuditEntry, Schedule, StandIn
from broadcaster.web.labels import N_
from broadcaster.web.shown.history import NAMED, Line, told
from broadcaster.web.shown.sight import Sight

MOST_NAMED = 4_000
"""So many things of one name are looked for; whoever means more should write more of the name."""
THINGS = {
    "announcement": N_("Announcements and airings"),
    "person": N_("People and sign-ins"),
    "speaker": N_("Loudspeakers"),
    "unit": N_("Units and rules"),
    "group": N_("Groups"),
    "channel": N_("Chat groups"),
    "stand_in": N_("People needed to speak"),
    "log_book": N_("The log book itself"),
}
FAMILY = {"announcement": ("announcement", "airing", "schedule", "clip"), "person": ("person", "factor", "token")}
OF_AN_ANNOUNCEMENT = (Airing, Schedule, StandIn)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for; empty = anything."""

    who: str = ""
    """Part of a name, however it is typed."""
    kind: str = ""
    what: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How the chain stands: what was found last, and how many lines came since."""

    checked: Checked | None
    since: int


def lines_of(session: Session, seen: Sight, language: str, wish: Wish, *, before: int | None, limit: int) -> list[Line]:
    """What fits, the latest first."""
    query = select(AuditEntry).where(AuditEntry.unit_id.in_(seen.units), *_narrowed(session, seen, wish))
    if before:
        query = query.where(AuditEntry.seq < before)
    return told(session, language, list(session.scalars(query.order_by(AuditEntry.seq.desc()).limit(limit))))


def standing(session: Session) -> Standing:
    """How the chain stands."""
    checked, head = verifying.last(session), audit.head(session)
    return Standing(checked, head.seq - (checked.through if checked else 0))


def instant(typed: str, zone: ZoneInfo) -> datetime | None:
    """A moment on the clock of the place; None for nothing, or for what is no moment."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _narrowed(session: Session, seen: Sight, wish: Wish) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wish.since:
        found.append(AuditEntry.at >= wish.since)
    if wish.until:
        found.append(AuditEntry.at <= wish.until)
    if wish.who:
        found.append(AuditEntry.person_id.in_(_people(session, seen, wish.who)))
    if wish.kind:
        found.append(AuditEntry.subject_kind.in_(FAMILY.get(wish.kind, (wish.kind,))))
    if wish.what:
        found.append(_about(session, wish))
    return found


def _people(session: Session, seen: Sight, who: str) -> list[str]:
    """Everyone who ever acted here under such a name."""
    acted = select(AuditEntry.person_id, AuditEntry.person_name).where(AuditEntry.unit_id.in_(seen.units)).distinct()
    return [row.person_id for row in session.execute(acted) if plain(who) in plain(row.person_name)]


def _about(session: Session, wish: Wish) -> ColumnElement[bool]:
    """About a thing of such a name; an airing, a schedule and a stand-in are called after their announcement."""
    found: list[ColumnElement[bool]] = []
    for kind, column in NAMED.items():
        ids = _called(session, column, wish.what)
        if not ids:
            continue
        found.append((AuditEntry.subject_kind == kind) & AuditEntry.subject_id.in_(ids))
        if kind == "announcement":
            found += [AuditEntry.subject_id.in_(_of(table, ids)) for table in OF_AN_ANNOUNCEMENT]
    return or_(*found) if found else AuditEntry.seq < 0


def _called(session: Session, column: Any, what: str) -> list[str]:  # noqa: ANN401  (a mapped column and its class)
    wanted = plain(what)
    rows = session.execute(select(column.class_.id, column).order_by(column.class_.id.desc()))
    return [row[0] for row in rows if wanted in plain(row[1])][:MOST_NAMED]


def _of(table: type[Airing | Schedule | StandIn], announcements: Collection[str]) -> Any:  # noqa: ANN401
    return select(table.id).where(table.announcement_id.in_(announcements))
