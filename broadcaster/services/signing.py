"""The server's keys: content (these words may be played) and director (this speaker, these times)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from sqlalchemy.orm import Session

from broadcaster.domain.errors import BrokenCertificate, NotApproved, NotFound, OwnAnnouncement
from broadcaster.services.moments import millis
from broadcaster.store.tables import Announcement, Approval, AudienceEntry, SignedDocument, Version
from firmware_config import protocol
from firmware_config.protocol import (
    ClipRef,
    KeySet,
    Kind,
    Klass,
    PublicKey,
    Role,
    SignedAnnouncement,
    Signer,
    SpokenVersion,
)

KEYS_FILE = "keys.json.dsse"
SIGNING_ROLES = (Role.CONTENT, Role.DIRECTOR)
KEY_DAYS = 730
LONGEST = timedelta(days=366)
"""How long an announcement without an end of its own may be aired again."""

_PREFIX = {"unit": "u", "group": "g", "speaker": "d"}


@dataclass(frozen=True, slots=True)
class Signing:
    """The two signers, and the key set by which speakers know them."""

    content: Signer
    director: Signer
    keys: KeySet
    keys_raw: bytes
    root: bytes

    @classmethod
    def load(cls, folder: Path) -> "Signing":
        """Read the keys folder. Raises BrokenCertificate when a key is missing or not in the key set."""
        try:
            root = (folder / "root.pub").read_bytes()
            raw = (folder / KEYS_FILE).read_bytes()
            keys = protocol.accept_keys(raw, root=root, have_version=0, now=None)
            content, director = (_signer(folder, role, keys) for role in SIGNING_ROLES)
        except (OSError, ValueError, TypeError, protocol.Refused) as error:
            raise BrokenCertificate(problem=str(error)) from error
        return cls(content, director, keys, raw, root)


def make_keys(folder: Path, *, now: datetime) -> Signing:
    """Make what is missing in the keys folder (root, content and director keys, the signed key set) and load it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / KEYS_FILE).exists():
        keys = {role: Ed25519PrivateKey.generate() for role in (Role.ROOT, *SIGNING_ROLES)}
        for role, key in keys.items():
            _write(folder / f"{role}.key", _pem(key))
        root = Signer(protocol.ROOT_KEYID, Role.ROOT, keys[Role.ROOT])
        _write(folder / "root.pub", root.public)
        until = now + timedelta(days=KEY_DAYS)
        entries = tuple(_entry(role, keys[role], now, until) for role in SIGNING_ROLES)
        _write(folder / KEYS_FILE, protocol.seal_document(KeySet(1, millis(now), millis(until), entries), root))
    return Signing.load(folder)


def sign_announcement(session: Session, announcement_id: str, *, signing: Signing, now: datetime) -> str:
    """Sign the approved content, store the envelope, return its reference; the same content gives the same bytes.

    Looks itself for two different persons behind the words, whoever calls. Raises NotApproved, OwnAnnouncement.
    """
    session.flush()
    announcement = session.get(Announcement, announcement_id)
    if announcement is None:
        raise NotFound(what="announcement", id=announcement_id)
    approvals = _approvals(announcement)
    raw = protocol.seal_document(document(announcement, approvals), signing.content)
    sha256 = hashlib.sha256(raw).hexdigest()
    if session.get(SignedDocument, sha256) is None:
        session.add(
            SignedDocument(
                sha256=sha256,
                announcement_id=announcement.id,
                revision=announcement.revision,
                keyid=signing.content.keyid,
                raw=raw,
                created_at=now,
            )
        )
        session.flush()
    return f"sha256:{sha256}"


def document(announcement: Announcement, approvals: Sequence[Approval]) -> SignedAnnouncement:
    """What the content key signs: a pure function of the announcement's rows."""
    begins = announcement.not_before or approvals[0].at
    return SignedAnnouncement(
        id=announcement.id,
        revision=announcement.revision,
        klass=Klass(announcement.klass),
        kind=Kind(announcement.kind),
        title=announcement.title,
        versions=tuple(map(_version, announcement.versions)),
        audience=protocol.Audience(
            include=tuple(_place(one) for one in announcement.audience if one.include),
            exclude=tuple(_place(one) for one in announcement.audience if not one.include),
        ),
        not_before=millis(begins),
        expires=millis(announcement.expires or begins + LONGEST),
        supersedes=announcement.supersedes_id,
        approvals=tuple(protocol.Approval(one.person_name, millis(one.at)) for one in approvals),
    )


def _approvals(announcement: Announcement) -> list[Approval]:
    standing = [
        one
        for one in announcement.approvals
        if one.approved and one.revision == announcement.revision and one.content_sha256 == announcement.content_sha256
    ]
    if not standing:
        raise NotApproved
    writers = {announcement.author_id, *announcement.writers}
    if all(one.person_id in writers for one in standing):
        raise OwnAnnouncement
    return [one for one in standing if one.person_id not in writers]


def _version(version: Version) -> SpokenVersion:
    clip = version.clip
    sound = None if clip is None else ClipRef(clip.sha256, clip.bytes, clip.ms)
    return SpokenVersion(version.language, version.text, sound)


def _place(entry: AudienceEntry) -> str:
    return f"{_PREFIX[entry.kind]}:{entry.ref}"


def _signer(folder: Path, role: Role, keys: KeySet) -> Signer:
    key = load_pem_private_key((folder / f"{role}.key").read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{role}.key is not an Ed25519 key")
    public = key.public_key().public_bytes_raw()
    for entry in keys.keys:
        if entry.role is role and entry.key == public:
            return Signer(entry.keyid, role, key)
    raise ValueError(f"{role}.key is not in the key set")


def _entry(role: Role, key: Ed25519PrivateKey, now: datetime, until: datetime) -> PublicKey:
    public = key.public_key().public_bytes_raw()
    # A speaker whose clock is a day behind must not refuse a server that has just been set up.
    begins = now - timedelta(days=1)
    return PublicKey(f"{role}-{public.hex()[:8]}", role, public, millis(begins), millis(until))


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
