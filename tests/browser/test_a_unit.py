"""A commune with rules, a school, an exception and a timetable: each of its pages looked at on a phone and a desk."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from broadcaster.services.actor import SYSTEM
from broadcaster.services.airtime import airings, schedules
from broadcaster.services.hours import overrides, rules, sites
from broadcaster.services.hours.overrides import Asked
from broadcaster.services.hours.sites import SiteFacts
from broadcaster.services.places import stagger
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice
from broadcaster.store.tables import Speaker, Unit
from tests.browser.conftest import listening
from tests.browser.visit import Visit
from tests.cast import COMMUNE, NAMES, SPEAKERS, VILLAGES, approved, draft
from tests.databases import Server
from tests.web.house import House, build

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Served = tuple[House, str]
VILLAGE = VILLAGES[0]
WEEKDAYS = [0, 1, 2, 3, 4, 5]
MORNING, EVENING = {"start": 330, "end": 420}, {"start": 990, "end": 1140}
RULES = {
    "hours": [{"days": WEEKDAYS, **MORNING}, {"days": WEEKDAYS, **EVENING}, {"days": [6], "start": 420, "end": 600}],
    "sessions_day": 4,
    "session_minutes": 30,
    "pause_minutes": 5,
    "volume_night": 60,
    "holidays": "sunday",
}
LESSONS = [{"days": [0, 1, 2, 3, 4], "start": 435, "end": 660}]
HUNG = {
    SPEAKERS[0]: ("Cột nhà văn hóa", 21.0501, 104.3001),
    SPEAKERS[1]: (None, 21.0472, 104.3049),
    SPEAKERS[2]: (None, 21.0530, 104.3065),
}
PAGES = {
    "units": "/units",
    "rules": f"/units/{COMMUNE}/rules",
    "site": f"/units/{COMMUNE}/sites/new",
    "override": f"/units/{VILLAGE}/overrides/new",
    "feed": f"/units/{COMMUNE}/feed",
    "stop": f"/units/{VILLAGE}/stop",
    "timetables": "/timetables",
    "collisions": "/collisions",
    "speakers": "/speakers",
    "speaker": f"/speakers/{SPEAKERS[0]}",
    "drills": "/drills",
    "announcements": "/announcements",
}


@pytest.fixture(scope="module")
def ruled(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with sqlite_server.database() as database:
        house = build(database, tmp_path_factory.mktemp("ruled"))
        hang(house)
        rule(house)
        programme(house)
        with listening(house) as url:
            yield house, url


def hang(house: House) -> None:
    """Loudspeakers with names and places, villages with people."""
    with house.database.transaction() as session:
        for speaker, village in zip(SPEAKERS, VILLAGES, strict=True):
            row = session.get_one(Speaker, speaker)
            row.name, row.online, row.last_seen_at = f"Loa {NAMES[village]}", True, house.clock()
            row.post, row.latitude, row.longitude = HUNG[speaker]
        session.get_one(Unit, COMMUNE).people = 12_430
        stagger.replan(session, now=house.clock())


def rule(house: House) -> None:
    """Hours by decision, and a school."""
    with house.database.transaction() as session:
        before = house.clock() - timedelta(days=30)
        rules.set(session, SYSTEM, COMMUNE, RULES, decision="12/QĐ-UBND", now=before)
        school = SiteFacts("Trường tiểu học", "school", LESSONS, 21.0470, 104.3050, 200)
        sites.add(session, SYSTEM, COMMUNE, school, now=before)


def programme(house: House) -> None:
    """What is heard on weekdays, what two persons let be heard now, and what one asks for."""
    now, cast = house.clock(), house.cast
    with house.database.transaction() as session:
        daily = approved(session, cast, title="Tin địa phương").id
        every = {"rrule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "times": ["05:45", "17:15"]}
        schedules.add(session, cast.clerk, daily, every, until=now + timedelta(days=200), now=now)
        village = [AudienceChoice("unit", VILLAGE)]
        lost = approved(session, cast, title="Tìm trẻ lạc", klass="priority", audience=village).id
        asked = Asked(VILLAGE, lost, now, now + timedelta(hours=2), "Trẻ lạc từ 9 giờ sáng, cần tìm ngay.")
        overrides.grant(session, cast.approver, overrides.ask(session, cast.clerk, asked, now=now).id, now=now)
        airings.air(session, cast.clerk, lost, at=None, now=now)
        later = Asked(VILLAGE, daily, now + timedelta(hours=9), now + timedelta(hours=10), "Bà con đi nương về muộn.")
        overrides.ask(session, cast.clerk, later, now=now)
        announcements.write(session, cast.clerk, draft(title="Lịch tiêm phòng"), now=now)


def judge(visit: Visit, name: str) -> None:
    for size in ("desktop", "dark", "phone"):
        visit.resize(size)
        visit.judge(name)


def test_the_unit_itself_and_its_annex(chromium: Browser, ruled: Served) -> None:
    owner = Visit(chromium, ruled, ruled[0].cast.owner)
    owner.go(f"/units/{COMMUNE}")
    expect(owner.page.get_by_text("Đang cho phép phát ngoài quy định")).to_be_visible()
    for way in ("Ai duyệt việc gì", "Cán bộ và người làm thay", "Địa chỉ lịch phát"):
        expect(owner.page.get_by_role("link", name=way)).to_be_visible()
    judge(owner, "unit")
    owner.follow("In phụ lục kèm quyết định")
    judge(owner, "annex")
    owner.close()


def test_the_first_page_tells_what_is_out_of_the_ordinary(chromium: Browser, ruled: Served) -> None:
    approver = Visit(chromium, ruled, ruled[0].cast.approver)
    expect(approver.page.get_by_text("Đề nghị phát ngoài quy định, chờ bạn quyết định")).to_be_visible()
    judge(approver, "today-exception")
    approver.follow("Tìm trẻ lạc")
    expect(approver.page.get_by_text("Được phép phát ngoài quy định, từ 10:00 hôm nay")).to_be_visible()
    judge(approver, "board-exception")
    approver.close()


def test_when_it_is_heard_in_words_and_days(chromium: Browser, ruled: Served) -> None:
    clerk = Visit(chromium, ruled, ruled[0].cast.clerk)
    clerk.go("/announcements")
    clerk.follow("Lịch tiêm phòng")
    clerk.follow("Lịch phát…")
    expect(clerk.page.get_by_text("Các ngày trong tuần lúc 05:30 và 17:00")).to_be_visible()
    judge(clerk, "schedule")
    clerk.close()


def test_every_other_page(chromium: Browser, ruled: Served) -> None:
    owner = Visit(chromium, ruled, ruled[0].cast.owner)
    for name, path in PAGES.items():
        owner.go(path)
        expect(owner.page.get_by_role("heading", level=1)).to_be_visible()
        for size in ("desktop", "phone"):
            owner.resize(size)
            owner.judge(f"unit-{name}")
    owner.close()
