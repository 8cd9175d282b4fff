"""“Did you hear it?”: said without an account, bound to the loudspeaker and the minute, read and answered."""

import re
from datetime import timedelta

import pytest
from httpx import Response
from sqlalchemy import select

from broadcaster.domain.feedback import ADDRESS, What
from broadcaster.domain.feedback import SPEAKER as AT_ONE_POLE
from broadcaster.services.airtime import airings
from broadcaster.services.outlets import feedback
from broadcaster.store.tables import Airing, Announcement, AuditEntry, Feedback, Speaker
from tests import cast
from tests.cast import SPEAKERS
from tests.web.house import House

pytestmark = pytest.mark.pages

SPEAKER, OTHER = SPEAKERS[:2]


def aired(house: House, *, title: str = "Họp bản", **later: float) -> tuple[str, str, str]:
    """An announcement on the air: its id, its public id and the airing's."""
    at = house.clock() + timedelta(**later) if later else None
    with house.database.transaction() as session:
        row = cast.approved(session, house.cast, now=house.clock(), title=title)
        airing = airings.air(session, house.cast.clerk, row.id, at=at, now=house.clock())
        return row.id, row.public_id, airing.id


def code(house: House, speaker: str = SPEAKER) -> str:
    """What stands on the pole."""
    with house.database.transaction() as session:
        return feedback.give_code(session, house.cast.technician, speaker, now=house.clock())


def say(house: House, path: str, what: str = "too_quiet", address: str = "", **typed: str) -> Response:
    """A resident presses one of the buttons, a moment after whatever was before."""
    house.clock.at += timedelta(milliseconds=1)
    client = house.stranger_to_all().client
    if address:
        client._transport.client = (address, 50000)
    answer: Response = client.post(path, data={"what": what} | typed, follow_redirects=False)
    return answer


def said(house: House) -> list[Feedback]:
    with house.database.read() as session:
        return list(session.scalars(select(Feedback).order_by(Feedback.id)))


def test_a_resident_says_it_below_the_announcement_and_is_thanked(house: House) -> None:
    announcement, public_id, airing = aired(house)
    resident = house.stranger_to_all()
    page = resident.get(f"/n/{public_id}?lang=vi")
    assert "Bà con có nghe được không?" in page.text
    answer = resident.send(f"/n/{public_id}", f"/n/{public_id}/feedback?lang=vi", {"what": "heard"})
    assert answer.url.path == f"/n/{public_id}/thanks"
    assert "Cảm ơn bà con đã góp ý." in answer.text
    (row,) = said(house)
    assert (row.announcement_id, row.airing_id, row.speaker_id) == (announcement, airing, None)
    assert (row.unit_id, row.what) == (cast.COMMUNE, "heard")


def test_at_the_pole_it_is_about_what_this_speaker_sounded_then(house: House) -> None:
    _, _, morning = aired(house, title="Bản tin sáng")
    letters = code(house)
    house.clock.at += timedelta(minutes=40)
    _, _, noon = aired(house, title="Bản tin trưa")
    page = house.stranger_to_all().get(f"/s/{letters}")
    assert "Bản tin trưa" in page.text
    assert "Bản tin sáng" not in page.text
    early = str(int((house.clock() - timedelta(minutes=30)).timestamp()))
    assert say(house, f"/s/{letters}").status_code == 303
    assert say(house, f"/s/{letters}", minute=early).status_code == 303
    assert [(row.airing_id, row.speaker_id) for row in said(house)] == [(noon, SPEAKER), (morning, SPEAKER)]
    assert {row.unit_id for row in said(house)} == {cast.VILLAGES[0]}


def test_a_speaker_that_was_not_to_sound_anything_is_still_heard_of(house: House) -> None:
    aired(house)
    letters = code(house)
    house.clock.at += timedelta(hours=3)
    assert "không có lịch phát" in house.stranger_to_all().get(f"/s/{letters}").text
    say(house, f"/s/{letters}", "too_loud")
    (row,) = said(house)
    assert (row.airing_id, row.announcement_id, row.speaker_id) == (None, None, SPEAKER)


def test_a_cancelled_airing_or_an_unknown_code_says_nothing(house: House) -> None:
    _, _, airing = aired(house)
    with house.database.transaction() as session:
        airings.stop(session, house.cast.clerk, airing, reason="Nhầm", now=house.clock())
    assert "Họp bản" not in house.stranger_to_all().get(f"/s/{code(house)}").text
    assert house.stranger_to_all().get("/s/nothing").status_code == 404
    assert say(house, "/s/nothing").status_code == 404


