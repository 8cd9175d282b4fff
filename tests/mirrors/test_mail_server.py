"""A conversation with a real mail server: only with TLS, only with somebody it can prove to be, only in public."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.mirrors.email import EmailChannel, result
from broadcaster.mirrors.keeping import NOTHING
from broadcaster.mirrors.mail_server import NotPublic, Where, failed, session
from broadcaster.mirrors.registry import BadChannel, build
from broadcaster.services.outlets.trying import test_message as message_for_trying
from tests.mirrors.post_office import PASSWORD, USER, PostOffice, running_post_office

pytestmark = pytest.mark.database

Office = Callable[..., PostOffice]
MEANS = NOTHING.means(httpx.Client(transport=httpx.MockTransport(lambda _request: httpx.Response(500))), private=True)


@pytest.fixture
def open_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    opened: list[AbstractContextManager[PostOffice]] = []

    def start(*, trusted: bool = True, **how: bool) -> PostOffice:
        opened.append(running_post_office(tmp_path, **how))
        office = opened[-1].__enter__()
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(office.ca))
        return office

    yield start
    for each in opened:
        each.__exit__(None, None, None)


def channel(office: PostOffice, password: str = PASSWORD, **changes: str) -> EmailChannel:
    made = build("email", office.settings(**changes), MEANS, secret=password)
    assert isinstance(made, EmailChannel)
    return made


@pytest.mark.parametrize(("security", "at_once"), [("starttls", False), ("tls", True)])
def test_the_test_signs_in_and_sends_nothing(open_office: Office, security: str, *, at_once: bool) -> None:
    office = open_office(at_once=at_once)
    tried = channel(office, security=security).test()
    assert (tried.works, tried.params) == (True, {"user": USER})
    assert office.mails == []


def test_a_wrong_password_is_for_good_and_not_repeated_in_words(open_office: Office) -> None:
    tried = channel(open_office(), password="wrong-password").test()
    assert not tried.works
    assert tried.params["code"] == "535"
    assert "wrong-password" not in str(tried.params)


def test_a_copy_waits_for_the_right_password(open_office: Office) -> None:
    trial = message_for_trying("t-1", place="Xã", link="https://loa.example.vn", now=datetime.now(UTC))
    outcome = channel(open_office(), password="wrong-password").send(trial)
    assert (outcome.state, outcome.permanent, outcome.shut_out) == (CopyState.FAILED, False, True)


def test_without_tls_nobody_signs_in(open_office: Office) -> None:
    tried = channel(open_office(tls=False)).test()
    assert (tried.works, tried.params["code"]) == (False, "SMTPNotSupportedError")


def test_a_server_nobody_vouches_for_learns_no_password(open_office: Office) -> None:
    tried = channel(open_office(trusted=False)).test()
    assert (tried.works, tried.params["code"]) == (False, "SSLCertVerificationError")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "100.64.0.1"])
def test_a_private_address_is_not_called(address: str) -> None:
    asked: list[str] = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["93.184.215.14", address]

    where = Where("mail.example.vn", 587, tls_at_once=False, user="u", password="p")
    with pytest.raises(NotPublic, match="open internet"), session(where, private=False, resolver=resolver):
        pytest.fail("it was called")
    assert asked == ["mail.example.vn"]


def test_a_server_that_is_away_is_tried_again(open_office: Office) -> None:
    office = replace(open_office(), port=9)
    tried = channel(office).test()
    assert tried.params["code"] == "ConnectionRefusedError"
    assert failed(ConnectionRefusedError("no")) == Outcome(
        CopyState.FAILED, provider_code="ConnectionRefusedError", detail="no"
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"port": "0"}, "port"),
        ({"port": "x"}, "port"),
        ({"security": "none"}, "starttls or tls"),
        ({"host": "http://mail"}, "mail server"),
        ({"sender": "xa"}, "e-mail address"),
    ],
)
def test_a_wrong_setting_gets_one_sentence(changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadChannel, match=sentence):
        channel(PostOffice(587, Path()), **changes)


A, F, U = CopyState.ACCEPTED, CopyState.FAILED, CopyState.UNKNOWN


@pytest.mark.parametrize(
    ("results", "left", "state", "permanent", "out"),
    [
        ({}, {}, F, True, False),
        ({A: 3}, {}, A, False, True),
        ({A: 2, F: 1}, {}, A, False, True),
        ({A: 2, U: 1}, {}, A, False, True),
        ({F: 2}, {}, F, True, False),
        ({U: 2}, {}, U, False, True),
        ({A: 2}, {False: 1}, F, False, True),
        ({}, {False: 1}, F, False, False),
        ({U: 1}, {False: 1}, F, False, True),
        # An emergency goes again to those of whom nobody knows.
        ({A: 2, U: 1}, {True: 1}, U, False, True),
    ],
)
def test_what_a_copy_came_to(
    results: dict[CopyState, int], left: dict[bool, int], state: CopyState, *, permanent: bool, out: bool
) -> None:
    outcome = result(results, left, None, "m@x")
    assert (outcome.state, outcome.permanent, outcome.remote_id) == (state, permanent, "m@x" if out else None)
    assert bool(outcome.detail) == (results != {A: 3})
