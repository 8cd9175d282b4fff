"""Apprise against a real Prosody, read as a resident reads it, and against receivers that refuse."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response

from broadcaster.domain.mirror import Action, CopyState, Outcome, Text
from broadcaster.mirrors.apprise_channel import AppriseChannel
from broadcaster.mirrors.base import Means
from broadcaster.mirrors.keeping import NOTHING
from broadcaster.mirrors.outgoing import client
from broadcaster.mirrors.registry import BadChannel, build
from tests.mirrors.casts import LINK, copy
from tests.mirrors.prosody import FEEDS, Prosody, Resident, prosody
from tests.mirrors.stand_ins.serving import Served

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prosody]:
    with prosody(tmp_path_factory.mktemp("prosody")) as ports:
        yield ports


@pytest.fixture
def resident(server: Prosody) -> Iterator[Resident]:
    reader = Resident(server.xmpp, "dong-1")
    yield reader
    reader.leave()


@pytest.fixture
def means() -> Iterator[Means]:
    with client(private=True) as http:
        yield NOTHING.means(http, private=True)


@pytest.fixture
def outside() -> Iterator[Means]:
    with client() as http:
        yield NOTHING.means(http, private=False)


class Receiver:
    """Takes what apprise sends as JSON, and answers as it is told to."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.status, self.headers = 200, dict[str, str]()
        self.leaving = threading.Event()
        self.hangs = False
        self.application = FastAPI(openapi_url=None)
        self.application.add_api_route("/{path:path}", self.take, methods=["POST"])

    async def take(self, request: Request) -> Response:
        self.taken.append(await request.json())
        if self.hangs:
            self.leaving.wait(1)
        return Response("{}", status_code=self.status, headers=self.headers, media_type="application/json")


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def place(receiver: Receiver) -> Iterator[str]:
    with Served(receiver.application, leaving=receiver.leaving) as served:
        yield served.url.removeprefix("http://")


def channel(url: str, means: Means) -> AppriseChannel:
    made = build("apprise", {}, means, secret=url)
    assert isinstance(made, AppriseChannel)
    return made


def send(url: str, means: Means, **changes: Any) -> Outcome:
    return channel(url, means).send(copy(**changes))


def test_a_resident_reads_it_on_prosody_with_its_correction_and_withdrawal(
    server: Prosody, resident: Resident, means: Means
) -> None:
    url = f"mqtt://127.0.0.1:{server.mqtt}/{FEEDS}/utf8/dong-1"
    outcome = send(url, means, title="Họp <b>bản</b> @all", texts=(Text("vi", "Mời <!here> bà con. " * 80),))
    assert (outcome.state, outcome.remote_id) == (CopyState.ACCEPTED, None)
    read = resident.read()
    assert "Họp ‹b›bản‹/b› ＠all" in read
    assert "‹!here›" in read
    assert read.endswith(LINK)
    send(url, means, action=Action.CORRECT, revision=2)
    assert "ĐÍNH CHÍNH" in resident.read()
    send(url, means, action=Action.WITHDRAW, reason="Nhầm ngày.")
    assert "Lý do: Nhầm ngày." in resident.read()


def test_a_service_of_short_messages_gets_it_in_parts(receiver: Receiver, place: str, means: Means) -> None:
    made = channel(f"json://{place}/x", means)
    made._target.body_maxlen = 700
    assert made.send(copy(texts=(Text("vi", "Bà con chú ý nước lên. " * 300),))).state is CopyState.ACCEPTED
    assert 2 <= len(receiver.taken) <= 5
    assert all(len(part["message"]) <= 700 for part in receiver.taken)
    assert receiver.taken[-1]["message"].endswith(LINK)


@pytest.mark.parametrize(
    ("status", "state", "permanent"),
    [
        (401, CopyState.FAILED, True),
        (404, CopyState.FAILED, True),
        (429, CopyState.FAILED, False),
        (503, CopyState.FAILED, False),
        (504, CopyState.UNKNOWN, False),
    ],
)
def test_the_status_decides_what_becomes_of_it(
    receiver: Receiver, place: str, means: Means, status: int, state: CopyState, *, permanent: bool
) -> None:
    receiver.status = status
    outcome = send(f"json://{place}/x", means)
    assert (outcome.state, outcome.permanent, outcome.provider_code) == (state, permanent, str(status))
    assert "Failed to send JSON" in outcome.detail


def test_a_redirect_is_not_followed(receiver: Receiver, place: str, means: Means) -> None:
    receiver.status, receiver.headers = 307, {"location": f"http://{place}/elsewhere"}
    assert send(f"json://{place}/x", means).permanent
    assert len(receiver.taken) == 1


def test_nobody_there_is_tried_again_and_no_answer_leaves_it_unknown(
    receiver: Receiver, place: str, means: Means
) -> None:
    nobody = send("json://127.0.0.1:9/x", means)
    assert (nobody.state, nobody.permanent) == (CopyState.FAILED, False)
    receiver.hangs = True
    made = channel(f"json://{place}/x", means)
    made._target.socket_read_timeout = 0.2
    assert made.send(copy()).state is CopyState.UNKNOWN


def test_one_of_several_parts_that_failed_leaves_it_unknown(receiver: Receiver, place: str, means: Means) -> None:
    receiver.status = 401
    made = channel(f"json://{place}/x", means)
    made._target.body_maxlen = 500
    assert made.send(copy(texts=(Text("vi", "Bà con chú ý. " * 300),))).state is CopyState.UNKNOWN


def test_an_address_of_our_own_network_is_not_called(receiver: Receiver, place: str, outside: Means) -> None:
    outcome = send(f"jsons://{place}/x?verify=no", outside)
    assert (outcome.state, outcome.permanent) == (CopyState.FAILED, True)
    assert outcome.detail == "the address is not on the open internet"
    assert receiver.taken == []


def test_a_plug_in_that_breaks_is_an_outcome_too(means: Means, monkeypatch: pytest.MonkeyPatch) -> None:
    made = channel("json://127.0.0.1:9/x", means)

    def broken(**_: object) -> bool:
        raise RuntimeError("secret")

    monkeypatch.setattr(made._target, "send", broken)
    outcome = made.send(copy())
    assert (outcome.state, outcome.detail) == (CopyState.UNKNOWN, "RuntimeError")


def test_the_test_says_whose_address_it_is_and_sends_nothing(receiver: Receiver, place: str, means: Means) -> None:
    tried = channel(f"json://{place}/x", means).test()
    assert tried.works
    assert "address of JSON" in tried.words % tried.params
    assert receiver.taken == []


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nothing://x", "does not know"),
        ("json://", "does not know"),
        ("json://example.org/", "not encrypted"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#a/#b", "one target"),
    ],
)
def test_a_wrong_address_gets_one_sentence(outside: Means, url: str, sentence: str) -> None:
    with pytest.raises(BadChannel, match=sentence):
        build("apprise", {}, outside, secret=url)
