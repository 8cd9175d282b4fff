"""Every outlet says the same, whatever was written, approved, aired, corrected and taken back, and chat answered."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.announcement import State
from broadcaster.domain.errors import LoaError
from broadcaster.domain.mirror import CopyState
from broadcaster.domain.parity import Says, Standing, says
from broadcaster.mirrors.keeping import NOTHING
from broadcaster.mirrors.registry import build as channel_of
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.airtime import airings, closing
from broadcaster.services.outlets import mirror_queue, mirrors
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice, DraftVersion
from broadcaster.store.tables import Airing, Announcement, Channel, MirrorCopy, SignedDocument
from firmware_config.protocol import SignedAnnouncement
from firmware_config.protocol.envelope import decode_base64
from tests import cast
from tests.databases import Server
from tests.mirrors.provider import ACCOUNT, FACEBOOK, HOOK, MATRIX, TELEGRAM, ZALO, Mood, Provider
from tests.web.house import House, build

pytestmark = pytest.mark.database
VILLAGE, URL = cast.VILLAGES[0], "https://loa.example.vn"
CHANNELS = {
    ("zalo_bot", ZALO): {"chat_id": "g1", "base_url": ZALO},
    ("telegram", TELEGRAM): {"chat_id": "-1001", "base_url": TELEGRAM},
    ("webhook", HOOK): {"url": f"{HOOK}/loa"},
    ("facebook_page", FACEBOOK): {"page_id": "1", "base_url": FACEBOOK},
    ("zalo_oa", ACCOUNT): {"account": "a1", "group_id": "g1", "base_url": ACCOUNT},
    ("matrix", MATRIX): {"homeserver": MATRIX, "room": "!thon:matrix.example"},
}
SECRETS = {
    "zalo_bot": "1:abc",
    "telegram": "1:abc",
    "webhook": "sixteen-bytes-at-least",
    "facebook_page": "token",
    "zalo_oa": None,
    "matrix": "token",
}
# One round of its life, written for everybody or not for this village; a step that is left out was forgotten, came
# too late, or found nobody.
WRITTEN = st.sampled_from(["edit", "edit", "leave out"])
ROUND = ("approve", "air", "send", "an hour", "send")
MOODS = st.sampled_from([None, Mood.TAKES, Mood.TAKES, *Mood])
STEPS = st.tuples(WRITTEN, st.tuples(*[MOODS] * (1 + len(ROUND))))
ROUNDS = st.lists(STEPS, min_size=1, max_size=3)
WITHOUT_US = [AudienceChoice("unit", cast.COMMUNE), AudienceChoice("unit", VILLAGE, include=False)]
ENDS = st.sampled_from(["", "", "withdraw", "expire"])
TAKEN_BACK = "THU HỒI"


def texts(revision: int) -> list[str]:
    """What nobody says but this revision, in two languages."""
    return [f"Mời bà con, bản số {revision}.", f"Please come, text {revision}."]


def words(revision: int) -> list[DraftVersion]:
    return [DraftVersion(language, text) for language, text in zip(("vi", "en"), texts(revision), strict=True)]


class OneToken:
    """An account whose token is always taken."""

    def token(self, account: str, *, refused: str = "") -> str:
        return "token"


@dataclass
class Story:
    """One announcement, and everybody who passes it on."""

    house: House
    provider: Provider
    id: str
    without: set[int] = field(default_factory=set)
    """The revisions that leave the village out."""

    def step(self, name: str, mood: Mood) -> None:
        """One thing that happens; what the product refuses does not."""
        self.provider.mood = mood
        acts: dict[str, Callable[[Session], object]] = {
            "edit": self._edit,
            "leave out": lambda session: self._edit(session, audience=WITHOUT_US),
            "approve": self._approve,
            "air": lambda session: airings.air(session, self._clerk, self.id, at=None, now=self._now),
            "withdraw": lambda session: announcements.withdraw(
                session, self.house.cast.approver, self.id, reason="nhầm", now=self._now
            ),
            "expire": self._expire,
        }
        self.house.clock.at += timedelta(hours=1 if name == "an hour" else 0, seconds=1)
        if name == "send":
            self.send()
        elif name in acts:
            with suppress(LoaError), self.house.database.transaction() as session:
                acts[name](session)

    def send(self) -> bool:
        """Whatever is due goes out; say whether anything was."""
        with self.house.database.transaction() as session:
            mirror_queue.tidy(session, now=self._now)
            rows = mirror_queue.due(session, now=self._now, limit=50)
            works = mirror_queue.claim(session, rows, now=self._now, public_url=URL)
        with self.provider.client() as client:
            means = replace(NOTHING, tokens=OneToken()).means(client, private=True)
            outcomes = [(it, channel_of(it.kind, it.settings, means, secret=it.secret).send(it.copy)) for it in works]
        for work, outcome in outcomes:
            with self.house.database.transaction() as session:
                mirror_queue.noted(session, work.copy.id, outcome, now=self._now)
        return bool(works)

    def rest(self) -> None:
        """Hours go by in which nothing happens and every provider takes what it is sent."""
        self.provider.mood = Mood.TAKES
        for _ in range(4):
            self.house.clock.at += timedelta(hours=1, minutes=1)
            while self.send():
                self.house.clock.at += timedelta(minutes=6)
        with self.house.database.transaction() as session:
            closing.close(session, now=self._now)

    @property
    def _now(self) -> datetime:
        return self.house.clock()

    @property
    def _clerk(self) -> Actor:
        return self.house.cast.clerk

    def _edit(self, session: Session, **changes: Sequence[AudienceChoice]) -> None:
        row = session.get_one(Announcement, self.id)
        new = cast.draft(versions=words(row.revision + 1), expires=row.expires, **changes)
        self.without |= {row.revision + 1} if changes else set()
        announcements.edit(session, self._clerk, self.id, new, revision=row.revision, now=self._now)

    def _approve(self, session: Session) -> None:
        cast.give_clips(session, session.get_one(Announcement, self.id))
        cast.approve(
            session, self.house.cast.approver, cast.submit(session, self._clerk, self.id, now=self._now), now=self._now
        )

    def _expire(self, session: Session) -> None:
        session.get_one(Announcement, self.id).expires = self._now
        announcements.expire(session, now=self._now)


@dataclass(frozen=True, slots=True)
class Found:
    """What stands, and the copies that were owed."""

    public_id: str
    standing: Standing | None
    """None: nothing was ever approved."""
    histories: dict[str, list[MirrorCopy]]
    """By the channel's kind."""
    airs: bool
    """Whether it is approved as it stands and was put on the air: else first copies wait for that."""


