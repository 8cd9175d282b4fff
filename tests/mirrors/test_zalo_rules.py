"""The rules about Zalo's tokens, signatures and groups, without Zalo."""

import hashlib
import json
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain import zalo, zalo_tokens
from broadcaster.domain.audience import Tree
from broadcaster.domain.zalo_groups import match
from broadcaster.domain.zalo_tokens import CLAIM, MARGIN, RENEW_AFTER, SETTLING, Alarm, Held, Step

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
LASTS = timedelta(hours=25)
FRESH = Held("a-1", NOW + LASTS, NOW, "r-1", None, "")
OLD = replace(FRESH, access_until=NOW + timedelta(hours=5), renewed_at=NOW - RENEW_AFTER)
OVER = replace(FRESH, access_until=NOW, renewed_at=NOW - LASTS)
CLAIMED, LAPSED = NOW + CLAIM, NOW
NONE = Held("", None, None, "", None, "")


@pytest.mark.parametrize(
    ("held", "refused", "step"),
    [
        (FRESH, "", Step.USE),
        (FRESH, "a-0", Step.USE),
        (OLD, "", Step.RENEW),
        (OVER, "", Step.RENEW),
        (replace(OLD, claimed_until=CLAIMED), "", Step.USE),
        (replace(OVER, claimed_until=CLAIMED), "", Step.WAIT),
        (replace(OLD, claimed_until=CLAIMED), "a-1", Step.WAIT),
        # Whoever claimed it never came back: it is tried once more, and Zalo says whether it was spent.
        (replace(OLD, claimed_until=LAPSED), "", Step.RENEW),
        (replace(OLD, trouble="spent"), "", Step.USE),
        (replace(OVER, trouble="spent"), "", Step.AGREE),
        (replace(OLD, trouble="spent"), "a-1", Step.AGREE),
        (replace(FRESH, renewed_at=NOW - timedelta(hours=1)), "a-1", Step.RENEW),
        (FRESH, "a-1", Step.LATER),
        (replace(FRESH, renewed_at=NOW - SETTLING), "a-1", Step.RENEW),
        (NONE, "", Step.AGREE),
        (replace(NONE, refresh="pasted"), "", Step.RENEW),
        (replace(FRESH, refresh=""), "", Step.USE),
    ],
)
def test_every_state_of_the_tokens_has_its_step(held: Held, refused: str, step: Step) -> None:
    assert zalo_tokens.decide(held, NOW, refused=refused) is step


moments = st.none() | st.integers(-40 * 3600, 40 * 3600).map(lambda seconds: NOW + timedelta(seconds=seconds))
helds = st.builds(
    Held,
    st.sampled_from(["", "a-1"]),
    moments,
    moments,
    st.sampled_from(["", "r-1"]),
    moments,
    st.sampled_from(["", "spent"]),
)


@given(helds, st.sampled_from(["", "a-0", "a-1"]))
def test_a_step_is_never_one_that_cannot_be_taken(held: Held, refused: str) -> None:
    step = zalo_tokens.decide(held, NOW, refused=refused)
    if step is Step.USE:
        assert held.access
        assert held.access != refused
        assert held.access_until is not None
        assert held.access_until > NOW + MARGIN
    if step is Step.RENEW:
        assert held.refresh
        assert not held.trouble
        assert held.claimed_until is None or held.claimed_until <= NOW
    if step is Step.AGREE:
        assert zalo_tokens.alarm(held, NOW) in {Alarm.AGREE_AGAIN, Alarm.NEVER_AGREED}


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (FRESH, None),
        (OLD, None),
        (replace(FRESH, trouble="spent"), Alarm.AGREE_AGAIN),
        (NONE, Alarm.NEVER_AGREED),
        (replace(OLD, access_until=NOW + timedelta(hours=2)), Alarm.ZALO_SILENT),
    ],
)
def test_an_account_that_needs_somebody_says_so_while_there_is_time(held: Held, expected: Alarm | None) -> None:
    assert zalo_tokens.alarm(held, NOW) is expected


def test_tokens_are_not_printed() -> None:
    assert "a-1" not in repr(FRESH)
    assert "r-1" not in repr(FRESH)
    assert "r-2" not in repr(zalo_tokens.Pair("a-2", "r-2", LASTS))


FIRST = {"app_id": "4711", "oa_id": "815"}


def mac(first: str, raw: bytes, moment: str, key: str = "s-1") -> str:
    """The rule as channels.md writes it."""
    return "mac=" + hashlib.sha256(first.encode() + raw + moment.encode() + key.encode()).hexdigest()


