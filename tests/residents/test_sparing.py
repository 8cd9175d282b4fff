"""Residents come over 2G and all at once: pages are small, kept, and not sent twice."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import event

from broadcaster.domain.announcement import LONGEST_TEXT
from broadcaster.services.writing.announcements import DraftVersion
from broadcaster.web.residents.kept import FRESH, Shelf
from tests.residents.village import VILLAGE, Home

pytestmark = pytest.mark.pages
MOST_BYTES = 30_000
LANGUAGES = ("vi", "hmn", "tyz", "blt", "nut", "mtq", "en", "fr")


def long_text(seed: int) -> str:
    """Words that repeat little, as long as a text may be."""
    syllables = [f"{first}{middle}{last}" for first in "bcdghklmnt" for middle in "aăâeêio" for last in ("", "ng", "t")]
    return " ".join(syllables[(seed + at * at * 31) % len(syllables)] for at in range(LONGEST_TEXT))[:LONGEST_TEXT]


def test_the_longest_page_is_within_thirty_kilobytes(home: Home) -> None:
    for number in range(11):
        versions = [DraftVersion(tag, long_text(number * 10 + at)) for at, tag in enumerate(LANGUAGES)]
        home.say(title=f"{number} " + "Đề nghị bà con chú ý " * 9, versions=versions)
    answer = home.get(f"/{VILLAGE}", accept_encoding="gzip")
    headers = sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
    assert int(answer.headers["content-length"]) + headers < MOST_BYTES
    assert "Đọc toàn bộ" in answer.text
    assert answer.text.count("<article") == 10


def test_who_has_it_is_told_so_and_nobody_gets_a_session(home: Home) -> None:
    home.say()
    for path in (f"/{VILLAGE}", f"/{VILLAGE}?q=hop"):
        for packed in ("gzip", "identity"):
            first = home.get(path, accept_encoding=packed)
            assert first.headers["cache-control"].startswith("public, max-age=")
            assert "set-cookie" not in first.headers
            assert "accept-encoding" in first.headers["vary"]
            again = home.get(path, accept_encoding=packed, if_none_match=first.headers["etag"])
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["cache-control"] == first.headers["cache-control"]
    home.say(title="Mới")
    assert home.get(path, if_none_match=first.headers["etag"]).status_code == 200


def test_a_withdrawal_is_seen_at_once_and_an_hour_that_came_within_seconds(home: Home) -> None:
    public_id = home.say(title="Cắt nước")
    home.air(home.write(title="Chiều nay"), minutes=10)
    assert "<s>Cắt nước" not in home.page()
    home.withdraw(public_id)
    assert "<s>Cắt nước" in home.page()
    assert "<s>Cắt nước" in home.get(f"/n/{public_id}").text
    home.wait(minutes=10, seconds=FRESH.total_seconds())
    assert "<h3>" in home.page()
    assert "10:11" not in home.page()


def test_a_page_is_drawn_once_for_all_who_ask_at_the_same_time(home: Home) -> None:
    home.say()
    drawn, pause = list[int](), threading.Event()

    def make() -> tuple[bytes, dict[str, str]]:
        pause.wait(0.2)
        drawn.append(1)
        return b"page", {}

    shelf = Shelf(home.house.database, home.house.clock)
    with ThreadPoolExecutor(8) as pool:
        assert {one.plain for one in pool.map(lambda _: shelf.get("x", make), range(40))} == {b"page"}
    assert drawn == [1]
    home.wait(seconds=FRESH.total_seconds())
    shelf.get("x", make)
    assert len(drawn) == 2


def test_while_one_draws_it_anew_nobody_waits_for_what_only_time_changed(home: Home) -> None:
    shelf, begun, go = Shelf(home.house.database, home.house.clock), threading.Event(), threading.Event()

    def make() -> tuple[bytes, dict[str, str]]:
        begun.set()
        assert go.wait(10)
        return b"new", {}

    shelf.get("x", lambda: (b"old", {}))
    home.wait(seconds=FRESH.total_seconds())
    with ThreadPoolExecutor(2) as pool:
        drawing = pool.submit(shelf.get, "x", make)
        assert begun.wait(10)
        assert shelf.get("x", make).plain == b"old"
        home.write()
        waiting = pool.submit(shelf.get, "x", make)
        assert not wait([waiting], timeout=0.2).done
        go.set()
        assert [drawing.result().plain, waiting.result().plain] == [b"new", b"new"]


def test_what_is_kept_costs_one_question_to_the_database(home: Home) -> None:
    home.say()
    home.page()
    asked = list[str]()
    event.listen(home.house.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    home.page()
    assert [each.split()[0] for each in asked] == ["BEGIN", "SELECT"]


def test_no_more_is_kept_than_there_is_room_for(home: Home) -> None:
    shelf = Shelf(home.house.database, home.house.clock, most=3)
    drawn = list[int]()

    def make() -> tuple[bytes, dict[str, str]]:
        drawn.append(1)
        return b"page", {}

    for key in (1, 2, 3, 1, 4, 1, 2):
        shelf.get(key, make)
    assert len(drawn) == 5
