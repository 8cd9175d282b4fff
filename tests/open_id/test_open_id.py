"""Signing in with an account of a real provider: the whole way there and back, and every way it must not lead in."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from httpx import Response
from sqlalchemy import select

from broadcaster.domain.permissions import Role
from broadcaster.links.open_id import OpenIdProvider
from broadcaster.services.people import invitations, open_id, people
from broadcaster.services.people.invitations import Invited, Wish
from broadcaster.store.database import Database
from broadcaster.store.tables import Identity, Person, SignInRequest
from broadcaster.web.application import create_app
from broadcaster.web.pages.open_id import BACK
from tests.cast import COMMUNE
from tests.open_id.provider import CLIENT, SECRET, Traveller, running, traveller
from tests.web.house import Browser, House, build, hidden_fields

pytestmark = [pytest.mark.pages, pytest.mark.xdist_group("open_id")]
URL = "http://testserver"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running(f"{URL}{BACK}") as found:
        yield found


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path, issuer: str) -> House:
    """A house that trusts the provider, at the provider's own time."""
    made = build(sqlite_database, tmp_path)
    made.clock.at = datetime.now(UTC)
    provider = OpenIdProvider(issuer, CLIENT, SECRET, back=f"{URL}{BACK}", label="Sơn La")
    made.context = replace(made.context, provider=provider)
    made.app = create_app(made.context)
    return made


@pytest.fixture
def away() -> Iterator[Traveller]:
    with traveller() as found:
        yield found


def invited(house: House, login: str = "lo-thi-mai", mail: str = "") -> Invited:
    with house.database.transaction() as session:
        wish = Wish("Lò Thị Mai", COMMUNE, Role.CLERK, login, mail)
        return invitations.invite(session, house.cast.owner, wish, now=house.clock())


