"""Whose alerts are taken in: found, added, changed, switched off and on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.cap.reading import LONGEST_NAME, NAME
from broadcaster.domain.errors import CapIncomplete, NotFound
from broadcaster.domain.permissions import Action
from broadcaster.domain.words import line
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.services.outlets import standing_orders
from broadcaster.store import places
from broadcaster.store.tables import CapSource

SIGNATURE, PINNED = "signature", "pinned"
FASTEST, SLOWEST = 10, 3600
MOST_SENDERS = 20


@dataclass(frozen=True, slots=True)
class Typed:
    """A source as somebody filled it in."""

    name: str = ""
    url: str = ""
    senders: str = ""
    """One a line."""
    certificate: str = ""
    trust: str = SIGNATURE
    every_s: int = 60


def of_units(session: Session, units: frozenset[str]) -> Sequence[CapSource]:
    """Those of these units, by name."""
    mine = select(CapSource).where(CapSource.unit_id.in_(units))
    return session.scalars(mine.order_by(CapSource.name, CapSource.id)).all()


def find(session: Session, units: frozenset[str], source_id: str) -> CapSource:
    """One of these units' sources. Raises NotFound."""
    row = session.get(CapSource, source_id)
    if row is None or row.unit_id not in units:
        raise NotFound(what="cap_source", id=source_id[:64])
    return row


def add(session: Session, actor: Actor, unit_id: str, typed: Typed, *, now: datetime) -> CapSource:
    """A new source of a unit; everything it says waits for people. Raises UnknownUnit, NotAllowed, CapIncomplete."""
    actor.require(Action.TEND_CHANNELS, places.path(session, unit_id))
    row = CapSource(id=new_id(now), unit_id=unit_id, created_by=actor.person_id, created_at=now, by_itself={})
    _fill(row, typed)
    session.add(row)
    session.flush()
    _note(session, actor, "cap_add", row, now)
    return row


def change(session: Session, actor: Actor, source_id: str, typed: Typed, *, now: datetime) -> None:
    """Fill it in otherwise. Whom to believe was part of what two people ordered: that order ends.

    Raises NotFound, NotAllowed, CapIncomplete.
    """
    row = _tended(session, actor, source_id)
    before = _believed(row)
    _fill(row, typed)
    if _believed(row) != before:
        standing_orders.drop(session, actor, row, now=now)
        row.entity_tag = ""
    row.trouble, row.asked_at = "", None
    _note(session, actor, "change", row, now)


def switch(session: Session, actor: Actor, source_id: str, *, on: bool, now: datetime) -> None:
    """Take its alerts, or none any more. Raises NotFound, NotAllowed."""
    row = _tended(session, actor, source_id)
    if row.enabled != on:
        row.enabled = on
        _note(session, actor, "switch_on" if on else "switch_off", row, now)


def fingerprint(certificate: str) -> str:
    """The SHA-256 of a certificate, in pairs, as people compare it; "–" for what is none."""
    try:
        found = x509.load_pem_x509_certificate(certificate.encode())
    except ValueError:
        return "–"
    return found.fingerprint(SHA256()).hex(":").upper()


def _tended(session: Session, actor: Actor, source_id: str) -> CapSource:
    row = session.get(CapSource, source_id, with_for_update=True)
    if row is None:
        raise NotFound(what="cap_source", id=source_id[:64])
    actor.require(Action.TEND_CHANNELS, places.path(session, row.unit_id))
    return row


def _believed(row: CapSource) -> tuple[object, ...]:
    return row.url, sorted(row.senders), row.certificate, row.trust


def _fill(row: CapSource, typed: Typed) -> None:
    row.name = _checked("name", line(typed.name), 1 <= len(line(typed.name)) <= 200, "1–200")
    row.url = _checked("url", line(typed.url), _is_address(line(typed.url)), "https://…")
    senders = list(dict.fromkeys(line(each) for each in typed.senders.splitlines() if line(each)))
    good = 1 <= len(senders) <= MOST_SENDERS and all(NAME.fullmatch(it) and len(it) <= LONGEST_NAME for it in senders)
    _checked("senders", "", good, f"1–{MOST_SENDERS}")
    row.senders = senders
    # What is posted to us, or comes over plain http, comes without a certificate that we could pin.
    trust_is_good = typed.trust == SIGNATURE or (typed.trust == PINNED and urlsplit(row.url).scheme == "https")
    row.trust = _checked("trust", typed.trust, trust_is_good, f"{SIGNATURE}, {PINNED} (https://…)")
    row.certificate = _certificate(typed.certificate)
    row.every_s = min(max(typed.every_s, FASTEST), SLOWEST)


def _certificate(text: str) -> str:
    pem = "\n".join(each.strip() for each in text.strip().splitlines()) + "\n"
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        found = []
    return _checked("certificate", pem, len(found) == 1 and len(pem) < 20_000, "PEM: -----BEGIN CERTIFICATE-----")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return not url or (parts.scheme in {"https", "http"} and bool(parts.hostname) and len(url) <= 200)
    except ValueError:
        return False


def _checked(field: str, value: str, good: bool, problem: str) -> str:
    if not good:
        raise CapIncomplete(field=field, problem=problem)
    return value


def _note(session: Session, actor: Actor, action: str, row: CapSource, now: datetime) -> None:
    details = {"name": row.name, "senders": list(row.senders), "trust": row.trust, "polled": bool(row.url)}
    audit.record(session, actor, action, ("cap_source", row.id), now=now, unit=row.unit_id, details=details)
