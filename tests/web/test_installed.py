"""The console as an installed program: its icons are ours, its worker sends nothing, its offline page is nobody's."""

import struct

import pytest

from broadcaster.web.wire import STATIC
from tests.web.house import House
from tests.web.icons import ICONS, drawn
from tests.web.listed import first_parts

pytestmark = pytest.mark.pages


def test_a_phone_is_told_what_it_needs(house: House) -> None:
    browser = house.stranger_to_all()
    answer = browser.get("/manifest.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    told = answer.json()
    assert (told["start_url"], told["display"], told["lang"]) == ("/", "standalone", "vi")
    assert {(icon["sizes"], icon["purpose"]) for icon in told["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in told["icons"]:
        content = browser.get(icon["src"]).content
        width, height = struct.unpack(">II", content[16:24])
        assert f"{width}x{height}" == icon["sizes"]


def test_the_icons_are_drawn_by_our_own_code() -> None:
    assert (STATIC / "icon-192.png").read_bytes() == drawn(*ICONS["icon-192.png"])


def test_the_offline_page_holds_nothing_of_anybody(house: House) -> None:
    page = house.browser(house.cast.owner).get("/offline").text
    assert house.cast.owner.name not in page
    assert 'name="csrf" value=""' in page or 'name="csrf"' not in page
    assert all("?v=" in address for address in first_parts(page) if address.startswith("/static/"))


def test_the_worker_is_of_the_whole_site_and_asked_for_each_time(house: House) -> None:
    answer = house.stranger_to_all().get("/sw.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    assert "javascript" in answer.headers["content-type"]
    # What it fetches is what the page asked for; it makes no request of its own.
    assert answer.text.count("fetch(") == answer.text.count("fetch(request)")
    policy = answer.headers["content-security-policy"]
    assert {"worker-src 'self'", "manifest-src 'self'"} <= set(policy.split("; "))
