"""The log book narrowed down, and its chain followed from the page; one that was altered cannot be overlooked."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from broadcaster.domain.chain import Row
from broadcaster.services import verifying
from broadcaster.store import audit
from broadcaster.store.tables import AuditEntry, AuditHead
from tests.cast import NOW, approved
from tests.web.house import House

pytestmark = pytest.mark.pages
WHOLE, ALTERED = "Nhật ký nguyên vẹn đến dòng", "Nhật ký đã bị can thiệp"


def check(house: House) -> str:
    return house.browser(house.cast.approver).send("/audit", "/audit/verify").text


def alter(house: House, seq: int) -> None:
    with house.database.transaction() as session:
        session.execute(update(AuditEntry).where(AuditEntry.seq == seq).values(person_name="Người khác"))


def write_anew(house: House) -> None:
    """What somebody with the database in their hands would do: every line, with hashes that fit."""
    with house.database.transaction() as session:
        previous = "0" * 64
        for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq)):
            entry.origin, entry.previous = "10.0.0.1", previous
            entry.hash = previous = Row(**{name: getattr(entry, name) for name in Row.__slots__}).sealed()
            seq = entry.seq
        session.execute(update(AuditHead).values(seq=seq, hash=previous))


def test_nobody_has_looked_yet_and_then_somebody_has(any_house: House) -> None:
    house = any_house
    browser = house.browser(house.cast.approver)
    assert "Chưa ai kiểm tra nhật ký" in browser.get("/audit").text
    with house.database.read() as session:
        through = audit.head(session).seq
    page = browser.send("/audit", "/audit/verify").text
    assert f"{WHOLE} {through}." in page
    assert "Từ đó có thêm 1 dòng." in page
    assert "Phó chủ tịch kiểm tra nhật ký: nguyên vẹn" in page
    assert "Người kiểm tra: Phó chủ tịch" in page


def test_a_line_that_was_altered_is_named(any_house: House) -> None:
    check(any_house)
    alter(any_house, 5)
    page = check(any_house)
    assert ALTERED in page
    assert "Dòng 5 không còn như khi ghi." in page
    assert WHOLE not in page
    assert "Đã kiểm tra toàn bộ nhật ký." not in page
    assert ALTERED in any_house.browser(any_house.cast.owner).get("/audit").text


def test_a_chain_written_anew_is_found_and_stays_found(any_house: House) -> None:
    check(any_house)
    write_anew(any_house)
    for _ in range(2):
        assert ALTERED in check(any_house)
    with any_house.database.read() as session:
        found = verifying.last(session)
    assert found is not None
    assert found.problem == "the chain was written anew"


def find(house: House, query: str) -> str:
    return house.browser(house.cast.owner).get(f"/audit?{query}").text


def test_what_is_looked_for_is_found_without_accents(any_house: House) -> None:
    house = any_house
    with house.database.transaction() as session:
        approved(session, house.cast, title="Đặt lịch tiêm phòng")
        approved(session, house.cast, title="Họp bản")
    by_name = find(house, "what=dat+lich")
    assert "phê duyệt “Đặt lịch tiêm phòng”" in by_name
    assert "Họp bản" not in by_name.replace("“hop ban” ra “Họp bản”", "")
    by_person = find(house, "who=pho+chu")
    assert "Phó chủ tịch phê duyệt" in by_person
    assert "Cán bộ văn hoá soạn" not in by_person
    assert "phê duyệt" not in find(house, "kind=group").partition('class="history"')[2]
    assert "Trong nhật ký không có việc nào như vậy." in find(house, "what=khong+he+co")


def test_moments_are_those_of_the_village(house: House) -> None:
    house.clock.at = NOW + timedelta(days=1)
    with house.database.transaction() as session:
        approved(session, house.cast, title="Hôm sau", now=house.clock())
    assert "Hôm sau" in find(house, "from=2026-11-26T10:00")
    assert "Hôm sau" not in find(house, "from=2026-11-26T10:01")
    assert "Hôm sau" not in find(house, "to=2026-11-26T09:59")
    assert "Hôm sau" in find(house, "from=xyz&to=")


def test_the_next_page_looks_for_the_same(house: House) -> None:
    with house.database.transaction() as session:
        for _ in range(20):
            approved(session, house.cast)
    page = find(house, "what=hop&who=")
    assert 'href="/audit?what=hop&amp;after=' in page
