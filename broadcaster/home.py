"""The data folder: what lies where, and making what a first start needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.fernet import Fernet

from broadcaster.domain.errors import BrokenCertificate, problem_with
from broadcaster.links.tls import TlsFiles
from broadcaster.services.outlets.cap_seal import Seal
from broadcaster.services.outlets.vapid import Vapid, new_pem
from broadcaster.services.people.vault import Vault
from broadcaster.services.speaking.signing import Signing, make_keys, write_secret
from firmware_config import pki
from firmware_config.bundle import SpeakerIdentity, bundle
from firmware_config.device_config import Sound
from firmware_config.pki import BROADCASTER, Authority, Issued, create_authority, load_certificate

SERVER = "server"
CAP = "cap"
FACTORS_FILE = "factors.key"
PUSH_FILE = "push.key"
RENEWED_BEFORE = timedelta(days=30)
"""Our own certificates are issued anew this long before they end."""


@dataclass(frozen=True, slots=True)
class Home:
    """One data folder; keys and certificates in it belong to its owner alone."""

    folder: Path

    @property
    def clips(self) -> Path:
        """Clips under their hash."""
        return self.folder / "clips"

    @property
    def cache(self) -> Path:
        """What may be deleted at any time."""
        return self.folder / "cache"

    @property
    def broker(self) -> Path:
        """The broker we start."""
        return self.folder / "broker"

    @property
    def speakers(self) -> Path:
        """The demo's own speakers, each with its bundle, journal and sound."""
        return self.folder / "speakers"

    def tls(self, name: str) -> TlsFiles:
        """Where one party's TLS files lie."""
        folder = self.folder / "tls"
        return TlsFiles(folder / "ca.pem", folder / f"{name}.pem", folder / f"{name}.key")

    def authority(self) -> Authority:
        """The product's own certificate authority; `prepare` has made it. Raises BrokenCertificate."""
        files = self.tls("ca")
        with _named(files.certificate):
            return Authority.load(files.key.read_bytes(), files.certificate.read_bytes())

    def prepare(self, *, server_names: tuple[str, ...], now: datetime) -> Signing:
        """Make what is missing or about to end (signing keys, authority, our own certificates) and load the keys.

        Raises BrokenCertificate for a file that is there and cannot be used.
        """
        for folder in (self.folder, self.folder / "tls", self.clips, self.cache):
            folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "tls").chmod(0o700)
        signing = make_keys(self.folder / "keys", now=now)
        if not self.tls("ca").key.exists():
            authority = create_authority("Loa", now=now)
            self._write("ca", Issued(authority.key_pem, authority.certificate_pem))
        authority = self.authority()
        for name, names in ((BROADCASTER, ()), (SERVER, server_names), (CAP, ())):
            if not self.tls(name).key.exists() or self._ends(name) < now + RENEWED_BEFORE:
                self._write(name, authority.issue(name, server_names=names, days=3650, now=now))
            self._check(name, now)
        return signing

    def cap_seal(self) -> Seal:
        """By which our CAP messages are known; `prepare` has made it. Raises BrokenCertificate."""
        files = self.tls(CAP)
        with _named(files.certificate):
            return Seal(files.key.read_bytes(), files.certificate.read_bytes())

    def vapid(self, public_url: str, *, private: bool) -> Vapid:
        """By which push services know us; made the first time, for every browser is bound to it."""
        path = self.folder / "keys" / PUSH_FILE
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_secret(path, new_pem())
        with _named(path):
            made = Vapid(path.read_bytes(), public_url, private)
        try:
            made.check()
        except ValueError as error:
            raise BrokenCertificate(file=str(path), problem=str(error)) from error
        return made

    def vault(self, public_url: str) -> Vault:
        """Where second factors are sealed; its key is made the first time. Raises BrokenCertificate."""
        path = self.folder / "keys" / FACTORS_FILE
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_secret(path, Fernet.generate_key())
        with _named(path):
            key = path.read_bytes()
        try:
            Fernet(key)
        except ValueError as error:
            raise BrokenCertificate(file=str(path), problem=str(error)) from error
        return Vault(key, public_url)

    def bundle(
        self,
        speaker: SpeakerIdentity,
        signing: Signing,
        *,
        brokers: tuple[str, ...],
        urls: tuple[str, ...],
        sound: Sound | None = None,
        data: Path | None = None,
    ) -> dict[str, bytes]:
        """The files of one new speaker, as {path: bytes}."""
        return bundle(
            speaker,
            ca=self.tls("ca").certificate.read_bytes(),
            root=signing.root,
            keys=signing.keys_raw,
            brokers=brokers,
            urls=urls,
            sound=sound,
            data=data or Path("/var/lib/loa"),
        )

    def _write(self, name: str, issued: Issued) -> None:
        files = self.tls(name)
        # The certificate first: a key without one would be taken for finished after a crash in between.
        write_secret(files.certificate, issued.certificate_pem)
        write_secret(files.key, issued.key_pem)

    def _ends(self, name: str) -> datetime:
        path = self.tls(name).certificate
        with _named(path):
            return load_certificate(path.read_bytes()).not_valid_after_utc

    def _check(self, name: str, now: datetime) -> None:
        files = self.tls(name)
        with _named(files.certificate):
            issued = Issued(files.key.read_bytes(), files.certificate.read_bytes())
            pki.check(issued, ca_pem=files.authority.read_bytes(), now=now)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except pki.BrokenCertificate as error:
        raise BrokenCertificate(file=str(path), problem=str(error)) from error
    except OSError as error:
        raise BrokenCertificate(file=str(error.filename or path), problem=problem_with(error)) from error
