"""Alerts of others as pages show them: their sources, what came of each message, and who ordered what."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.cap import incoming
from broadcaster.domain.cap.incoming import State
from broadcaster.domain.cap.message import Certainty, MsgType, Severity
from broadcaster.domain.cap.refusal import Refusal, Refused
from broadcaster.domain.errors import ERRORS, LoaError
from broadcaster.services.outlets import standing_orders
from broadcaster.services.outlets.standing_orders import Order
from broadcaster.store import paging
from broadcaster.store.paging import Page
from broadcaster.store.tables import CapMessage, CapSource
from broadcaster.web.labels import N_, Label
from broadcaster.web.shown.sight import Sight

OFF = Label(N_("Switched off"), "stop", "off")
TROUBLE = Label(N_("Something is wrong"), "warning", "bad")
WORKS = Label(N_("Works"), "check", "ok")
WAITS = Label(N_("Nothing has come yet"), "clock", "wait")

STATES: Mapping[str, Label] = {
    State.NOTED: Label(N_("Only noted"), "list", "off"),
    State.ELSEWHERE: Label(N_("Not for here"), "list", "off"),
    State.REFUSED: Label(N_("Not believed"), "warning", "bad"),
    State.BY_HAND: Label(N_("Not believed; a draft was made by hand"), "pencil", "wait"),
    State.DRAFTED: Label(N_("Waits for people"), "clock", "wait"),
    State.AIRED: Label(N_("Heard by order"), "wave", "ok"),
    State.SUPERSEDED: Label(N_("Replaced by its sender"), "half", "off"),
    State.CANCELLED: Label(N_("Cancelled by its sender"), "stop", "off"),
    State.EXPIRED: Label(N_("Over"), "clock", "off"),
}
REASONS: Mapping[str, str] = {
    Refusal.TOO_LARGE: N_("It is too large."),
    Refusal.EMPTY: N_("Nothing came."),
    Refusal.DOCTYPE: N_("It contains what an alert never contains (a document type)."),
    Refusal.NOT_XML: N_("It cannot be read: it is no XML."),
    Refusal.NOT_CAP: N_("It is no CAP 1.2 alert."),
    Refusal.UNSIGNED: N_("It is not signed with the certificate kept here."),
    Refusal.BAD_CAP: N_("Something that CAP 1.2 asks for is missing or wrong."),
    Refusal.WRONG_SENDER: N_("Its sender is not one of those believed here."),
    Refusal.NOT_PUBLIC: N_("It is not meant for the public."),
    Refusal.IDENTIFIER_USED: N_("Another message had the same number."),
    Refusal.FROM_FUTURE: N_("It was sent in the future: somebody’s clock is wrong."),
    Refusal.EXPIRED: N_("It was over before it came."),
    Refusal.TOO_MANY: N_("Too many came within an hour."),
}
WORDED = {MsgType.ALERT, MsgType.UPDATE}
UNREACHABLE = N_("Its address does not answer as it should.")
SEVERITIES: Mapping[str, str] = {
    Severity.EXTREME: N_("extreme"),
    Severity.SEVERE: N_("severe"),
    Severity.MODERATE: N_("moderate"),
    Severity.MINOR: N_("minor"),
}
CERTAINTIES: Mapping[str, str] = {
    Certainty.OBSERVED: N_("observed"),
    Certainty.LIKELY: N_("likely"),
    Certainty.POSSIBLE: N_("possible"),
}


@dataclass(frozen=True, slots=True)
class SourceView:
    """One line of the list."""

    id: str
    name: str
    unit: str
    state: Label
    at: datetime | None
    why: str
    by_itself: bool


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message as it is listed."""

    title: str
    source: str
    state: Label
    at: datetime
    why: str
    announcement: str
    id: str = ""
    may_draft: bool = False
    """Whether this person may make a draft of it by hand."""
    no_draft: str = ""
    """Why nobody may."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """What the area of an alert names that whoever completes the draft must look at."""

    several: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


CLEAR = Unclear()


def unclear(session: Session, announcement_id: str) -> Unclear:
    """Of the alert that this announcement was made of; nothing for any other."""
    rows = select(CapMessage.unclear).where(CapMessage.announcement_id == announcement_id)
    found = session.scalar(rows.order_by(CapMessage.id.desc()).limit(1)) or {}
    return Unclear(tuple(found.get("several", ())), tuple(found.get("unknown", ())))


def source_view(session: Session, row: CapSource, seen: Sight, *, now: datetime) -> SourceView:
    """How one source is."""
    if not row.enabled:
        state = OFF
    elif row.trouble:
        state = TROUBLE
    else:
        state = WORKS if row.answered_at or _last(session, row) else WAITS
    order = standing_orders.in_force(session, row, now=now)
    why = _reason(row.trouble) if row.trouble else ""
    return SourceView(
        row.id, row.name, seen.names_of(row.unit_id), state, row.answered_at, why, by_itself=order is not None
    )


def messages(session: Session, seen: Sight, *, source_id: str = "", after: str | None = None) -> Page[CapMessage]:
    """What came in for units within sight, the newest first."""
    mine = select(CapSource.id).where(CapSource.unit_id.in_(seen.units))
    wanted = select(CapMessage).where(CapMessage.source_id.in_(mine))
    if source_id:
        wanted = wanted.where(CapMessage.source_id == source_id)
    return paging.page(session, wanted, CapMessage.id, after=after, limit=20, newest_first=True)


def message_view(
    session: Session, row: CapMessage, *, now: datetime | None = None, writes: bool = False
) -> MessageView:
    """One of them; with `now`, and for somebody who writes there, what can be made of it by hand."""
    source = session.get_one(CapSource, row.source_id)
    shown = MessageView(
        _title(row), source.name, STATES[row.state], row.received_at, _reason(row.code), row.announcement_id or ""
    )
    if now is None or not writes or row.state not in {State.REFUSED, State.NOTED} or row.type not in WORDED:
        return shown
    try:
        incoming.require_by_hand(State(row.state), standing_orders.message_of(row), now=now)
    except LoaError as error:
        return replace(shown, no_draft=type(error).message())
    return replace(shown, id=row.id, may_draft=True)


def about(source: CapSource) -> tuple[Order | None, Order | None]:
    """What was granted, and what waits for a second voice."""
    return standing_orders.written(source), standing_orders.waiting(source)


def _title(row: CapMessage) -> str:
    try:
        infos = standing_orders.message_of(row).infos
    except Refused:
        return row.identifier
    return (infos[0].headline or infos[0].event) if infos else f"{row.type} {row.identifier}"


def _reason(code: str) -> str:
    if not code:
        return ""
    return REASONS.get(code) or (ERRORS[code].message() if code in ERRORS else UNREACHABLE)


def _last(session: Session, row: CapSource) -> str | None:
    return session.scalar(select(CapMessage.id).where(CapMessage.source_id == row.id).limit(1))
