"""Requests nobody honest sends: each gets a refusal of its own and never breaks anything."""

import json
import uuid
from collections.abc import Mapping

import pytest
from httpx import Response

from broadcaster.web.api import PREFIX
from broadcaster.web.security import LONGEST_HEADERS
from tests.audio.fakes import tone
from tests.cast import COMMUNE
from tests.web.client import TestClient
from tests.web.house import House, hidden_fields, new_announcement

pytestmark = pytest.mark.pages
HALF = "\ud800"
"""Half a character, which JSON can spell and UTF-8 cannot."""


HALVES: tuple[dict[str, object], ...] = (
    {"title": HALF},
    {"unit": HALF},
    {"category": HALF},
    {"versions": [{"language": "vi", "text": f"Mời {HALF}"}]},
    {"audience": [{"kind": "unit", "ref": HALF}]},
)


def send(house: House, path: str, content: bytes) -> Response:
    """Bytes as a program of the clerk's sends them."""
    headers = {"idempotency-key": "k", "content-type": "application/json"}
    answer: Response = house.program(house.cast.clerk).post(f"{PREFIX}{path}", content=content, headers=headers)
    return answer


def test_half_a_character_is_refused(house: House) -> None:
    for change in HALVES:
        answer = send(house, "/announcements", json.dumps(new_announcement(**change)).encode())
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_fields"), change
    answer = send(house, "/announcements/none/withdraw", json.dumps({"reason": HALF}).encode())
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_fields")


def test_what_is_no_json_of_ours_is_refused(house: House) -> None:
    for content in (b"\xff", b"[" * 100_000, b"9" * 5_000, b'{"repeat": NaN}', b"null", b""):
        assert send(house, "/announcements", content).status_code in {400, 422}, content[:20]


def test_a_cursor_that_is_none_of_ours_is_refused(any_house: House) -> None:
    program = any_house.program(any_house.cast.owner)
    for path in ("units", "groups", "speakers", "announcements", "airings", "mirrors", "audit"):
        for after in ("%ed%a0%80", "%00", "%27--", "../x", "", "A", "a" * 101):
            answer = program.get(f"{PREFIX}/{path}?after={after}")
            assert answer.status_code in {400, 422}, (path, after, answer.text)


def test_a_key_that_cannot_be_kept_is_refused(any_house: House) -> None:
    program = any_house.program(any_house.cast.clerk)
    for key in (b"\x00", b"\xff\x00", b"a\tb", b"a" * 201):
        answer = program.post(f"{PREFIX}/announcements", json=new_announcement(), headers={b"idempotency-key": key})
        assert (answer.status_code, answer.json()["code"]) == (422, "malformed"), key


def record(program: TestClient, content: bytes, headers: Mapping[str, str]) -> Response:
    fields = {"language": "vi", "unit": COMMUNE}
    answer: Response = program.post(
        f"{PREFIX}/recordings", data=fields, files={"file": ("a.wav", content)}, headers=headers
    )
    return answer


def test_the_key_is_asked_for_before_a_recording_is_decoded(house: House) -> None:
    clerk, sound = house.program(house.cast.clerk), tone(2).to_wav()
    assert record(clerk, sound, {}).json()["code"] == "idempotency_key_missing"
    assert not any(house.context.clips.rglob("*.ogg"))
    first = record(clerk, sound, {"idempotency-key": "k"})
    kept = {clip: clip.stat().st_mtime_ns for clip in house.context.clips.rglob("*.ogg")}
    again = record(clerk, sound, {"idempotency-key": "k"})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    other = record(clerk, b"not sound at all", {"idempotency-key": "k"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert {clip: clip.stat().st_mtime_ns for clip in house.context.clips.rglob("*.ogg")} == kept


def test_who_may_not_write_has_no_sound_made(house: House) -> None:
    clerk, monitor = house.program(house.cast.clerk), house.program(house.cast.monitor)
    headers = {"idempotency-key": uuid.uuid4().hex}
    announcement = clerk.post(f"{PREFIX}/announcements", json=new_announcement(), headers=headers).json()["id"]
    answer = monitor.post(f"{PREFIX}/announcements/{announcement}/submit", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert not any(house.context.clips.rglob("*.ogg"))


def test_other_methods_are_refused_and_told_which_are_taken(house: House) -> None:
    client = house.stranger_to_all().client
    for method in ("OPTIONS", "TRACE", "PATCH", "DELETE", "HEAD", "QUERY"):
        for path in ("/", "/announcements/new", "/healthz", f"{PREFIX}/units"):
            answer = client.request(method, path)
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET"), (method, path)


def test_endless_headers_are_refused(house: House) -> None:
    client = house.stranger_to_all().client
    answer = client.get("/healthz", headers={"x-long": "a" * LONGEST_HEADERS})
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable")
    assert client.get("/healthz", headers={"x-long": "a" * (LONGEST_HEADERS // 2)}).status_code == 200


def test_any_wish_for_a_language_is_answered(house: House) -> None:
    client = house.stranger_to_all().client
    for accepted in (b"\xff\xfe", b"q=;;;,,,", b"vi;q=nan", b"fr;q=inf,vi;q=1e400", b"*" * 50_000, b"en;q=-1"):
        answer = client.get(f"{PREFIX}/units", headers={b"accept-language": accepted})
        assert answer.json()["code"] == "bad_token", accepted[:20]


def test_other_credentials_are_nobodys(house: House) -> None:
    client = house.stranger_to_all().client
    for credentials in (b"Bearer \xff", b"Bearer", b"\xff", b"Bearer a b", b"Loa x", b"Basic YTpi"):
        answer = client.get(f"{PREFIX}/units", headers={b"authorization": credentials})
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_token"), credentials


def test_the_host_a_request_names_leads_nowhere(house: House) -> None:
    for path in ("/announcements/", f"{PREFIX}/units/", "/static"):
        answer = house.stranger_to_all().client.get(path, headers={"host": "elsewhere.example"}, follow_redirects=False)
        assert answer.status_code == 404
        assert "elsewhere.example" not in answer.text


TAMPERED = (
    {"title": "a\0b"},
    {"unit": "\0"},
    {"audience": "u:\0"},
    {"once": "\0"},
    {"once": "a" * 300},
    {"recording-vi": "../../x"},
    {"recording-vi": "0" * 64},
    {"but": "u:\0"},
    {"languages": "\0"},
    {"do": "listen-\0"},
)


def test_a_form_that_was_tampered_with_breaks_nothing(any_house: House) -> None:
    browser = any_house.browser(any_house.cast.clerk)
    csrf = hidden_fields(browser.get("/").text, "/sign-out")["csrf"]
    usual = {"csrf": csrf, "title": "Họp", "languages": "vi", "text-vi": "a", "audience": f"u:{COMMUNE}"}
    for fields in TAMPERED:
        for path in ("/announcements", "/announcements/again"):
            sent = usual | {"unit": COMMUNE} | fields
            assert browser.client.post(path, data=sent, follow_redirects=False).status_code < 500, fields
