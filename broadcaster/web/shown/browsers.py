"""What a browser calls itself, as its owner would: “Chrome · Android”."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.services.ids import hashed
from broadcaster.services.people import sessions
from broadcaster.web.labels import N_, Label

# The first that is found counts: most browsers also name those they want to be taken for.
PROGRAMS = (
    ("Zalo", "Zalo"),
    ("Cốc Cốc", "coc_coc"),
    ("Samsung Internet", "SamsungBrowser"),
    ("Edge", "Edg"),
    ("Opera", "OPR"),
    ("Firefox", "Firefox"),
    ("Firefox", "FxiOS"),
    ("Chrome", "CriOS"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("macOS", "Mac OS X"),
    ("Linux", "Linux"),
)

HERE = Label(N_("this one"), "check", "ok")


@dataclass(frozen=True, slots=True)
class Window:
    """One browser somebody is signed in with."""

    id: str
    name: str
    origin: str
    since: datetime
    used: datetime
    here: bool


def name_of(agent: str) -> str:
    """Program and system; empty where neither is known."""
    parts = (next((name for name, sign in table if sign in agent), "") for table in (PROGRAMS, SYSTEMS))
    return " · ".join(part for part in parts if part)


def windows(session: Session, person_id: str, secret: str, *, now: datetime) -> list[Window]:
    """All of a person's, this one first."""
    found = [
        Window(
            row.id_sha256,
            name_of(row.agent),
            row.origin,
            row.created_at,
            row.last_used_at or row.created_at,
            row.id_sha256 == hashed(secret),
        )
        for row in sessions.of(session, person_id, now=now)
    ]
    return sorted(found, key=lambda each: not each.here)