def test_a_new_code_ends_the_one_before_and_a_retired_speaker_has_none(house: House) -> None:
    first = code(house)
    second = code(house)
    assert house.stranger_to_all().get(f"/s/{first}").status_code == 404
    with house.database.transaction() as session:
        session.get_one(Speaker, SPEAKER).revoked_at = house.clock()
    assert house.stranger_to_all().get(f"/s/{second}").status_code == 404


def test_nothing_is_kept_of_who_said_it(house: House) -> None:
    _, public_id, _ = aired(house)
    path = f"/n/{public_id}/feedback"
    say(house, path, address="203.0.113.9", note="Gọi 0912 345 678, loa rè.")
    say(house, path, address="203.0.113.9")
    house.clock.at += timedelta(days=1)
    say(house, path, address="203.0.113.9")
    rows = said(house)
    assert rows[0].note == "Gọi …, loa rè."
    assert len({row.asked_from for row in rows[:2]}) == 1
    # The salt of the day before is gone: nobody can tell that it was the same one.
    assert rows[2].asked_from != rows[0].asked_from
    assert not any("203" in f"{row.note}{row.answer}" for row in rows)
    assert "set-cookie" not in say(house, path).headers


def test_a_flood_from_one_address_ends_and_others_are_heard(house: House) -> None:
    _, public_id, _ = aired(house)
    path = f"/n/{public_id}/feedback"
    for _ in range(ADDRESS.most):
        assert say(house, path, address="203.0.113.9").status_code == 303
    refused = say(house, path, address="203.0.113.9")
    assert refused.status_code == 429
    assert "quá nhiều góp ý" in refused.text
    assert say(house, path, address="203.0.113.10").status_code == 303
    house.clock.at += ADDRESS.within
    assert say(house, path, address="203.0.113.9").status_code == 303
    assert len(said(house)) == ADDRESS.most + 2


def test_a_flood_at_one_pole_ends_whatever_addresses_it_comes_from(house: House) -> None:
    letters, other = code(house), code(house, OTHER)
    with house.database.transaction() as session:
        about = feedback.at_pole(session, letters, at=house.clock())
        for number in range(AT_ONE_POLE.most):
            one = feedback.Said(What.HEARD, "", f"somebody {number}")
            feedback.give(session, about, one, now=house.clock())
    assert say(house, f"/s/{letters}").status_code == 429
    assert say(house, f"/s/{other}").status_code == 303


def test_what_makes_no_sense_or_comes_from_elsewhere_is_refused(house: House) -> None:
    _, public_id, _ = aired(house)
    path = f"/n/{public_id}/feedback"
    assert say(house, path, "great").status_code == 422
    client = house.stranger_to_all().client
    client.headers["sec-fetch-site"] = "cross-site"
    assert client.post(path, data={"what": "heard"}).status_code == 403
    assert say(house, "/n/nothing/feedback").status_code == 404
    assert said(house) == []


def test_it_stands_on_the_board_of_the_airing_and_in_the_report_of_the_month(house: House) -> None:
    _, public_id, airing = aired(house)
    for what in ("heard", "heard", "too_quiet"):
        say(house, f"/n/{public_id}/feedback", what)
    clerk = house.browser(house.cast.clerk)
    board = clerk.get(f"/airings/{airing}").text
    assert re.findall(r"<li><b>(\d)</b> (Nghe rõ|Nhỏ quá|To quá)</li>", board) == [("2", "Nghe rõ"), ("1", "Nhỏ quá")]
    report = clerk.get(f"/reports/{cast.COMMUNE}/2026-11").text
    row = re.search(r'Nghe rõ</th><td class="number"[^>]*>(\d)</td><td[^>]*>(\d)</td>', report)
    assert row is not None
    assert row.groups() == ("2", "0")


def test_the_clerk_reads_answers_and_shows_the_answer_to_everybody(house: House) -> None:
    announcement, public_id, _ = aired(house)
    say(house, f"/n/{public_id}/feedback", "wrong", note="Ngày 26 mới họp <b>chứ</b>")
    say(house, f"/n/{public_id}/feedback", "heard")
    (row, _) = said(house)
    clerk = house.browser(house.cast.clerk)
    page = clerk.get("/feedback").text
    assert "Ngày 26 mới họp &lt;b&gt;chứ&lt;/b&gt;" in page
    assert page.count('class="tile"') == 1
    assert clerk.get("/feedback?show=all").text.count('class="tile"') == 2
    clerk.send("/feedback", f"/feedback/{row.id}/answer", {"answer": "Đúng là ngày 26.", "public": "yes"})
    assert "Mọi góp ý của bà con đều đã được trả lời." in clerk.get("/feedback").text
    public = house.stranger_to_all().get(f"/n/{public_id}?lang=vi").text
    assert "Đúng là ngày 26." in public
    assert "chứ" not in public
    with house.database.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.subject_kind == "feedback")).one()
    assert (entry.action, entry.details["announcement"]) == ("publish", announcement)
    assert "đã trả lời công khai bà con: Đúng là ngày 26." in house.browser(house.cast.approver).get("/audit").text
    clerk.send("/feedback?show=all", f"/feedback/{row.id}/answer", {"answer": "Đúng là ngày 26."})
    assert "Đúng là ngày 26." not in house.stranger_to_all().get(f"/n/{public_id}?lang=vi").text


