"""The page with a loudspeaker's log, and what programs are told of it."""

import gzip

import pytest
from sqlalchemy import select

from broadcaster.services.places import logs
from broadcaster.store.tables import AuditEntry, LogRequest, Speaker
from tests.cast import OTHER_SPEAKER, SPEAKERS
from tests.web.house import House

pytestmark = pytest.mark.pages

ONE = SPEAKERS[0]
TEXT = "2026-11-25 10:00:00 ERROR action=sink_failed detail=<b>card</b>\n"


def answer(house: House) -> None:
    with house.database.transaction() as session:
        [row] = session.scalars(select(LogRequest).where(LogRequest.answered_at.is_(None))).all()
        logs.take(session, row.speaker_id, row.id, gzip.compress(TEXT.encode()), now=house.clock())


def test_it_is_asked_waited_for_and_read(house: House) -> None:
    browser = house.browser(house.cast.technician)
    path = f"/speakers/{ONE}/log"
    assert "Chưa ai lấy nhật ký của loa này." in browser.get(path).text
    assert f'href="{path}"' in browser.get(f"/speakers/{ONE}").text
    waiting = browser.send(path, path).text
    assert "Đang chờ loa trả lời" in waiting
    assert "Loa đang mất kết nối" in waiting
    assert f'hx-get="{path}"' in waiting
    assert "<button" not in waiting[waiting.index('id="log"') : waiting.index("</main>")]
    answer(house)
    page = browser.get(path).text
    assert "ERROR action=sink_failed detail=&lt;b&gt;card&lt;/b&gt;" in page
    assert "hx-get" not in page
    with house.database.read() as session:
        assert "ask_log" in session.scalars(select(AuditEntry.action)).all()


def test_one_that_is_connected_is_said_to_answer_soon(house: House) -> None:
    with house.database.transaction() as session:
        row = session.get_one(Speaker, ONE)
        row.online, row.last_seen_at = True, house.clock()
    browser = house.browser(house.cast.technician)
    assert "thường có trong mười giây" in browser.send(f"/speakers/{ONE}/log", f"/speakers/{ONE}/log").text


def test_who_only_looks_neither_asks_nor_reads(house: House) -> None:
    browser = house.browser(house.cast.clerk)
    assert browser.get(f"/speakers/{ONE}/log").status_code == 403
    assert "/log" not in browser.get(f"/speakers/{ONE}").text
    assert house.browser(house.cast.technician).get(f"/speakers/{OTHER_SPEAKER}/log").status_code == 404


def test_a_program_asks_and_reads_the_same(house: House) -> None:
    program = house.program(house.cast.technician)
    path = f"/api/v1/speakers/{ONE}/logs"
    first, again = (program.post(path, headers={"idempotency-key": key}) for key in ("k-1", "k-2"))
    assert (first.status_code, first.json()["id"]) == (201, again.json()["id"])
    answer(house)
    [row] = program.get(path).json()["items"]
    assert row["text"] == TEXT
    assert house.program(house.cast.clerk).get(path).status_code == 403
