"""The main case of the field before it happens: five communes that are to become one with 57 villages."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.domain.permissions import Role
from broadcaster.domain.wishes import Kind, Wish
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.hours import rules
from broadcaster.services.places import units
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice
from broadcaster.store.database import Database
from broadcaster.store.tables import Announcement, Unit
from tests import cast
from tests.cast import NOW, give_clips, person, speaker
from tests.services.planned import repeat

TOP, WHOLE = cast.PROVINCE, "xa-yen-son"
COMMUNES = {"pan": "Xã Chiềng Pằn", "lan": "Xã Viêng Lán", "sang": "Xã Chiềng Sàng", "dong": "Xã Chiềng Đông"}
COMMUNES |= {"ban": "Xã Sặp Vạt"}
VILLAGES = {"pan": 12, "lan": 11, "sang": 12, "dong": 11, "ban": 11}
NAMES = ("Đông Khùa", "Nà Pản", "Khoóng", "Huổi Hốc", "Ngùa", "Thồng Phiêng", "Mệt Sai", "Pút", "Chiềng Kim")
MERGE = Wish(Kind.MERGE, tuple(COMMUNES), id=WHOLE, name="Xã Yên Sơn", level="commune")


@dataclass(frozen=True, slots=True)
class Five:
    """Who acts there."""

    governor: Actor
    """Looks after the province and so all five."""
    owners: dict[str, Actor]
    approver: Actor
    clerk: Actor
    """Of the first commune, as the approver."""


def village(commune: str, number: int) -> str:
    """The id of one village."""
    return f"ban-{commune}-{number}"


def settle(session: Session, *, now: datetime = NOW) -> Five:
    """The province, its communes with rules of their own, their villages with a loudspeaker each, and their people."""
    if session.get(Unit, TOP) is None:
        units.create(session, SYSTEM, id=TOP, name="Tỉnh Sơn La", level="province", parent=None, now=now)
    for place, (commune, name) in enumerate(COMMUNES.items()):
        units.create(session, SYSTEM, id=commune, name=name, level="commune", parent=TOP, people=6_600, now=now)
        for number in range(VILLAGES[commune]):
            unit, called = village(commune, number), f"Bản {NAMES[number % 9]} {place * 2 + number // 9}"
            units.create(
                session, SYSTEM, id=unit, name=called, level="village", parent=commune, position=number, now=now
            )
            session.add(speaker(f"loa-{commune}-{number}", unit, now=now))
        session.flush()
        hours = [{"days": list(range(7)), "start": 300 + 15 * place, "end": 1200}]
        rules.set(session, SYSTEM, commune, {"hours": hours}, now=now)
    owners = {
        commune: person(session, f"chu-{commune}", f"Chủ tịch {name}", {commune: [Role.OWNER]})
        for commune, name in COMMUNES.items()
    }
    return Five(
        person(session, "quan-tri-tinh", "Quản trị tỉnh", {TOP: [Role.OWNER]}),
        owners,
        person(session, "pho-pan", "Phó chủ tịch Chiềng Pằn", {"pan": [Role.APPROVER]}),
        person(session, "van-hoa-pan", "Cán bộ văn hoá Chiềng Pằn", {"pan": [Role.CLERK]}),
    )


def gather(database: Database) -> Five:
    """All of it in an empty database."""
    with database.transaction() as session:
        return settle(session)


def daily(session: Session, five: Five, commune: str = "pan", *, now: datetime = NOW) -> Announcement:
    """What is heard in one commune twice a day."""
    draft = cast.draft(title="Bản tin xã", unit_id=commune, audience=[AudienceChoice("unit", commune)])
    writer = five.clerk if commune == "pan" else five.owners[commune]
    made = announcements.write(session, writer, draft, now=now)
    give_clips(session, made)
    cast.submit(session, writer, made.id, now=now)
    cast.approve(session, five.approver if commune == "pan" else five.governor, made, now=now)
    repeat(session, made, now=now)
    return made
