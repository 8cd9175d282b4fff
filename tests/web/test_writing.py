"""Writing with and without a script: saved as one goes, overtaken, scheduled, begun with something, called back."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from broadcaster.store.tables import Airing, Announcement, AuditEntry, Schedule, Unit
from tests.cast import COMMUNE, NOW, VILLAGES, approved, submitted
from tests.web.house import Browser, House, hidden_fields
from tests.web.test_pages import WORDS, typed

pytestmark = pytest.mark.pages
NEW, KEEP = "/announcements/new", "/announcements/keep"
HOSTILE = """"><script>alert(1)</script>{{ 7*7 }}' onfocus='x"""
WHEN = {"pattern": "daily", "times": ["05:30"], "do": "save"}


def rows(house: House) -> list[Announcement]:
    with house.database.read() as session:
        return list(session.scalars(select(Announcement).order_by(Announcement.id)))


def schedules(house: House) -> list[tuple[dict[str, object], bool]]:
    with house.database.read() as session:
        found = session.scalars(select(Schedule).order_by(Schedule.id))
        return [(row.rule, row.ended_at is None) for row in found]


def keep(browser: Browser, page: dict[str, str], **changes: object) -> dict[str, str]:
    """What the page's hidden fields are after it saved by itself."""
    answer = browser.client.post(KEEP, data=typed(**(page | changes)))
    assert answer.status_code == 200, answer.text
    return page | dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text))


def opened(browser: Browser, path: str = NEW, action: str = "/announcements") -> dict[str, str]:
    fields = hidden_fields(browser.get(path).text, action)
    return {name: fields.get(name, "") for name in ("csrf", "once", "announcement", "revision")}


def test_it_is_saved_as_one_goes_however_unfinished(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    page = keep(clerk, opened(clerk), title="", audience="")
    assert [(row.title, row.revision) for row in rows(house)] == [(WORDS[:60].rstrip(), 1)]
    assert keep(clerk, page, title="", audience="")["revision"] == "1"
    page = keep(clerk, page, audience="")
    assert (page["revision"], rows(house)[0].title) == ("2", "Họp bản")
    refused = clerk.client.post("/announcements", data=typed(**(page | {"do": "submit", "audience": ""})))
    assert refused.status_code == 422
    sent = clerk.client.post("/announcements", data=typed(**(page | {"do": "submit"})))
    assert "Đã trình duyệt." in sent.text
    assert [row.state for row in rows(house)] == ["submitted"]
    with house.database.read() as session:
        noted = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == rows(house)[0].id))
        assert list(noted) == ["write", "edit", "submit"]


