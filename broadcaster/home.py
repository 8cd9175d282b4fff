"""The data folder: what lies where, and making what a first start needs."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from broadcaster.links.tls import TlsFiles
from broadcaster.services.signing import Signing, make_keys
from firmware_config.bundle import SpeakerIdentity, bundle
from firmware_config.device_config import Sound
from firmware_config.pki import BROADCASTER, Authority, Issued, create_authority

SERVER = "server"


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
        return Authority.load(files.key.read_bytes(), files.certificate.read_bytes())

    def prepare(self, *, server_names: tuple[str, ...], now: datetime) -> Signing:
        """Make what is missing (signing keys, authority, our own certificates) and load the keys."""
        for folder in (self.folder, self.folder / "tls", self.clips, self.cache):
            folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "tls").chmod(0o700)
        signing = make_keys(self.folder / "keys", now=now)
        if not self.tls("ca").key.exists():
            authority = create_authority("Loa", now=now)
            self._write("ca", Issued(authority.key_pem, authority.certificate_pem))
        if not self.tls(BROADCASTER).key.exists():
            self._write(BROADCASTER, self.authority().issue(BROADCASTER, days=3650, now=now))
        if not self.tls(SERVER).key.exists():
            self._write(SERVER, self.authority().issue(SERVER, server_names=server_names, days=3650, now=now))
        return signing

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
        for path, content in ((files.certificate, issued.certificate_pem), (files.key, issued.key_pem)):
            path.touch(mode=0o600)
            path.write_bytes(content)
