"""The people and places all tests share: a commune, its neighbour, and who works there. Roles have no other names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
from sqlalchemy import Insert, Table, delete, update
from sqlalchemy.orm import Session

from broadcaster.domain.permissions import Role
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.ids import new_id
from broadcaster.services.moments import millis
from broadcaster.services.people import people
from broadcaster.services.people.second_factor import Method, Second
from broadcaster.services.places import groups, units
from broadcaster.services.speaking import manifests
from broadcaster.services.speaking.signing import Signing
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice, Draft, DraftVersion
from broadcaster.store.database import Database
from broadcaster.store.tables import Announcement, AuditHead, Base, Clip, Factor, RuleSet, Speaker
from firmware_config.protocol import Manifest, accept_manifest
from tests import vault

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
"""A Wednesday, 10:00 in the village."""

PROVINCE, COMMUNE, OTHER_COMMUNE = "tinh-son-la", "xa-yen-chau", "xa-ben-canh"
VILLAGES = ("ban-na-pan", "ban-khoong", "ban-huoi-hoc")
OTHER_VILLAGE = "ban-la"
SPEAKERS = ("loa-na-pan", "loa-khoong", "loa-huoi-hoc")
OTHER_SPEAKER = "loa-ban-la"
GROUP = "cho-phien"
SOUND = timedelta(seconds=30)
TOTP_SECRET = "LOA2" * 8
VAULT = vault.VAULT
WRITING = {Role.CLERK, Role.APPROVER, Role.OWNER}
"""Who writes or approves carries a phone that shows codes."""

NAMES = {
    PROVINCE: "Tỉnh Sơn La",
    COMMUNE: "Xã Yên Châu",
    OTHER_COMMUNE: "Xã bên cạnh",
    "ban-na-pan": "Bản Nà Pản",
    "ban-khoong": "Bản Khoóng",
    "ban-huoi-hoc": "Bản Huổi Hốc",
    OTHER_VILLAGE: "Bản lạ",
}


@dataclass(frozen=True, slots=True)
class Cast:
    """Everyone who acts in tests."""

    clerk: Actor
    approver: Actor
    second_approver: Actor
    village_head: Actor
    technician: Actor
    monitor: Actor
    owner: Actor
    stranger: Actor
    """Clerk, approver and owner at once, of the other commune."""


_GATHERED: dict[datetime, tuple[Cast, list[tuple[Insert, list[dict[str, Any]]]]]] = {}


def gather(database: Database, *, now: datetime = NOW) -> Cast:
    """Put the cast and its places into an empty database."""
    if now not in _GATHERED:
        with database.transaction() as session:
            cast = _gathered(session, now)
        # Through the services it takes ten times as long, and a thousand tests begin with it.
        with database.read() as session:
            found = [(table, session.execute(table.select()).mappings()) for table in Base.metadata.sorted_tables]
            kept = [(table.insert(), [_row(table, row) for row in rows]) for table, rows in found]
        _GATHERED[now] = cast, [(insert, rows) for insert, rows in kept if rows]
        return cast
    cast, written = _GATHERED[now]
    with database.transaction() as session:
        session.execute(delete(AuditHead))
        for insert, rows in written:
            session.execute(insert, rows)
    return cast


def _row(table: Table, row: Mapping[Any, Any]) -> dict[str, Any]:
    """As it is inserted again; numbers that the database itself counts are left to it."""
    counted = table.autoincrement_column
    return {name: value for name, value in row.items() if counted is None or name != counted.name}


def _gathered(session: Session, now: datetime) -> Cast:
    _settle(session, now)
    return Cast(
        clerk=person(session, "can-bo-van-hoa", "Cán bộ văn hoá", {COMMUNE: [Role.CLERK]}, now=now),
        approver=person(session, "pho-chu-tich", "Phó chủ tịch", {COMMUNE: [Role.APPROVER]}, now=now),
        second_approver=person(session, "chu-tich", "Chủ tịch", {COMMUNE: [Role.APPROVER]}, now=now),
        village_head=person(session, "truong-ban", "Trưởng bản", {VILLAGES[0]: [Role.VILLAGE_HEAD]}, now=now),
        technician=person(session, "can-bo-ky-thuat", "Cán bộ kỹ thuật", {COMMUNE: [Role.TECHNICIAN]}, now=now),
        monitor=person(session, "giam-sat-tinh", "Giám sát tỉnh", {PROVINCE: [Role.PROVINCE_MONITOR]}, now=now),
        owner=person(session, "quan-tri-xa", "Quản trị xã", {COMMUNE: [Role.OWNER]}, now=now),
        stranger=person(session, "nguoi-xa-khac", "Cán bộ xã khác", {OTHER_COMMUNE: list(Role)}, now=now),
    )


def _settle(session: Session, now: datetime) -> None:
    make_unit(session, PROVINCE, "province", None, now)
    for commune, villages in ((COMMUNE, VILLAGES), (OTHER_COMMUNE, (OTHER_VILLAGE,))):
        make_unit(session, commune, "commune", PROVINCE, now)
        for village in villages:
            make_unit(session, village, "village", commune, now)
    for speaker_id, village in zip((*SPEAKERS, OTHER_SPEAKER), (*VILLAGES, OTHER_VILLAGE), strict=True):
        session.add(speaker(speaker_id, village, now=now))
    session.flush()
    groups.create(session, SYSTEM, id=GROUP, name="Chợ phiên", unit_id=COMMUNE, speakers=SPEAKERS[:2], now=now)


def make_unit(session: Session, id: str, level: str, parent: str | None, now: datetime) -> None:  # noqa: A002
    """A unit made by the command line."""
    units.create(session, SYSTEM, id=id, name=NAMES.get(id, id), level=level, parent=parent, now=now)


def speaker(speaker_id: str, unit_id: str, *, now: datetime = NOW, public_key: bytes = bytes(32)) -> Speaker:
    """A speaker's row; the key is nobody's unless one is given."""
    return Speaker(
        id=speaker_id,
        name=f"Loa {unit_id}",
        unit_id=unit_id,
        enrolled_at=now,
        keyid=f"speaker-{speaker_id}",
        public_key=public_key,
        key_not_before=now - timedelta(days=1),
        key_not_after=now + timedelta(days=3650),
    )


def person(session: Session, login: str, name: str, roles: dict[str, list[Role]], *, now: datetime = NOW) -> Actor:
    """Someone with these roles on these units."""
    made = people.create_person(session, SYSTEM, login=login, name=name, unit_id=PROVINCE, now=now)
    for unit_id, held in roles.items():
        for role in held:
            people.grant(session, SYSTEM, made.id, role, unit_id, now=now)
    if WRITING & {role for held in roles.values() for role in held}:
        give_phone(session, made.id, now=now)
    return people.actor_of(session, made.id, origin="127.0.0.1")


def give_phone(session: Session, person_id: str, *, now: datetime = NOW) -> Factor:
    """A second factor that shows the codes of TOTP_SECRET."""
    made = Factor(
        id=new_id(now),
        person_id=person_id,
        kind="totp",
        name="Điện thoại",
        secret=VAULT.seal(TOTP_SECRET),
        created_at=now,
        confirmed_at=now,
    )
    session.add(made)
    session.flush()
    return made


def code(now: datetime = NOW) -> str:
    """What the phones show."""
    return code_of(TOTP_SECRET, now)


def code_of(secret: str, now: datetime = NOW) -> str:
    """What a phone with this secret shows."""
    return pyotp.TOTP(secret).at(now)


def second(session: Session, actor: Actor, now: datetime = NOW) -> Second:
    """The actor's code, as if the one before had been used long ago: time stands still in tests."""
    session.execute(update(Factor).where(Factor.person_id == actor.person_id).values(last_step=None))
    return Second(Method.TOTP, code(now))


