"""What the API takes and gives; times are ISO 8601 with a zone, levels hundredths of a decibel."""

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Item = TypeVar("Item")

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,8}(-[a-z0-9]{1,8})*$", max_length=35)]
Ref = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=64)]
Klass = Literal["normal", "priority", "emergency"]
Kind = Literal["live", "drill", "test"]


def whole(text: str) -> str:
    """JSON can spell half a character, which no database stores and no hash covers. Raises ValueError."""
    text.encode()
    return text


Text = Annotated[str, AfterValidator(whole)]


class Given(BaseModel):
    """Something a program sends: a field we do not know is an error, never ignored."""

    model_config = ConfigDict(extra="forbid")


class Shown(BaseModel):
    """Something we answer, read from a row."""

    model_config = ConfigDict(from_attributes=True)


class Listing(BaseModel, Generic[Item]):
    """One page of a list; ask again with `after` = `next` until `next` is null."""

    items: list[Item]
    next: str | None


class Unit(Shown):
    """A node of the administrative tree."""

    id: str
    parent_id: str | None
    name: str
    level: str
    former_names: list[str]
    languages: list[str]
    zone: str | None


class Group(Shown):
    """A named set of loudspeakers."""

    id: str
    unit_id: str
    name: str
    speakers: list[str] = []


class Speaker(Shown):
    """One loudspeaker and what it last said about itself."""

    id: str
    name: str
    unit_id: str
    enrolled_at: datetime
    revoked_at: datetime | None
    online: bool
    last_seen_at: datetime | None
    clock: str | None
    volume: int | None
    agent: str | None
    problems: list[str]
    alarms: list[str] = []
    """All that is wrong with it, what the server noticed too, the heaviest first; the sentences: /speakers/alarms."""
    health: dict[str, int | bool]
    health_at: datetime | None
    tested_at: datetime | None
    receipts_through: int
    latitude: float | None
    longitude: float | None
    post: str | None
    stagger_ms: int
    volume_max: int
    volumes: dict[str, int]
    languages: list[str]
    sink: str
    lead_ms: int
    tail_ms: int
    month_bytes: int
    bytes_used: int | None
    test_day: int
    test_minute: int
    test_silent: bool
    ahead_days: int


class Alarm(Shown):
    """One thing that may be wrong with a loudspeaker; `weight` 3 = nothing is heard there, 2 = soon, 1 = look later."""

    code: str
    weight: int
    says: dict[str, str]
    cure: dict[str, str]


class Script(Given):
    """A sentence of the voice bank and what is filled into it: GET /voices/{language} names both."""

    pattern: Ref
    slots: dict[Ref, Annotated[str, StringConstraints(max_length=100)]] = {}


class NewVersion(Given):
    """One language: a text to be spoken, a recording made by POST /recordings, or a script for the voice bank."""

    language: Language
    text: Text | None = None
    recording: Sha256 | None = None
    script: Script | None = None
    voice: Annotated[str, StringConstraints(max_length=32)] = ""
    speed: int = 100


class Choice(Given):
    """A unit with all below it, a group, or one loudspeaker; `include` false excepts it."""

    kind: Literal["unit", "group", "speaker"]
    ref: Ref
    include: bool = True


class NewAnnouncement(Given):
    """What an official writes."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    title: Annotated[Text, Field(max_length=1000)]
    klass: Klass = Field("normal", alias="class")
    category: Ref = "general"
    kind: Kind = "live"
    unit: Ref
    versions: Annotated[list[NewVersion], Field(max_length=20)]
    audience: Annotated[list[Choice], Field(max_length=5000)]
    expires: AwareDatetime | None = None
    repeat: Annotated[int, Field(ge=1, le=10)] = 1


class ChangedAnnouncement(NewAnnouncement):
    """The whole announcement again; `revision` is the one you read."""

    revision: Annotated[int, Field(ge=0, le=2**31 - 1)]


class Version(Shown):
    """One language as it is stored; `clip_sha256` once the sound is made."""

    language: str
    text: str
    recording_sha256: str | None
    clip_sha256: str | None
    voice: str
    speed: int


class AudienceEntry(Shown):
    """One choice of the audience."""

    kind: str
    ref: str
    include: bool


class Approval(Shown):
    """One decision on one exact content."""

    revision: int
    content_sha256: str
    approved: bool
    reason: str
    person_name: str
    deputy_for: str
    at: datetime


class Assertion(Shown):
    """Somebody answered for this exact emergency with a second factor."""

    content_sha256: str
    person_name: str
    method: str
    at: datetime


class Announcement(Shown):
    """An announcement as it stands."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True)

    id: str
    public_id: str
    revision: int
    state: str
    title: str
    klass: str = Field(serialization_alias="class")
    category: str
    kind: str
    unit_id: str
    author_id: str
    repeat: int
    expires: datetime | None
    content_sha256: str | None
    reason: str
    created_at: datetime
    updated_at: datetime
    versions: list[Version]
    audience: list[AudienceEntry]
    approvals: list[Approval]
    assertions: list[Assertion]
    part_of_id: str | None
    part: str | None


