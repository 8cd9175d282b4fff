"""What a SIM card's month still allows: the rule, the months, and what the core makes of both."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent import events
from device_agent.budget import SHARES, Month, counted, may_fetch, month_of, spent
from device_agent.settle import withheld
from firmware_config.protocol import Event, Item, Klass
from tests.agent.scenes import NOON, Scene, clip, ref, words

pytestmark = pytest.mark.pure

MB = 1_000_000
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
SIZES = st.integers(0, 10**12)


@pytest.mark.parametrize(
    ("klass", "used", "cap", "more", "may"),
    [
        (Klass.NORMAL, 0, 0, 10**12, True),
        (Klass.NORMAL, 79 * MB, 100 * MB, MB, True),
        (Klass.NORMAL, 79 * MB, 100 * MB, MB + 1, False),
        (Klass.PRIORITY, 79 * MB, 100 * MB, MB + 1, True),
        (Klass.PRIORITY, 94 * MB, 100 * MB, MB, True),
        (Klass.PRIORITY, 94 * MB, 100 * MB, MB + 1, False),
        (Klass.EMERGENCY, 500 * MB, 100 * MB, 9 * MB, True),
    ],
)
def test_each_class_has_its_share(klass: Klass, used: int, cap: int, more: int, *, may: bool) -> None:
    assert may_fetch(klass, used, cap, more) is may


def test_every_class_is_in_the_table() -> None:
    assert SHARES.keys() == set(Klass)


@given(used=SIZES, cap=SIZES, more=SIZES)
def test_what_is_less_urgent_never_passes_what_is_more_urgent(used: int, cap: int, more: int) -> None:
    normal, priority = (may_fetch(klass, used, cap, more) for klass in (Klass.NORMAL, Klass.PRIORITY))
    assert normal <= priority
    assert may_fetch(Klass.EMERGENCY, used, cap, more)


@given(used=SIZES, cap=st.integers(1, 10**12), more=SIZES, further=SIZES)
def test_what_was_refused_stays_refused_when_more_was_moved(used: int, cap: int, more: int, further: int) -> None:
    for klass in Klass:
        assert may_fetch(klass, used + further, cap, more) <= may_fetch(klass, used, cap, more)
    assert spent(used, cap) <= spent(used + further, cap)


def test_a_month_begins_at_midnight_of_the_village() -> None:
    midnight = 1_796_058_000_000  # 2026-12-01 00:00 in Hà Nội, still November in London
    assert month_of(midnight - 1, HANOI) == 202611
    assert month_of(midnight, HANOI) == 202612
    assert month_of(midnight, ZoneInfo("Europe/London")) == 202611


@pytest.mark.parametrize(
    ("number", "found"),
    [
        (202611, Month(202611, 15)),
        (202612, Month(202612, 5)),
        (202701, Month(202701, 5)),
        (202610, Month(202610, 15)),
        (None, Month(202611, 15)),
    ],
)
def test_only_a_later_month_begins_anew(number: int | None, found: Month) -> None:
    assert counted(Month(202611, 10), 5, number) == found


def test_what_was_moved_before_any_time_was_known_belongs_to_the_first_month() -> None:
    assert counted(counted(Month(0, 0), 7, None), 3, 202611) == Month(202611, 10)


def _tell(scene: Scene, name: int, klass: Klass = Klass.NORMAL, **other: int) -> Item:
    """An item with its words, and its clip still to be fetched."""
    item = scene.item(name, klass, start=NOON + 3_600_000, latest_start=NOON + 4_000_000, expires=NOON + 5_000_000)
    scene.tell_words(name, words(name, klass), clips=False)
    return replace(item, **other)  # type: ignore[arg-type]


def _capped(cap: int, moved: int) -> Scene:
    scene = Scene()
    scene.manifest = replace(scene.manifest, month_bytes=cap)
    scene.tell(events.DataMoved(moved))
    return scene


def test_normal_stops_first_then_priority_and_never_an_emergency() -> None:
    for moved, fetched in ((0, {1, 2, 3}), (85 * MB, {2, 3}), (97 * MB, {3}), (300 * MB, {3})):
        scene = _capped(100 * MB, moved)
        scene.plan(_tell(scene, 1), _tell(scene, 2, Klass.PRIORITY), _tell(scene, 3, Klass.EMERGENCY))
        assert {one for one in (1, 2, 3) if clip(one).sha256 in scene.asked_for()} == fetched, moved
        assert withheld(scene.state) == {clip(one).sha256 for one in {1, 2, 3} - fetched}


def test_what_stands_by_to_correct_an_alarm_is_never_withheld() -> None:
    scene = _capped(100 * MB, 200 * MB)
    scene.plan(replace(_tell(scene, 1), standby=True))
    assert clip(1).sha256 in scene.asked_for()


def test_what_is_on_its_way_counts_already() -> None:
    scene = _capped(20_000, 0)
    scene.plan(*[_tell(scene, name) for name in (1, 2, 3, 4)])
    # A clip has 5,000 bytes, and a share of 80 hundredths of 20,000 is three of them.
    assert len(withheld(scene.state)) == 1
    scene.plan(*scene.manifest.items)
    assert len(withheld(scene.state)) == 1


def test_the_announcement_says_why_it_was_missed() -> None:
    scene = _capped(100 * MB, 85 * MB)
    scene.plan(_tell(scene, 1))
    scene.pass_time(6_000_000)
    assert scene.told("airing-1") == [Event.MISSED]
    assert scene.why("airing-1") == "data_budget"


def test_a_clip_that_only_came_too_late_is_missed_for_another_reason() -> None:
    scene = _capped(100 * MB, 0)
    scene.plan(_tell(scene, 1))
    scene.pass_time(6_000_000)
    assert scene.why("airing-1") == "no_clip"


def test_a_new_month_fetches_what_was_withheld() -> None:
    scene = _capped(100 * MB, 85 * MB)
    scene.plan(_tell(scene, 1))
    assert ref(1) not in scene.asked_for()
    assert clip(1).sha256 not in scene.asked_for()
    scene.tell(events.DataMoved(0))
    assert clip(1).sha256 in scene.asked_for()


def test_a_clip_of_two_announcements_is_asked_for_once() -> None:
    scene = Scene()
    one, two = _tell(scene, 1), _tell(scene, 2)
    scene.tell_words(2, words(1), clips=False)
    scene.plan(one, two)
    assert scene.asked_for().count(clip(1).sha256) == 1
