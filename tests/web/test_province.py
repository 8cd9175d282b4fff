"""Figures of many units agree with rows that were counted by hand, on both databases."""

import io
import random
import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.comparing import Drill, Figures, Share
from broadcaster.domain.months import Month
from broadcaster.services.ids import new_id
from broadcaster.services.people import people
from broadcaster.store.tables import Airing, Announcement, Delivery, Speaker, StandIn, Token, Unit
from broadcaster.web.shown.province import overview
from broadcaster.web.shown.report import month_of_unit
from broadcaster.web.shown.sight import sight
from tests.cast import COMMUNE, NOW, OTHER_COMMUNE, OTHER_SPEAKER, PROVINCE, SPEAKERS, VILLAGES, speaker
from tests.web.house import House
from tests.web.provincial import aired, announcement, exception

pytestmark = pytest.mark.pages
HERE = ZoneInfo("Asia/Ho_Chi_Minh")
MIDNIGHT = datetime(2026, 11, 24, 17, tzinfo=UTC)
OCTOBER_ENDS = datetime(2026, 10, 31, 17, tzinfo=UTC)
FIRST, SECOND, THIRD = SPEAKERS
Counted = list[tuple[Airing, Announcement, Delivery]]
STATES = ("heard", "finished", "partial", "silent", "refused", "cancelled")


def everywhere(state: str) -> dict[str, str]:
    return dict.fromkeys(SPEAKERS, state)


def test_a_province_sees_its_communes_with_what_happened_in_their_villages(any_house: House) -> None:
    house = any_house
    with house.database.transaction() as session:
        for name, online in zip(SPEAKERS, (True, True, False), strict=True):
            row = session.get_one(Speaker, name)
            row.online, row.last_seen_at, row.tested_at = online, NOW - timedelta(minutes=1 + 40 * (not online)), NOW
        said = announcement(session, COMMUNE, at=NOW)
        aired(session, said, MIDNIGHT, {FIRST: "heard", SECOND: "silent", THIRD: "cancelled"})
        aired(session, said, MIDNIGHT - timedelta(seconds=1), everywhere("heard"))
        aired(session, said, MIDNIGHT - timedelta(days=6), everywhere("finished"))
        aired(session, said, MIDNIGHT - timedelta(days=6, seconds=1), everywhere("heard"))
        aired(session, said, NOW + timedelta(hours=1), everywhere("planned"))
        drill = announcement(session, COMMUNE, at=NOW, kind="drill")
        aired(session, drill, NOW - timedelta(days=40), everywhere("heard"))
        last = aired(session, drill, NOW - timedelta(days=4), {FIRST: "heard", SECOND: "partial", THIRD: "silent"})
        exception(session, said, VILLAGES[0], NOW - timedelta(hours=1), NOW + timedelta(hours=1))
        exception(session, said, COMMUNE, NOW - timedelta(days=9), NOW - timedelta(days=8))
        exception(session, said, COMMUNE, NOW - timedelta(days=39), NOW - timedelta(days=38))
        session.add(_asked(said.id, last.id))
    with house.database.read() as session:
        it = overview(session, sight(session, house.cast.monitor), "", now=NOW)
    found = {one.id: one.figures for one in it.units}
    assert found[COMMUNE] == Figures(
        online=Share(2, 3),
        today=Share(1, 2),
        week=Share(4, 8),
        ill=1,
        waiting=1,
        running=1,
        exceptions=2,
        drill=Drill(last.id, last.planned_at, Share(2, 3)),
        seen_at=NOW - timedelta(minutes=1),
    )
    assert found[OTHER_COMMUNE] == Figures(online=Share(0, 1))
    assert it.all.online == Share(2, 4)
    assert it.all.week == found[COMMUNE].week


def _asked(announcement_id: str, airing_id: str) -> StandIn:
    return StandIn(
        id=new_id(NOW),
        airing_id=airing_id,
        announcement_id=announcement_id,
        revision=1,
        unit_id=VILLAGES[0],
        klass="normal",
        kind="live",
        cause="silent",
        state="escalated",
        words={"title": "", "texts": []},
        since=NOW,
        opened_at=NOW,
        escalate_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )


