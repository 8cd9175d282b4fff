"""The console's pages without a script, as each of the cast meets them."""

import re

import pytest

from broadcaster.store.tables import Delivery
from tests.audio.fakes import tone
from tests.cast import COMMUNE, SPEAKERS, VILLAGES, approved, submitted
from tests.web.house import House, hidden_fields

pytestmark = pytest.mark.pages
WORDS = "UBND xã mời bà con họp lúc 19h30 ngày 25/11/2026."


def typed(**changes: object) -> dict[str, object]:
    """What a clerk types."""
    usual: dict[str, object] = {
        "title": "Họp bản",
        "languages": "vi",
        "text-vi": WORDS,
        "audience": f"u:{COMMUNE}",
        "klass": "normal",
        "category": "meeting",
        "repeat": "1",
        "do": "save",
    }
    return usual | changes


def written(house: House, **changes: object) -> str:
    """The id of an announcement the clerk wrote in the form."""
    answer = house.browser(house.cast.clerk).send("/announcements/new", "/announcements", typed(**changes))
    assert answer.status_code == 200, answer.text
    return answer.url.path.rpartition("/")[2]


def test_every_page_opens_in_every_language(house: House) -> None:
    browser = house.browser(house.cast.owner)
    pages = (
        "/",
        "/announcements",
        "/announcements/new",
        "/approvals",
        "/speakers",
        "/audit",
        "/problems",
        "/dev/components",
    )
    for language in ("vi", "en", "fr"):
        browser.client.cookies.set("loa_language", language)
        for path in pages:
            answer = browser.get(path)
            assert answer.status_code == 200, (path, answer.text)
            assert f'<html lang="{language}">' in answer.text


def test_from_the_form_to_the_board(house: House) -> None:
    announcement = written(house, do="submit")
    page = f"/announcements/{announcement}"
    approver = house.browser(house.cast.approver)
    assert "Họp bản" in approver.get("/approvals").text
    assert "<audio" in approver.get(f"{page}/approve").text
    said = approver.send(f"{page}/approve", f"{page}/approve")
    assert "Đã phê duyệt. Có thể phát ngay." in said.text

    board = house.browser(house.cast.clerk).send(f"{page}/air", f"{page}/air", {"when": "now"})
    assert board.url.path.startswith("/airings/")
    assert "0/3 loa đã ra tiếng" in board.text
    assert len(re.findall('<th scope="row">', board.text)) == 3


def test_pressing_twice_does_it_once(house: House) -> None:
    browser = house.browser(house.cast.clerk)
    first = browser.send("/announcements/new", "/announcements", typed(once="the-same"))
    again = browser.send("/announcements/new", "/announcements", typed(once="the-same"))
    assert first.url == again.url


def test_what_was_typed_stays_on_the_page_when_it_is_refused(house: House) -> None:
    answer = house.browser(house.cast.clerk).send("/announcements/new", "/announcements", typed(audience=""))
    assert answer.status_code == 422
    assert "Thông báo này chưa có nơi phát" in answer.text
    assert WORDS in answer.text
    assert 'value="Họp bản"' in answer.text


def test_how_it_will_be_read_is_shown_with_its_changes(house: House) -> None:
    answer = house.browser(house.cast.clerk).send("/announcements/new", "/announcements/again", typed(do="read-vi"))
    assert "Máy sẽ đọc như sau" in answer.text
    assert re.search(r'<ins title="viết là: UBND">\s*ủy ban nhân dân</ins>', answer.text, re.IGNORECASE)


def test_listening_makes_the_very_clip(house: House) -> None:
    browser = house.browser(house.cast.clerk)
    answer = browser.send("/announcements/new", "/announcements/listen/vi", typed())
    heard = re.search(r'src="(/clips/[0-9a-f]{64})"', answer.text)
    assert heard
    assert "<html" not in answer.text
    assert browser.get(heard[1]).content.startswith(b"OggS")
    assert heard[1] in browser.get(f"/announcements/{written(house, do='submit')}").text


def test_another_language_is_added_without_a_script(house: House) -> None:
    fields = typed(do="add", add_language="en")
    answer = house.browser(house.cast.clerk).send("/announcements/new", "/announcements/again", fields)
    assert 'name="text-en"' in answer.text
    assert WORDS in answer.text


def test_a_recording_is_sent_with_the_form(house: House) -> None:
    browser = house.browser(house.cast.clerk)
    sound = tone(2).to_wav()
    answer = browser.send("/announcements/new", "/announcements", typed(**{"text-vi": ""}), file_vi=sound)
    assert answer.status_code == 200, answer.text
    edit = browser.get(f"{answer.url.path}/edit").text
    assert "Đã đính kèm bản ghi âm" in edit
    refused = browser.send("/announcements/new", "/announcements", typed(), file_vi=b"not sound at all" * 100)
    assert refused.status_code == 422
    assert "Tệp này không phải bản ghi âm." in refused.text


