"""Rules, sites and exceptions that the table of rights is tried on; none of them keeps anything of the tests silent."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.hours import overrides, sites
from broadcaster.services.hours.overrides import Asked
from broadcaster.services.hours.sites import SiteFacts
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice
from tests import cast

STATES = ("ruled", "siteless", "site", "override", "granted")
ALWAYS = {"days": [0, 1, 2, 3, 4, 5, 6], "start": 0, "end": 1440}
NIGHT = {"days": [6], "start": 120, "end": 180}
SITE = {"name": "Trường mẫu giáo", "kind": "school", "hours": [NIGHT]}


def thing(session: Session, state: str, unit: str, writer: Actor, approver: Actor, now: datetime) -> dict[str, str]:
    """A unit with an announcement, and a site or an exception where asked for."""
    made = cast.draft(unit_id=unit, audience=[AudienceChoice("unit", unit)])
    announcement = announcements.write(session, writer, made, now=now)
    known = {"unit": unit, "unit_id": unit, "announcement": announcement.id, "ruled": state}
    if state == "site":
        facts = SiteFacts("Trường mẫu giáo", "school", [NIGHT])
        return known | {"site_id": sites.add(session, SYSTEM, unit, facts, now=now).id}
    if state in {"override", "granted"}:
        asked = Asked(unit, announcement.id, now + timedelta(hours=1), now + timedelta(hours=2), "Báo gấp.")
        override = overrides.ask(session, writer, asked, now=now)
        if state == "granted":
            overrides.grant(session, approver, override.id, now=now)
        return known | {"override_id": override.id}
    return known


def fields(thing: dict[str, str]) -> dict[str, Any]:
    """What the forms about rules send."""
    if "ruled" not in thing:
        return {}
    sent: dict[str, Any] = {
        "windows": "1",
        "start-0": "02:00",
        "end-0": "03:00",
        "days-0": "6",
        "name": "Trường mẫu giáo",
    }
    if thing["ruled"] == "ruled":
        sent |= {"start-0": "00:00", "end-0": "00:00", "days-0": list("0123456")}
    sent |= {"kind": "school", "announcement": thing["announcement"], "reason": "Báo gấp."}
    return sent | {"starts": "2026-11-25T23:00", "ends": "2026-11-26T01:00", "languages": "vi"}


def bodies(thing: dict[str, str]) -> dict[str, Any]:
    """What a program sends, by the last part of its address."""
    rules = {"rules": {"hours": [ALWAYS]}}
    exception = {"announcement": thing.get("announcement", ""), "reason": "Báo gấp."}
    exception |= {"starts": "2026-11-25T23:00:00+07:00", "ends": "2026-11-26T01:00:00+07:00"}
    return {"rules": rules, "try": rules, "sites": SITE, "{site_id}": SITE, "overrides": exception}