def test_what_only_pretends_or_is_out_of_service_counts_nowhere(any_house: House) -> None:
    house = any_house
    with house.database.transaction() as session:
        pretended = speaker("loa-thu", VILLAGES[0])
        pretended.pretend = pretended.online = True
        session.add(pretended)
        session.get_one(Speaker, SECOND).revoked_at = NOW
        session.flush()
        aired(
            session,
            announcement(session, COMMUNE, at=NOW),
            NOW - timedelta(hours=1),
            {"loa-thu": "heard", SECOND: "heard"},
        )
    with house.database.read() as session:
        seen = sight(session, house.cast.approver)
        it = overview(session, seen, "", now=NOW)
        month = month_of_unit(session, seen, COMMUNE, Month(2026, 11), now=NOW)
    assert [one.id for one in it.units] == sorted(VILLAGES, key=lambda unit: seen.names[unit])
    assert it.all == Figures(online=Share(0, 2))
    # The past does not change when a box is taken down; a pretence is never part of it.
    assert month.sums.all.heard == Share(1, 1)


def test_a_closed_unit_is_counted_in_the_one_that_took_it_over(any_house: House) -> None:
    house = any_house
    with house.database.transaction() as session:
        aired(session, announcement(session, COMMUNE, at=NOW), NOW - timedelta(hours=1), {FIRST: "heard"})
        old = session.get_one(Unit, VILLAGES[0])
        old.closed_at, old.successor_id = NOW, VILLAGES[1]
        session.get_one(Speaker, FIRST).unit_id = VILLAGES[1]
    with house.database.read() as session:
        it = overview(session, sight(session, house.cast.approver), "", now=NOW)
    assert {one.id: (one.figures.online.whole, one.figures.today) for one in it.units} == {
        VILLAGES[1]: (2, Share(1, 1)),
        VILLAGES[2]: (1, Share()),
    }


def test_the_month_begins_at_midnight_in_the_village(any_house: House) -> None:
    house = any_house
    with house.database.transaction() as session:
        said = announcement(session, COMMUNE, at=NOW, category="health", languages=("vi", "hmn"))
        aired(session, said, OCTOBER_ENDS - timedelta(seconds=1), {FIRST: "heard", SECOND: "heard"}, seconds=30)
        aired(session, said, OCTOBER_ENDS, {THIRD: "heard"}, seconds=90)
    with house.database.read() as session:
        seen = sight(session, house.cast.approver)
        november = month_of_unit(session, seen, COMMUNE, Month(2026, 11), now=NOW)
    assert (november.sums.all.minutes, november.before.all.minutes) == (1.5, 0.5)
    assert (november.sums.reached.units, november.before.reached.units) == (1, 2)
    assert november.days[0].airings == 1
    assert [(one.key, one.airings) for one in november.sums.languages] == [("hmn", 1), ("vi", 1)]


@pytest.mark.parametrize("seed", range(3))
def test_a_report_agrees_with_rows_counted_by_hand(any_house: House, seed: int) -> None:
    house, chance = any_house, random.Random(seed)  # noqa: S311  (the same cases every time)
    with house.database.transaction() as session:
        session.get_one(Unit, VILLAGES[0]).people, session.get_one(Unit, VILLAGES[1]).people = 620, 480
        session.get_one(Unit, COMMUNE).people = 12_430
        for _ in range(6):
            languages = chance.choice([("vi",), ("vi", "hmn")])
            made = announcement(
                session,
                COMMUNE,
                at=NOW,
                category=chance.choice(["health", "farming"]),
                languages=languages,
                klass=chance.choice(["normal", "emergency"]),
                kind=chance.choice(["live", "live", "drill"]),
            )
            for _ in range(5):
                at = NOW - timedelta(minutes=chance.randrange(60 * 24 * 40))
                became = {name: chance.choice(STATES) for name in (*SPEAKERS, OTHER_SPEAKER)}
                aired(session, made, at, became, seconds=chance.randrange(10, 200))
    with house.database.read() as session:
        seen = sight(session, house.cast.approver)
        it = month_of_unit(session, seen, COMMUNE, Month(2026, 11), now=NOW)
        short = month_of_unit(session, seen, COMMUNE, Month(2026, 11), now=NOW, listed=2)
        wide = sight(session, house.cast.monitor)
        province = month_of_unit(session, wide, PROVINCE, Month(2026, 11), now=NOW)
        rows, all_rows = by_hand(session), by_hand(session, wide.units)
    live = [row for row in rows if row[0].kind == "live"]
    sounded = {airing.id: airing for airing, _, delivery in live if delivery.state in {"heard", "finished", "partial"}}
    heard_in = {delivery.unit_id for _, _, delivery in live if delivery.state == "heard"}
    assert it.sums.all.heard == Share(sum(row[2].state == "heard" for row in live), len(live))
    assert it.sums.all.airings == len(sounded)
    assert it.sums.all.sound_ms == sum(airing.sound_ms for airing in sounded.values())
    assert it.sums.reached.people == living(heard_in)
    for said in it.spoken:
        heard = {row[2].unit_id for row in live if (row[1].id, row[2].state) == (said.id, "heard")}
        assert said.people == living(heard)
    assert [one.people for one in short.spoken] == [one.people for one in it.spoken[:2]] + [0] * (len(it.spoken) - 2)
    assert province.sums.all.heard.whole == sum(row[0].kind == "live" for row in all_rows)
    assert {mute.id: mute.answered for mute in it.silent} == silent_of(live)
    assert it.sums.answered.missing == sum(row[2].reason == "no word" for row in live)
    for one in it.sums.categories:
        mine = [row for row in live if row[1].category == one.key]
        assert one.heard == Share(sum(row[2].state == "heard" for row in mine), len(mine))
    for day in it.days:
        mine = [row for row in live if row[0].planned_at.astimezone(HERE).date().isoformat() == day.key]
        assert day.heard.whole == len(mine)
    assert sum(one.sum.airings for one in it.spoken) == len(sounded)
    drills = {row[0].id for row in rows if row[0].kind == "drill"}
    assert {one.airing_id for one in it.drills} == drills


