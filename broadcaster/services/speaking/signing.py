"""The server's keys: content (these words are meant), drill (these are not), director (this speaker, these times)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import airing as airings
from broadcaster.domain.announcement import State
from broadcaster.domain.audience import WIRE, ChoiceKind
from broadcaster.domain.errors import (
    BrokenCertificate,
    EditedSince,
    LoaError,
    NotApproved,
    NotFound,
    OwnAnnouncement,
    TwoPersonsNeeded,
)
from broadcaster.services.moments import millis
from broadcaster.services.outlets import standing_orders
from broadcaster.services.writing import assertions
from broadcaster.services.writing.contents import content_hash
from broadcaster.store.tables import Airing, Announcement, Approval, AudienceEntry, Clip, SignedDocument, Version
from firmware_config import pki, protocol
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

log = structlog.get_logger(__name__)

KEYS_FILE = "keys.json.dsse"
ROOT_FILE = "root.pub"
SIGNING_ROLES = (Role.CONTENT, Role.DIRECTOR, Role.DRILL)
KEY_DAYS = 730
LONGEST = timedelta(days=366)
"""How long an announcement without an end of its own may be aired again."""


@dataclass(frozen=True, slots=True)
class Signing:
    """The signers, and the key set by which speakers know them."""

    content: Signer
    director: Signer
    drill: Signer
    keys: KeySet
    keys_raw: bytes
    root: bytes

    @classmethod
    def load(cls, folder: Path) -> "Signing":
        """Read the keys folder. Raises BrokenCertificate when a key is missing or not in the key set."""
        try:
            root = pki.load_public_key((folder / ROOT_FILE).read_bytes())
            raw = (folder / KEYS_FILE).read_bytes()
            keys = protocol.accept_keys(raw, root=root, have_version=0, now=None)
            content, director, drill = (_signer(folder, role, keys) for role in SIGNING_ROLES)
        except (OSError, ValueError, pki.BrokenCertificate, protocol.Refused) as error:
            raise BrokenCertificate(file=str(folder), problem=str(error)) from error
        return cls(content, director, drill, keys, raw, root)

    def author(self, kind: Kind) -> Signer:
        """Who signs announcements of that kind."""
        return self.content if protocol.role_for(kind) is Role.CONTENT else self.drill


def make_keys(folder: Path, *, now: datetime) -> Signing:
    """Make root and signing keys and the signed key set where there are none yet, and load them.

    A folder of an earlier version gets the drill key in a key set of its own, for which the root key must be there:
    raises BrokenCertificate otherwise.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / KEYS_FILE).exists():
        root = _new_key(folder, Role.ROOT)
        write_secret(folder / ROOT_FILE, pki.public_key_pem(root.public_key().public_bytes_raw()))
        signers = [_new_signer(folder, role) for role in SIGNING_ROLES]
        write_secret(folder / KEYS_FILE, pki.sign_keys(root, signers, version=1, now=millis(now), days=KEY_DAYS))
    elif not (folder / f"{Role.DRILL}.key").exists():
        _add_drill_key(folder, now=now)
    return Signing.load(folder)


def _add_drill_key(folder: Path, *, now: datetime) -> None:
    try:
        root = pki.load_signing_key((folder / f"{Role.ROOT}.key").read_bytes())
        public = pki.load_public_key((folder / ROOT_FILE).read_bytes())
        held = protocol.accept_keys((folder / KEYS_FILE).read_bytes(), root=public, have_version=0, now=None)
    except (OSError, pki.BrokenCertificate, protocol.Refused) as error:
        raise BrokenCertificate(file=str(folder), problem=str(error)) from error
    drill = pki.new_signing_key()
    start, end = millis(now) - pki.DAY_MS, held.expires
    added = PublicKey(pki.key_id(Role.DRILL, drill), Role.DRILL, drill.public_key().public_bytes_raw(), start, end)
    wider = replace(held, version=held.version + 1, issued=millis(now), keys=(*held.keys, added))
    # The key set comes first: with it alone the folder is as it was, with the key alone it could not be loaded.
    write_secret(folder / KEYS_FILE, protocol.seal_document(wider, Signer(protocol.ROOT_KEYID, Role.ROOT, root)))
    write_secret(folder / f"{Role.DRILL}.key", pki.signing_key_pem(drill))


def _new_signer(folder: Path, role: Role) -> Signer:
    key = _new_key(folder, role)
    return Signer(pki.key_id(role, key), role, key)


