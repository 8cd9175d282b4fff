"""Notices to browsers: their addresses, their keys, their words, and that they fit."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain import push
from broadcaster.domain.errors import Malformed
from broadcaster.domain.mirror import Action
from broadcaster.domain.push import LONGEST_TTL, Notice
from firmware_config.protocol import Kind, Klass

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
POINT = base64.urlsafe_b64encode(b"\4" + bytes(64)).decode()
SECRET = base64.urlsafe_b64encode(bytes(16)).decode()
LINK = "https://loa.example/n/k7m2q9xw4t"

notices = st.builds(
    Notice,
    action=st.sampled_from([Action.POST, Action.CORRECT, Action.WITHDRAW]),
    klass=st.sampled_from(list(Klass)),
    kind=st.sampled_from(list(Kind)),
    title=st.text(max_size=200),
    text=st.text(max_size=5_000),
    place=st.text(max_size=200),
    link=st.just(LINK),
    tag=st.just("k7m2q9xw4t"),
    language=st.sampled_from(["vi", "en", "fr", "hmn"]),
    part=st.sampled_from(["", "correction", "all_clear"]),
    repeated=st.booleans(),
)


def notice(**changes: object) -> Notice:
    usual = {
        "action": Action.POST, "klass": Klass.NORMAL, "kind": Kind.LIVE, "title": "Họp bản", "text": "Mời bà con.",
        "place": "Bản Nà Pản", "link": LINK, "tag": "k7m2q9xw4t", "language": "vi",
    }  # fmt: skip
    return Notice(**(usual | changes))  # type: ignore[arg-type]


def shown(**changes: object) -> tuple[str, str]:
    told = json.loads(push.payload(notice(**changes)))
    return told["title"], told["text"]


@given(notices)
def test_every_notice_fits_into_one_record_and_can_be_read(each: Notice) -> None:
    body = push.payload(each)
    # 86 bytes of header, one of padding and the tag of 16 are added to it.
    assert len(body) <= 3_900
    told = json.loads(body)
    assert told["link"] == LINK
    assert "\n" not in told["title"]


@given(notices)
def test_what_was_withdrawn_is_not_said_again(each: Notice) -> None:
    told = json.loads(push.payload(notice(action=Action.WITHDRAW, text=each.text, title=each.title)))
    assert told["text"] == push.WORDS["vi"]["withdrawn"]
    assert told["title"].startswith("THU HỒI: ")


def test_its_first_words_say_what_it_is() -> None:
    assert shown() == ("Họp bản", "Bản Nà Pản. Mời bà con.")
    assert shown(klass=Klass.EMERGENCY)[0] == "KHẨN CẤP: Họp bản"
    assert shown(klass=Klass.EMERGENCY, repeated=True)[0] == "(nhắc lại) – KHẨN CẤP: Họp bản"
    assert shown(action=Action.CORRECT, klass=Klass.PRIORITY)[0] == "ĐÍNH CHÍNH – ƯU TIÊN: Họp bản"
    assert shown(klass=Klass.EMERGENCY, part="all_clear", language="fr")[0] == "FIN DE L’URGENCE: Họp bản"
    assert shown(kind=Kind.DRILL, klass=Klass.EMERGENCY, language="en")[0] == "DRILL – EMERGENCY: Họp bản"


def test_only_an_emergency_wakes_a_sleeping_phone() -> None:
    assert [push.urgency(klass) for klass in (Klass.NORMAL, Klass.PRIORITY, Klass.EMERGENCY)] == [
        "normal",
        "normal",
        "high",
    ]


@pytest.mark.parametrize(("left", "seconds"), [(-5, 0), (0, 0), (90.9, 90), (10**9, LONGEST_TTL)])
def test_it_is_kept_for_a_phone_as_long_as_it_is_news(left: float, seconds: int) -> None:
    assert push.ttl(NOW + timedelta(seconds=left), NOW) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://",
        "https:///path",
        "http://fcm.googleapis.com/x",
        "ftp://fcm.googleapis.com/x",
        "javascript:alert(1)",
        "https://name@fcm.googleapis.com/x",
        "https://fcm.googleapis.com/x#here",
        "https://fcm.googleapis.com:0/x",
        "https://fcm.googleapis.com:x/x",
        "https://fcm.googleapis.com/a b",
        "https://fcm.googleapis.com/ơ",
        "https://[::1/x",
        "https://xn--/x",
        "https://xn--a.example/x",
        "https://" + "a" * 64 + ".example/x",
        "https://a..example/x",
        "https://fcm.googleapis.com/" + "a" * 1_000,
    ],
)
def test_what_is_no_address_of_a_push_service_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        push.endpoint(text)


@given(st.text(max_size=50))
def test_an_address_is_kept_as_it_is_or_refused(text: str) -> None:
    try:
        assert push.endpoint(text) == text
    except Malformed:
        return
    assert text.lower().startswith("https://")


def test_http_is_for_stand_ins_alone() -> None:
    assert push.endpoint("http://127.0.0.1:9/x", private=True) == "http://127.0.0.1:9/x"


def test_services_are_known_by_the_end_of_their_names() -> None:
    assert push.service("https://fcm.googleapis.com/fcm/send/x") == "google"
    assert push.service("https://updates.push.services.mozilla.com/wpush/v2/x") == "mozilla"
    assert push.service("https://web.push.apple.com/x") == "apple"
    assert push.service("https://notfcm.googleapis.com.example/x") == "others"
    assert push.service("https://evilfcm.googleapis.com/x") == "others"


@given(st.text(max_size=100), st.text(max_size=40))
def test_keys_are_of_their_length_or_refused(p256dh: str, auth: str) -> None:
    try:
        key, secret = push.keys(p256dh, auth)
    except Malformed:
        return
    assert (len(key), len(secret)) == (65, 16)


def test_keys_come_with_and_without_padding() -> None:
    assert push.keys(POINT, SECRET) == push.keys(POINT.rstrip("="), SECRET.rstrip("="))
    with pytest.raises(Malformed):
        push.keys(base64.urlsafe_b64encode(b"\2" + bytes(64)).decode(), SECRET)
    with pytest.raises(Malformed):
        push.keys(POINT, SECRET[:8])
