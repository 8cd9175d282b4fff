"""Everything one new speaker needs, as {path: bytes}; put into a folder or a zip at the very end."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from string import Template

from firmware_config.device_config import DeviceConfig, Sound, parse, write
from firmware_config.pki import BROADCASTER, Authority, Issued, new_signing_key, public_key_pem, signing_key_pem
from firmware_config.protocol import valid_id

_PLAIN_FILES = {
    "systemd/loa-agent.service": "loa-agent.service",
    "systemd/watchdog.conf": "watchdog.conf",
    "asound.conf": "asound.conf",
    "network/wifi.nmconnection.example": "wifi.nmconnection.example",
    "network/hotspot.nmconnection.example": "hotspot.nmconnection.example",
}
_FILLED_FILES = {
    "network/user-data.example": "user-data.example",
    "install.sh": "install.sh",
    "README.md": "technician.md",
}
# The earliest moment a zip can hold: the same bundle gives the same bytes on every day.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class SpeakerIdentity:
    """Who a speaker is: its id, its name for people, its TLS pair and its signing key (PEM)."""

    device: str
    name: str
    tls: Issued
    signing_key_pem: bytes


def new_identity(
    device: str, name: str, authority: Authority, *, days: int = 3650, now: datetime | None = None
) -> SpeakerIdentity:
    """A speaker with fresh keys and a certificate of `authority`. Raises ValueError for an id that cannot be one."""
    if not valid_id(device) or device == BROADCASTER:
        raise ValueError(f"{device!r} cannot be a speaker's id")
    tls = authority.issue(device, days=days, now=now)
    return SpeakerIdentity(device, name, tls, signing_key_pem(new_signing_key()))


def bundle(
    speaker: SpeakerIdentity,
    *,
    ca: bytes,
    root: bytes,
    brokers: Sequence[str],
    urls: Sequence[str],
    keys: bytes | None = None,
    sound: Sound | None = None,
    data: Path = Path("/var/lib/loa"),
) -> dict[str, bytes]:
    """The files of one speaker: `ca` is PEM, `root` 32 raw bytes, `keys` the envelope of keys.json.

    Raises `ConfigError` where the speaker could not read what would be written.
    """
    config = DeviceConfig(speaker.device, speaker.name, tuple(brokers), tuple(urls), data=data, sound=sound or Sound())
    settings = write(config)
    parse(settings)
    found = {
        "config.toml": settings.encode("utf-8"),
        "tls/ca.pem": ca,
        "tls/speaker.pem": speaker.tls.certificate_pem,
        "tls/speaker.key": speaker.tls.key_pem,
        "signing/speaker.key": speaker.signing_key_pem,
        "signing/root.pub": public_key_pem(root),
    }
    if keys is not None:
        found["keys.json"] = keys
    found |= {path: _read(name).encode("utf-8") for path, name in _PLAIN_FILES.items()}
    # Quotes would end the shell's own in install.sh.
    known = {"device": speaker.device, "name": speaker.name.replace("'", "’")}
    filled = {path: Template(_read(name)).substitute(known) for path, name in _FILLED_FILES.items()}
    return found | {path: text.encode("utf-8") for path, text in filled.items()}


def mode(path: str) -> int:
    """The permissions of a file of the bundle: keys are their owner's alone."""
    if path.endswith(".key"):
        return 0o600
    return 0o755 if path.endswith(".sh") else 0o644


def write_folder(found: Mapping[str, bytes], folder: Path) -> None:
    """Write the bundle into a folder; a file is never readable by others before it has its permissions."""
    for path, content in sorted(found.items()):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.touch(mode=0o600)
        target.write_bytes(content)
        target.chmod(mode(path))


def write_zip(found: Mapping[str, bytes], path: Path) -> None:
    """Write the bundle into a zip; the same bundle gives the same bytes."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(found.items()):
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = (0o100000 | mode(name)) << 16
            archive.writestr(entry, content)


def _read(name: str) -> str:
    return (files("firmware_config") / "files" / name).read_text(encoding="utf-8")