def test_an_empty_answer_is_asked_for_again_and_a_monitor_only_reads(house: House) -> None:
    say(house, f"/s/{code(house)}", "too_loud")
    (row,) = said(house)
    clerk = house.browser(house.cast.clerk)
    answer = clerk.send("/feedback", f"/feedback/{row.id}/answer", {"answer": "x" * 1_001})
    assert answer.status_code == 422
    assert "x" * 1_001 in answer.text
    monitor = house.browser(house.cast.monitor)
    assert f"/feedback/{row.id}/answer" not in monitor.get("/feedback").text
    assert "To quá" in monitor.get("/feedback").text


def test_an_announcement_begins_with_the_answer(house: House) -> None:
    _, public_id, _ = aired(house)
    say(house, f"/n/{public_id}/feedback", "wrong")
    (row,) = said(house)
    clerk = house.browser(house.cast.clerk)
    clerk.send("/feedback", f"/feedback/{row.id}/answer", {"answer": "Họp ngày 26, không phải ngày 25."})
    assert "Họp ngày 26, không phải ngày 25.</textarea>" in clerk.get(f"/announcements/new?voice={row.id}").text
    stranger = house.browser(house.cast.stranger)
    assert stranger.get(f"/announcements/new?voice={row.id}").status_code == 404


def test_long_lists_go_on_behind_a_link(house: House) -> None:
    letters = code(house)
    with house.database.transaction() as session:
        about = feedback.at_pole(session, letters, at=house.clock())
        for number in range(60):
            house.clock.at += timedelta(seconds=1)
            one = feedback.Said(What.TOO_LOUD, f"câu {number}.", f"somebody {number}")
            feedback.give(session, about, one, now=house.clock())
    clerk = house.browser(house.cast.clerk)
    first = clerk.get("/feedback").text
    following = re.search(r'href="(/feedback\?after=[^"]+)"', first)
    assert following is not None
    assert (first.count('class="tile"'), clerk.get(following[1]).text.count('class="tile"')) == (50, 10)


def test_the_sticker_carries_the_address_of_its_speaker(house: House) -> None:
    technician = house.browser(house.cast.technician)
    path = f"/speakers/{SPEAKER}/sticker"
    assert path in technician.get(f"/speakers/{SPEAKER}").text
    assert "Loa này chưa có mã dán cột." in technician.get(path).text
    page = technician.send(path, path).text
    found = re.search(r"http://testserver/s/([a-z2-9]{8})<", page)
    assert found is not None
    assert "<svg" in page
    assert house.stranger_to_all().get(f"/s/{found[1]}").status_code == 200


def test_what_residents_may_not_read_yet_is_not_named_at_the_pole(house: House) -> None:
    announcement, _, _ = aired(house, minutes=4)
    letters = code(house)
    assert "Họp bản" in house.stranger_to_all().get(f"/s/{letters}").text
    with house.database.transaction() as session:
        row = session.get_one(Announcement, announcement)
        row.title, row.revision, row.state = "Bản nháp", row.revision + 1, "draft"
    assert "Bản nháp" not in house.stranger_to_all().get(f"/s/{letters}").text


def test_the_pole_leads_to_the_words_only_when_they_are_heard(house: House) -> None:
    _, public_id, airing = aired(house, minutes=4)
    pole = f"/s/{code(house)}"
    hold(house, airing, minutes=6)
    assert "Họp bản" not in house.stranger_to_all().get(pole).text
    house.clock.at += timedelta(minutes=5)
    page = house.stranger_to_all().get(pole).text
    assert ("Họp bản" in page, f"/n/{public_id}" in page) == (True, False)
    house.clock.at += timedelta(minutes=1)
    assert f"/n/{public_id}" in house.stranger_to_all().get(pole).text


def hold(house: House, airing: str, **later: float) -> None:
    """Something was put before it."""
    with house.database.transaction() as session:
        session.get_one(Airing, airing).hold_until = house.clock() + timedelta(**later)
