"""The queue, one's account, deputies and policy, as people and programs meet them."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from httpx import Response

from broadcaster.services.people import factors
from broadcaster.store.tables import Announcement
from tests import cast
from tests.web.client import TestClient
from tests.web.house import House

pytestmark = pytest.mark.pages
UNIT = f"/units/{cast.COMMUNE}"


def submitted(house: House, title: str, klass: str = "normal") -> str:
    with house.database.transaction() as session:
        return cast.submitted(session, house.cast, now=house.clock(), title=title, klass=klass).id


def send(program: TestClient, method: str, path: str, body: Any = None) -> Response:
    headers = {"idempotency-key": uuid.uuid4().hex}
    answer: Response = program.request(method, f"/api/v1{path}", json=body, headers=headers)
    return answer


def test_the_queue_puts_emergencies_first_then_the_oldest_and_says_how_old(house: House) -> None:
    for title in ("Cũ nhất", "Mới hơn"):
        submitted(house, title)
        house.clock.at += timedelta(hours=1)
    submitted(house, "Khẩn", "emergency")
    page = house.browser(house.cast.approver).get("/approvals").text
    assert re.findall(r"<span class=\"tile-title\">(.*?)</span>", page) == ["Khẩn", "Cũ nhất", "Mới hơn"]
    assert "chờ 2 giờ" in page
    assert "chờ 1 giờ" in page


def test_the_button_names_the_words_the_places_and_the_loudspeakers(house: House) -> None:
    notice = submitted(house, "Họp bản")
    with house.database.read() as session:
        content = session.get_one(Announcement, notice).content_sha256 or ""
    page = house.browser(house.cast.approver).get(f"/announcements/{notice}/approve").text
    button = re.search(r"<button class=\"btn btn-primary.*?</button>", page, re.DOTALL)
    assert button
    for part in (content[:8], "Xã Yên Châu", "3 loa"):
        assert part in button[0]
    assert page.index("<audio") < page.index(button[0])


def test_a_program_answers_for_an_emergency_with_a_code(house: House) -> None:
    clerk, approver = house.program(house.cast.clerk), house.program(house.cast.approver)
    written = {
        "title": "Lũ quét",
        "class": "emergency",
        "unit": cast.COMMUNE,
        "versions": [{"language": "vi", "text": "Chạy lên chỗ cao."}],
        "audience": [{"kind": "unit", "ref": cast.COMMUNE}],
    }
    alert = send(clerk, "POST", "/announcements", written).json()["id"]
    assert send(clerk, "POST", f"/announcements/{alert}/submit").json()["code"] == "second_factor_needed"
    code = {"second_factor": {"code": house.code(house.cast.clerk)}}
    content = send(clerk, "POST", f"/announcements/{alert}/submit", code).json()["content_sha256"]
    read = {"content_sha256": content}
    path = f"/announcements/{alert}/approve"
    assert send(approver, "POST", path, read | {"second_factor": {"code": "000000"}}).json()["code"] == "wrong_code"
    done = send(approver, "POST", path, read | {"second_factor": {"code": house.code(house.cast.approver)}}).json()
    assert (done["state"], [each["method"] for each in done["assertions"]]) == ("approved", ["totp", "totp"])
    again = send(approver, "POST", f"/announcements/{alert}/renew", {"second_factor": {"code": cast.code()}})
    assert again.json()["code"] == "code_used"


def test_wrong_codes_are_counted_though_the_request_is_refused(house: House) -> None:
    alert = submitted(house, "Cháy", "emergency")
    approver = house.browser(house.cast.approver)
    page = f"/announcements/{alert}/approve"
    answers = [approver.send(page, page, {"code": "111111"}).status_code for _ in range(6)]
    assert answers == [403] * 5 + [429]


def test_codes_are_added_on_ones_own_page_without_scripts(house: House) -> None:
    technician = house.browser(house.cast.technician)
    page = technician.send("/me", "/me/codes").text
    key = "".join(re.findall(r"<code>(\w+)</code>", page))
    action = re.search(r"action=\"(/me/codes/\w+)\"", page)
    assert "<svg" in page
    assert action
    house.clock.at += timedelta(seconds=30)
    done = technician.send("/me", action[1], {"first_code": pyotp.TOTP(key).at(house.clock())})
    assert "factor-added" in str(done.url)
    assert "Mã trên điện thoại" in done.text
    house.clock.at += factors.FRESH_SIGN_IN
    old = technician.get("/me").text
    assert "không quá mười phút" in old
    assert 'action="/me/codes"' not in old


def test_a_deputy_is_appointed_and_named_wherever_they_act(house: House) -> None:
    people = house.cast
    owner = house.browser(people.owner)
    typed = {"person": people.technician.person_id, "away": people.approver.person_id, "role": "approver"}
    days = {"first": "2026-11-25", "last": "2026-12-01", "reason": "Nghỉ phép"}
    assert owner.send(f"{UNIT}/deputies", f"{UNIT}/deputies", typed | days).status_code == 403
    code = {"code": house.code(people.owner)}
    page = owner.send(f"{UNIT}/deputies", f"{UNIT}/deputies", typed | days | code).text
    assert "Cán bộ kỹ thuật thay mặt Phó chủ tịch" in page
    notice = submitted(house, "Họp bản")
    deputy = house.browser(people.technician)
    path = f"/announcements/{notice}/approve"
    assert "approved" in str(deputy.send(path, path).url)
    assert "Cán bộ kỹ thuật thay mặt Phó chủ tịch phê duyệt “Họp bản”." in owner.get("/audit").text
    wrong = owner.send(f"{UNIT}/deputies", f"{UNIT}/deputies", typed | {"first": "x", "last": "2026-12-01"})
    assert wrong.status_code == 422
    house.clock.at += timedelta(days=7)
    submitted(house, "Họp sau")
    assert "Họp sau" not in house.browser(people.technician).get("/approvals").text


def test_a_policy_is_changed_on_its_page_and_seen_by_programs(house: House) -> None:
    owner = house.browser(house.cast.owner)
    typed = {"class-0": "priority", "approvals-0": "2", "roles-0": "approver", "up-0": "", "kind-0": ""}
    page = owner.send(f"{UNIT}/policy", f"{UNIT}/policy", typed).text
    assert "Ưu tiên: cần 2 lượt duyệt của người duyệt" in page
    program = house.program(house.cast.owner)
    told = send(program, "GET", f"{UNIT}/policy").json()
    assert told["rows"] == [
        {"class": "priority", "kind": "", "up_to_speakers": None, "approvals": 2, "roles": ["approver"]}
    ]
    bad = owner.send(f"{UNIT}/policy", f"{UNIT}/policy", typed | {"approvals-0": "5"})
    assert bad.status_code == 422
    assert send(program, "PUT", f"{UNIT}/policy", {"rows": []}).json() == {"rows": [], "above": []}


def test_a_lost_phone_is_taken_away_and_its_owner_signed_out(house: House) -> None:
    people = house.cast
    approver, owner = house.browser(people.approver), house.browser(people.owner)
    action = f"{UNIT}/people/{people.approver.person_id}/factor-reset"
    assert owner.send(f"{UNIT}/deputies", action).status_code == 403
    assert owner.send(f"{UNIT}/deputies", action, {"code": house.code(people.owner)}).status_code == 200
    assert approver.client.get("/me", follow_redirects=False).status_code == 303
    alert = submitted(house, "Cháy rừng", "emergency")
    page = house.browser(people.approver).get(f"/announcements/{alert}/approve").text
    assert "chưa có xác thực hai lớp" in page


def test_whoever_looks_after_people_notes_their_languages(house: House) -> None:
    people = house.cast
    owner = house.browser(people.owner)
    action = f"{UNIT}/people/{people.clerk.person_id}/languages"
    assert "H’Mông" not in house.browser(people.clerk).get("/me").text
    owner.send(f"{UNIT}/deputies", action, {"speak": ["hmn", "vi"]})
    mine = house.browser(people.clerk).get("/me").text
    assert "H’Mông" in mine
    owner.send(f"{UNIT}/deputies", action, {"speak": ["vi"]})
    assert "H’Mông" not in house.browser(people.clerk).get("/me").text
