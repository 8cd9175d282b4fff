"""Live messages, audiences and the token of the HTTPS path."""

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_config.protocol import (
    Audience,
    JsonValue,
    LivePlay,
    Refusal,
    Refused,
    accept_token,
    dumps,
    make_token,
    pack_live,
    unpack_live,
)
from tests.protocol.cast import MINUTE, NOW, OTHER_SPEAKER, SPEAKER

pytestmark = pytest.mark.pure

ME = SPEAKER.keyid
KNOWN = {one.keyid: one.public for one in (SPEAKER, OTHER_SPEAKER)}
SERVER = "https://loa.example"


def named(*clips: bytes) -> dict[str, bytes]:
    return {hashlib.sha256(clip).hexdigest(): clip for clip in clips}


@given(st.binary(max_size=90), st.none() | st.binary(max_size=90), st.lists(st.binary(max_size=40), max_size=3))
@settings(deadline=None, database=None)
def test_a_live_message_comes_apart_as_it_was_packed(
    command: bytes, announcement: bytes | None, clips: list[bytes]
) -> None:
    live = LivePlay(command, announcement, named(*clips))
    assert unpack_live(pack_live(command, announcement, live.clips)) == live


@given(st.binary(max_size=200))
@settings(deadline=None, database=None)
def test_any_other_bytes_are_no_live_message(raw: bytes) -> None:
    assert refusal(raw) is Refusal.SHAPE


def refusal(raw: bytes) -> Refusal:
    with pytest.raises(Refused) as refused:
        unpack_live(raw)
    return refused.value.code


def test_a_clip_rides_under_its_own_name_and_only_if_it_is_small() -> None:
    edge = named(b"x" * 65_536)
    assert unpack_live(pack_live(b"c", None, edge)).clips == edge
    with pytest.raises(Refused) as refused:
        pack_live(b"c", None, named(b"x" * 65_537))
    assert refused.value.code is Refusal.OVERSIZE
    outer = json.loads(pack_live(b"c", b"a", named(b"clip")))
    assert refusal(dumps({**outer, "clips": {"5a" * 32: "Y2xpcA=="}})) is Refusal.WRONG_HASH
    assert refusal(dumps({**outer, "clips": []})) is Refusal.SHAPE
    assert refusal(dumps({**outer, "command": None})) is Refusal.SHAPE
    assert refusal(dumps({**outer, "more": 1})) is Refusal.SHAPE
    assert refusal(b" " * 262_145) is Refusal.OVERSIZE
    big: dict[str, JsonValue] = {"a": "A" * 87_384, "b": "A" * 87_384}
    assert refusal(dumps({**outer, "clips": big})) is Refusal.OVERSIZE


@pytest.mark.parametrize(
    ("include", "exclude", "covered"),
    [
        (("u:xa",), (), True),
        (("u:ban",), (), True),
        (("g:cho",), (), True),
        (("d:loa-1",), (), True),
        (("u:cho", "g:xa", "d:ban"), (), False),
        ((), (), False),
        (("u:xa",), ("d:loa-1",), False),
        (("u:xa",), ("g:cho",), False),
        (("u:xa",), ("u:khac",), True),
        (("d:loa-1",), ("u:xa",), False),
    ],
)
def test_an_audience_covers_what_it_includes_less_what_it_excepts(
    include: tuple[str, ...], exclude: tuple[str, ...], covered: bool
) -> None:
    assert Audience(include, exclude).covers("loa-1", ["ban", "xa"], ["cho"]) is covered


def taken(text: str, now: int = NOW, audience: str = SERVER) -> str | Refusal:
    try:
        return accept_token(text, lookup=KNOWN.get, now=now, audience=audience)
    except Refused as refused:
        return refused.code


def test_a_token_opens_one_server_for_five_minutes() -> None:
    token = make_token(ME, SPEAKER.key, now=NOW, audience=SERVER)
    assert taken(token) == ME
    assert taken(token, now=NOW + 5 * MINUTE - 1) == ME
    assert taken(token, now=NOW + 5 * MINUTE) is Refusal.EXPIRED
    assert taken(token, now=NOW - MINUTE) == ME
    assert taken(token, now=NOW - MINUTE - 1) is Refusal.POLICY
    assert taken(token, audience="https://elsewhere.example") is Refusal.NOT_FOR_ME
    assert taken(make_token("loa-unknown", SPEAKER.key, now=NOW, audience=SERVER)) is Refusal.UNKNOWN_KEY
    assert taken(make_token(ME, OTHER_SPEAKER.key, now=NOW, audience=SERVER)) is Refusal.BAD_SIGNATURE
    assert taken("x" * 2001) is Refusal.OVERSIZE


@given(st.data())
@settings(deadline=None, database=None, max_examples=300)
def test_a_token_changed_anywhere_opens_nothing(data: st.DataObject) -> None:
    token = make_token(ME, SPEAKER.key, now=NOW, audience=SERVER)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda one: one != token[at]))
    assert taken(token[:at] + other + token[at + 1 :]) in set(Refusal)


@given(st.text(max_size=100))
@settings(deadline=None, database=None)
def test_any_other_text_is_no_token(text: str) -> None:
    assert taken(text) in set(Refusal)