def draft(**changes: object) -> Draft:
    """An ordinary announcement to the whole commune."""
    usual = Draft(
        title="Họp bản",
        unit_id=COMMUNE,
        versions=[DraftVersion("vi", "Kính mời bà con đến nhà văn hoá lúc 19 giờ 30.")],
        audience=[AudienceChoice("unit", COMMUNE)],
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def clip(sha256: str = "a" * 64, *, language: str = "vi", ms: int = 30_000, now: datetime = NOW) -> Clip:
    """A clip's row; there is no sound behind it."""
    return Clip(
        sha256=sha256,
        bytes=ms * 3,
        ms=ms,
        level=-1600,
        peak=-150,
        voice="espeak/vi",
        language=language,
        source="spoken",
        created_at=now,
    )


def give_clips(session: Session, announcement: Announcement) -> None:
    """Give each version a clip as if it had been rendered, those of an alert's parts too."""
    for version in (each for row in (announcement, *announcement.parts) for each in row.versions):
        sha256 = f"{int(version.id, 16):064x}"[:64]
        if session.get(Clip, sha256) is None:
            session.add(clip(sha256, language=version.language))
            session.flush()
        version.clip_sha256 = sha256
    session.flush()


def submit(session: Session, actor: Actor, announcement_id: str, *, now: datetime = NOW) -> Announcement:
    """Submit with the code of the actor's phone."""
    code = second(session, actor, now)
    return announcements.submit(session, actor, announcement_id, now=now, second=code, vault=VAULT)


def approve(session: Session, actor: Actor, announcement: Announcement, *, now: datetime = NOW) -> Announcement:
    """Approve what was submitted, with the code of the actor's phone."""
    read, code = announcement.content_sha256 or "", second(session, actor, now)
    return announcements.approve(
        session, actor, announcement.id, content_sha256=read, now=now, second=code, vault=VAULT
    )


def submitted(session: Session, cast: Cast, *, now: datetime = NOW, **changes: object) -> Announcement:
    """An announcement the clerk wrote and submitted."""
    announcement = announcements.write(session, cast.clerk, draft(**changes), now=now)
    give_clips(session, announcement)
    return submit(session, cast.clerk, announcement.id, now=now)


def approved(session: Session, cast: Cast, *, now: datetime = NOW, **changes: object) -> Announcement:
    """The same, approved."""
    return approve(session, cast.approver, submitted(session, cast, now=now, **changes), now=now)


def everyone(cast: Cast) -> Iterable[Actor]:
    """All of them."""
    return [getattr(cast, name) for name in Cast.__slots__]


def any_hour(unit_id: str, *, now: datetime) -> RuleSet:
    """Rules by which a unit may be heard by day and by night, for what is put on the air when a test runs."""
    whole_day = {"days": [0, 1, 2, 3, 4, 5, 6], "start": 0, "end": 1440}
    rules = {"version": 1, "unit": unit_id, "zone": "Asia/Ho_Chi_Minh", "hours": [whole_day]}
    return RuleSet(id="any-hour", unit_id=unit_id, version=1, since=now, rules=rules, created_at=now)


def told(session: Session, speaker_id: str, *, signing: Signing, now: datetime = NOW) -> Manifest:
    """What a loudspeaker should hold now, as it accepts it itself."""
    raw = manifests.sealed(session, speaker_id, signing=signing, now=now).raw
    found = accept_manifest(raw, me=speaker_id, keys=signing.keys.ring(), have=None, now=millis(now))
    assert isinstance(found, Manifest)
    return found
