"""The resident's page: light, cacheable, only what was approved, and honest about what became of it."""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from httpx import Response

from audio.clip import clip_path
from broadcaster.services.airtime import airings
from broadcaster.services.speaking.signing import sign_open_airings
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import DraftVersion
from broadcaster.store.database import Database
from broadcaster.store.tables import Announcement
from tests.cast import COMMUNE, NOW, draft, give_clips, submitted
from tests.web.client import TestClient
from tests.web.house import House, build

pytestmark = pytest.mark.pages

TEXT = "Kính mời bà con đến nhà văn hoá."


@dataclass
class Reader:
    """A resident's phone, and the officials whose words it reads."""

    house: House
    http: TestClient
    announcement: str = ""

    def get(self, path: str = "", **headers: str) -> Response:
        answer: Response = self.http.get(f"/n/{self.public_id}{path}", headers=headers)
        return answer

    @property
    def public_id(self) -> str:
        with self.house.database.read() as session:
            return session.get_one(Announcement, self.announcement).public_id

    def clip(self) -> str:
        with self.house.database.read() as session:
            return str(session.get_one(Announcement, self.announcement).versions[0].clip_sha256)

    def write(self, **changes: object) -> None:
        """The clerk submits something."""
        changes.setdefault("versions", [DraftVersion("vi", TEXT), DraftVersion("en", "Please come.")])
        with self.house.database.transaction() as session:
            self.announcement = submitted(session, self.house.cast, now=NOW, **changes).id

    def approve(self) -> None:
        """The approver approves what is submitted, and it airs."""
        with self.house.database.transaction() as session:
            found = session.get_one(Announcement, self.announcement)
            announcements.approve(
                session, self.house.cast.approver, found.id, content_sha256=found.content_sha256 or "", now=NOW
            )
            airings.air(session, self.house.cast.approver, found.id, at=None, now=NOW)
            sign_open_airings(session, signing=self.house.context.signing, now=NOW)

    def rewrite(self, text: str, *, submit: bool) -> None:
        """The clerk puts other words in its place."""
        later, clerk = NOW + timedelta(minutes=5), self.house.cast.clerk
        with self.house.database.transaction() as session:
            found = session.get_one(Announcement, self.announcement)
            changed = draft(versions=[DraftVersion("vi", text)], title="Tên khác")
            announcements.edit(session, clerk, found.id, changed, revision=found.revision, now=later)
            if submit:
                give_clips(session, found)
                announcements.submit(session, clerk, found.id, now=later)

    def withdraw(self, reason: str) -> None:
        """The approver takes it back."""
        with self.house.database.transaction() as session:
            announcements.withdraw(session, self.house.cast.approver, self.announcement, reason=reason, now=NOW)


@pytest.fixture
def reader(sqlite_database: Database, tmp_path: Path) -> Reader:
    house = build(sqlite_database, tmp_path)
    return Reader(house, TestClient(house.app))


@pytest.fixture
def approved(reader: Reader) -> Reader:
    reader.write()
    reader.approve()
    path = clip_path(reader.house.context.clips, reader.clip())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"OggS" + bytes(996))
    return reader


def test_it_shows_every_language_with_its_player(approved: Reader) -> None:
    page = approved.get().text
    assert TEXT in page
    assert '<section lang="en">' in page
    assert page.count("<audio controls") == 2
    assert "Phát trên loa: 10:00 Thứ Tư, 25/11/2026" in page
    assert "<li>Phê duyệt: " in page


def test_it_is_light_needs_no_session_and_runs_no_script_of_others(approved: Reader) -> None:
    answer = approved.get()
    assert len(answer.content) < 30_000
    assert "set-cookie" not in answer.headers
    assert "<script" not in answer.text
    allowed = answer.headers["content-security-policy"]
    assert "script-src 'self';" in allowed
    assert "unsafe" not in allowed
    ours = ("/n/", "?lang", f"/{COMMUNE}?lang")
    outside = [src for src in re.findall(r'(?:src|href)="([^"]+)"', answer.text) if not src.startswith(ours)]
    assert outside == [f"http://testserver/n/{approved.public_id}"]


def test_the_longest_announcement_stays_light_too(reader: Reader) -> None:
    reader.write(versions=[DraftVersion(language, "Thông báo. " * 454) for language in ("vi", "en", "fr")])
    reader.approve()
    assert len(reader.get().content) < 30_000


def test_who_has_it_is_not_sent_it_again(approved: Reader) -> None:
    first = approved.get()
    assert "public" in first.headers["cache-control"]
    again = approved.get(**{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    approved.withdraw("Nhầm ngày.")
    assert approved.get(**{"if-none-match": first.headers["etag"]}).status_code == 200


def test_the_sound_comes_in_parts_and_may_be_kept(approved: Reader) -> None:
    answer = approved.get(f"/{approved.clip()}.ogg", range="bytes=0-3")
    assert (answer.status_code, answer.content) == (206, b"OggS")
    assert answer.headers["cache-control"] == "public, max-age=30"
    assert approved.get(f"/{'0' * 64}.ogg").status_code == 404


def test_a_sound_one_has_is_not_sent_again_until_it_is_withdrawn(approved: Reader) -> None:
    path = f"/{approved.clip()}.ogg"
    known = {"if-none-match": approved.get(path).headers["etag"]}
    again = approved.get(path, **known)
    assert (again.status_code, again.content) == (304, b"")
    approved.withdraw("Nhầm ngày.")
    assert approved.get(path, **known).status_code == 404


def test_a_withdrawal_is_plain_to_see_and_silences_it(approved: Reader) -> None:
    approved.withdraw("Nhầm ngày họp.")
    page = approved.get().text
    assert "đã được thu hồi" in page
    assert "Lý do: Nhầm ngày họp." in page
    assert "<audio" not in page
    assert "<li>Thu hồi: " in page
    assert approved.get(f"/{approved.clip()}.ogg").status_code == 404


def test_a_draft_that_came_after_is_nobodys_business(approved: Reader) -> None:
    approved.rewrite("Chưa duyệt.", submit=False)
    page = approved.get().text
    assert TEXT in page
    assert "Chưa duyệt." not in page
    assert "Tên khác" not in page


def test_a_correction_takes_its_place_and_is_in_the_history(approved: Reader) -> None:
    approved.rewrite("Họp lúc 8 giờ.", submit=True)
    approved.approve()
    page = approved.get().text
    assert "Họp lúc 8 giờ." in page
    assert "<li>Đính chính: " in page


def test_what_was_never_approved_does_not_exist(reader: Reader) -> None:
    reader.write()
    assert reader.get().status_code == 404
    assert reader.http.get("/n/nothing-here").status_code == 404


@pytest.mark.parametrize(("language", "words"), [("en", "On the loudspeakers"), ("fr", "Sur les haut-parleurs")])
def test_its_own_words_come_in_other_languages(approved: Reader, language: str, words: str) -> None:
    page = approved.get(f"?lang={language}").text
    assert words in page
    assert f'<html lang="{language}">' in page


def test_words_are_shown_never_run(reader: Reader) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    reader.write(title=f"Họp {evil}", versions=[DraftVersion("vi", evil)])
    reader.approve()
    page = reader.get().text
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("&lt;script&gt;") >= 3