def test_saving_as_one_goes_keeps_one_schedule(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    page = opened(clerk)
    for pattern in ("daily", "weekdays", "once"):
        keep(clerk, page, pattern=pattern, times=["05:30"])
    assert [rule["rrule"] for rule, runs in schedules(house) if runs] == ["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"]


def test_nothing_is_saved_of_an_empty_page(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    assert keep(clerk, opened(clerk), title="", **{"text-vi": ""})["announcement"] == ""
    assert rows(house) == []


def test_an_answer_lost_on_the_way_is_no_second_announcement_and_no_conflict(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    page = opened(clerk)
    keep(clerk, page)
    keep(clerk, page, title="Họp bản lần hai")
    saved = clerk.client.post("/announcements", data=typed(**(page | {"title": "Họp bản lần ba", "do": "save"})))
    assert "Đã lưu bản nháp." in saved.text
    assert [(row.title, row.revision) for row in rows(house)] == [("Họp bản lần ba", 3)]


def test_two_who_change_one_do_not_overwrite_each_other(house: House) -> None:
    first, second = house.browser(house.cast.clerk), house.browser(house.cast.approver)
    made = keep(first, opened(first))["announcement"]
    action = f"/announcements/{made}"
    one, other = (opened(each, f"{action}/edit", action) for each in (first, second))
    keep(second, other, **{"text-vi": "Bài của người thứ hai."})
    answer = first.client.post(KEEP, data=typed(**(one | {"text-vi": "Bài của người thứ nhất."})))
    assert "Người khác vừa lưu bài này." in answer.text
    both = first.client.post(action, data=typed(**(one | {"text-vi": "Bài của người thứ nhất."})))
    assert both.status_code == 409
    assert "Phó chủ tịch đã lưu bài này" in both.text
    for text in ("Bài của người thứ nhất.", "Bài của người thứ hai."):
        assert text in both.text
    assert 'hx-post="/announcements/keep"' not in both.text
    fields = hidden_fields(both.text, action)
    kept = first.client.post(action, data=typed(**(fields | {"text-vi": "Bài của người thứ nhất."})))
    assert "Đã lưu bản nháp." in kept.text
    assert rows(house)[0].versions[0].text == "Bài của người thứ nhất."


def test_what_was_sent_is_never_taken_back_by_itself(house: House) -> None:
    with house.database.transaction() as session:
        made = submitted(session, house.cast).id
    clerk = house.browser(house.cast.clerk)
    page = clerk.get(f"/announcements/{made}/edit").text
    assert "phải duyệt lại" in page
    assert 'hx-post="/announcements/keep"' not in page


def test_the_schedule_goes_along_and_nothing_airs_before_approval(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    made = clerk.send(NEW, "/announcements", typed(**WHEN)).url.path
    assert [(rule["rrule"], runs) for rule, runs in schedules(house)] == [("FREQ=DAILY", True)]
    with house.database.read() as session:
        assert session.scalars(select(Airing)).all() == []
    edit = clerk.get(f"{made}/edit").text
    assert re.search(r'value="daily" checked', edit)
    again = typed(**WHEN) | {"title": "Họp bản hai"}
    for pattern, rules in (
        ("daily", ["FREQ=DAILY"]),
        ("", ["FREQ=DAILY"]),
        ("weekdays", ["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"]),
        ("later", []),
    ):
        clerk.send(f"{made}/edit", made, again | {"pattern": pattern})
        assert [rule["rrule"] for rule, runs in schedules(house) if runs] == rules, pattern


def test_a_schedule_that_cannot_be_is_shown_with_everything_typed(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    answer = clerk.send(NEW, "/announcements", typed(pattern="once", at="2020-01-01T10:00"))
    assert answer.status_code == 422
    assert WORDS in answer.text
    assert rows(house) == []


def test_rules_and_meetings_are_shown_before_anything_is_saved(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    with house.database.transaction() as session:
        other = approved(session, house.cast, title="Tin địa phương").id
    clerk.send(f"/announcements/{other}/schedule", f"/announcements/{other}/schedule", WHEN)
    fields = typed(pattern="daily", times=["05:30", "23:30"], do="when")
    page = unescape(clerk.send(NEW, "/announcements/again", fields).text)
    assert "Trùng giờ với Tin địa phương" in page
    part = clerk.client.post("/announcements/when", data=fields | opened(clerk)).text
    assert "Trùng giờ với Tin địa phương" in part
    assert 'class="barred"' in part
    assert "<html" not in part
    nothing = clerk.client.post("/announcements/when", data=typed() | opened(clerk)).text
    assert nothing.strip() == ""


def test_a_word_is_read_otherwise_from_now_on_without_a_script(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    fields = typed(do="own-vi-0", **{"own-written-vi-0": "UBND", "own-spoken-vi-0": "ủy ban xã nhà"})
    assert "ủy ban xã nhà</ins>" in clerk.send(NEW, "/announcements/again", fields).text
    heard = clerk.client.post("/announcements/read/vi", data=typed(unit=COMMUNE) | opened(clerk))
    assert "ủy ban xã nhà</ins>" in heard.text
    assert "ủy ban xã nhà" in clerk.get("/dictionary").text
    bad = clerk.send(NEW, "/announcements/again", fields | {"own-spoken-vi-0": " "})
    assert (bad.status_code, WORDS in bad.text) == (422, True)


def test_an_earlier_announcement_is_a_beginning(house: House) -> None:
    with house.database.transaction() as session:
        made = approved(session, house.cast, title="Chợ phiên").id
    clerk = house.browser(house.cast.clerk)
    page = clerk.get(f"{NEW}?from={made}").text
    assert 'value="Chợ phiên"' in page
    assert hidden_fields(page, "/announcements")["announcement"] == ""
    assert re.search(f'value="u:{COMMUNE}" checked', page)
    assert house.browser(house.cast.stranger).get(f"{NEW}?from={made}").status_code == 404


def test_the_reach_ends_in_people_where_units_say_how_many(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    with house.database.transaction() as session:
        for village, people in zip(VILLAGES, (1_590, 1_640), strict=False):
            session.get_one(Unit, village).people = people
    answer = clerk.send(NEW, "/announcements/reach", typed())
    assert "3 thôn, bản · 3 loa · khoảng 3.200 người" in answer.text


def test_now_begins_a_minute_later_and_can_be_called_back_by_who_may(house: House) -> None:
    with house.database.transaction() as session:
        made, urgent = (approved(session, house.cast, klass=klass).id for klass in ("normal", "priority"))
    clerk = house.browser(house.cast.clerk)
    board = clerk.send(f"/announcements/{made}/air", f"/announcements/{made}/air", {"when": "now"})
    assert "Sẽ phát sau 60 giây" in board.text
    assert "Sẽ phát sau" not in house.browser(house.cast.monitor).get(board.url.path).text
    back = clerk.send(board.url.path, f"{board.url.path}/undo")
    assert back.url.path == f"/announcements/{made}"
    at_once = clerk.send(f"/announcements/{urgent}/air", f"/announcements/{urgent}/air", {"when": "now"})
    assert "Sẽ phát sau" not in at_once.text
    with house.database.read() as session:
        found = session.execute(select(Airing.announcement_id, Airing.state, Airing.planned_at)).all()
        assert sorted((state, at == NOW) for _, state, at in found) == [("cancelled", False), ("planned", True)]


def test_hostile_texts_stay_texts(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    for path, fields in (
        ("/dictionary", {"written": HOSTILE, "spoken": HOSTILE, "language": "vi", "unit": COMMUNE}),
        ("/templates/new", {"title": HOSTILE, "languages": "vi", "text-vi": HOSTILE + "{<b>}", "unit": COMMUNE}),
    ):
        page = clerk.send(path, path, fields)
        assert page.status_code == 200, page.text
        assert "<script>alert" not in page.text
        assert HOSTILE in unescape(page.text)
    template = re.search(r"/templates/(\w{20,})/start", clerk.get("/templates").text)
    assert template
    for path in (f"/templates/{template[1]}/start", f"{NEW}?template={template[1]}&value=%3Cimg%20src=x%3E"):
        page = clerk.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
    heard = clerk.client.post("/announcements/read/vi", data=typed(**{"text-vi": HOSTILE}) | opened(clerk))
    assert "<script>alert" not in heard.text