class SecondFactor(Given):
    """The six digits your phone shows at this moment; each code counts once."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class ToSubmit(Given):
    """For a live emergency."""

    second_factor: SecondFactor | None = None


class ToApprove(Given):
    """`content_sha256` is the content you read and heard: another one is refused."""

    content_sha256: Sha256
    second_factor: SecondFactor | None = None


class Reason(Given):
    """Why; whoever wrote it reads this."""

    reason: Annotated[Text, Field(min_length=1, max_length=500)]


class NewAiring(Given):
    """Either `now` or `at`."""

    announcement: Ref
    now: bool = False
    at: AwareDatetime | None = None


class Airing(Shown):
    """One planned playing."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True)

    id: str
    announcement_id: str
    state: str
    klass: str = Field(serialization_alias="class")
    kind: str
    planned_at: datetime
    wall: str
    zone: str
    latest_start: datetime
    expires: datetime
    created_at: datetime
    sound_ms: int
    standby: bool
    reason: str = Field(validation_alias="cancel_reason")
    """Why it was cancelled, missed or refused."""
    counts: dict[str, int] = {}
    by_person: int = 0
    """Loudspeakers of which nothing was heard and for which a person spoke; they stay in `counts` as what they are."""


class Delivery(Shown):
    """One airing on one loudspeaker; times are the loudspeaker's own."""

    speaker_id: str
    unit_id: str
    state: str
    attempt: int
    stored_at: datetime | None
    armed_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    heard_at: datetime | None
    ended_at: datetime | None
    by_person_at: datetime | None
    """When a person said that they had said it instead; never a proof of sound."""
    reason: str
    clock: str | None
    frames: int | None
    ms: int | None
    level: int | None
    peak: int | None
    proof: str | None
    """`frames`, as written to the sound card, or `loop`, heard back on the spot."""
    seconds: str
    """The level of each second, from `A` (silence) to `_` (full scale), 1.5 dB apart."""
    late_ms: int | None
    loop: int | None
    """How loud the loudspeaker heard its own notes come back."""
    languages: list[str]
    languages_missing: list[str] = []
    """What its village wants of the announcement and did not hear."""
    fallback: bool


class Clip(Shown):
    """A sound; `level` in hundredths of LUFS, `peak` in hundredths of dBTP."""

    sha256: str
    bytes: int
    ms: int
    level: int
    peak: int
    voice: str
    language: str
    source: str


class Mirror(Shown):
    """A copy owed to a chat group or feed."""

    id: str
    announcement_id: str
    channel_id: str
    airing_id: str | None
    revision: int
    action: str
    state: str
    attempts: int
    remote_id: str | None
    provider_code: str
    error: str
    created_at: datetime
    accepted_at: datetime | None
    delivered_at: datetime | None


class AuditEntry(Shown):
    """One line of the log book; `hash` covers this line and `previous`."""

    seq: int
    at: datetime
    person_id: str
    person_name: str
    origin: str
    action: str
    subject_kind: str
    subject_id: str
    unit_id: str | None
    details: dict[str, object]
    previous: str
    hash: str


class ProblemField(BaseModel):
    """One field that is wrong, and how."""

    name: str
    message: str


class ProblemDocument(BaseModel):
    """RFC 9457: what happened, what was kept, what to do."""

    type: str
    code: str
    status: int
    title: str
    detail: str
    kept: str
    todo: str
    fields: list[ProblemField]
