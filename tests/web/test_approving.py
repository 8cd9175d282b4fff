"""The page of one decision: what changed since the approvers last had it, and what chat groups will read."""

import re

import pytest

from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice, DraftVersion
from broadcaster.store.tables import Announcement, Channel, MirrorCopy
from tests import cast
from tests.cast import COMMUNE, NOW, VILLAGES, draft
from tests.web.house import House

pytestmark = pytest.mark.pages
FIRST = "Mời bà con họp lúc 19h30 tối nay."
SECOND = "Mời bà con họp lúc 20h00 tối nay."


def sent_back(house: House) -> str:
    with house.database.transaction() as session:
        row = cast.submitted(session, house.cast, versions=[DraftVersion("vi", FIRST), DraftVersion("tyz", "Tày")])
        announcements.reject(session, house.cast.approver, row.id, reason="Sai giờ họp", now=NOW)
        return row.id


def mended(house: House, announcement_id: str, **changes: object) -> None:
    with house.database.transaction() as session:
        revision = session.get_one(Announcement, announcement_id).revision
        changed = draft(**({"versions": [DraftVersion("vi", SECOND)]} | changes))
        row = announcements.edit(session, house.cast.clerk, announcement_id, changed, revision=revision, now=NOW)
        cast.give_clips(session, row)
        cast.submit(session, house.cast.clerk, announcement_id)


def read(house: House, announcement_id: str) -> str:
    page = house.browser(house.cast.approver).get(f"/announcements/{announcement_id}/approve")
    assert page.status_code == 200
    return page.text


def test_what_is_new_and_what_is_gone_is_marked_word_by_word(house: House) -> None:
    notice = sent_back(house)
    mended(house, notice, title="Họp bản tối nay", audience=[AudienceChoice("unit", VILLAGES[0])])
    page = read(house, notice)
    assert re.search(r"<del>19h30 </del><ins>20h00 </ins>tối nay\.", page)
    assert "Phó chủ tịch đã trả lại: Sai giờ họp" in page
    assert "<del>Họp bản</del> → <ins>Họp bản tối nay</ins>" in page
    assert "<del>Xã Yên Châu</del> → <ins>Bản Nà Pản</ins>" in page
    assert re.search(r"Không còn phát bằng [^.]*Tày", page)


def test_the_first_version_is_compared_with_nothing(house: House) -> None:
    with house.database.transaction() as session:
        notice = cast.submitted(session, house.cast).id
    page = read(house, notice)
    assert "Thay đổi so với" not in page
    assert "<ins>" not in page


def test_the_same_words_with_another_sound_are_said_to_be_so(house: House) -> None:
    with house.database.transaction() as session:
        notice = cast.submitted(session, house.cast, versions=[DraftVersion("vi", FIRST)]).id
    mended(house, notice, versions=[DraftVersion("vi", FIRST)])
    page = read(house, notice)
    assert "chữ không đổi, âm thanh đã đổi" in page


def test_each_chat_group_is_shown_with_the_words_it_will_read(house: House) -> None:
    with house.database.transaction() as session:
        for unit, name in ((COMMUNE, "Nhóm xã"), (VILLAGES[0], "Nhóm bản")):
            session.add(Channel(id=name, unit_id=unit, kind="zalo_bot", name=name, created_at=NOW))
        notice = cast.approved(session, house.cast, title="Họp bản", versions=[DraftVersion("vi", FIRST)]).id
        about = {"announcement_id": notice, "channel_id": "Nhóm xã", "revision": 1, "action": "post"}
        session.add(MirrorCopy(id="out", state="accepted", due_at=NOW, created_at=NOW, updated_at=NOW, **about))
    mended(house, notice)
    page = read(house, notice)
    assert "Nhóm bản" in page
    posted = dict(re.findall(r"(Nhóm (?:xã|bản)).*?<p class=\"words\">(.*?)</p>", page, re.DOTALL))
    assert posted["Nhóm bản"].startswith("📢 Họp bản")
    assert posted["Nhóm xã"].startswith("📢 ĐÍNH CHÍNH: Họp bản")
    assert SECOND in posted["Nhóm xã"]
    assert "thay cho tin đã gửi" in page
