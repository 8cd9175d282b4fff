"""Coming in by a link that works once, and what protects a session."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from broadcaster.web.application import create_app
from broadcaster.web.security import HEADERS
from broadcaster.web.sign_in import local
from tests.web.client import TestClient
from tests.web.house import House, hidden_fields
from tests.web.rights import READ_ONLY, TABLE

pytestmark = pytest.mark.pages


def test_looking_at_a_link_does_not_use_it_up(house: House) -> None:
    browser, link = house.stranger_to_all(), f"/sign-in/{house.link(house.cast.clerk)}"
    for _ in range(3):
        assert "Cán bộ văn hoá" in browser.get(link).text
    browser.client.post(link)
    assert browser.get("/").url.path == "/"
    assert house.stranger_to_all().get(link).status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: House) -> None:
    browser = house.stranger_to_all()
    answer = browser.client.post(f"/sign-in/{house.link(house.cast.clerk)}", follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_https_alone_keeps_its_cookies_and_its_promise(house: House) -> None:
    settings = replace(house.context.settings, secure_cookies=True)
    client = TestClient(create_app(replace(house.context, settings=settings)), base_url="https://testserver")
    answer = client.post(f"/sign-in/{house.link(house.cast.clerk)}", follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("__host-loa=")
    assert "; secure" in cookie
    assert "max-age=" in answer.headers["strict-transport-security"]


def test_signing_in_gives_a_new_session_and_ends_the_one_before(house: House) -> None:
    browser = house.browser(house.cast.clerk)
    before = browser.client.cookies["loa"]
    answer = browser.client.post(f"/sign-in/{house.link(house.cast.approver)}", follow_redirects=False)
    assert answer.cookies["loa"] not in {before, ""}
    other = house.stranger_to_all()
    other.client.cookies.set("loa", before)
    assert other.get("/").url.path == "/sign-in"


def test_a_session_somebody_else_chose_is_not_taken_over(house: House) -> None:
    browser = house.stranger_to_all()
    browser.client.cookies.set("loa", "chosen-by-somebody-else")
    answer = browser.client.post(f"/sign-in/{house.link(house.cast.clerk)}", follow_redirects=False)
    assert answer.cookies["loa"] != "chosen-by-somebody-else"
    assert house.stranger_to_all().get("/", cookie="loa=chosen-by-somebody-else").url.path == "/sign-in"


def test_a_link_from_another_site_is_not_used(house: House) -> None:
    link = f"/sign-in/{house.link(house.cast.clerk)}"
    answer = house.stranger_to_all().client.post(link, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_without_a_session_one_is_sent_to_sign_in(house: House) -> None:
    assert house.stranger_to_all().get("/announcements").url.path == "/sign-in"
    assert house.stranger_to_all().client.post("/announcements").status_code == 401


def test_a_session_ends(house: House) -> None:
    browser = house.browser(house.cast.clerk)
    house.clock.at += timedelta(days=1)
    assert browser.get("/").url.path == "/sign-in"


def test_signing_out_ends_it_in_the_database_too(house: House) -> None:
    browser = house.browser(house.cast.clerk)
    cookie = browser.client.cookies["loa"]
    assert "Bạn đã đăng xuất." in browser.send("/", "/sign-out").text
    browser.client.cookies.set("loa", cookie)
    assert browser.get("/").url.path == "/sign-in"


def test_a_form_from_elsewhere_is_refused(house: House) -> None:
    browser = house.browser(house.cast.clerk)
    other = hidden_fields(house.browser(house.cast.owner).get("/announcements/new").text, "/announcements")
    for csrf in ("", other["csrf"], "đ"):
        answer = browser.client.post("/announcements", data={"title": "x", "csrf": csrf})
        assert answer.status_code == 403
        assert "Trang này không thuộc phiên đăng nhập của bạn." in answer.text


def test_no_form_is_taken_without_the_secret_of_its_session(house: House) -> None:
    browser = house.browser(house.cast.owner)
    open_to_all = {"POST /sign-in", "POST /sign-in/{secret}", "POST /start/{secret}", "POST /language"}
    # Those of who is in by half are asked for the secret of that half.
    open_to_all |= {"POST /sign-in/second", "POST /sign-in/second/passkeys/get"}
    # Programs of others, believed by a signature; a reader of mails, by their link; residents, who have no session.
    open_to_all |= {"POST /cap/in/{source_id}", "POST /zalo/{account_id}", "POST /leave/{secret}"}
    open_to_all |= {"POST /n/{public_id}/feedback", "POST /s/{code}", "POST /push/subscriptions", "POST /push/leave"}
    forms = [it for it in TABLE if it.startswith("POST /") and "/api/" not in it and "/device/" not in it]
    for route in sorted({*forms} - open_to_all):
        path = re.sub(r"\{\w+\}", "x", route.removeprefix("POST "))
        answer = browser.client.post(path, data={"title": "x"}, follow_redirects=False)
        assert answer.status_code == 403, route
        assert "Trang này không thuộc phiên đăng nhập của bạn." in answer.text


def test_every_page_may_run_only_its_own_scripts(house: House) -> None:
    browser, nonces = house.browser(house.cast.owner), set()
    pages = [path for path, row in READ_ONLY.items() if "{" not in path and not path.startswith("/api")]
    for path in (*pages, "/sign-in/spent", "/khong-co", "/announcements/none", "/clips/none"):
        answer = browser.client.get(path, follow_redirects=False)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        nonces.add(nonce := policy.split("'nonce-")[1].split("'")[0])
        assert answer.text.count("<script") == answer.text.count(f'<script nonce="{nonce}" src="/static/')
        assert re.search(r"<[^>]+\s(style|on\w+|hx-on[\w:-]*)=", answer.text) is None, path
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert len(nonces) == len(pages) + 4


def test_the_language_is_remembered_and_leads_back(house: House) -> None:
    browser = house.stranger_to_all()
    answer = browser.client.post("/language", data={"language": "fr", "back": "/sign-in"})
    assert '<html lang="fr">' in answer.text
    assert answer.url.path == "/sign-in"


@pytest.mark.parametrize(
    "path", ["//elsewhere.example", "https://elsewhere.example/", "/\\elsewhere.example", "//[", "", "javascript:1"]
)
def test_one_is_never_led_elsewhere(path: str) -> None:
    assert not local(path)
