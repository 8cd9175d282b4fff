"""The chat groups of a unit: found, added, changed, switched off and on, tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import Malformed, NotFound
from broadcaster.domain.errors.setting_up import ChannelIncomplete, ChannelUnusable, SecretAgain, SecretUnreadable
from broadcaster.domain.mirror import Copy, CopyState, Outcome
from broadcaster.domain.mirror_terms import Terms, TypedTerms
from broadcaster.domain.permissions import Action
from broadcaster.domain.words import line
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.services.outlets import mirrors, official_accounts
from broadcaster.services.outlets.following import follow
from broadcaster.services.outlets.trying import Access, Kind, Outlets, test_message
from broadcaster.store import places
from broadcaster.store.sealed import lost
from broadcaster.store.tables import Channel, Unit

LONGEST = 500
WHERE = ("base_url", "body", "header", "homeserver", "host", "port", "security", "url")
"""Settings that say where a secret goes, and how: whoever changes them must know it."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A chat group as somebody filled it in; an empty secret leaves the one that is kept."""

    name: str
    kind: str
    settings: Mapping[str, str]
    secret: str = field(default="", repr=False)
    terms: TypedTerms | None = None
    """None leaves them as they are: the usual ones, for a new group."""


def of_units(session: Session, units: frozenset[str]) -> Sequence[Channel]:
    """Those of these units that residents read, by name."""
    mine = (Channel.unit_id.in_(units), Channel.person_id.is_(None))
    return session.scalars(select(Channel).where(*mine).order_by(Channel.name, Channel.id)).all()


def find(session: Session, units: frozenset[str], channel_id: str) -> Channel:
    """One of these units' groups. Raises NotFound, also for a person's own chat."""
    row = session.get(Channel, channel_id)
    if row is None or row.person_id is not None or row.unit_id not in units:
        raise NotFound(what="channel", id=channel_id)
    return row


def add(session: Session, actor: Actor, unit_id: str, typed: Typed, outlets: Outlets, *, now: datetime) -> Channel:
    """A new group of a unit. Raises UnknownUnit, NotAllowed, Malformed, ChannelIncomplete, ChannelUnusable."""
    tidy, terms = _checked(typed, outlets, kept=None), _settled(typed)
    official_accounts.may_use(session, actor, tidy.kind, tidy.settings)
    channel = mirrors.add_channel(
        session,
        actor,
        unit_id=unit_id,
        kind=tidy.kind,
        name=tidy.name,
        settings=tidy.settings,
        secret=tidy.secret or None,
        terms=terms or mirrors.USUAL,
        now=now,
    )
    channel.enabled = not kind_of(outlets, tidy.kind).off
    session.flush()
    return channel


def change(session: Session, actor: Actor, channel_id: str, typed: Typed, outlets: Outlets, *, now: datetime) -> None:
    """Fill it in otherwise; of which kind it is stays. Raises NotFound, SecretAgain, SecretUnreadable and as `add`."""
    row = _tended(session, actor, channel_id)
    tidy, terms = _checked(typed, outlets, kept=row), _settled(typed)
    official_accounts.may_use(session, actor, tidy.kind, tidy.settings)
    row.name, row.settings = tidy.name, dict(tidy.settings)
    row.secret = tidy.secret or row.secret
    if terms:
        mirrors.settle_terms(row, terms)
    # What kept it back before may be what was corrected now.
    row.blocked_until, row.blocked_reason = None, ""
    said = {"kind": row.kind, "name": row.name, "new_secret": bool(tidy.secret), "posts_when": row.posts_when}
    said |= {"quiet": f"{row.quiet_from}–{row.quiet_until}", "per_minute": row.rate_per_minute or 0}
    audit.record(session, actor, "change", ("channel", row.id), now=now, unit=row.unit_id, details=said)


