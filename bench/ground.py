"""A broker, a commune on a fresh database and its keys, for measuring."""

import hashlib
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from bench import phones
from broadcaster.domain.permissions import Grant, Role
from broadcaster.links.embedded_broker import EmbeddedBroker
from broadcaster.links.exchange import Exchange
from broadcaster.links.mqtt import BrokerAddress
from broadcaster.links.tls import TlsFiles
from broadcaster.services.actor import Actor
from broadcaster.services.speaking import signing
from broadcaster.services.speaking.signing import Signing
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice, Draft, DraftVersion
from broadcaster.store.database import Database
from broadcaster.store.tables import Clip, Speaker, Unit, Version
from firmware_config import pki
from firmware_config.pki import Authority
from firmware_config.protocol import Role as KeyRole
from firmware_config.protocol import Signer, topics
from tests.cast import any_hour

COMMUNE = "yen-chau"
WORDS = "Nước lên nhanh, bà con khẩn trương lên chỗ cao."
GRANTS = tuple(Grant(role, COMMUNE) for role in Role)
CLERK, APPROVER = Actor("clerk", "Clerk", GRANTS), Actor("approver", "Approver", GRANTS)


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Ground:
    """What every measurement stands on."""

    folder: Path
    database: Database
    signing: Signing
    authority: Authority
    port: int
    clip: bytes

    def read(self, sha256: str) -> bytes | None:
        """The one clip there is."""
        return self.clip if hashlib.sha256(self.clip).hexdigest() == sha256 else None

    def tls(self, name: str) -> TlsFiles:
        """A certificate for `name`, written out."""
        issued = self.authority.issue(name, server_names=["localhost"] if name == "server" else ())
        files = TlsFiles(self.folder / "ca.pem", self.folder / f"{name}.pem", self.folder / f"{name}.key")
        files.authority.write_bytes(self.authority.certificate_pem)
        files.certificate.write_bytes(issued.certificate_pem)
        files.key.write_bytes(issued.key_pem)
        return files

    def exchange(self) -> Exchange:
        """The broadcaster's links to the broker."""
        address = BrokerAddress("127.0.0.1", self.port)
        return Exchange(
            self.database, self.signing, self, brokers=[address], tls=self.tls("broadcaster"), on_fatal=_die
        )

    def add_speakers(self, names: Sequence[str]) -> dict[str, Signer]:
        """Rows and keys for speakers of the commune."""
        now = utc_now()
        signers = {name: Signer(name, KeyRole.SPEAKER, pki.new_signing_key()) for name in names}
        with self.database.transaction() as session:
            session.add_all(_speaker(name, signer, now) for name, signer in signers.items())
        return signers

    def submitted(self, klass: str, *, sha256: str | None = None, text: str = WORDS) -> tuple[str, str]:
        """An announcement to the whole commune that waits for approval: its id and the hash to approve."""
        now = utc_now()
        draft = Draft(
            title="Thông báo khẩn",
            unit_id=COMMUNE,
            klass=klass,
            versions=[DraftVersion("vi", text)],
            audience=[AudienceChoice("unit", COMMUNE)],
        )
        with self.database.transaction() as session:
            written = announcements.write(session, CLERK, draft, now=now)
            sha256 = sha256 or hashlib.sha256(self.clip).hexdigest()
            if session.get(Clip, sha256) is None:
                session.add(_clip(sha256, len(self.clip), now))
                session.flush()
            mine = [written.id, *(part.id for part in written.parts)]
            for version in session.query(Version).filter(Version.announcement_id.in_(mine)):
                version.clip_sha256 = sha256
            session.flush()
            session.expire_all()
            second = phones.second(session, CLERK, now)
            announcements.submit(session, CLERK, written.id, now=now, second=second, vault=phones.VAULT)
            return written.id, announcements.content_hash(written)

    def allow(self, user: str) -> None:
        """Let `user` write and read everybody's receipts, as no speaker may."""
        acl = self.folder / "broker" / "acl"
        rules = f"\nuser {user}\ntopic readwrite {topics.receipts('+')}\n"
        acl.write_text(acl.read_text() + rules)
        os.kill(int((self.folder / "broker" / "mosquitto.pid").read_text()), signal.SIGHUP)


def _die(name: str, error: BaseException) -> None:
    raise SystemExit(f"{name} died: {error!r}")


@contextmanager
def ground(*, clip_bytes: int = 48_000, url: str | None = None) -> Iterator[Ground]:
    """A running broker and a migrated database (SQLite unless a URL is given); gone afterwards."""
    # The figures alone go to standard output.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="loa-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        database = Database(url or f"sqlite:///{folder / 'loa.sqlite'}")
        stack.callback(database.dispose)
        database.migrate()
        now = utc_now()
        with database.transaction() as session:
            session.add(Unit(id=COMMUNE, parent_id=None, name="Yên Châu", level="commune", created_at=now))
            session.flush()
            session.add(any_hour(COMMUNE, now=now))
            for actor in (CLERK, APPROVER):
                phones.give(session, actor, now)
        made = Ground(
            folder=folder,
            database=database,
            signing=signing.make_keys(folder / "keys", now=now - timedelta(days=1)),
            authority=pki.create_authority("Loa bench"),
            port=_free_port(),
            clip=b"OggS" + bytes(clip_bytes - 4),
        )
        broker = EmbeddedBroker(folder / "broker", made.tls("server"), port=made.port, on_fatal=_die)
        broker.start()
        stack.callback(broker.stop)
        yield made


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _speaker(name: str, signer: Signer, now: datetime) -> Speaker:
    return Speaker(
        id=name,
        name=name,
        unit_id=COMMUNE,
        enrolled_at=now,
        keyid=name,
        public_key=signer.public,
        key_not_before=now,
        key_not_after=now + timedelta(days=365),
    )


def _clip(sha256: str, size: int, now: datetime) -> Clip:
    return Clip(
        sha256=sha256,
        bytes=size,
        ms=16_000,
        level=-1600,
        peak=-200,
        voice="espeak",
        language="vi",
        source="spoken",
        created_at=now,
    )
