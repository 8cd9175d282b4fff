"""An alert from its tile to its correction, and a drill beside it, in a browser without scripts."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from broadcaster.services.actor import Actor
from broadcaster.store.tables import Airing, Announcement, AuditEntry, Delivery, Speaker
from tests.cast import COMMUNE, SPEAKERS, VILLAGES
from tests.web.alarms import FORM, alarm
from tests.web.house import Browser, House, hidden_fields

pytestmark = pytest.mark.pages

FIELDS = {
    "level": "4",
    "languages": "vi",
    "place-vi": "xã Yên Châu",
    "time-vi": "từ bây giờ đến sáng mai",
    "action-vi": "Lên chỗ cao ngay.",
    "audience": f"u:{COMMUNE}",
    "unit": COMMUNE,
    "repeat": "1",
}
PLACE = {"place": "xa yen chau", "repeat": "5x3"}


def write(house: House, browser: Browser, **changes: str) -> str:
    answer = browser.send(
        "/emergency/flash_flood?level=4", "/emergency/flash_flood", FIELDS | {"do": "write"} | changes
    )
    assert "/emergency/at/" in str(answer.url), answer.text
    return str(answer.url.path)


def approved(house: House) -> tuple[Browser, Browser, str]:
    """An alert written by the clerk and approved by the approver, both with the codes of their phones."""
    clerk, approver = house.browser(house.cast.clerk), house.browser(house.cast.approver)
    at = write(house, clerk)
    clerk.send(at, f"{at}/submit", {"code": house.code(house.cast.clerk)})
    alert = at.rpartition("/")[2]
    page, action = f"/announcements/{alert}/approve", f"/announcements/{alert}/approve"
    assert approver.send(page, action, {"code": house.code(house.cast.approver)}).status_code == 200
    with house.database.transaction() as session:
        assert session.get_one(Announcement, alert).state == "approved"
    return clerk, approver, at


def store(house: House, at: str) -> None:
    """Every speaker is connected and holds both parts."""
    with house.database.transaction() as session:
        parts = select(Airing.id).join(Announcement).where(Announcement.part_of_id == at.rpartition("/")[2])
        session.execute(update(Speaker).where(Speaker.id.in_(SPEAKERS)).values(online=True))
        session.execute(
            update(Delivery).where(Delivery.airing_id.in_(parts)).values(state="stored", stored_at=house.clock())
        )


def sent(house: House, at: str) -> int:
    with house.database.read() as session:
        mine = (Airing.announcement_id == at.rpartition("/")[2], Airing.planned_at <= house.clock())
        return session.scalar(select(func.count()).select_from(Airing).where(*mine)) or 0


def test_every_hazard_stands_there_with_its_levels(house: House) -> None:
    text = house.browser(house.cast.clerk).get("/emergency").text
    assert text.count('href="/emergency/') == 9 * 5 + 1
    assert "/emergency/storm?level=5" in text
    assert "level-5" in text


def test_the_template_comes_with_its_advice(house: House) -> None:
    text = house.browser(house.cast.clerk).get("/emergency/flash_flood?level=4").text
    assert "rời nhà ngay" in text
    assert 'value="4" checked' in text


def test_the_words_are_heard_before_anything_is_kept(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    answer = clerk.send("/emergency/flash_flood", "/emergency/flash_flood", FIELDS | {"do": "preview"})
    assert "Cảnh báo lũ quét, sạt lở đất. Cấp độ rủi ro thiên tai: cấp 4." in answer.text
    assert "<audio" in answer.text
    with house.database.read() as session:
        assert session.scalars(select(Announcement.id)).all() == []


def test_another_level_brings_its_own_advice(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    answer = clerk.send("/emergency/flash_flood", "/emergency/flash_flood", FIELDS | {"do": "advice", "level": "1"})
    assert "Theo dõi thông báo trên loa." in answer.text


def test_a_second_language_keeps_what_was_typed(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    fields = FIELDS | {"do": "add", "add_language": "en"}
    answer = clerk.send("/emergency/flash_flood", "/emergency/flash_flood", fields)
    assert 'id="time-en"' in answer.text
    assert "từ bây giờ đến sáng mai" in answer.text


def test_an_empty_slot_says_so_and_keeps_the_rest(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    fields = FIELDS | {"do": "write", "time-vi": " "}
    answer = clerk.send("/emergency/flash_flood", "/emergency/flash_flood", fields)
    assert answer.status_code == 422
    assert "Lên chỗ cao ngay." in answer.text


def test_from_the_tile_to_the_correction(house: House) -> None:
    clerk, approver, at = approved(house)
    assert "0/0 loa đang kết nối" in clerk.get(at).text
    store(house, at)
    assert "3/3 loa đang kết nối" in clerk.get(at).text
    house.clock.at += timedelta(seconds=2)
    answer = approver.send(at, f"{at}/send", PLACE)
    assert answer.status_code == 200, answer.text
    assert sent(house, at) == 1
    text = clerk.get(f"{at}/now").text
    assert "Bản Nà Pản" in text
    house.clock.at += timedelta(seconds=20)
    assert clerk.send(at, f"{at}/correction").status_code == 200
    with house.database.read() as session:
        called = session.scalars(
            select(Airing).join(Announcement).where(Announcement.part == "correction", ~Airing.standby)
        ).one()
        assert called.planned_at == house.clock()
        assert set(session.scalars(select(Airing.state).where(Airing.announcement_id == at.rpartition("/")[2]))) == {
            "cancelled"
        }


def test_the_wrong_place_is_kept_on_the_page_and_nothing_leaves(house: House) -> None:
    _, approver, at = approved(house)
    store(house, at)
    answer = approver.send(at, f"{at}/send", PLACE | {"place": "Bản Nà Pản"})
    assert answer.status_code == 422
    assert 'value="Bản Nà Pản"' in answer.text
    assert sent(house, at) == 0


def test_double_click_back_button_and_two_tabs_send_once(house: House) -> None:
    _, approver, at = approved(house)
    store(house, at)
    first, second = approver.get(at).text, approver.get(at).text
    action = f"{at}/send"
    one, two = hidden_fields(first, action) | PLACE, hidden_fields(second, action) | PLACE
    assert approver.client.post(action, data=one).status_code == 200
    # The same form again, as after a double click or the back button, shows the alert; another tab is told.
    assert approver.client.post(action, data=one).status_code == 200
    assert approver.client.post(action, data=two).status_code == 409
    assert sent(house, at) == 1


def test_after_five_minutes_both_must_answer_anew(house: House) -> None:
    clerk, approver, at = approved(house)
    store(house, at)
    house.clock.at += timedelta(minutes=6)
    assert approver.send(at, f"{at}/send", PLACE).status_code == 409
    for browser, person in ((clerk, house.cast.clerk), (approver, house.cast.approver)):
        assert browser.send(at, f"{at}/confirm", {"code": house.code(person)}).status_code == 200
    assert approver.send(at, f"{at}/send", PLACE).status_code == 200
    assert sent(house, at) == 1


def test_a_village_head_acknowledges_his_own_village_only(house: House) -> None:
    _, approver, at = approved(house)
    store(house, at)
    approver.send(at, f"{at}/send", PLACE)
    head = house.browser(house.cast.village_head)
    text = head.get(at).text
    assert text.count(f'action="{at}/acknowledge"') == 1
    assert head.send(at, f"{at}/acknowledge", {"unit": VILLAGES[0]}).status_code == 200
    assert head.send(at, f"{at}/acknowledge", {"unit": VILLAGES[1]}).status_code == 403
    assert house.cast.village_head.name in head.get(at).text


@pytest.mark.parametrize("who", ["village_head", "technician", "monitor"])
def test_who_may_not_send_is_not_asked_to(house: House, who: str) -> None:
    _, approver, at = approved(house)
    store(house, at)
    approver.send(at, f"{at}/send", PLACE)
    person: Actor = getattr(house.cast, who)
    text = house.browser(person).get(at).text
    assert f"{at}/correction" not in text
    assert f"{at}/send" not in text


def drill(house: House, browser: Browser) -> str:
    fields = FIELDS | {"do": "write", "klass": "emergency", "kind": "live"}
    answer = browser.send("/drill/flash_flood", "/drill/flash_flood", fields)
    assert "/drill/at/" in str(answer.url), answer.text
    return str(answer.url.path)


def test_a_drill_from_its_template_to_its_statistics(house: House) -> None:
    clerk, approver = house.browser(house.cast.clerk), house.browser(house.cast.approver)
    at = drill(house, clerk)
    page = f"/announcements/{at.rpartition('/')[2]}/approve"
    assert approver.send(page, page).status_code == 200
    assert approver.send(at, f"{at}/start", {"when": "now"}).status_code == 200
    with house.database.transaction() as session:
        airing = session.scalars(select(Airing)).one()
        heard = update(Delivery).where(Delivery.speaker_id == SPEAKERS[0])
        session.execute(heard.values(state="heard", started_at=airing.planned_at + timedelta(seconds=3)))
        session.execute(update(Delivery).where(Delivery.speaker_id == SPEAKERS[1]).values(state="missed"))
        actions = set(session.scalars(select(AuditEntry.action)))
    assert actions >= {"drill_write", "drill_start"}
    text = clerk.get("/drills").text
    assert "1/3" in text
    assert "3.0" in text or "3,0" in text
    assert "Loa ban-khoong" in text


def test_no_field_turns_a_drill_into_an_alert_or_back(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    write(house, clerk, kind="drill", klass="normal")
    drill(house, clerk)
    with house.database.read() as session:
        found = session.execute(select(Announcement.kind, Announcement.klass).where(Announcement.part_of_id.is_(None)))
        assert sorted(map(tuple, found)) == [("drill", "priority"), ("live", "emergency")]


def test_neither_page_shows_or_takes_the_other(house: House) -> None:
    clerk, _, at = approved(house)
    practice = drill(house, clerk)
    alert_id, drill_id = at.rpartition("/")[2], practice.rpartition("/")[2]
    assert clerk.get(f"/emergency/at/{drill_id}").status_code == 409
    assert clerk.get(f"/drill/at/{alert_id}").status_code == 409
    csrf = {"csrf": clerk.get("/").text.partition('name="csrf" value="')[2].partition('"')[0]}
    for path in (
        f"/emergency/at/{drill_id}/send",
        f"/emergency/at/{drill_id}/correction",
        f"/drill/at/{alert_id}/start",
    ):
        assert clerk.client.post(path, data=csrf | PLACE | {"when": "now"}).status_code == 409, path
    with house.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Airing).where(~Airing.standby)) == 0


def test_the_drill_never_wears_the_emergencys_clothes(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    alert, practice = clerk.get("/emergency/flash_flood").text, clerk.get("/drill/flash_flood").text
    assert 'class="drill"' in practice
    assert not any(name in practice for name in ('class="alarm"', "btn-danger", "level-", 'action="/emergency'))
    assert 'class="drill"' not in alert
    assert 'action="/drill' not in alert


def test_a_correction_is_looked_at_on_the_page_of_its_alert(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    at = write(house, clerk)
    with house.database.read() as session:
        part = session.get_one(Announcement, at.rpartition("/")[2]).parts[0].id
    assert str(clerk.get(f"/emergency/at/{part}").url.path) == at


def test_a_drill_is_held_on_its_own_page_only(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    at = drill(house, clerk)
    assert str(clerk.get(f"/announcements/{at.rpartition('/')[2]}/air").url.path) == at


def test_an_alert_is_changed_where_it_was_written_and_a_sent_one_nowhere(house: House) -> None:
    with house.database.transaction() as session:
        cast = house.cast
        made = alarm(session, "alert", COMMUNE, cast.clerk, cast.approver, now=house.clock()).id
        gone = alarm(session, "alert sent", COMMUNE, cast.clerk, cast.approver, now=house.clock()).id
    browser, path = house.browser(house.cast.clerk), f"/emergency/at/{made}/edit"
    assert browser.client.get(f"/announcements/{made}/edit", follow_redirects=False).headers["location"] == path
    assert "Lên chỗ cao." in browser.get(path).text
    typed = FORM | {"action-vi": "Ở trong nhà.", "level": "4", "audience": f"u:{COMMUNE}", "unit": COMMUNE}
    browser.send(path, path, typed)
    with house.database.read() as session:
        row = session.get_one(Announcement, made)
        assert (row.level, row.slots["vi"]["action"], row.hazard, row.revision) == (4, "Ở trong nhà.", "flood", 2)
    assert browser.send(f"/emergency/at/{gone}/edit", f"/emergency/at/{gone}/edit", typed).status_code == 409