@given(
    st.binary(max_size=200),
    st.sampled_from(["app_id", "oa_id"]),
    st.sampled_from(["body", "header"]),
    st.booleans(),
)
def test_every_reading_of_the_signature_rule_is_taken_and_named(raw: bytes, term: str, place: str, upper: bool) -> None:
    times = {"body": "1764039600000", "header": "1764039600001"}
    given_mac = mac(FIRST[term], raw, times[place])
    header = given_mac.replace("mac=", "").upper() if upper else given_mac
    assert zalo.signed_by(raw, header, FIRST, times, "s-1") == f"{term} {place}"
    assert not zalo.signed_by(raw + b" ", header, FIRST, times, "s-1")
    assert not zalo.signed_by(raw, header, FIRST, times, "s-2")


@given(st.binary(max_size=50), st.text(max_size=80))
def test_nothing_else_is_a_signature(raw: bytes, header: str) -> None:
    assert not zalo.signed_by(raw, header, FIRST, {"body": "1"}, "s-1")
    assert not zalo.signed_by(raw, mac("4711", raw, "", ""), FIRST, {"body": ""}, "")
    assert not zalo.signed_by(raw, mac("4711", raw, ""), FIRST, {"body": ""}, "s-1")


@pytest.mark.parametrize(
    "where",
    [
        {"recipient": {"id": "g-1"}},
        {"recipient": {"group_id": "g-1"}},
        {"message": {"conversation_id": "g-1"}},
        {"group_id": "g-1"},
    ],
)
def test_a_group_is_found_wherever_its_name_stands(where: dict[str, object]) -> None:
    assert zalo.event_of(where, b"{}").groups == {"g-1"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["event_name", "message", "msg_id", "recipient", "id", "timestamp", "group_id"]), inner
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_body_is_read_without_a_complaint(value: object) -> None:
    raw = json.dumps(value).encode()
    body = zalo.read_body(raw)
    assert (body is None) is not isinstance(value, dict)
    event = zalo.event_of(body or {}, raw)
    assert 0 < len(event.key) <= 100


@given(st.binary(max_size=100))
def test_no_bytes_at_all_are_too_odd(raw: bytes) -> None:
    assert zalo.read_body(raw) == {} if not raw.strip() else True


@pytest.mark.parametrize(
    ("value", "number"),
    [(0, 0), ("0", 0), (-216, -216), ("-216", -216), (True, None), (None, None), ("x", None), (1.0, None)],
)
def test_a_code_is_a_number_however_it_is_written(value: object, number: int | None) -> None:
    assert zalo.number_of(value) == number


NAMES = {
    "tinh": "Tỉnh Sơn La",
    "xa": "Xã Yên Châu",
    "khac": "Xã Chiềng Đông",
    "pan": "Bản Nà Pản",
    "pan2": "Bản Nà Pản",
    "na": "Bản Nà",
    "mot": "Bản 1",
    "yen": "Bản Yên Châu",
}
TREE = Tree(
    {"tinh": None, "xa": "tinh", "khac": "tinh", "pan": "xa", "pan2": "khac", "na": "xa", "mot": "xa", "yen": "xa"}
)
UNITS = ["xa", "khac", "pan", "na", "mot", "yen"]


@pytest.mark.parametrize(
    ("group", "unit"),
    [
        ("Loa bản Nà Pản", "pan"),
        ("LOA NA PAN", "pan"),
        ("Nhóm Zalo bản Nà – xã Yên Châu", "na"),
        ("Thông báo xã Yên Châu", "xa"),
        ("Bản Yên Châu, xã Yên Châu", "yen"),
        ("bản 1 Yên Châu", "mot"),
        ("bản 10", None),
        ("Tổ 1", None),
        ("Yên Châu", None),
        ("Đội bóng", None),
        ("", None),
    ],
)
def test_a_group_belongs_to_the_village_it_is_named_after(group: str, unit: str | None) -> None:
    assert match(group, NAMES, TREE, UNITS) == unit


def test_two_villages_of_one_name_are_told_apart_by_their_commune_or_by_a_person() -> None:
    assert match("Loa bản Nà Pản", NAMES, TREE, [*UNITS, "pan2"]) is None
    assert match("Loa bản Nà Pản, xã Chiềng Đông", NAMES, TREE, [*UNITS, "pan2"]) == "pan2"


@given(st.sampled_from(["pan", "na", "khac", "yen"]), st.booleans(), st.booleans(), st.booleans())
def test_marks_and_case_do_not_matter(unit: str, composed: bool, bare: bool, upper: bool) -> None:
    name = NAMES[unit].replace("đ", "d").replace("Đ", "D") if bare else NAMES[unit]
    name = unicodedata.normalize("NFC" if composed else "NFD", name)
    said = "Loa " + (name.upper() if upper else name)
    assert match(said, NAMES, TREE, UNITS) == unit
