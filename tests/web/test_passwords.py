"""The page where one signs in with a password, and what “My account” does with it."""

import re
from datetime import timedelta

import pytest
from httpx import Response

from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.people import passwords, people
from tests.web.house import Browser, House

pytestmark = pytest.mark.pages
RIGHT, NEW = "sông Đà mùa nước đỏ", "bò vàng qua suối lạnh"


def told(house: House, actor: Actor) -> None:
    with house.database.transaction() as session:
        passwords.set_password(session, SYSTEM, actor.person_id, RIGHT, now=house.clock())


def come(browser: Browser, login: str, password: str = RIGHT, **headers: str) -> Response:
    answer: Response = browser.client.post(
        "/sign-in", data={"login": login, "password": password}, headers=headers, follow_redirects=False
    )
    return answer


def test_one_without_a_phone_is_in_at_once_with_a_session_of_its_own(house: House) -> None:
    told(house, house.cast.village_head)
    browser = house.stranger_to_all()
    browser.client.cookies.set("loa", "chosen-by-somebody-else")
    answer = come(browser, "truong-ban")
    assert answer.headers["location"] == "/"
    assert "chosen-by-somebody-else" not in answer.headers["set-cookie"]
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax"))
    assert browser.get("/").url.path == "/"


def test_one_with_a_phone_opens_nothing_before_the_second_step(house: House) -> None:
    told(house, house.cast.clerk)
    browser = house.stranger_to_all()
    assert come(browser, "can-bo-van-hoa").headers["location"] == "/sign-in/second"
    half = browser.client.cookies["loa"]
    for path in ("/", "/me", "/announcements/new"):
        assert browser.get(path).url.path == "/sign-in"
    assert "Mật khẩu đúng" in browser.get("/sign-in/second").text
    assert browser.send("/sign-in/second", "/sign-in/second", {"code": "000000"}).status_code == 403
    assert browser.client.post("/sign-in/second", data={"code": house.code(house.cast.clerk)}).status_code == 403
    browser.send("/sign-in/second", "/sign-in/second", {"code": house.code(house.cast.clerk)})
    assert browser.get("/").url.path == "/"
    assert browser.client.cookies["loa"] != half
    old = house.stranger_to_all()
    old.client.cookies.set("loa", half)
    assert old.get("/sign-in/second").url.path == "/sign-in"


def test_half_a_sign_in_may_ask_for_its_passkey_and_nobody_else(house: House) -> None:
    told(house, house.cast.clerk)
    browser = house.stranger_to_all()
    assert browser.client.post("/sign-in/second/passkeys/get", data={}).status_code == 401
    come(browser, "can-bo-van-hoa")
    assert browser.send("/sign-in/second", "/sign-in/second/passkeys/get").status_code == 403
    found = re.search(r'name="csrf" value="([^"]+)"', browser.get("/sign-in/second").text)
    assert found
    answer = browser.client.post("/sign-in/second/passkeys/get", data={"csrf": found.group(1)})
    assert "challenge" in answer.json()


def test_the_answer_tells_nothing_about_who_has_an_account(house: House) -> None:
    told(house, house.cast.village_head)
    pages = set()
    for login in ("truong-ban", "khong-co-ai", "can-bo-ky-thuat"):
        answer = come(house.stranger_to_all(), login, "không phải đâu nhé")
        assert answer.status_code == 401
        pages.add(re.sub(r'nonce="[^"]+"', "", answer.text).replace(login, ""))
    assert len(pages) == 1
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in pages.pop()


def test_guessing_is_slowed_and_the_link_still_works(house: House) -> None:
    told(house, house.cast.village_head)
    browser = house.stranger_to_all()
    for _ in range(5):
        assert come(browser, "truong-ban", "sai mật khẩu").status_code == 401
    refused = come(browser, "truong-ban")
    assert refused.status_code == 429
    assert "trong 5 phút nữa" in refused.text
    assert 'value="truong-ban"' in refused.text
    assert house.browser(house.cast.village_head).get("/").url.path == "/"
    house.clock.at += timedelta(minutes=5)
    assert come(browser, "truong-ban").status_code == 303