def switch(session: Session, actor: Actor, channel_id: str, *, on: bool, now: datetime) -> None:
    """Let it take copies, or none any more; what stands in it stays. Raises NotFound, NotAllowed, SecretUnreadable."""
    row = _tended(session, actor, channel_id)
    if row.enabled == on:
        return
    if on and lost(row.secret):
        raise SecretUnreadable
    # Whoever switches it knows what its provider said; without that it is off because a person wants it.
    row.enabled, row.blocked_reason = on, ""
    action = "switch_on" if on else "switch_off"
    audit.record(session, actor, action, ("channel", row.id), now=now, unit=row.unit_id, details={"name": row.name})


def access(session: Session, actor: Actor, channel_id: str) -> Access:
    """What is needed to try it, for whoever tends it. Raises NotFound, NotAllowed."""
    row = _tended(session, actor, channel_id)
    return Access(row.kind, dict(row.settings), row.secret)


def test_copy(session: Session, actor: Actor, channel_id: str, *, link: str, now: datetime) -> Copy:
    """The short test message for its group. Raises NotFound, NotAllowed."""
    row = _tended(session, actor, channel_id)
    return test_message(new_id(now), place=session.get_one(Unit, row.unit_id).name, link=link, now=now)


def note_test(session: Session, actor: Actor, channel_id: str, outcome: Outcome, *, now: datetime) -> None:
    """Write down what came of posting it. Raises NotFound, NotAllowed."""
    row = _tended(session, actor, channel_id)
    if outcome.state in {CopyState.ACCEPTED, CopyState.DELIVERED}:
        row.last_accepted_at, row.blocked_reason = now, ""
    else:
        row.last_failed_at, row.blocked_reason = now, outcome.detail[:200]
    follow(session, row, outcome, now=now)
    said = {"name": row.name, "state": outcome.state.value, "code": outcome.provider_code}
    audit.record(session, actor, "try", ("channel", row.id), now=now, unit=row.unit_id, details=said)


def kind_of(outlets: Outlets, name: str) -> Kind:
    """One kind by its name. Raises NotFound."""
    found = next((kind for kind in outlets.kinds if kind.name == name), None)
    if found is None:
        raise NotFound(what="channel", id=name)
    return found


def _tended(session: Session, actor: Actor, channel_id: str) -> Channel:
    row = session.get(Channel, channel_id)
    if row is None or row.person_id is not None:
        raise NotFound(what="channel", id=channel_id)
    actor.require(Action.TEND_CHANNELS, places.path(session, row.unit_id))
    return row


def _settled(typed: Typed) -> Terms | None:
    return typed.terms.settled() if typed.terms else None


def terms_of(row: Channel) -> TypedTerms:
    """The terms of a group, for its form."""
    rate = str(row.rate_per_minute or "")
    return TypedTerms(row.posts_when, row.quiet_from, row.quiet_until, rate, tuple(row.languages))


def _checked(typed: Typed, outlets: Outlets, *, kept: Channel | None) -> Typed:
    """Complete, and fit to be used; what is left at its default is not stored."""
    kind = kind_of(outlets, kept.kind if kept else typed.kind)
    name = line(typed.name)
    if not 1 <= len(name) <= 200:
        raise Malformed(field="name", problem="1–200")
    settings = {it.name: line(typed.settings.get(it.name, "")) for it in kind.plain}
    secret = line(typed.secret)
    if kept and lost(kept.secret) and not secret:
        raise SecretUnreadable
    for it in kind.settings:
        value = (secret or (kept.secret if kept else "")) if it.secret else settings[it.name]
        if not value and it.default is None:
            raise ChannelIncomplete(setting=it.label)
        if len(value or "") > LONGEST:
            raise Malformed(field=it.name, problem=f"1–{LONGEST}")
    given = {name: value for name, value in settings.items() if value}
    if kept and kept.secret and not secret and any(given.get(it) != kept.settings.get(it) for it in WHERE):
        raise SecretAgain
    problem = outlets.problem(Access(kind.name, given, secret or (kept.secret if kept else None)))
    if problem:
        raise ChannelUnusable(problem=problem)
    return Typed(name, kind.name, given, secret)