def living(units: set[str]) -> int:
    return sum({VILLAGES[0]: 620, VILLAGES[1]: 480}.get(unit, 0) for unit in units)


def silent_of(rows: Counted) -> dict[str, Share]:
    mine = {name: [row[2].reason != "no word" for row in rows if row[2].speaker_id == name] for name in SPEAKERS}
    return {name: Share(sum(said), len(said)) for name, said in mine.items() if not all(said)}


def by_hand(session: Session, units: Collection[str] = (COMMUNE, *VILLAGES)) -> Counted:
    """Every delivery of November in the commune that was not cancelled, without asking the database to count."""
    begin, end = OCTOBER_ENDS, datetime(2026, 11, 30, 17, tzinfo=UTC)
    found = []
    for delivery in session.scalars(select(Delivery)):
        airing = session.get_one(Airing, delivery.airing_id)
        inside = begin <= airing.planned_at < end and delivery.unit_id in units
        if inside and delivery.state != "cancelled":
            found.append((airing, session.get_one(Announcement, airing.announcement_id), delivery))
    return found


def test_the_board_and_the_report_say_the_same(house: House) -> None:
    with house.database.transaction() as session:
        airing = aired(
            session,
            announcement(session, COMMUNE, at=NOW),
            NOW - timedelta(hours=1),
            {FIRST: "heard", SECOND: "heard", THIRD: "silent"},
        )
    browser = house.browser(house.cast.approver)
    assert "2/3 loa đã ra tiếng" in browser.get(f"/airings/{airing.id}").text
    assert "(2/3)" in browser.get("/province").text
    assert "(2/3)" in browser.get(f"/reports/{COMMUNE}/2026-11").text


def test_a_month_without_anything_says_so(house: House) -> None:
    page = house.browser(house.cast.approver).get(f"/reports/{COMMUNE}/2025-02").text
    assert "Tháng này không có lượt phát nào" in page
    assert "data-chart" not in page


@pytest.mark.parametrize(
    "path", [f"/reports/{COMMUNE}/2026-13", f"/reports/{COMMUNE}/x", f"/reports?unit={COMMUNE}&month=0"]
)
def test_what_is_no_month_is_refused(house: House, path: str) -> None:
    assert house.browser(house.cast.approver).get(path).status_code == 422


@pytest.mark.parametrize(
    "path", ["/province?unit={}", "/province/wall?unit={}", "/reports/{}/2026-11", "/exports/deliveries.csv?unit={}"]
)
def test_other_communes_are_not_said_to_be_there(house: House, path: str) -> None:
    browser = house.browser(house.cast.approver)
    assert browser.get(path.format(COMMUNE)).status_code == 200
    for hidden in (OTHER_COMMUNE, PROVINCE, "khong-co"):
        assert browser.get(path.format(hidden)).status_code == 404


