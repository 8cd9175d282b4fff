"""Who changed what, from where, and when: written with the change itself, and checked on demand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import chain
from broadcaster.domain.chain import Head, Verdict
from broadcaster.services.actor import Actor
from broadcaster.store import audit, paging, places
from broadcaster.store.paging import Page
from broadcaster.store.tables import AuditEntry, Person


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: tuple[str, str],
    *,
    now: datetime,
    unit: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Note a change of `subject` (kind, id) in the transaction that makes it; `details` hold no secrets.

    Where the actor has every right in the unit in somebody's stead, it says in whose.
    """
    kind, subject_id = subject
    audit.add(
        session,
        at=now,
        person_id=actor.person_id,
        person_name=actor.name,
        origin=actor.origin[:200],
        action=action,
        subject_kind=kind,
        subject_id=subject_id,
        unit_id=unit,
        details=_in_stead(session, actor, unit) | dict(details or {}),
    )


def _in_stead(session: Session, actor: Actor, unit: str | None) -> dict[str, Any]:
    if unit is None or not any(grant.deputy_for for grant in actor.grants):
        return {}
    path = places.path(session, unit)
    here = [grant.deputy_for for grant in actor.grants if grant.unit in path]
    if not here or not all(here):
        return {}
    names = session.scalars(select(Person.name).where(Person.id.in_(here)).order_by(Person.name))
    return {"deputy_for": ", ".join(names)}


def verify(session: Session, saved: Head | None = None) -> Verdict:
    """Follow the whole chain and name the first bad row; a head saved elsewhere catches a chain written anew."""
    return chain.check(audit.rows(session), stored=audit.head(session), saved=saved)


def entries(
    session: Session, units: frozenset[str] | None, *, after: str | None = None, limit: int = 50
) -> Page[AuditEntry]:
    """The newest rows first, of these units (None = of all)."""
    wanted = select(AuditEntry)
    if units is not None:
        wanted = wanted.where(AuditEntry.unit_id.in_(units))
    return paging.page(session, wanted, AuditEntry.seq, after=after, limit=limit, newest_first=True)
