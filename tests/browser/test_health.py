"""Loudspeakers that are well and that are not, and the log of one: looked at on a phone, on a desk and in the dark."""

import gzip
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from broadcaster.services.places import logs
from broadcaster.store.tables import LogRequest, Speaker
from tests.browser.conftest import listening
from tests.browser.visit import Visit
from tests.cast import NAMES, SPEAKERS, VILLAGES
from tests.databases import Server
from tests.web.house import House, build

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Served = tuple[House, str]
WELL, HOT, AWAY = SPEAKERS
FIGURES = {
    "centigrade": 52,
    "under_voltage": False,
    "under_voltage_seen": False,
    "free_disk_mb": 21_500,
    "free_memory_mb": 512,
    "disk_errors": 0,
    "clock_offset_ms": 120,
    "signal_percent": 64,
    "amplifier": False,
    "bytes_month": 48_200_317,
}
LOG = "".join(
    f"2026-11-25 09:{minute:02}:12,480 INFO action=receipt seq={minute} event=finished airing=0199c0ffee-{minute}\n"
    for minute in range(60)
)


@pytest.fixture(scope="module")
def tended(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A commune with one loudspeaker that is well, one that is hot, one out of reach."""
    with sqlite_server.database() as database:
        house = build(database, tmp_path_factory.mktemp("tended"))
        now = house.clock()
        with database.transaction() as session:
            for speaker, village in zip(SPEAKERS, VILLAGES, strict=True):
                row = session.get_one(Speaker, speaker)
                row.name, row.online, row.last_seen_at = f"Loa {NAMES[village]}", True, now
                row.clock, row.agent, row.tested_at = "trusted", "loa-agent 0.2.0", now - timedelta(days=2)
                row.health, row.health_at, row.receipts_through, row.cache_bytes = FIGURES, now, 412, 18_300_000
            hot = session.get_one(Speaker, HOT)
            hot.problems = ["too_hot", "under_voltage_seen", "signal_weak", "no_espeak_ng"]
            hot.health = {**FIGURES, "centigrade": 84, "under_voltage_seen": True, "signal_percent": 12}
            away = session.get_one(Speaker, AWAY)
            away.online, away.last_seen_at = False, now - timedelta(days=2)
        with listening(house) as url:
            yield house, url


@pytest.mark.parametrize("size", ["phone", "desktop", "dark"])
def test_every_page_of_their_health(chromium: Browser, tended: Served, size: str) -> None:
    visit = Visit(chromium, tended, tended[0].cast.technician)
    visit.resize(size)
    visit.go("/")
    expect(visit.page.get_by_role("link", name="2 loa cần xem")).to_be_visible()
    visit.judge("health-today")
    visit.follow("2 loa cần xem")
    expect(visit.page.get_by_role("link", name="Cần xem (2)")).to_have_attribute("aria-current", "page")
    visit.judge("health-list-ill")
    visit.go("/speakers")
    visit.judge("health-list")
    for name, speaker in (("well", WELL), ("hot", HOT), ("away", AWAY)):
        visit.go(f"/speakers/{speaker}")
        visit.judge(f"health-{name}")
    visit.close()


def test_a_log_is_asked_for_and_comes_by_itself(chromium: Browser, tended: Served) -> None:
    visit = Visit(chromium, tended, tended[0].cast.technician)
    visit.go(f"/speakers/{WELL}")
    visit.follow("Nhật ký loa")
    visit.judge("log-empty")
    visit.press("Lấy nhật ký")
    expect(visit.page.get_by_text("Đang chờ loa trả lời")).to_be_visible()
    visit.judge("log-waiting")
    with tended[0].database.transaction() as session:
        request = session.scalars(select(LogRequest)).one()
        logs.take(session, WELL, request.id, gzip.compress(LOG.encode()), now=tended[0].clock())
    expect(visit.page.get_by_text("action=receipt seq=59 ")).to_be_visible(timeout=10_000)
    for size in ("phone", "desktop", "dark"):
        visit.resize(size)
        visit.judge("log")
    visit.close()