def test_a_form_from_another_site_is_not_taken(house: House) -> None:
    told(house, house.cast.village_head)
    assert come(house.stranger_to_all(), "truong-ban", **{"sec-fetch-site": "cross-site"}).status_code == 403


def test_who_was_signed_in_before_is_not_any_more(house: House) -> None:
    told(house, house.cast.village_head)
    browser = house.browser(house.cast.technician)
    before = browser.client.cookies["loa"]
    come(browser, "truong-ban")
    other = house.stranger_to_all()
    other.client.cookies.set("loa", before)
    assert other.get("/").url.path == "/sign-in"


def change(browser: Browser, **typed: str) -> Response:
    return browser.send("/me", "/me/password", {"password": NEW, "password_again": NEW} | typed)


def test_the_first_password_needs_a_new_sign_in(house: House) -> None:
    head = house.browser(house.cast.village_head)
    house.clock.at += timedelta(minutes=11)
    assert "Hãy đăng xuất, đăng nhập lại" in change(head).text
    assert "Đã lưu mật khẩu." in change(house.browser(house.cast.village_head)).text


def test_another_password_needs_the_one_before_and_ends_other_browsers(house: House) -> None:
    told(house, house.cast.village_head)
    head, lost = (house.browser(house.cast.village_head) for _ in range(2))
    assert change(head).status_code == 403
    assert change(head, old="sai rồi nhé").status_code == 401
    assert change(head, old=RIGHT, password_again="khác").status_code == 422
    assert change(head, old=RIGHT, password="ngắn", password_again="ngắn").status_code == 422
    assert "Đã lưu mật khẩu." in change(head, old=RIGHT).text
    assert (head.get("/").url.path, lost.get("/").url.path) == ("/", "/sign-in")
    assert come(house.stranger_to_all(), "truong-ban", NEW).status_code == 303
    assert come(house.stranger_to_all(), "truong-ban", RIGHT).status_code == 401


def test_who_forgot_it_proves_it_by_their_phone(house: House) -> None:
    told(house, house.cast.clerk)
    clerk = house.browser(house.cast.clerk)
    assert "Đã lưu mật khẩu." in change(clerk, code=house.code(house.cast.clerk)).text


def test_guessing_the_old_one_in_a_stolen_browser_is_slowed(house: House) -> None:
    told(house, house.cast.village_head)
    head = house.browser(house.cast.village_head)
    answers = [change(head, old="sai rồi nhé").status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


def test_browsers_and_tokens_are_listed_and_ended(house: House) -> None:
    head, phone = (house.browser(house.cast.village_head) for _ in range(2))
    phone.client.headers["user-agent"] = "Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36"
    link = house.link(house.cast.village_head)
    phone.client.post(f"/sign-in/{link}")
    program = house.program(house.cast.village_head)
    page = head.get("/me").text
    assert "Chrome · Android" in page
    [ending] = set(re.findall(r'action="(/me/sessions/[0-9a-f]+/end)"', page))
    assert "Đã đăng xuất ở đó." in head.send("/me", ending).text
    assert phone.get("/").url.path == "/sign-in"
    [revoking] = re.findall(r'action="(/me/tokens/[0-9a-f]+/revoke)"', page)
    clerk = house.browser(house.cast.clerk)
    assert clerk.send("/me", revoking).status_code == 403
    assert program.get("/api/v1/units").status_code == 200
    head.send("/me", revoking)
    assert program.get("/api/v1/units").status_code == 401


def test_when_a_browser_was_last_used_is_noted_now_and_then(house: House) -> None:
    head = house.browser(house.cast.village_head)
    start = house.clock()
    for minutes, noted in ((4, 0), (2, 6), (3, 6), (3, 12)):
        house.clock.at += timedelta(minutes=minutes)
        head.get("/me")
        with house.database.read() as session:
            found = people.session_of(session, head.client.cookies["loa"], now=house.clock())
            assert found is not None
            assert found.used == start + timedelta(minutes=noted)