def _new_key(folder: Path, role: Role) -> Ed25519PrivateKey:
    key = pki.new_signing_key()
    write_secret(folder / f"{role}.key", pki.signing_key_pem(key))
    return key


def sign_announcement(session: Session, announcement_id: str, *, signing: Signing, now: datetime) -> str:
    """Sign the approved content, store the envelope, return its reference; the same content gives the same bytes.

    Looks itself, whoever calls, for two different persons behind exactly these words, and for a live emergency for
    the second factors of two, or for the standing order of two under which it came in. A correction and an all-clear
    stand on what was decided on their alert. Raises NotApproved, OwnAnnouncement, EditedSince, TwoPersonsNeeded.
    """
    session.flush()
    announcement = session.get(Announcement, announcement_id)
    if announcement is None:
        raise NotFound(what="announcement", id=announcement_id)
    approvals = _approvals(session, announcement, now)
    author = signing.author(Kind(announcement.kind))
    raw = protocol.seal_document(document(announcement, approvals), author)
    sha256 = hashlib.sha256(raw).hexdigest()
    if session.get(SignedDocument, sha256) is None:
        session.add(
            SignedDocument(
                sha256=sha256,
                announcement_id=announcement.id,
                revision=announcement.revision,
                keyid=author.keyid,
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
        category=announcement.category,
        chime=_sound(announcement.chime),
    )


def sign_open_airings(session: Session, *, signing: Signing, now: datetime) -> None:
    """Give every open airing of approved words its reference; one whose words nobody may sign stays silent."""
    session.flush()
    waiting = (
        select(Airing)
        .join(Announcement, Announcement.id == Airing.announcement_id)
        .where(Airing.reference.is_(None), Airing.state.in_(airings.OPEN), Airing.expires > now)
        .where(Announcement.state == State.APPROVED, Announcement.revision == Airing.revision)
    )
    for airing in session.scalars(waiting).all():
        try:
            airing.reference = sign_announcement(session, airing.announcement_id, signing=signing, now=now)
        except LoaError:
            log.exception("not signed", action="not-signed", airing=airing.id)
    session.flush()


def _approvals(session: Session, announcement: Announcement, now: datetime) -> list[Approval]:
    alert = announcement.part_of_id and session.get(Announcement, announcement.part_of_id)
    # The alert's content covers that of its parts, so whoever approved it has approved them.
    decided = alert or announcement
    for each in {announcement, decided}:
        if content_hash(each) != each.content_sha256:
            raise EditedSince
    standing = [
        one
        for one in decided.approvals
        if one.approved and one.revision == decided.revision and one.content_sha256 == decided.content_sha256
    ]
    if not standing:
        raise NotApproved
    writers = {decided.author_id, *decided.writers}
    asking = writers | {decided.submitted_by}
    if all(one.person_id in asking for one in standing):
        raise OwnAnnouncement
    if assertions.needed(decided) and not standing_orders.behind(session, decided, now=now):
        _check_assertions(decided, writers)
    return [one for one in standing if one.person_id not in asking]


def _check_assertions(alert: Announcement, writers: set[str]) -> None:
    people = {one.person_id for one in alert.assertions if one.content_sha256 == alert.content_sha256}
    if len(people) < 2 or not people - writers:
        raise TwoPersonsNeeded


def _version(version: Version) -> SpokenVersion:
    return SpokenVersion(version.language, version.text, _sound(version.clip))


def _sound(clip: Clip | None) -> ClipRef | None:
    return None if clip is None else ClipRef(clip.sha256, clip.bytes, clip.ms)


def _place(entry: AudienceEntry) -> str:
    return f"{WIRE[ChoiceKind(entry.kind)]}:{entry.heard_at}"


def _signer(folder: Path, role: Role, keys: KeySet) -> Signer:
    key = pki.load_signing_key((folder / f"{role}.key").read_bytes())
    public = key.public_key().public_bytes_raw()
    for entry in keys.keys:
        if entry.role is role and entry.key == public:
            return Signer(entry.keyid, role, key)
    raise ValueError(f"{role}.key is not in the key set")


def write_secret(path: Path, content: bytes) -> None:
    """Write a file its owner alone may read: whole, or not there at all."""
    half = path.with_name(f".{path.name}.half")
    half.unlink(missing_ok=True)
    half.touch(mode=0o600)
    half.write_bytes(content)
    half.replace(path)
