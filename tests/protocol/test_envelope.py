"""DSSE: what is signed, and whose signature counts."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_config.protocol import (
    JsonValue,
    KeyRing,
    Refusal,
    Refused,
    Role,
    dumps,
    loads,
    pae,
    seal,
    unseal,
)
from firmware_config.protocol.strict_json import MAX_DEPTH
from tests.protocol.cast import CONTENT, DIRECTOR, NOW, RING, STRANGER, public

pytestmark = pytest.mark.pure

TYPE = "application/vnd.loa.test.v1+json"


def opened(raw: bytes, role: Role = Role.DIRECTOR, keys: KeyRing = RING) -> bytes:
    return unseal(raw, payload_type=TYPE, role=role, keys=keys, now=NOW)


def test_pae_counts_bytes() -> None:
    assert pae("text/đ", "ồ".encode()) == "DSSEv1 7 text/đ 3 ồ".encode()
    assert pae("", b"") == b"DSSEv1 0  0 "


@given(st.text(max_size=20), st.binary(max_size=20), st.text(max_size=20), st.binary(max_size=20))
@settings(deadline=None, database=None)
def test_no_two_documents_share_what_is_signed(kind: str, body: bytes, kind2: str, body2: bytes) -> None:
    assert (pae(kind, body) == pae(kind2, body2)) == ((kind, body) == (kind2, body2))


@given(st.binary(max_size=200))
@settings(deadline=None, database=None)
def test_any_body_comes_back(body: bytes) -> None:
    assert opened(seal(TYPE, body, DIRECTOR)) == body


@given(st.binary(max_size=300))
@settings(deadline=None, database=None)
def test_any_bytes_at_all_are_refused_as_a_shape(raw: bytes) -> None:
    with pytest.raises(Refused) as refused:
        opened(raw)
    assert refused.value.code is Refusal.SHAPE


def test_two_keys_may_overlap_and_a_stranger_beside_them_changes_nothing() -> None:
    raw = seal(TYPE, b"x", STRANGER, DIRECTOR)
    assert opened(raw) == b"x"
    assert opened(raw, keys=KeyRing({k.keyid: public(k) for k in (DIRECTOR, STRANGER)})) == b"x"
    assert opened(seal(TYPE, b"x", CONTENT, DIRECTOR), Role.CONTENT) == b"x"


def refusal(raw: bytes) -> Refusal:
    with pytest.raises(Refused) as refused:
        opened(raw)
    return refused.value.code


def test_one_bad_signature_of_a_known_key_spoils_the_envelope() -> None:
    both = KeyRing({k.keyid: public(k) for k in (DIRECTOR, STRANGER)})
    outer = json.loads(seal(TYPE, b"x", STRANGER, DIRECTOR))
    outer["signatures"][0]["sig"] = outer["signatures"][1]["sig"]
    with pytest.raises(Refused) as refused:
        opened(dumps(outer), keys=both)
    assert refused.value.code is Refusal.BAD_SIGNATURE


@pytest.mark.parametrize(
    "change",
    [
        {"signatures": []},
        {"signatures": [{"keyid": "director-1", "sig": "AA=="}] * 2},
        {"signatures": [{"keyid": f"k{n}", "sig": "AA=="} for n in range(5)]},
        {"signatures": [{"keyid": "director-1"}]},
        {"signatures": [{"keyid": 1, "sig": "AA=="}]},
        {"signatures": [7]},
        {"signatures": {}},
        {"payload": "AA"},
        {"payload": "AB=="},
        {"payload": "A A="},
        {"payload": "-_=="},
        {"payload": 5},
        {"payloadType": None},
        {"more": 1},
    ],
)
def test_an_envelope_has_one_shape_and_one_spelling(change: dict[str, JsonValue]) -> None:
    outer = json.loads(seal(TYPE, b"x", DIRECTOR))
    assert refusal(dumps({**outer, **change})) is Refusal.SHAPE


def test_the_same_envelope_spelled_otherwise_is_refused() -> None:
    raw = seal(TYPE, b"x", DIRECTOR)
    for other in (raw + b" ", json.dumps(json.loads(raw)).encode(), raw.replace(b"payload", b"\\u0070ayload")):
        assert refusal(other) is Refusal.SHAPE


def test_json_may_nest_to_the_limit_and_not_beyond() -> None:
    at_limit = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    loads(at_limit)
    loads(b'["' + b"[" * 100 + b'","\\"' + b"{" * 100 + b'"]')
    for worse in (b"[" + at_limit + b"]", b'{"\\"":[' + at_limit + b"]}", b"[" * 200_000, b'"\\"' * 80_000):
        with pytest.raises(Refused) as refused:
            loads(worse)
        assert refused.value.code is Refusal.BAD_JSON


@pytest.mark.parametrize(
    "text",
    [
        *("", "NaN", "-Infinity", "1.0", "1e3", "1e400", "9007199254740993", "-9007199254740993", "1" * 5000),
        *('{"a":1,"a":1}', '{"a":{"b":1,"b":2}}', '"\\ud800"', '"\x01"', "\ufeff1"),
        *("01", "[1,]", "nul", "'a'", "1 2", '{"a"}'),
    ],
)
def test_loose_json_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        loads(text.encode())
    assert refused.value.code is Refusal.BAD_JSON


def test_numbers_and_pairs_of_surrogates_at_the_limit_are_read() -> None:
    assert loads(b"[9007199254740992,-9007199254740992,-0]") == [2**53, -(2**53), 0]
    assert loads(b'"\\ud83d\\udce2"') == "📢"


@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:0\\u dE.-1', max_size=60).map(str.encode))
@settings(deadline=None, database=None, max_examples=300)
def test_any_bytes_are_json_or_refused(raw: bytes) -> None:
    code = code_of_reading(raw)
    assert code in {None, Refusal.BAD_JSON}
    assert code is not None or loads(dumps(loads(raw))) == loads(raw)


def code_of_reading(raw: bytes) -> Refusal | None:
    try:
        loads(raw)
    except Refused as refused:
        return refused.code
    return None