def look(story: Story) -> Found:
    with story.house.database.read() as session:
        row = session.get_one(Announcement, story.id)
        approved = [each.revision for each in row.approvals if each.approved]
        standing = Standing(max(approved), withdrawn=row.withdrawn_at is not None) if approved else None
        copies = select(MirrorCopy, Channel.kind).join(Channel, Channel.id == MirrorCopy.channel_id)
        histories: dict[str, list[MirrorCopy]] = {}
        for copy, kind in session.execute(copies.where(MirrorCopy.announcement_id == story.id).order_by(MirrorCopy.id)):
            histories.setdefault(kind, []).append(copy)
        aired = select(Airing.id).where(Airing.announcement_id == story.id, Airing.cancelled_at.is_(None))
        airs = row.state == State.APPROVED and session.scalar(aired) is not None
        return Found(row.public_id, standing, histories, airs)


def check_groups(story: Story, found: Found) -> None:
    """Each group's last message says what stands, or its copy says why it does not."""
    for kind, address in CHANNELS:
        copies = found.histories.get(kind, [])
        read = story.provider.latest(address)
        history = [mirrors.past(row) for row in copies]
        if not history or found.standing is None:
            assert read == "", "nobody is told what was never approved or aired"
            continue
        verdict = says(found.standing, history)
        left_out = found.standing.withdrawn or found.standing.revision in story.without
        if left_out and not any(copy.may_be_out for copy in history):
            assert read == "", "what nobody read there is not taken back"
        elif verdict is not Says.SAME:
            assert verdict is not Says.COMING or not found.airs, "at rest nothing waits"
            failed = copies[-1].state in {CopyState.FAILED, CopyState.UNKNOWN} and copies[-1].provider_code
            assert verdict is Says.COMING or failed, "and what went wrong can be read"
        elif left_out:
            assert TAKEN_BACK in read
        else:
            assert all(text in read for text in texts(found.standing.revision))


