"""Little goes over the wire, and nothing that gives a secret away by its length."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.web.wire import mask, unmask
from tests.web.house import House, hidden_fields
from tests.web.listed import first_parts

pytestmark = pytest.mark.pages
KEPT_FOR_A_YEAR = "public, max-age=31536000, immutable"


@given(st.text(alphabet="0123456789abcdef-_", max_size=64))
def test_a_masked_token_is_read_again(token: str) -> None:
    assert unmask(mask(token)) == token


@given(st.text())
def test_what_is_no_masked_token_is_read_without_harm(sent: str) -> None:
    assert isinstance(unmask(sent), str)


def test_the_token_is_never_twice_the_same_and_each_is_taken(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    tokens = [hidden_fields(clerk.get("/").text, "/sign-out")["csrf"] for _ in range(3)]
    assert len(set(tokens)) == 3
    assert unmask(tokens[0]) == unmask(tokens[2])
    for token in tokens:
        sent = clerk.client.post("/announcements", data={"title": "Họp", "csrf": token}, follow_redirects=False)
        assert sent.status_code != 403, token
    bare = clerk.client.post("/announcements", data={"title": "Họp", "csrf": unmask(tokens[0])})
    assert bare.status_code == 403


def test_pages_are_compressed_for_whoever_unpacks_them(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    packed = clerk.get("/", accept_encoding="gzip")
    plain = clerk.get("/", accept_encoding="identity")
    assert (packed.headers.get("content-encoding"), plain.headers.get("content-encoding")) == ("gzip", None)
    assert int(packed.headers["content-length"]) * 3 < int(plain.headers["content-length"])
    assert "Accept-Encoding" in plain.headers["vary"]


def test_what_another_site_asks_for_is_not_compressed(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    answer = clerk.get("/", accept_encoding="gzip", sec_fetch_site="cross-site")
    assert "content-encoding" not in answer.headers


def test_every_file_of_a_page_is_fetched_once_and_kept(house: House) -> None:
    browser = house.browser(house.cast.clerk)
    files = first_parts(browser.get("/announcements/new").text)
    assert {name.partition("?")[0].rpartition("/")[2] for name in files} >= {"bootstrap.min.css", "app.css", "app.js"}
    for name in files:
        answer = browser.get(name, accept_encoding="gzip")
        if name.startswith("/static/"):
            assert (answer.status_code, answer.headers["cache-control"]) == (200, KEPT_FOR_A_YEAR), name
            assert ".png?" in name or answer.headers["content-encoding"] == "gzip", name
            again = browser.get(name, if_none_match=answer.headers["etag"])
            assert (again.status_code, again.content) == (304, b""), name


@pytest.mark.parametrize("address", ["/static/app.css", "/static/app.css?v=000000000000"])
def test_without_its_version_a_file_is_asked_for_again(house: House, address: str) -> None:
    answer = house.stranger_to_all().get(address)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    assert re.fullmatch(r'"[0-9a-f]{12}(-gzip)?"', answer.headers["etag"])


@pytest.mark.parametrize("path", ["/static/none.css", "/static/../wire.py", "/static/vendor"])
def test_only_our_files_are_handed_out(house: House, path: str) -> None:
    assert house.stranger_to_all().get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/announcements/new", "/emergency", "/speakers/map", "/province"])
def test_a_phone_that_has_never_seen_it_fetches_little_and_then_less(house: House, path: str) -> None:
    owner = house.browser(house.cast.owner)
    page = owner.get(path, accept_encoding="gzip")
    sizes = [int(owner.get(it, accept_encoding="gzip").headers["content-length"]) for it in first_parts(page.text)]
    following = int(page.headers["content-length"])
    assert following < 20_000
    assert following + sum(sizes) < 120_000
