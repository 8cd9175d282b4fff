"""What every world begins with: a commune, its people, its keys, and announcements that were approved this morning."""

import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from bench.sim.names import names_by_chance
from broadcaster.services.moments import millis
from broadcaster.services.speaking.signing import Signing
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice
from broadcaster.store.tables import Announcement, Clip, Speaker
from firmware_config import pki, protocol
from firmware_config.protocol import Klass, Millis, Role, Signer
from tests.cast import COMMUNE, GROUP, NOW, OTHER_SPEAKER, SPEAKERS, VILLAGES, Cast, approve, draft, gather, submit
from tests.databases import Kept, Sqlite

MORNING = NOW - timedelta(hours=4)
MEMORY = Path("/dev/shm")
"""A folder that is no disk, where the system has one."""


@dataclass(frozen=True, slots=True)
class Words:
    """An approved announcement, as the oracle knows it."""

    id: str
    klass: Klass
    ms: Millis
    speakers: frozenset[str]
    clips: tuple[str, ...]
    category: str = "general"
    parts: dict[str, str] = field(default_factory=dict)
    """An alert's correction and all-clear."""


WHERE = {
    "commune": (AudienceChoice("unit", COMMUNE), frozenset(SPEAKERS)),
    "village": (AudienceChoice("unit", VILLAGES[0]), frozenset(SPEAKERS[:1])),
    "market": (AudienceChoice("group", GROUP), frozenset(SPEAKERS[:2])),
}
LIBRARY = (
    (Klass.NORMAL, "commune", 20_000),
    (Klass.NORMAL, "commune", 45_000),
    (Klass.NORMAL, "village", 30_000),
    (Klass.NORMAL, "market", 8_000),
    (Klass.NORMAL, "commune", 12_000),
    (Klass.PRIORITY, "commune", 25_000),
    (Klass.PRIORITY, "market", 15_000),
    (Klass.NORMAL, "commune", 60_000),
    (Klass.NORMAL, "market", 35_000),
    (Klass.NORMAL, "village", 10_000),
)


def key(name: str) -> Ed25519PrivateKey:
    """The same key for the same name in every process."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"sim {name}".encode()).digest())


def signing(version: int, *, now: datetime, alone: bool = False) -> Signing:
    """The keys of that version; those of older versions stay good beside them, directors only if not `alone`."""
    root, sets = key("root"), []
    for number in range(1, version + 1):
        roles = (Role.CONTENT, Role.DIRECTOR, Role.DRILL)
        keys = {role: key(f"{role} {number}") for role in roles}
        sets.append({role: Signer(pki.key_id(role, one), role, one) for role, one in keys.items()})
    kept = [signer for one in sets[:-1] for role, signer in one.items() if role is not Role.DIRECTOR or not alone]
    every = [*kept, *sets[-1].values()]
    raw = pki.sign_keys(root, every, version=version, now=millis(now), days=365)
    public = root.public_key().public_bytes_raw()
    held = protocol.accept_keys(raw, root=public, have_version=0, now=None)
    newest = sets[-1]
    return Signing(newest[Role.CONTENT], newest[Role.DIRECTOR], newest[Role.DRILL], held, raw, public)


class Ground:
    """Copies of one morning; used by one world at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clips: dict[str, bytes] = {}
        self.words: list[Words] = []
        self.database = Kept(f"sqlite:///{folder / 'world.sqlite'}")
        self._peep: sqlite3.Connection | None = None
        self._template = folder / "morning.sqlite"
        with names_by_chance("morning"), Sqlite(folder).database() as database:
            self.cast: Cast = gather(database, now=MORNING)
            with database.transaction() as session:
                self._hang(session)
                self.words += [self._write(session, *one) for one in LIBRARY]
                self.words.append(self._write(session, Klass.EMERGENCY, "commune", 40_000))
            with database.engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.exec_driver_sql("BEGIN")
            shutil.copyfile(database.engine.url.database or "", self._template)

    @property
    def alert(self) -> Words:
        """The one emergency that is ready."""
        return self.words[-1]

    def read(self, sha256: str) -> bytes | None:
        """A clip's bytes."""
        return self.clips.get(sha256)

    def dawn(self) -> None:
        """The database is as it was in the morning."""
        self.restore(self._template)

    def restore(self, copy: Path) -> None:
        """The database is as it was when the copy was made."""
        self.database.hand_back()
        self.let_go()
        path = self.folder / "world.sqlite"
        for old in (Path(f"{path}-wal"), Path(f"{path}-shm")):
            old.unlink(missing_ok=True)
        shutil.copyfile(copy, path)

    def let_go(self) -> None:
        """Whatever looks at the database beside the product."""
        if self._peep is not None:
            self._peep.close()
            self._peep = None

    def next_due(self) -> Millis | None:
        """When something in the outbox is due: asked past the object mapper, because it is asked all the time."""
        if self._peep is None:
            self._peep = sqlite3.connect(self.folder / "world.sqlite")
        found = self._peep.execute("SELECT min(due_at) FROM outbox").fetchone()[0]
        return None if found is None else millis(datetime.fromisoformat(found).replace(tzinfo=UTC))

    def back_up(self) -> Path:
        """A copy of the database as it is."""
        copy = self.folder / "backup.sqlite"
        copy.unlink(missing_ok=True)
        with self.database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql(f"VACUUM INTO '{copy}'")
            connection.exec_driver_sql("BEGIN")
        return copy

    def _hang(self, session: Session) -> None:
        for name in SPEAKERS:
            row = session.get_one(Speaker, name)
            row.public_key = key(f"speaker {name}").public_key().public_bytes_raw()
        session.get_one(Speaker, OTHER_SPEAKER).revoked_at = MORNING

    def _write(self, session: Session, klass: Klass, where: str, ms: Millis) -> Words:
        choice, speakers = WHERE[where]
        wanted = draft(klass=klass, audience=[choice], title=f"Thông báo {len(self.words)}")
        row = announcements.write(session, self.cast.clerk, wanted, now=MORNING)
        self._give_clips(session, row, ms)
        submit(session, self.cast.clerk, row.id, now=MORNING)
        approve(session, self.cast.approver, row, now=MORNING)
        return Words(
            row.id,
            klass,
            ms,
            speakers,
            tuple(one.clip_sha256 or "" for one in row.versions),
            parts={part.part or "": part.id for part in row.parts},
        )

    def _give_clips(self, session: Session, row: Announcement, ms: Millis) -> None:
        for version in (each for one in (row, *row.parts) for each in one.versions):
            data = hashlib.sha256(version.id.encode()).digest() * 40
            sha256 = hashlib.sha256(data).hexdigest()
            self.clips[sha256] = data
            made = Clip(sha256=sha256, bytes=len(data), ms=ms, level=-1600, peak=-150, voice="espeak/vi")
            made.language, made.source, made.created_at = version.language, "spoken", MORNING
            session.add(made)
            session.flush()
            version.clip_sha256 = sha256
        session.flush()
        session.expire(row)


@contextmanager
def ground() -> Iterator[Ground]:
    """For as many worlds as are wanted; gone afterwards."""
    with ExitStack() as stack:
        folder = tempfile.mkdtemp(prefix="loa-sim-", dir=MEMORY if MEMORY.is_dir() else None)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = Ground(Path(folder))
        stack.callback(made.database.dispose)
        stack.callback(made.let_go)
        yield made


def speakers(count: int) -> Sequence[str]:
    """The first loudspeakers of the commune."""
    return SPEAKERS[:count]