def test_the_reach_is_counted(house: House) -> None:
    answer = house.browser(house.cast.clerk).send(
        "/announcements/new", "/announcements/reach", typed(audience=[f"u:{VILLAGES[0]}", f"u:{VILLAGES[1]}"])
    )
    assert "2 thôn, bản · 2 loa" in answer.text


def test_the_writer_finds_no_button_to_approve(house: House) -> None:
    with house.database.transaction() as session:
        announcement = submitted(session, house.cast).id
    page = house.browser(house.cast.clerk).get(f"/announcements/{announcement}/approve").text
    assert "Bạn là người soạn" in page
    assert f'action="/announcements/{announcement}/approve"' not in page


def test_what_was_changed_meanwhile_is_not_approved(house: House) -> None:
    with house.database.transaction() as session:
        announcement = submitted(session, house.cast).id
    path = f"/announcements/{announcement}/approve"
    answer = house.browser(house.cast.approver).send(path, path, {"content_sha256": "0" * 64})
    assert answer.status_code == 409
    assert "Thông báo đã được sửa sau khi bạn đọc." in answer.text


def test_sent_back_with_a_reason_the_clerk_reads_it(house: House) -> None:
    with house.database.transaction() as session:
        announcement = submitted(session, house.cast).id
    path = f"/announcements/{announcement}"
    house.browser(house.cast.approver).send(f"{path}/approve", f"{path}/reject", {"reason": "Sai ngày"})
    clerk = house.browser(house.cast.clerk)
    assert "Sai ngày" in clerk.get(path).text
    assert "Việc bạn cần hoàn thành" in clerk.get("/").text


def test_the_board_shows_who_has_not_been_heard(house: House) -> None:
    with house.database.transaction() as session:
        announcement = approved(session, house.cast).id
    clerk = house.browser(house.cast.clerk)
    board = clerk.send(
        f"/announcements/{announcement}/air", f"/announcements/{announcement}/air", {"when": "now"}
    ).url.path
    with house.database.transaction() as session:
        heard = session.get_one(Delivery, (board.rpartition("/")[2], SPEAKERS[0]))
        heard.state, heard.heard_at, heard.level = "heard", house.clock(), -1650
    everyone = clerk.get(f"{board}/board").text
    assert "1/3 loa đã ra tiếng" in everyone
    assert "−16,5 dB" in everyone
    unheard = clerk.get(f"{board}/board?show=unheard").text
    assert "Loa ban-na-pan" in everyone
    assert "Loa ban-na-pan" not in unheard


def test_a_stranger_to_the_commune_sees_nothing_of_it(house: House) -> None:
    with house.database.transaction() as session:
        announcement = approved(session, house.cast).id
    stranger = house.browser(house.cast.stranger)
    assert stranger.get(f"/announcements/{announcement}").status_code == 404
    assert "Họp bản" not in stranger.get("/announcements").text


def test_a_village_head_may_look_and_not_write(house: House) -> None:
    head = house.browser(house.cast.village_head)
    assert "/announcements/new" not in head.get("/").text
    assert head.get("/announcements/new").status_code == 403


def test_titles_are_found_without_diacritics(house: House) -> None:
    written(house, title="Đăng ký đất đai")
    clerk = house.browser(house.cast.clerk)
    assert "Đăng ký đất đai" in clerk.get("/announcements?q=dang ky dat").text
    assert "Đăng ký đất đai" not in clerk.get("/announcements?q=hop ban").text


def test_who_may_not_write_makes_no_sound(house: House) -> None:
    head = house.browser(house.cast.village_head)
    csrf = hidden_fields(head.get("/").text, "/sign-out")["csrf"]
    for path in ("/announcements/listen/vi", "/announcements/read/vi", "/announcements/reach", "/announcements"):
        assert head.client.post(path, data=typed(csrf=csrf)).status_code == 403, path


def test_what_is_not_there_is_not_decided_on(house: House) -> None:
    approver = house.browser(house.cast.approver)
    csrf = hidden_fields(approver.get("/").text, "/sign-out")["csrf"]
    for path in ("approve", "reject", "submit", "withdraw", "air"):
        answer = approver.client.post(f"/announcements/none/{path}", data={"csrf": csrf, "reason": "x", "sure": "yes"})
        assert answer.status_code == 404, path
    assert approver.client.post("/airings/none/stop", data={"csrf": csrf}).status_code == 404
