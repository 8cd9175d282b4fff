"""What happened, in sentences: one announcement's history, the log book, the copies in chat groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.services.actor import SYSTEM
from broadcaster.store.tables import Announcement, AuditEntry, Channel, Group, MirrorCopy, Person, Speaker, Unit
from broadcaster.web.i18n import say
from broadcaster.web.labels import COPY, N_, ROLE, Label, label
from broadcaster.web.shown.sight import Sight

# (kind, action) → who did what to what; `name` is what the thing is called now.
SENTENCES = {
    ("announcement", "write"): N_("{person} wrote “{name}”."),
    ("announcement", "edit"): N_("{person} changed “{name}”."),
    ("announcement", "submit"): N_("{person} sent “{name}” for approval."),
    ("announcement", "approve"): N_("{person} approved “{name}”."),
    ("announcement", "reject"): N_("{person} sent “{name}” back: {reason}"),
    ("announcement", "withdraw"): N_("{person} withdrew “{name}”: {reason}"),
    ("announcement", "expire"): N_("“{name}” is no longer valid."),
    ("airing", "air"): N_("{person} put “{name}” on air."),
    ("airing", "stop"): N_("{person} stopped “{name}”: {reason}"),
    ("airing", "repeat"): N_("{person} put “{name}” on air every week."),
    ("airing", "plan"): N_("“{name}” was planned."),
    ("clip", "record"): N_("{person} recorded a text."),
    ("unit", "create"): N_("{person} added the unit “{name}”."),
    ("unit", "change"): N_("{person} changed the unit “{name}”."),
    ("group", "create"): N_("{person} made the group “{name}”."),
    ("group", "members"): N_("{person} chose the loudspeakers of the group “{name}”."),
    ("speaker", "enrolled"): N_("{person} added the loudspeaker “{name}”."),
    ("speaker", "revoked"): N_("{person} took the loudspeaker “{name}” out of service: {reason}"),
    ("channel", "added"): N_("{person} added the chat group “{name}”."),
    ("person", "create"): N_("{person} added the account of {name} ({login})."),
    ("person", "grant"): N_("{person} gave {name} the role of {role}."),
    ("person", "take_back"): N_("{person} took the role of {role} from {name}."),
    ("person", "invite"): N_("{person} made a sign-in link for {name}."),
    ("person", "sign_in"): N_("{person} signed in."),
    ("person", "sign_out"): N_("{person} signed out."),
    ("person", "disable"): N_("{person} closed the account of {name}."),
    ("person", "locale"): N_("{person} chose a language."),
    ("token", "create"): N_("{person} made an access token."),
    ("token", "revoke"): N_("{person} ended an access token."),
}
SYSTEM_NAME = N_("The system")
OTHER = N_("{person}: {action} ({name})")

NAMED: Mapping[str, Any] = {
    "announcement": Announcement.title,
    "unit": Unit.name,
    "group": Group.name,
    "speaker": Speaker.name,
    "channel": Channel.name,
    "person": Person.name,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened."""

    seq: int
    at: datetime
    text: str
    origin: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy in a chat group."""

    channel: str
    state: Label
    at: datetime
    error: str


def history(session: Session, language: str, announcement_id: str) -> list[Line]:
    """What happened to one announcement, the latest first."""
    about = (AuditEntry.subject_kind == "announcement", AuditEntry.subject_id == announcement_id)
    return _lines(session, language, list(session.scalars(_newest().where(*about).limit(100))))


def log_book(session: Session, seen: Sight, language: str, *, before: int | None, limit: int) -> list[Line]:
    """What happened in these units, the latest first."""
    query = _newest().where(AuditEntry.unit_id.in_(seen.units))
    if before:
        query = query.where(AuditEntry.seq < before)
    return _lines(session, language, list(session.scalars(query.limit(limit))))


def _newest() -> Any:  # noqa: ANN401  (a select, whose type only SQLAlchemy can spell)
    return select(AuditEntry).order_by(AuditEntry.seq.desc())


def _lines(session: Session, language: str, entries: list[AuditEntry]) -> list[Line]:
    names = _names(session, entries)
    return [_line(entry, names, language) for entry in entries]


def _line(entry: AuditEntry, names: Mapping[tuple[str, str], str], language: str) -> Line:
    own = entry.person_id == SYSTEM.person_id
    # Some services write "speaker.enrolled", others "create" of a "unit".
    action = entry.action.rpartition(".")[2]
    sentence = say(language, SENTENCES.get((entry.subject_kind, action), OTHER))
    facts = {
        "person": say(language, SYSTEM_NAME) if own else entry.person_name,
        "name": names.get((entry.subject_kind, entry.subject_id), entry.subject_id),
        "reason": entry.details.get("reason") or "–",
        "login": entry.details.get("login", ""),
        "role": say(language, ROLE.get(str(entry.details.get("role")), "")),
        "action": entry.action,
    }
    return Line(entry.seq, entry.at, sentence.format(**facts), "" if own else entry.origin)


def _names(session: Session, entries: list[AuditEntry]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for kind, column in NAMED.items():
        wanted = {entry.subject_id for entry in entries if entry.subject_kind == kind}
        rows = session.execute(select(column.class_.id, column).where(column.class_.id.in_(wanted))) if wanted else ()
        found |= {(kind, row[0]): row[1] for row in rows}
    return found


def copies(session: Session, announcement_id: str) -> list[Copy]:
    """Each chat group's latest copy."""
    query = select(MirrorCopy, Channel.name).join(Channel, Channel.id == MirrorCopy.channel_id)
    query = query.where(MirrorCopy.announcement_id == announcement_id).order_by(MirrorCopy.id)
    latest = {name: copy for copy, name in session.execute(query)}
    return [_copy(copy, name) for name, copy in sorted(latest.items())]


def _copy(copy: MirrorCopy, name: str) -> Copy:
    at = copy.delivered_at or copy.accepted_at or copy.updated_at
    return Copy(name, label(COPY, copy.state), at, copy.error or copy.provider_code)