def test_the_workbook_holds_the_figures_and_draws_them(house: House) -> None:
    with house.database.transaction() as session:
        said = announcement(session, COMMUNE, at=NOW, title="=HYPERLINK(1)", category="health")
        aired(session, said, NOW - timedelta(hours=1), everywhere("heard"), seconds=120)
    answer = house.browser(house.cast.approver).get(f"/reports/{COMMUNE}/2026-11.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    figures = {row[0].value: row[1].value for row in book["Số liệu chung"].iter_rows()}
    assert (figures["phút phát"], figures["lượt loa đã ra tiếng"]) == (2, 3)
    drawn = [name for name in book.sheetnames if getattr(book[name], "_charts", [])]
    assert drawn == ["Lĩnh vực", "Ngôn ngữ", "Từng ngày"]
    title = book["Nội dung đã phát"]["A2"]
    assert (title.value, title.data_type) == ("=HYPERLINK(1)", "s")


def test_the_table_is_put_in_order_by_links(house: House) -> None:
    browser = house.browser(house.cast.monitor)

    def order(query: str) -> list[str]:
        return re.findall(r'href="/province\?unit=(xa-[\w-]+)"', browser.get(f"/province?{query}").text)

    names = order("by=name")
    assert sorted(names) == sorted([COMMUNE, OTHER_COMMUNE])
    assert order("by=name&reverse=true") == names[::-1]
    assert order("find=yen+chau") == [COMMUNE]


def test_the_wall_asks_for_its_next_page_and_says_how_old_it_is(house: House) -> None:
    with house.database.transaction() as session:
        for number in range(14):
            session.add(
                Unit(id=f"xa-{number}", parent_id=PROVINCE, name=f"Xã {number}", level="commune", created_at=NOW)
            )
    browser = house.browser(house.cast.monitor)
    first = browser.get("/province/wall").text
    assert 'hx-get="/province/wall/board?unit=&amp;skip=12"' in first
    assert "Hơn 15 phút nay không loa nào báo về" in first
    second = browser.get("/province/wall/board?skip=12").text
    assert "13–16 trong 16" in second
    assert 'hx-get="/province/wall/board?unit=&amp;skip=0"' in second
    assert "<html" not in second


def test_a_wall_screen_has_an_address_that_shows_it_and_opens_nothing_else(house: House) -> None:
    monitor, screen = house.browser(house.cast.monitor), house.stranger_to_all().client
    made = monitor.send(f"/province?unit={COMMUNE}", "/province/wall")
    secret = re.search(r"/wall/([\w-]+)\?unit=" + COMMUNE, made.text)
    assert secret
    shown = screen.get(f"/wall/{secret[1]}?unit={COMMUNE}")
    assert shown.status_code == 200
    assert f'hx-get="/wall/{secret[1]}/board?unit={COMMUNE}&amp;skip=0"' in shown.text
    assert "/province" not in shown.text
    assert "<html" not in screen.get(f"/wall/{secret[1]}/board?unit={COMMUNE}").text
    assert screen.get(f"/wall/{secret[1]}").status_code == 401
    assert screen.get("/api/v1/announcements", headers={"authorization": f"Bearer {secret[1]}"}).status_code == 401
    assert screen.get("/province", follow_redirects=False).headers["location"] == "/sign-in"
    house.clock.at += timedelta(days=300)
    assert screen.get(f"/wall/{secret[1]}?unit={COMMUNE}").status_code == 200
    with house.database.transaction() as session:
        token = session.scalars(select(Token).where(Token.scope.startswith("wall:"))).one()
        people.revoke_token(session, house.cast.monitor, token.id, now=house.clock())
    assert screen.get(f"/wall/{secret[1]}?unit={COMMUNE}").status_code == 401


def test_a_token_for_programs_opens_no_wall(house: House) -> None:
    token = house.program(house.cast.monitor).headers["authorization"].removeprefix("Bearer ")
    assert house.stranger_to_all().client.get(f"/wall/{token}").status_code == 401


def test_a_wall_whose_session_ended_keeps_what_it_shows(house: House) -> None:
    nobody = house.stranger_to_all()
    refused = nobody.client.get("/province/wall/board", headers={"hx-request": "true"}, follow_redirects=False)
    assert refused.status_code == 401
    assert "<html" not in refused.text
    assert nobody.client.get("/province/wall", follow_redirects=False).headers["location"] == "/sign-in"
