"""The demo commune in a data folder: units, people, a chat group and three speakers, each made once."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.app import Ground, utc_now
from broadcaster.demo.stand_in_chat import TOKEN
from broadcaster.domain.permissions import Role
from broadcaster.services.actor import SYSTEM
from broadcaster.services.outlets import mirrors
from broadcaster.services.people import people
from broadcaster.services.places import speakers, units
from broadcaster.store.tables import Channel, Person, Speaker
from firmware_config import device_config
from firmware_config.bundle import write_folder
from firmware_config.device_config import Sound

COMMUNE = "yen-chau"
CHAT = "nhom-yen-chau"
CHAT_NAME = "Nhóm Zalo xã Yên Châu"
CLERK, APPROVER, OWNER = "can-bo", "pho-chu-tich", "quan-tri"
PEOPLE = (
    (CLERK, "Cán bộ văn hoá – xã hội", Role.CLERK),
    (APPROVER, "Phó Chủ tịch UBND xã", Role.APPROVER),
    (OWNER, "Quản trị hệ thống", Role.OWNER),
)
SPEAKERS = 3


@dataclass(frozen=True, slots=True)
class DemoSpeaker:
    """One speaker of the demo: its id, its name, and the folder that holds all of it."""

    id: str
    name: str
    folder: Path

    @property
    def config(self) -> Path:
        """What loa-agent is started with."""
        return self.folder / "config.toml"

    @property
    def sound(self) -> Path:
        """Where its sound is written."""
        return self.folder / "sound"


def settle(ground: Ground, *, chat_url: str, sound_card: bool) -> list[DemoSpeaker]:
    """Make what is missing; the speakers, in the order they were made.

    `sound_card` sends the first speaker to this machine's own card.
    """
    now = utc_now()
    with ground.database.transaction() as session:
        units.load_tree(session, SYSTEM, tomllib.loads(_data("yen_chau.toml")), now=now)
        _people(session, now)
        if session.scalar(select(Channel.id)) is None:
            mirrors.add_channel(
                session,
                SYSTEM,
                unit_id=COMMUNE,
                kind="zalo_bot",
                name=CHAT_NAME,
                settings={"chat_id": CHAT, "base_url": chat_url},
                secret=TOKEN,
                now=now,
            )
        villages = _villages()
        known = {row.unit_id: row.id for row in session.scalars(select(Speaker).where(Speaker.revoked_at.is_(None)))}
        return [
            _speaker(ground, session, unit, name, known.get(unit), card=sound_card and place == 0, now=now)
            for place, (unit, name) in enumerate(villages)
        ]


def _speaker(
    ground: Ground, session: Session, unit: str, name: str, known: str | None, *, card: bool, now: datetime
) -> DemoSpeaker:
    if known is not None:
        last = DemoSpeaker(known, name, ground.home.speakers / known)
        # The ports may be others than last time, and it could not learn that from a broker it does not find.
        there = device_config.parse(last.config.read_text(encoding="utf-8"))
        last.config.write_text(device_config.write(replace(there, **ground.settings.site())), encoding="utf-8")
        return last
    lead_ms, tail_ms = 400, 200
    identity = speakers.enrol(
        session,
        SYSTEM,
        name=name,
        unit_id=unit,
        authority=ground.home.authority(),
        lead_ms=lead_ms,
        tail_ms=tail_ms,
        now=now,
    )
    made = DemoSpeaker(identity.device, name, ground.home.speakers / identity.device)
    sound = Sound(sink="aplay:default" if card else "wav:sound", lead_ms=lead_ms, tail_ms=tail_ms)
    found = ground.home.bundle(identity, ground.signing, **ground.settings.site(), sound=sound, data=Path("data"))
    write_folder(found, made.folder)
    return made


def _people(session: Session, now: datetime) -> None:
    for login, name, role in PEOPLE:
        if session.scalar(select(Person.id).where(Person.login == login)) is None:
            person = people.create_person(session, SYSTEM, login=login, name=name, unit_id=COMMUNE, now=now)
            people.grant(session, SYSTEM, person.id, role, COMMUNE, now=now)


def token(session: Session, login: str, *, now: datetime) -> str:
    """A bearer token for one of the demo's people."""
    person = session.scalars(select(Person).where(Person.login == login)).one()
    return people.create_token(session, SYSTEM, person.id, name="demo", now=now)


def _villages() -> Sequence[tuple[str, str]]:
    """Three villages, far apart in the file, each with the name of its speaker."""
    found = [unit for unit in tomllib.loads(_data("yen_chau.toml"))["units"] if unit["level"] == "village"]
    chosen = found[:: len(found) // SPEAKERS][:SPEAKERS]
    return [(unit["id"], f"Loa {unit['name']}") for unit in chosen]


def _data(name: str) -> str:
    return (files("broadcaster.demo") / name).read_text(encoding="utf-8")
