"""The channels a doctor looks at: those that are on, and those that were switched off because they were shut out."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from broadcaster.services.outlets.trying import Access
from broadcaster.store.tables import Channel, Unit


@dataclass(frozen=True, slots=True)
class Patient:
    """One of them."""

    name: str
    """Its own and its unit's."""
    access: Access
    shut_out: str
    """What its provider said when it switched itself off; empty = it is on."""


def patients(session: Session) -> list[Patient]:
    """By name; one that a person switched off is not among them."""
    rows = select(Channel, Unit.name).join(Unit, Unit.id == Channel.unit_id).order_by(Channel.name, Channel.id)
    wanted = rows.where(or_(Channel.enabled, Channel.blocked_reason != ""))
    return [
        Patient(
            f"{row.name} ({unit})",
            Access(row.kind, dict(row.settings), row.secret),
            "" if row.enabled else row.blocked_reason,
        )
        for row, unit in session.execute(wanted)
    ]
