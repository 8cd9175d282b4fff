"""Every refusal in the reader's language and form."""

import pytest

from broadcaster.web.api import PREFIX
from broadcaster.web.i18n import LANGUAGES
from broadcaster.web.security import LARGE, SMALL
from tests.web.client import TestClient
from tests.web.house import House, new_announcement

pytestmark = pytest.mark.pages


def test_a_program_gets_a_problem_document(house: House) -> None:
    answer = house.stranger_to_all().get(
        f"{PREFIX}/units", authorization="Bearer nobody", accept_language="fr-CA, en;q=0.5"
    )
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    problem = answer.json()
    assert problem["type"] == "http://testserver/problems#bad_token"
    assert (problem["code"], problem["status"]) == ("bad_token", 401)
    assert problem["title"] == "Ce jeton est inconnu, a expiré ou a été révoqué."
    assert problem["kept"]
    assert problem["todo"]


def test_vietnamese_is_what_others_are_answered_in(house: House) -> None:
    answer = house.stranger_to_all().get(f"{PREFIX}/units", accept_language="de")
    assert answer.json()["title"] == "Mã truy cập này không có, đã hết hạn hoặc đã bị hủy."


def test_wrong_fields_are_named(house: House) -> None:
    program = house.program(house.cast.clerk)
    answer = program.post(
        f"{PREFIX}/announcements", json={"title": 5, "colour": "red"}, headers={"idempotency-key": "k"}
    )
    problem = answer.json()
    assert problem["code"] == "bad_fields"
    assert {"title", "unit", "colour"} <= {field["name"] for field in problem["fields"]}


@pytest.mark.parametrize(
    ("path", "status", "code"), [("/api/v1/nothing", 404, "no_such_address"), ("/healthz", 405, "method_not_allowed")]
)
def test_what_is_not_there(house: House, path: str, status: int, code: str) -> None:
    answer = house.stranger_to_all().client.delete(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_person_gets_a_page(house: House) -> None:
    answer = house.stranger_to_all().get("/khong-co")
    assert answer.status_code == 404
    assert "Không có trang này." in answer.text
    assert 'role="alert"' in answer.text


def test_every_code_is_explained_in_every_language(house: House) -> None:
    from broadcaster.domain.errors import ERRORS  # noqa: PLC0415

    for language in LANGUAGES:
        text = house.stranger_to_all().get("/problems", cookie=f"loa_language={language}").text
        assert f'<html lang="{language}">' in text
        assert all(f'id="{code}"' in text for code in ERRORS)


@pytest.mark.parametrize(("path", "limit"), [(f"{PREFIX}/announcements", SMALL), (f"{PREFIX}/recordings", LARGE)])
def test_too_large_is_refused_before_it_is_read(house: House, path: str, limit: int) -> None:
    headers = {"content-length": str(limit + 1)}
    answer = house.program(house.cast.clerk).post(path, content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_too_large_without_a_length_is_cut_off(house: House) -> None:
    def endless() -> object:
        for _ in range(SMALL // 1000 + 2):
            yield b" " * 1000

    answer = house.program(house.cast.clerk).post(f"{PREFIX}/announcements", content=endless())
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_mistake_of_ours_tells_its_number_and_nothing_else(house: House) -> None:
    @house.app.get("/api/broken")
    @house.app.get("/broken")
    def broken() -> None:
        raise RuntimeError("a secret")

    # The village's page takes every address that is nobody else's, so it must stay the last.
    house.app.router.routes[:0] = [house.app.router.routes.pop() for _ in range(2)]
    client = TestClient(house.app, raise_server_exceptions=False)
    problem = client.get("/api/broken").json()
    assert (problem["code"], problem["status"]) == ("unexpected", 500)
    assert problem["instance"].startswith("urn:loa:request:")
    page = client.get("/broken")
    assert "Đã xảy ra lỗi ngoài dự kiến." in page.text
    assert "Mã yêu cầu:" in page.text
    assert "secret" not in page.text


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/announcements/%00", 400, "unreadable"),
        ("/api/v1/announcements?after=%00", 400, "unreadable"),
        (f"/api/v1/audit?after={'9' * 40}", 422, "malformed"),
        ("/api/v1/audit?after=x", 422, "malformed"),
        ("/api/v1/units?limit=0", 422, "bad_fields"),
        ("/api/v1/clips/nothing", 404, "unknown_clip"),
    ],
)
def test_odd_addresses(any_house: House, path: str, status: int, code: str) -> None:
    answer = any_house.program(any_house.cast.owner).get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_nothing_with_a_nul_reaches_the_database(any_house: House) -> None:
    program = any_house.program(any_house.cast.clerk)
    for change in ({"unit": "a\0b"}, {"audience": [{"kind": "unit", "ref": "\0"}]}, {"category": "\0"}):
        body = new_announcement(**change)
        answer = program.post(f"{PREFIX}/announcements", json=body, headers={"idempotency-key": "k"})
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_fields")
