"""Coming in by a link that works once, and what protects a session."""

from datetime import timedelta

import pytest

from broadcaster.web.sign_in import local
from tests.web.house import House, hidden_fields

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


def test_pages_may_run_only_their_own_scripts(house: House) -> None:
    answer = house.browser(house.cast.clerk).get("/announcements/new")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert answer.text.count("<script") == answer.text.count(f'<script nonce="{nonce}" src="/static/')
    assert " style=" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_language_is_remembered_and_leads_back(house: House) -> None:
    browser = house.stranger_to_all()
    answer = browser.client.post("/language", data={"language": "fr", "back": "/sign-in"})
    assert '<html lang="fr">' in answer.text
    assert answer.url.path == "/sign-in"


@pytest.mark.parametrize(
    "path", ["//elsewhere.example", "https://elsewhere.example/", "/\\elsewhere.example", "", "javascript:1"]
)
def test_one_is_never_led_elsewhere(path: str) -> None:
    assert not local(path)
