"""Mail to a list, through a real mail server with TLS, read as the readers' programs read it."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from broadcaster.domain.errors import StorageUnavailable
from broadcaster.domain.mail_list import addresses
from broadcaster.domain.mirror import Action, Copy, CopyState, Outcome
from broadcaster.mirrors.base import Reader, Readers
from broadcaster.mirrors.email import EmailChannel
from broadcaster.mirrors.keeping import NOTHING, Keeping
from broadcaster.mirrors.mail_lists import MailLists
from broadcaster.mirrors.registry import build
from broadcaster.mirrors.worker import MirrorWorker
from broadcaster.services.outlets import mail_readers, mirror_queue
from broadcaster.services.outlets.trying import test_message as message_for_trying
from broadcaster.store.tables import AuditEntry, MailReader, MailSent, MirrorCopy
from tests.mirrors.casts import copy as a_copy
from tests.mirrors.post_office import PASSWORD, PostOffice, running_post_office
from tests.mirrors.village import OWNER, Village

pytestmark = pytest.mark.database

URL = "https://loa.example.vn"
SOUND = b"OggS the words"
NO_CLIENT = httpx.Client(transport=httpx.MockTransport(lambda _request: httpx.Response(500)))


@dataclass
class List:
    """A village with its readers, and the mail server between them."""

    village: Village
    office: PostOffice
    channel_id: str

    @property
    def keeping(self) -> Keeping:
        lists = MailLists(self.village.database, URL, lambda: self.village.now)
        return replace(NOTHING, readers=lists, sound=lambda _sha256: SOUND)

    def channel(self, **changes: str) -> EmailChannel:
        means = self.keeping.means(NO_CLIENT, private=True)
        made = build("email", self.office.settings(**changes), means, secret=PASSWORD)
        assert isinstance(made, EmailChannel)
        return made

    def read_by(self, *names: str) -> None:
        with self.village.database.transaction() as session:
            typed = addresses(" ".join(f"{name}@dan.example.vn" for name in names))
            mail_readers.add(session, OWNER, self.channel_id, typed, now=self.village.now)

    def owed(self, **changes: object) -> Copy:
        """A copy that the list is owed, as its row says."""
        self.village.pass_time(seconds=1)
        self.village.air(self.village.announcement(klass=str(changes.pop("klass", "normal"))))
        return a_copy(id=self.village.row().id, channel=self.channel_id, **changes)

    def states(self) -> list[str]:
        with self.village.database.read() as session:
            return sorted(session.scalars(select(MailSent.state)))


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    with running_post_office(tmp_path) as office:
        monkeypatch.setenv("SSL_CERT_FILE", str(office.ca))
        yield office


@pytest.fixture
def readers(small_village: Village, office: PostOffice) -> List:
    settings: dict[str, Any] = office.settings()
    channel = small_village.channel("dong-1", name="thu", kind="email", secret=PASSWORD, **settings)
    return List(small_village, office, channel)


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_everybody_gets_a_mail_of_their_own_and_sees_nobody_else(readers: List) -> None:
    readers.read_by("an", "binh")
    one = readers.owed()
    outcome = readers.channel().send(one)
    assert (outcome.state, outcome.detail) == (CopyState.ACCEPTED, "")
    assert sorted(readers.office.readers()) == ["an@dan.example.vn", "binh@dan.example.vn"]
    for to, mail, raw in readers.office.mails:
        assert mail["To"] == to
        assert raw.count(b"dan.example.vn") == 1
        assert mail["Subject"] == "Lịch cắt điện bản Chiềng Đông 1"
        assert mail["From"].addresses[0].display_name == "Bản Chiềng Đông 1"
        assert one.link in text_of(mail)
        assert re.search(rb"^[^\x00-\x7f]", raw, re.MULTILINE) is None
        assert max(map(len, raw.split(b"\r\n"))) < 998


def test_one_click_leaves_the_list(readers: List) -> None:
    readers.read_by("an")
    readers.channel().send(readers.owed())
    [(_, mail, raw)] = readers.office.mails
    with readers.village.database.read() as session:
        secret = session.scalars(select(MailReader.secret)).one()
    assert f"\r\nList-Unsubscribe: <{URL}/leave/{secret}>\r\n".encode() in raw
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"{URL}/leave/{secret}" in text_of(mail)


def test_a_small_sound_comes_along_and_a_large_one_stays_behind(readers: List) -> None:
    readers.read_by("an")
    spoken = tuple(replace(text, clip="a" * 64) for text in a_copy().texts)
    readers.channel().send(readers.owed(texts=spoken))
    [(_, mail, _)] = readers.office.mails
    sounds = list(mail.iter_attachments())
    assert [sound.get_content_type() for sound in sounds] == ["audio/ogg", "audio/ogg"]
    assert [sound.get_filename() for sound in sounds] == ["k7m2q9xw4t-vi.ogg", "k7m2q9xw4t-en.ogg"]
    assert sounds[0].get_content() == SOUND
    channel = readers.channel()
    channel._means = replace(channel._means, sound=lambda _sha256: b"x" * 400_001)
    assert channel.send(readers.owed(texts=spoken)).state is CopyState.ACCEPTED
    assert list(readers.office.mails[-1][1].iter_attachments()) == []


def test_a_correction_is_an_answer_to_what_it_corrects(readers: List) -> None:
    readers.read_by("an")
    channel = readers.channel()
    first = channel.send(readers.owed()).remote_id or ""
    channel.send(readers.owed(action=Action.CORRECT, earlier=(first,)))
    channel.send(readers.owed(action=Action.WITHDRAW, earlier=(first,), reason="Nhầm ngày."))
    mails = [mail for _, mail, _ in readers.office.mails]
    assert mails[0]["Message-ID"] == f"<{first}>"
    assert [mail["In-Reply-To"] for mail in mails[1:]] == [f"<{first}>"] * 2
    assert mails[1]["Subject"].startswith("ĐÍNH CHÍNH: ")
    assert mails[2]["Subject"].startswith("THU HỒI: ")
    assert "Nhầm ngày" in text_of(mails[2])


def test_whoever_has_it_is_not_sent_it_again(readers: List) -> None:
    readers.read_by("an", "binh", "chi")
    readers.office.answers = {"binh@dan.example.vn": "451 later"}
    one, channel = readers.owed(), readers.channel()
    outcome = channel.send(one)
    assert (outcome.state, outcome.permanent) == (CopyState.FAILED, False)
    assert outcome.detail == "2 of 3 readers were sent it; later"
    assert outcome.remote_id == f"{one.id}@xa.example.vn"
    readers.office.answers = {}
    assert channel.send(one).state is CopyState.ACCEPTED
    assert sorted(readers.office.readers()) == [f"{name}@dan.example.vn" for name in ("an", "binh", "chi")]


def test_what_only_some_have_is_taken_back_from_them(readers: List) -> None:
    readers.read_by("an", "binh")
    readers.office.answers = {"binh@dan.example.vn": "451 later"}
    village = readers.village
    name = village.announcement()
    village.air(name)
    row = village.row()
    outcome = readers.channel().send(a_copy(id=row.id, channel=readers.channel_id))
    with village.database.transaction() as session:
        mirror_queue.noted(session, row.id, outcome, now=village.now)
    village.pass_time(seconds=1)
    village.withdraw(name)
    assert [(action, state) for _, action, state in village.copies()] == [("post", "failed"), ("withdraw", "queued")]
    with village.database.transaction() as session:
        [work] = mirror_queue.claim(session, [village.row()], now=village.now, public_url=URL)
    assert work.copy.earlier == (outcome.remote_id,)


def test_an_address_that_is_refused_is_said_without_naming_it(readers: List) -> None:
    readers.read_by("an", "binh")
    readers.office.answers = {"an@dan.example.vn": "550 <an@dan.example.vn> is unknown here"}
    outcome = readers.channel().send(readers.owed())
    assert outcome.state is CopyState.ACCEPTED
    assert outcome.detail == "1 of 2 readers were sent it; 1 addresses were refused; … is unknown here"
    readers.office.answers["binh@dan.example.vn"] = "550 no"
    outcome = readers.channel().send(readers.owed())
    assert (outcome.state, outcome.permanent, outcome.provider_code) == (CopyState.FAILED, True, "550")


@pytest.mark.parametrize(("klass", "mails", "state"), [("normal", 1, "unknown"), ("emergency", 2, "accepted")])
def test_after_a_crash_only_an_emergency_comes_twice_and_says_so(
    readers: List, klass: str, mails: int, state: str
) -> None:
    readers.read_by("an")
    one, channel = readers.owed(klass=klass), readers.channel()
    channel._means = replace(channel._means, readers=PowerCut(readers.keeping.readers))
    with pytest.raises(KeyboardInterrupt):
        channel.send(one)
    assert readers.states() == ["unknown"]
    outcome = readers.channel().send(one)
    assert (outcome.state, len(readers.office.mails)) == (CopyState(state), mails)
    assert [mail["Subject"].startswith("(nhắc lại)") for _, mail, _ in readers.office.mails] == [False, True][:mails]
    assert len({mail["Message-ID"] for _, mail, _ in readers.office.mails}) == 1


@dataclass
class PowerCut:
    """The lists of a machine that loses its power as soon as a mail is taken."""

    kept: Readers

    def waiting(self, channel: str, copy: str) -> Sequence[Reader]:
        return self.kept.waiting(channel, copy)

    def sent(self, copy: str, reader: str, outcome: Outcome) -> None:
        if outcome.state is CopyState.ACCEPTED:
            raise KeyboardInterrupt
        self.kept.sent(copy, reader, outcome)

    def results(self, copy: str) -> Mapping[CopyState, int]:
        return self.kept.results(copy)


@dataclass
class NoRoom(PowerCut):
    """The lists of a database that stores and tells nothing from its `good`th question on."""

    good: int

    def _asked(self) -> None:
        self.good -= 1
        if self.good < 0:
            raise StorageUnavailable

    def waiting(self, channel: str, copy: str) -> Sequence[Reader]:
        self._asked()
        return self.kept.waiting(channel, copy)

    def sent(self, copy: str, reader: str, outcome: Outcome) -> None:
        self._asked()
        self.kept.sent(copy, reader, outcome)

    def results(self, copy: str) -> Mapping[CopyState, int]:
        self._asked()
        return self.kept.results(copy)


@pytest.mark.parametrize("good", range(7))
def test_without_room_to_note_it_the_others_are_sent_it_later_and_nobody_twice(readers: List, good: int) -> None:
    readers.read_by("an", "binh")
    one, channel = readers.owed(), readers.channel()
    channel._means = replace(channel._means, readers=NoRoom(readers.keeping.readers, good))
    outcome = channel.send(one)
    assert (outcome.state, outcome.permanent, outcome.provider_code) == (CopyState.FAILED, False, "storage_unavailable")
    assert outcome.remote_id == (f"{one.id}@xa.example.vn" if good else None)
    readers.channel().send(one)
    assert sorted(readers.office.readers()) == ["an@dan.example.vn", "binh@dan.example.vn"]


def test_who_has_no_turn_in_time_comes_next_time(readers: List) -> None:
    readers.read_by("an", "binh")
    ticks = iter([0.0, 1.0, 21.0])
    channel = readers.channel()
    channel._clock = lambda: next(ticks)
    outcome = channel.send(readers.owed())
    assert (outcome.state, outcome.permanent, outcome.retry_after) == (CopyState.FAILED, False, 1)
    assert outcome.detail == "1 of 2 readers were sent it; the others follow"


def test_a_list_without_readers_says_so(readers: List) -> None:
    outcome = readers.channel().send(readers.owed())
    assert (outcome.permanent, outcome.detail) == (True, "nobody is on the list")


def test_a_test_message_comes_to_the_sender_alone(readers: List) -> None:
    readers.read_by("an")
    trial = message_for_trying("t-1", place="Xã Yên Châu", link=URL, now=readers.village.now)
    assert readers.channel().send(trial).state is CopyState.ACCEPTED
    assert readers.office.readers() == ["loa@xa.example.vn"]
    assert "List-Unsubscribe" not in readers.office.mails[0][1]


def test_the_worker_sends_it_and_nothing_names_a_reader(readers: List, capfd: pytest.CaptureFixture[str]) -> None:
    readers.read_by("an", "binh")
    village = readers.village
    worker = MirrorWorker(
        village.database, public_url=URL, now=lambda: village.now, on_fatal=print, private=True, keeping=readers.keeping
    )
    worker.start()
    village.air(village.announcement())
    until = time.monotonic() + 20
    while village.row().state != "accepted" and time.monotonic() < until:
        time.sleep(0.05)
    assert worker.stop()
    assert len(readers.office.mails) == 2
    out, err = capfd.readouterr()
    with village.database.read() as session:
        noted = [str(entry.details) for entry in session.scalars(select(AuditEntry))]
        errors = [f"{row.error}{row.provider_code}" for row in session.scalars(select(MirrorCopy))]
    assert "dan.example.vn" not in "".join([out, err, *noted, *errors])
