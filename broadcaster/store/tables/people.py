"""People, what they may do where, and how they are recognised."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from broadcaster.store.base import Base, Counter, Names, Sha256, Word


class Person(Base):
    """Someone, or some program, that can act."""

    __tablename__ = "people"
    id: Mapped[Word] = mapped_column(primary_key=True)
    login: Mapped[Word] = mapped_column(unique=True)
    name: Mapped[str]
    locale: Mapped[Word] = mapped_column(default="vi")
    languages: Mapped[Names] = mapped_column(default=list)
    """Languages this person speaks natively, and so may record and review."""
    phone: Mapped[Word] = mapped_column(default="")
    """Where they can be called; shown to those who may stand in for a loudspeaker there."""
    password: Mapped[str] = mapped_column(default="")
    """Its argon2id hash; empty = this person signs in by other means."""
    mail: Mapped[str] = mapped_column(default="")
    """The address by which an OpenID Connect provider may name who never was here yet; given by who invited them."""
    factor_failures: Mapped[int] = mapped_column(default=0)
    factor_blocked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class Identity(Base):
    """Who a person is at an OpenID Connect provider."""

    __tablename__ = "identities"
    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[Word] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]


class Throttle(Base):
    """How often somebody failed to come in of late: by one name, from one address, or by that name from there."""

    __tablename__ = "throttles"
    key_sha256: Mapped[Sha256] = mapped_column(primary_key=True)
    failures: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(index=True)
    blocked_until: Mapped[datetime | None]


class SignInRequest(Base):
    """Somebody was sent to an OpenID Connect provider; what their return must match, once."""

    __tablename__ = "sign_in_requests"
    state_sha256: Mapped[Sha256] = mapped_column(primary_key=True)
    nonce: Mapped[Word]
    verifier: Mapped[str]
    """The secret behind the code challenge (RFC 7636)."""
    person_id: Mapped[Word | None]
    """Whose account will be known by what the provider says: of who was invited, or is signed in and asked for it."""
    link_sha256: Mapped[Sha256 | None]
    """The invitation that is used up by it."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Grant(Base):
    """A role on a unit, and so on everything under it."""

    __tablename__ = "grants"
    __table_args__ = (UniqueConstraint("person_id", "role", "unit_id"),)
    id: Mapped[Word] = mapped_column(primary_key=True)
    person_id: Mapped[Word] = mapped_column(ForeignKey("people.id"))
    role: Mapped[Word]
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    granted_by: Mapped[Word | None]
    granted_at: Mapped[datetime]


class Deputy(Base):
    """Someone stands in for someone else, in one role on one unit, between two dates."""

    __tablename__ = "deputies"
    id: Mapped[Word] = mapped_column(primary_key=True)
    person_id: Mapped[Word] = mapped_column(ForeignKey("people.id"), index=True)
    deputy_for: Mapped[Word] = mapped_column(ForeignKey("people.id"))
    role: Mapped[Word]
    unit_id: Mapped[Word] = mapped_column(ForeignKey("units.id"), index=True)
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    appointed_by: Mapped[Word]
    appointed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Factor(Base):
    """A second factor: a generator of one-time codes (RFC 6238) or a passkey (WebAuthn)."""

    __tablename__ = "factors"
    id: Mapped[Word] = mapped_column(primary_key=True)
    person_id: Mapped[Word] = mapped_column(ForeignKey("people.id"), index=True)
    kind: Mapped[Word]
    """"totp" or "passkey"."""
    name: Mapped[str]
    secret: Mapped[bytes | None]
    """The shared secret, encrypted under a key of the data folder."""
    last_step: Mapped[Counter | None]
    """The 30-second step of the last code taken: no code counts twice."""
    credential_id: Mapped[bytes | None]
    public_key: Mapped[bytes | None]
    sign_count: Mapped[Counter] = mapped_column(default=0)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    """None = not proved yet; it counts for nothing."""
    last_used_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class Challenge(Base):
    """What a passkey is asked to sign, once."""

    __tablename__ = "challenges"
    id: Mapped[Word] = mapped_column(primary_key=True)
    person_id: Mapped[Word] = mapped_column(ForeignKey("people.id"), index=True)
    challenge: Mapped[bytes]
    about: Mapped[Word]
    """What the answer may be used for: the id of an announcement, or "account"."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Token(Base):
    """A bearer token; only its hash is kept."""

    __tablename__ = "tokens"
    id: Mapped[Word] = mapped_column(primary_key=True)
    person_id: Mapped[Word] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str]
    secret_sha256: Mapped[Sha256] = mapped_column(unique=True)
    scope: Mapped[str] = mapped_column(default="")
    """Empty = all its person may do; "wall:" and a unit = to look at its wall screen, and nothing else."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SignInLink(Base):
    """A link that signs one person in, once."""

    __tablename__ = "sign_in_links"
    secret_sha256: Mapped[Sha256] = mapped_column(primary_key=True)
    person_id: Mapped[Word] = mapped_column(ForeignKey("people.id"), index=True)
    invites: Mapped[bool] = mapped_column(default=False)
    """It was made by somebody else, for one who was never here; who opens it chooses a password first."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WebSession(Base):
    """A signed-in browser; the cookie holds the secret whose hash is the key here."""

    __tablename__ = "web_sessions"
    id_sha256: Mapped[Sha256] = mapped_column(primary_key=True)
    person_id: Mapped[Word] = mapped_column(ForeignKey("people.id"), index=True)
    csrf: Mapped[Word]
    origin: Mapped[str] = mapped_column(default="")
    agent: Mapped[str] = mapped_column(default="")
    """What the browser calls itself, so that its owner knows which phone it is."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    half: Mapped[bool] = mapped_column(default=False)
    """The password was right, and the second factor is still asked for: it opens nothing else."""
    proved_at: Mapped[datetime | None]
    """When a second factor was last given in it."""
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
