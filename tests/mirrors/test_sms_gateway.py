"""Short messages over real HTTP, against a stand-in: each phone once, and what went wrong said for each."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from broadcaster.domain.mirror import CopyState, Outcome, Text
from broadcaster.mirrors.base import Means
from broadcaster.mirrors.keeping import NOTHING
from broadcaster.mirrors.outgoing import client
from broadcaster.mirrors.registry import BadChannel, build
from broadcaster.mirrors.sms_gateway import PATIENCE, SmsGatewayChannel
from broadcaster.services.outlets import mirror_queue
from tests.mirrors.casts import LINK, copy
from tests.mirrors.stand_ins.serving import Served
from tests.mirrors.stand_ins.sms_gateway import API_KEY, JSON_PATH, SECRET_KEY, Desk, stand_in
from tests.mirrors.village import Village

pytestmark = pytest.mark.database

A, B, C = "0912000001", "0912000002", "0912000003"
BODY = json.dumps(
    {
        "ApiKey": API_KEY,
        "SecretKey": "{secret}",
        "Phone": "{phone}",
        "Content": "{text}",
        "Brandname": "YENCHAU",
        "SmsType": "2",
        "IsUnicode": "0",
        "RequestId": "{id}",
    }
)
ESMS = {"body": BODY, "success_path": "CodeResult", "success_value": "100", "id_path": "SMSID", "secret": SECRET_KEY}


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def url(desk: Desk) -> Iterator[str]:
    with Served(stand_in(desk), leaving=desk.leaving) as served:
        yield served.url


@pytest.fixture
def means() -> Iterator[Means]:
    with client(private=True) as http:
        yield NOTHING.means(http, private=True)


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self, step: float = 0.0) -> None:
        self.at, self.step = 0.0, step

    def __call__(self) -> float:
        self.at += self.step
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


def channel(url: str, means: Means, /, *phones: str, clock: Clock | None = None, **changes: Any) -> SmsGatewayChannel:
    settings = ESMS | {"url": url + JSON_PATH, "phones": ", ".join(phones)} | changes
    made = build("sms_gateway", settings, means)
    assert isinstance(made, SmsGatewayChannel)
    clock = clock or Clock()
    return SmsGatewayChannel(made._to, means.client, clock=clock, sleep=clock.sleep)


def send(url: str, means: Means, /, *phones: str, said: dict[str, Any] | None = None, **changes: Any) -> Outcome:
    return channel(url, means, *phones, **changes).send(copy(**(said or {})))


def test_each_phone_gets_one_short_text_without_marks(desk: Desk, url: str, means: Means) -> None:
    outcome = send(url, means, A, B)
    assert (outcome.state, outcome.remote_id, outcome.detail) == (CopyState.ACCEPTED, "sms-1,sms-2", "")
    assert [sms.phone for sms in desk.taken] == [A, B]
    text = desk.taken[0].text
    assert text.isascii()
    assert text.endswith(LINK)
    assert "Dien luc Yen Chau" in text
    assert len({sms.id for sms in desk.taken}) == 2
    assert "không gửi tin nhắn nào" in httpx.get(f"{url}/page").text


@pytest.mark.parametrize(("marks", "most", "first"), [("no", 459, "Ba con"), ("yes", 201, "Bà con")])
def test_a_long_text_is_three_parts_at_most(
    desk: Desk, url: str, means: Means, marks: str, most: int, first: str
) -> None:
    send(url, means, A, marks=marks, said={"texts": (Text("vi", 'Bà con chú ý "lũ" {phone}. ' * 100),)})
    text = desk.taken[0].text
    assert len(text.encode("utf-16-le")) // 2 <= most
    assert first in text
    assert '"' in text
    assert "{phone}" in text or "(phone)" in text
    assert text.endswith(LINK)


def test_a_form_with_one_list_and_a_header(desk: Desk, url: str, means: Means) -> None:
    changes = {"url": f"{url}/form", "body": "to={phones}&text={text}", "header": "Authorization: Bearer {secret}"}
    path = {"success_path": "results.0.ok", "success_value": "true", "id_path": ""}
    outcome = send(url, means, A, "+84 912 000 002", said={"title": "a&to=1"}, **changes, **path)
    assert outcome == Outcome(CopyState.ACCEPTED, provider_code="200")
    assert [sms.phone for sms in desk.taken] == [A, "+84912000002"]
    assert "a&to=1" in desk.taken[0].text


def test_who_was_refused_for_the_moment_is_asked_again_once_others_have_it(desk: Desk, url: str, means: Means) -> None:
    desk.busy = {B: 2}
    outcome = send(url, means, A, B)
    assert (outcome.state, outcome.detail) == (CopyState.ACCEPTED, "")
    assert desk.asked == {A: 1, B: 3}


def test_one_bad_number_is_said_and_keeps_nobody_else_from_it(desk: Desk, url: str, means: Means) -> None:
    desk.bad = {B: "119"}
    outcome = send(url, means, A, B, C)
    assert (outcome.state, outcome.provider_code) == (CopyState.ACCEPTED, "119")
    assert outcome.detail.startswith("2/3: …002: the gateway refused")
    assert [sms.phone for sms in desk.taken] == [A, C]


def test_a_busy_gateway_that_took_nothing_is_left_to_the_queue(desk: Desk, url: str, means: Means) -> None:
    desk.busy = {A: 9, B: 9}
    outcome = send(url, means, A, B)
    assert (outcome.state, outcome.permanent, outcome.retry_after) == (CopyState.FAILED, False, 1)
    assert desk.asked == {A: 1, B: 1}


def test_a_wrong_key_is_for_good_and_stays_secret(url: str, means: Means) -> None:
    outcome = send(url, means, A, secret="quite-wrong")
    assert (outcome.state, outcome.permanent, outcome.provider_code) == (CopyState.FAILED, True, "101")
    assert "quite-wrong" not in repr(outcome)


def test_a_page_in_between_leaves_it_unknown(desk: Desk, url: str, means: Means) -> None:
    desk.page = True
    assert send(url, means, A).state is CopyState.UNKNOWN


def test_an_answer_that_never_came_is_unknown_unless_another_phone_has_it(desk: Desk, url: str, means: Means) -> None:
    desk.hanging = frozenset({A})
    means.client.timeout = httpx.Timeout(0.2)
    assert send(url, means, A).state is CopyState.UNKNOWN
    both = send(url, means, A, B)
    assert both.state is CopyState.ACCEPTED
    assert both.detail.startswith("1/2: …001")
    assert desk.asked[A] == 2


def slow() -> Clock:
    """A gateway that lets one phone have its turn."""
    return Clock(step=PATIENCE * 0.7)


def test_who_had_no_turn_in_time_comes_next_time_and_nobody_twice(desk: Desk, url: str, means: Means) -> None:
    names, states = [""], []
    for _ in (A, B, C):
        outcome = channel(url, means, A, B, C, clock=slow()).send(copy(named=names[-1]))
        names.append(outcome.remote_id or "")
        states.append((outcome.state, outcome.permanent))
    assert [sms.phone for sms in desk.taken] == [A, B, C]
    assert states == [(CopyState.FAILED, False)] * 2 + [(CopyState.ACCEPTED, False)]
    assert names == ["", "1a2-", "2a1-", "sms-3"]
    assert (outcome.detail, len({sms.id for sms in desk.taken})) == ("", 3)


def test_phones_that_hang_do_not_keep_it_from_the_others(desk: Desk, url: str, means: Means) -> None:
    desk.hanging = frozenset({A})
    means.client.timeout = httpx.Timeout(0.2)
    first = channel(url, means, A, B, clock=slow()).send(copy())
    assert (first.state, first.permanent, first.remote_id) == (CopyState.FAILED, False, "1u1-")
    second = send(url, means, A, B, said={"named": first.remote_id})
    assert (second.state, second.remote_id) == (CopyState.ACCEPTED, "sms-2")
    assert desk.asked == {A: 1, B: 1}


def test_an_emergency_begins_again_with_who_had_no_turn_yet(desk: Desk, url: str, means: Means) -> None:
    outcome = send(url, means, A, B, C, said={"named": "1u1-1a", "repeated": True})
    assert outcome.state is CopyState.ACCEPTED
    assert [sms.phone for sms in desk.taken] == [B, A]


def test_the_test_sends_nothing(desk: Desk, url: str, means: Means) -> None:
    tried = channel(url, means, A).test()
    assert tried.works
    assert "405" in tried.words % tried.params
    assert not channel("http://127.0.0.1:9", means, A).test().works
    assert desk.taken == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"url": "ftp://x"}, "https://"),
        ({"body": "nothing"}, "neither JSON nor a form"),
        ({"body": '{"to": "{phone}"}'}, "needs {text}"),
        ({"body": '{"to": "{fone}", "t": "{text}"}'}, "may hold"),
        ({"phones": "0912, abc"}, "no number"),
        ({"phones": ","}, "no number"),
        ({"header": "no colon"}, "Name: value"),
        ({"success_value": ""}, "go together"),
    ],
)
def test_a_wrong_setting_gets_one_sentence(means: Means, changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadChannel, match=sentence):
        build("sms_gateway", ESMS | {"url": "https://sms.example", "phones": A} | changes, means)


def test_the_queue_keeps_how_far_a_copy_came(small_village: Village) -> None:
    small_village.channel(kind="sms_gateway", secret=SECRET_KEY)
    small_village.air(small_village.announcement())
    names = []
    for _ in range(2):
        small_village.pass_time(minutes=1)
        with small_village.database.transaction() as session:
            rows = mirror_queue.due(session, now=small_village.now, limit=1)
            [work] = mirror_queue.claim(session, rows, now=small_village.now, public_url="https://loa.example.vn")
            names.append(work.copy.named)
            others_left = Outcome(CopyState.FAILED, retry_after=1, remote_id="1a2-")
            mirror_queue.noted(session, work.copy.id, others_left, now=small_village.now)
    assert names == ["", "1a2-"]
