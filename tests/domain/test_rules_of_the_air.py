"""The hours, and the words in which a clerk is told of them."""

from datetime import UTC, datetime, timedelta

import pytest

from broadcaster.domain.errors import Malformed, OutsideHours, UnknownZone
from broadcaster.domain.rules_of_the_air import DEFAULT, check, parse, spelled
from firmware_config.protocol import Hours, Klass, Rules

pytestmark = pytest.mark.pure

RULES = Rules(1, "Asia/Ho_Chi_Minh", (Hours((0, 1, 2, 3, 4), 5 * 60, 7 * 60), Hours((5,), 17 * 60, 18 * 60)))


def at(hour: int, minute: int = 0) -> datetime:
    """That hour in the village, on a Wednesday."""
    return datetime(2026, 11, 25, hour, minute, tzinfo=UTC) - timedelta(hours=7)


def test_inside_the_hours_nothing_is_said() -> None:
    check(RULES, Klass.NORMAL, at(5), timedelta(hours=2), unit="Bản Khoóng")


@pytest.mark.parametrize("start", [at(4, 59), at(3, 15), at(6, 59), at(17)])
def test_outside_them_the_refusal_spells_them_out(start: datetime) -> None:
    with pytest.raises(OutsideHours) as caught:
        check(RULES, Klass.PRIORITY, start, timedelta(minutes=2), unit="Bản Khoóng")
    assert "Bản Khoóng" in str(caught.value)
    assert "05:00–07:00 (1–5); 17:00–18:00 (6)" in str(caught.value)


def test_the_refusal_says_from_when_to_when_it_would_play() -> None:
    with pytest.raises(OutsideHours, match="06:59 to 07:01"):
        check(RULES, Klass.NORMAL, at(6, 59), timedelta(minutes=2), unit="Bản Khoóng")


def test_an_emergency_may_be_heard_at_any_hour() -> None:
    check(RULES, Klass.EMERGENCY, at(3), timedelta(minutes=2), unit="Bản Khoóng")


def test_the_usual_rules_keep_the_night_quiet() -> None:
    check(DEFAULT, Klass.NORMAL, at(5), timedelta(minutes=1), unit="")
    for quiet in (
        at(3, 15),
        at(4, 45),
        at(
            20,
            59,
        ),
        at(22),
    ):
        with pytest.raises(OutsideHours):
            check(DEFAULT, Klass.NORMAL, quiet, timedelta(minutes=2), unit="")


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        ((), "–"),
        ((Hours((0, 1, 2, 3, 4, 5, 6), 0, 1440),), "00:00–24:00"),
        ((Hours((0, 2), 300, 360),), "05:00–06:00 (1, 3)"),
        ((Hours((4, 3, 5), 300, 360),), "05:00–06:00 (4–6)"),
        ((Hours((6,), 300, 360),), "05:00–06:00 (7)"),
    ],
)
def test_hours_in_words(hours: tuple[Hours, ...], text: str) -> None:
    assert spelled(hours) == text


def test_stored_rules_are_read_strictly() -> None:
    stored = RULES.to_json()
    assert parse(stored) == RULES
    backwards = Rules(1, RULES.zone, (Hours((0,), 600, 300),)).to_json()
    for wrong in ({}, {**stored, "more": 1}, {**stored, "hours": "always"}, backwards):
        with pytest.raises(Malformed):
            parse(wrong)
    with pytest.raises(UnknownZone):
        parse({**stored, "zone": "Asia/Nowhere"})
