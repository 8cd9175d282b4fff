"""Deputies and policies as the matrix of rights needs them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.domain.deputy import Term
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.people import deputies

FIRST, LAST = "2026-12-01", "2026-12-14"


def deputy(session: Session, unit: str, away: Actor, stand_in: Actor, *, now: datetime) -> str:
    """Somebody stands in for an approver of the unit."""
    made = deputies.appoint(
        session,
        SYSTEM,
        unit,
        person_id=stand_in.person_id,
        deputy_for=away.person_id,
        role="approver",
        term=Term(now, now + timedelta(days=14)),
        now=now,
    )
    return made.id


def fields(thing: dict[str, str]) -> dict[str, Any]:
    """What the forms of a unit's staff take; the policy asks for what is asked for anyhow."""
    return {
        "person": thing.get("person_id", ""),
        "away": thing.get("away_id", ""),
        "role": "approver",
        "first": FIRST,
        "last": LAST,
        "approvals-0": "1",
        "roles-0": ["approver", "owner"],
    }


def bodies(thing: dict[str, str], code: str) -> dict[str, Any]:
    """What programs send."""
    appointed = {"person": thing.get("person_id", ""), "deputy_for": thing.get("away_id", ""), "role": "approver"}
    return {
        "policy": {"rows": [{"class": "normal"}]},
        "deputies": appointed | {"starts": f"{FIRST}T00:00:00+07:00", "ends": f"{LAST}T00:00:00+07:00"},
        "end": None,
        "renew": {"second_factor": {"code": code}},
    }
