"""The pages on which the tree is looked at, searched and changed, without scripts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, select

from broadcaster.domain.wishes import Kind, Wish
from broadcaster.services.actor import SYSTEM
from broadcaster.services.airtime import schedules
from broadcaster.services.places import reorganising
from broadcaster.store.database import Database
from broadcaster.store.tables import AuditEntry, Grant, GroupMember, OutboxEntry, Unit, UnitChange
from tests.cast import COMMUNE, NOW, OTHER_COMMUNE, PROVINCE, SPEAKERS, VILLAGES, approved
from tests.five_communes import COMMUNES, Five, settle, village
from tests.web.house import Browser, House

pytestmark = pytest.mark.pages

NEW, PREVIEW, CHANGES = "/units/changes/new", "/units/changes/preview", "/units/changes"
MERGE = {"unit": list(COMMUNES), "new_name": "Xã Yên Sơn", "level": "commune"}


@pytest.fixture
def five(house: House) -> Five:
    with house.database.transaction() as session:
        return settle(session)


def everything(database: Database) -> list[Any]:
    """All rows that a change could have touched."""
    with database.read() as session:
        tables = (Unit, UnitChange, AuditEntry, OutboxEntry)
        return [session.execute(table.__table__.select()).all() for table in tables]


def looked_at(browser: Browser, kind: str, typed: dict[str, Any], query: str = "") -> str:
    answer = browser.send(f"{NEW}?change={kind}{query}", PREVIEW, typed)
    assert answer.status_code == 200, answer.text
    return answer.text


def asked(page: str) -> list[str]:
    """The roles that have to be answered for."""
    return re.findall(r'name="(answer-\w+)" required', page)


def hidden(page: str) -> dict[str, Any]:
    form = re.search(rf'<form method="post" action="{CHANGES}">.*?</form>', page, re.DOTALL)
    assert form
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
    return dict(fields) | {"unit": [value for name, value in fields if name == "unit"]}


def test_looking_changes_nothing_and_tells_everything(house: House, five: Five) -> None:
    governor = house.browser(five.governor)
    before = everything(house.database)
    page = looked_at(governor, "merge", MERGE, f"&inside={PROVINCE}")
    assert everything(house.database) == before
    assert "57 trong 57 loa được báo tự động" in page
    assert "33.000 người" in page
    assert len(asked(page)) == len(COMMUNES) + 1


def test_what_was_chosen_arrives_and_what_was_not_answered_is_said(house: House, five: Five) -> None:
    browser = house.browser(five.governor)
    page = looked_at(browser, "merge", MERGE, f"&inside={PROVINCE}")
    answer = browser.client.post(CHANGES, data=hidden(page) | {"decision": "1672/NQ"})
    assert answer.status_code == 422
    assert "Còn người chưa được chọn" in answer.text
    assert 'value="1672/NQ"' in answer.text
    answers = dict.fromkeys(asked(page), "whole")
    done = browser.client.post(CHANGES, data=hidden(page) | answers)
    assert done.status_code == 200
    assert "Đã thực hiện" in done.text
    with house.database.read() as session:
        assert session.get_one(Unit, "pan").successor_id == "xa-yen-son"


def test_rules_of_one_part_for_all_show_what_becomes_of_the_others(house: House, five: Five) -> None:
    page = looked_at(house.browser(five.governor), "merge", MERGE | {"as_in": "ban"}, f"&inside={PROVINCE}")
    assert "06:00–20:00" in page
    assert "05:00–20:00" in page


def test_what_names_a_closed_unit_is_told_with_whom_it_reaches(house: House) -> None:
    with house.database.transaction() as session:
        announcement = approved(session, house.cast, title="Bản tin xã")
        schedule = {"rrule": "FREQ=DAILY", "times": ["05:30"]}
        schedules.add(session, house.cast.clerk, announcement.id, schedule, now=NOW)
    with house.database.transaction() as session:
        both = Wish(Kind.RENAME, (COMMUNE,), name="Xã Mới")
        reorganising.decide(session, SYSTEM, both, now=NOW)
    browser = house.browser(house.cast.owner)
    goes = {f"goes-{each}": str(1 + (each != VILLAGES[0])) for each in VILLAGES}
    page = looked_at(browser, "split", goes | {"part-1": "Xã Một", "part-2": "Xã Hai"}, f"&unit={COMMUNE}")
    assert "Bản tin xã" in page
    assert "vẫn phát trên đúng 3 loa như cũ" in page


def test_a_wish_that_does_not_fit_comes_back_with_what_was_typed(house: House, five: Five) -> None:
    browser = house.browser(five.governor)
    answer = browser.send(f"{NEW}?change=merge&inside={PROVINCE}", PREVIEW, MERGE | {"unit": "pan"})
    assert answer.status_code == 422
    assert "Cần chọn ít nhất hai đơn vị" in answer.text
    assert 'value="Xã Yên Sơn"' in answer.text
    unknown = browser.client.post(PREVIEW, data={"change": "explode", "csrf": ""})
    assert unknown.status_code in {403, 422}


def test_who_tends_only_one_end_is_refused(house: House) -> None:
    browser = house.browser(house.cast.owner)
    moved = browser.send(f"{NEW}?change=move&unit={VILLAGES[0]}", PREVIEW, {"under": OTHER_COMMUNE})
    assert moved.status_code == 404
    with house.database.read() as session:
        assert session.scalars(select(UnitChange)).all() == []


def test_a_change_that_was_not_carried_out_says_so(house: House, five: Five) -> None:
    with house.database.transaction() as session:
        wish = Wish(Kind.MOVE, (village("pan", 0),), parent="lan")
        planned = reorganising.decide(session, five.governor, wish, day=NOW.date().replace(day=30), now=NOW).id
        reorganising.decide(session, five.governor, wish, now=NOW)
    page = house.browser(five.governor).get(f"{CHANGES}/{planned}").text
    assert "Theo tình hình hiện nay thì chưa thực hiện được" in page
    reorganising.carry_out_due(house.database, now=NOW.replace(day=30, hour=23))
    page = house.browser(five.governor).get(f"{CHANGES}/{planned}").text
    assert "Không có gì thay đổi" in page
    assert "Không thực hiện được" in house.browser(five.governor).get(CHANGES).text
    assert "không thực hiện được" in house.browser(five.governor).get("/audit").text


def test_old_names_are_found_on_the_tree_and_in_the_story(house: House, five: Five) -> None:
    with house.database.transaction() as session:
        two = Wish(Kind.MERGE, (village("pan", 0), village("pan", 1)), id="ban-moi", name="Bản Mới", level="village")
        reorganising.decide(session, five.owners["pan"], two, now=NOW)
    browser = house.browser(five.owners["pan"])
    found = browser.get("/units?q=dong+khua").text
    assert 'href="/units/ban-moi"' in found
    assert "tên cũ: Bản Đông Khùa 0" in found
    assert "Không có đơn vị nào" in browser.get("/units?q=zzz").text
    assert "đã sáp nhập thành" in browser.get("/units/ban-moi").text
    assert 'href="/units/ban-moi"' in browser.get(f"/units/{village('pan', 0)}").text
    assert "Bản Đông Khùa 0" in browser.get("/units?closed=1").text
    assert "loa-pan-0" in browser.get("/speakers").text or "Loa ban-pan-0" in browser.get("/speakers").text


def test_who_kept_a_part_still_writes_for_all_of_it_and_sees_no_more(house: House, five: Five) -> None:
    with house.database.transaction() as session:
        wish = Wish(Kind.MERGE, tuple(COMMUNES), id="xa-yen-son", name="Xã Yên Sơn", level="commune")
        deciding = session.scalars(select(Grant.id).where(Grant.unit_id.in_(COMMUNES), Grant.role != "clerk"))
        answers = dict.fromkeys(deciding, "xa-yen-son")
        reorganising.decide(session, five.governor, replace(wish, answers=answers), now=NOW)
    clerk = house.browser(five.clerk)
    page = clerk.get("/announcements/new").text
    assert 'value="u:pan"' in page
    assert "Xã Yên Sơn (Xã Chiềng Pằn)" in page
    assert 'value="u:lan"' not in page
    assert clerk.get("/units/lan").status_code == 404
    whole = house.browser(five.approver).get("/announcements/new").text
    assert 'value="u:xa-yen-son"' in whole
    assert 'value="u:pan"' not in whole


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement sent to the database meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def test_a_province_of_2000_units_is_one_small_page_made_of_few_queries(house: House) -> None:
    with house.database.transaction() as session:
        made = {"level": "x", "former_names": [], "languages": [], "created_at": NOW}
        for commune in range(40):
            session.add(Unit(id=f"xa-{commune}", parent_id=PROVINCE, name=f"Xã {commune}", **made))
            session.flush()
            units = (
                Unit(id=f"ban-{commune}-{n}", parent_id=f"xa-{commune}", name=f"Bản {n}", **made) for n in range(50)
            )
            session.add_all(units)
    browser = house.browser(house.cast.monitor)
    with statements(house.database) as seen:
        page = browser.get("/units").text
    assert len(seen) <= 14
    assert len(page.encode()) < 60_000
    assert 'href="/units?inside=xa-7"' in page
    below = browser.get("/units?inside=xa-7").text
    assert below.count('href="/units/ban-7-') == 50


def test_a_group_is_formed_of_a_village_and_a_loudspeaker(house: House) -> None:
    browser = house.browser(house.cast.owner)
    ticked = {"name": "Ven suối", "unit": COMMUNE, "member": [f"u:{VILLAGES[0]}", f"d:{SPEAKERS[1]}"]}
    assert browser.send("/groups/new", "/groups", ticked).status_code == 200
    with house.database.read() as session:
        members = session.scalars(select(GroupMember.speaker_id).where(GroupMember.group_id == "ven-suoi"))
        assert set(members) == set(SPEAKERS[:2])
    page = browser.get("/groups/ven-suoi").text
    assert f'value="u:{VILLAGES[0]}" checked' in page
    assert f'value="u:{VILLAGES[2]}" checked' not in page
    changed = {"name": "Ven suối Sập", "member": [f"u:{COMMUNE}"]}
    browser.send("/groups/ven-suoi", "/groups/ven-suoi", changed)
    assert "Ven suối Sập" in browser.get("/groups").text
    with house.database.read() as session:
        members = session.scalars(select(GroupMember.speaker_id).where(GroupMember.group_id == "ven-suoi"))
        assert set(members) == set(SPEAKERS)


def test_a_group_without_a_name_keeps_what_was_ticked(house: House) -> None:
    answer = house.browser(house.cast.owner).send(
        "/groups/new", "/groups", {"name": " ", "unit": COMMUNE, "member": f"u:{VILLAGES[1]}"}
    )
    assert answer.status_code == 422
    assert f'value="u:{VILLAGES[1]}" checked' in answer.text