def start(browser: Browser, path: str = "/open-id/start") -> str:
    answer = browser.client.get(path, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def back(browser: Browser, address: str) -> Response:
    answer: Response = browser.client.get(address.removeprefix(URL), follow_redirects=False)
    return answer


def come(house: House, away: Traveller, name: str, path: str = "/open-id/start") -> tuple[Browser, Response]:
    browser = house.stranger_to_all()
    return browser, back(browser, away.go(start(browser, path), name))


def who(browser: Browser) -> str:
    return browser.get("/me").text


def test_what_goes_to_the_provider(house: House, issuer: str) -> None:
    asked = urlsplit(start(house.stranger_to_all()))
    fields = {name: value for name, [value] in parse_qs(asked.query).items()}
    assert f"{asked.scheme}://{asked.netloc}" == issuer
    assert {name: fields[name] for name in ("response_type", "code_challenge_method", "client_id")} == {
        "response_type": "code",
        "code_challenge_method": "S256",
        "client_id": CLIENT,
    }
    assert all(len(fields[name]) >= 32 for name in ("state", "nonce", "code_challenge"))
    with house.database.read() as session:
        kept = str([vars(row) for row in session.scalars(select(SignInRequest))])
        assert fields["state"] not in kept


def test_an_invitation_makes_the_account_known_and_it_is_enough(house: House, away: Traveller, issuer: str) -> None:
    it = invited(house)
    browser, answer = come(house, away, "mai", f"/open-id/start?invitation={it.secret}")
    assert answer.headers["location"] == "/"
    assert "Lò Thị Mai" in who(browser)
    with house.database.read() as session:
        [row] = session.scalars(select(Identity)).all()
        assert (row.issuer, row.subject, row.person_id) == (issuer, "mai", it.person_id)
    # The invitation opens nothing any more, and the account is enough from another browser.
    assert house.stranger_to_all().get(f"/sign-in/{it.secret}").status_code == 401
    with traveller() as another:
        browser, answer = come(house, another, "mai")
    assert answer.headers["location"] == "/"
    assert "Lò Thị Mai" in who(browser)


def test_a_stranger_is_told_so_and_gets_no_account(house: House, away: Traveller) -> None:
    browser, answer = come(house, away, "nguoi-la")
    assert answer.status_code == 403
    assert "Chưa có ai ở đây gắn với tài khoản này (nguoi-la)." in answer.text
    assert browser.get("/").url.path == "/sign-in"
    with house.database.read() as session:
        assert session.scalars(select(Identity)).all() == []
        assert session.scalar(select(Person.id).where(Person.login == "nguoi-la")) is None


def test_a_verified_address_an_owner_wrote_is_enough_the_first_time(house: House, away: Traveller) -> None:
    it = invited(house, mail="MAI@example.org")
    browser, answer = come(house, away, "mai")
    assert answer.headers["location"] == "/"
    assert "Lò Thị Mai" in who(browser)
    with house.database.read() as session:
        assert session.get_one(Person, it.person_id).mail == ""


def test_an_address_that_is_not_verified_is_nobodys(house: House, away: Traveller) -> None:
    invited(house, mail="unverified@example.org")
    assert come(house, away, "unverified")[1].status_code == 403


def test_an_address_is_nothing_once_its_person_came_otherwise(house: House, away: Traveller) -> None:
    it = invited(house, mail="mai@example.org")
    with house.database.transaction() as session:
        invitations.accept(session, it.secret, "sông Đà mùa nước đỏ", now=house.clock())
    assert come(house, away, "mai")[1].status_code == 403


def test_who_is_signed_in_links_it_themselves_and_forgets_it(house: House, away: Traveller) -> None:
    head = house.browser(house.cast.village_head)
    csrf = hidden_fields(head.get("/").text, "/sign-out")["csrf"]
    answer = back(head, away.go(start(head, f"/open-id/link?{urlencode({'csrf': csrf})}"), "truong"))
    assert answer.headers["location"] == "/"
    browser, answer = come(house, away, "truong")
    assert "Trưởng bản" in who(browser)
    browser.send("/me", "/me/open-id/forget")
    assert come(house, away, "truong")[1].status_code == 403


def test_linking_needs_a_page_of_this_very_session_and_a_new_one(house: House) -> None:
    head = house.browser(house.cast.village_head)
    assert head.client.get("/open-id/link", follow_redirects=False).status_code == 403
    csrf = hidden_fields(head.get("/").text, "/sign-out")["csrf"]
    house.clock.at += timedelta(minutes=11)
    answer = head.client.get(f"/open-id/link?csrf={csrf}", follow_redirects=False)
    assert answer.status_code == 403
    assert "Hãy đăng xuất, đăng nhập lại" in answer.text


def test_an_account_of_somebody_else_is_not_taken(house: House, away: Traveller) -> None:
    first, second = invited(house), invited(house, "lo-van-binh")
    come(house, away, "mai", f"/open-id/start?invitation={first.secret}")
    with traveller() as another:
        assert come(house, another, "mai", f"/open-id/start?invitation={second.secret}")[1].status_code == 409


def test_who_has_a_phone_is_asked_for_it_here_too(house: House, away: Traveller, issuer: str) -> None:
    with house.database.transaction() as session:
        identity = Identity(
            issuer=issuer, subject="can-bo", person_id=house.cast.clerk.person_id, created_at=house.clock()
        )
        session.add(identity)
    browser, answer = come(house, away, "can-bo")
    assert answer.headers["location"] == "/sign-in/second"
    assert browser.get("/").url.path == "/sign-in"
    browser.send("/sign-in/second", "/sign-in/second", {"code": house.code(house.cast.clerk)})
    assert browser.get("/").url.path == "/"


def test_a_closed_account_stays_closed(house: House, away: Traveller) -> None:
    it = invited(house)
    come(house, away, "mai", f"/open-id/start?invitation={it.secret}")
    with house.database.transaction() as session:
        people.disable(session, house.cast.owner, it.person_id, now=house.clock())
    with traveller() as another:
        assert come(house, another, "mai")[1].status_code == 403


def test_whoever_does_not_agree_comes_back_with_nothing(house: House, away: Traveller) -> None:
    browser = house.stranger_to_all()
    answer = back(browser, away.go(start(browser), "mai", agree=False))
    assert answer.status_code == 401
    assert "bị gián đoạn" in answer.text


@pytest.mark.parametrize("how", ["another browser", "another state", "twice", "too late", "no code", "another issuer"])
def test_an_answer_counts_once_in_time_and_only_where_it_was_asked_for(house: House, away: Traveller, how: str) -> None:
    it = invited(house)
    browser = house.stranger_to_all()
    address = away.go(start(browser, f"/open-id/start?invitation={it.secret}"), "mai")
    if how == "another browser":
        browser = house.stranger_to_all()
    elif how == "another state":
        state = parse_qs(urlsplit(address).query)["state"][0]
        address = address.replace(state, state[::-1])
    elif how == "twice":
        cookies = dict(browser.client.cookies)
        assert back(browser, address).status_code == 303
        browser = house.stranger_to_all()
        browser.client.cookies.update(cookies)
    elif how == "too late":
        house.clock.at += open_id.LIFE
    elif how == "no code":
        address = address.replace("code=", "other=")
    else:
        address = address.partition("&iss=")[0] + "&iss=http%3A%2F%2Felsewhere.example"
    assert back(browser, address).status_code == 401
    assert browser.get("/").url.path == "/sign-in"


@pytest.mark.parametrize("how", ["nonce", "verifier", "expired"])
def test_a_token_that_is_not_for_this_very_request_is_refused(house: House, away: Traveller, how: str) -> None:
    it, browser = invited(house), house.stranger_to_all()
    address = away.go(start(browser, f"/open-id/start?invitation={it.secret}"), "mai")
    with house.database.transaction() as session:
        request = session.scalars(select(SignInRequest)).one()
        if how == "expired":
            request.expires_at = house.clock() + timedelta(days=3)
            house.clock.at += timedelta(days=1)
        else:
            setattr(request, how, "x" * 64)
    assert back(browser, address).status_code == 401
    assert browser.get("/").url.path == "/sign-in"


def test_a_provider_that_is_silent_is_named_so(house: House) -> None:
    house.context = replace(
        house.context, provider=OpenIdProvider("http://127.0.0.1:9", CLIENT, SECRET, back=f"{URL}{BACK}")
    )
    house.app = create_app(house.context)
    answer = house.stranger_to_all().client.get("/open-id/start", follow_redirects=False)
    assert answer.status_code == 502
    assert "không trả lời đúng" in answer.text


def test_the_button_is_there_only_where_a_provider_is(house: House) -> None:
    assert "Đăng nhập bằng tài khoản Sơn La" in house.stranger_to_all().get("/sign-in").text
    it = invited(house)
    assert f"/open-id/start?invitation={it.secret}" in house.stranger_to_all().get(f"/sign-in/{it.secret}").text