def check_page(story: Story, found: Found) -> None:
    """The permalink shows the approved words and no others, struck out once they are taken back."""
    answer = story.house.stranger_to_all().get(f"/n/{found.public_id}")
    if found.standing is None:
        assert answer.status_code == 404
        return
    assert all(text in answer.text for text in texts(found.standing.revision))
    assert ("thu hồi" in answer.text) == found.standing.withdrawn
    for draft in range(found.standing.revision + 1, found.standing.revision + 4):
        assert texts(draft)[0] not in answer.text


def check_feed(story: Story, found: Found) -> None:
    """A feed says what stands, in the language that was asked for, and that it was taken back."""
    for place, language in enumerate(("vi", "en")):
        feed = story.house.stranger_to_all().get(f"/{VILLAGE}/feed.json?lang={language}").json()
        told = [it["content_text"] for it in feed["items"] if found.public_id in it["url"]]
        for said in told:
            assert found.standing is not None
            assert (texts(found.standing.revision)[place] in said) != found.standing.withdrawn
            assert bool(re.search("thu hồi|withdrawn", said)) == found.standing.withdrawn
        here = found.standing is None or found.standing.revision not in story.without
        assert told or not found.airs or not here


def check_loudspeakers(story: Story, found: Found) -> None:
    """What a loudspeaker is told to play is what stands; nothing once it is taken back."""
    with story.house.database.transaction() as session:
        manifest = cast.told(session, cast.SPEAKERS[0], signing=story.house.context.signing, now=story.house.clock())
        told = [item.announcement.removeprefix("sha256:") for item in manifest.items]
        rows = select(SignedDocument).where(SignedDocument.sha256.in_(told), SignedDocument.announcement_id == story.id)
        for row in session.scalars(rows):
            assert found.standing is not None
            assert not found.standing.withdrawn
            signed = SignedAnnouncement.from_bytes(decode_base64(json.loads(row.raw)["payload"]))
            assert [it.text for it in signed.versions] == texts(found.standing.revision)


@pytest.fixture(scope="module")
def house(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with sqlite_server.database() as database:
        made = build(database, tmp_path_factory.mktemp("parity"))
        with database.transaction() as session:
            session.add(cast.any_hour(cast.COMMUNE, now=made.clock()))
            for (kind, _), config in CHANNELS.items():
                mirrors.add_channel(
                    session,
                    SYSTEM,
                    unit_id=VILLAGE,
                    kind=kind,
                    name=kind,
                    settings=config,
                    secret=SECRETS[kind],
                    now=made.clock(),
                )
        yield made


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROUNDS, ENDS)
@example([("edit", (Mood.TAKES,) * 6), ("leave out", (Mood.TAKES,) * 6)], "")
@example(
    [("edit", (Mood.TAKES,) * 6), *[(one, (Mood.TAKES, Mood.TAKES, *[None] * 4)) for one in ("leave out", "edit")]], ""
)
def test_every_outlet_says_what_stands_or_shows_why_not(
    house: House, rounds: list[tuple[str, tuple[Mood | None, ...]]], end: str
) -> None:
    with house.database.transaction() as session:
        made = announcements.write(session, house.cast.clerk, cast.draft(versions=words(1)), now=house.clock())
    story = Story(house, Provider(), made.id)
    steps = (step for written, moods in rounds for step in zip((written, *ROUND), moods, strict=True))
    for name, mood in [*steps, (end, Mood.TAKES)]:
        if mood:
            story.step(name, mood)
            check_loudspeakers(story, look(story))
    story.rest()
    found = look(story)
    check_groups(story, found)
    check_page(story, found)
    check_feed(story, found)
    check_loudspeakers(story, found)
