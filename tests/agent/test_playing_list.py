"""The playing list foretells what the loudspeaker decides: both are given the same items, and must agree."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.playing_list import Expected, Fate, Planned, Speaker, playing_list
from device_agent import events
from device_agent.core import next_wake
from device_agent.effects import Play
from firmware_config.protocol import Barred, Event, Exempt, Hours, Item, Kind, Klass, Played, Rules, Sound
from tests.agent.scenes import LIMITS, NOON, Scene, evidence

pytestmark = pytest.mark.pure

ZONE = "Asia/Ho_Chi_Minh"
MINUTE = 60_000
ALL_WEEK = tuple(range(7))
LADDER = {Event.REFUSED: Fate.BARRED, Event.MISSED: Fate.LATE}


def lived(items: list[Planned], speaker: Speaker) -> Scene:
    """The same items on the real core, whose sound card needs exactly as long as the sound."""
    scene = Scene(limits=replace(LIMITS, lead_ms=speaker.lead_ms, tail_ms=speaker.tail_ms))
    scene.manifest = replace(scene.manifest, rules=speaker.rules, exempt=speaker.exempt, stagger_ms=speaker.stagger_ms)
    for number, one in enumerate(items):
        scene.bring(number, one.sound.klass, one.sound.ms)
    scene.plan(*(_item(scene, number, one) for number, one in enumerate(items)))
    sounded: Play | None = None
    ms = 0
    while True:
        play = scene.plays[-1][1] if scene.playing else None
        moments = {"wake": next_wake(scene.state, scene.now)}
        if play is not None:
            ms = items[int(play.airing.removeprefix("airing-"))].sound.ms
            moments["sound" if play is not sounded else "end"] = play.at + (play is sounded) * (ms + play.tail_ms)
        what, at = min(((what, at) for what, at in moments.items() if at is not None), key=_first, default=("", 0))
        if not what:
            return scene
        scene.now = at
        if what == "wake":
            scene.tell(events.Tick())
        elif play is not None and what == "sound":
            scene.tell(events.Sounding(play.airing, play.attempt))
            sounded = play
        elif play is not None:
            scene.tell(events.Finished(play.airing, play.attempt, evidence(frames=ms // 20)))


def _first(one: tuple[str, int]) -> tuple[int, str]:
    # What ends at the very moment of a wake ends first: "end" < "sound" < "wake".
    return one[1], one[0]


def _item(scene: Scene, number: int, one: Planned) -> Item:
    return replace(
        scene.item(number, one.sound.klass),
        start=one.sound.start,
        latest_start=one.latest_start,
        expires=one.expires,
        order=one.order,
    )


def foretold(items: list[Planned], speaker: Speaker) -> list[Expected]:
    return playing_list(items, speaker, now=NOON)


def agree(items: list[Planned], speaker: Speaker) -> None:
    scene, told = lived(items, speaker), foretold(items, speaker)
    assert len(told) == len(items)
    assert [(play.airing, play.at) for _, play in scene.plays] == [
        (one.planned.airing, one.start) for one in told if one.fate is Fate.PLAYS
    ]
    ends = {record.airing: record for record in scene.records if record.event in LADDER}
    for one in told:
        if one.fate is not Fate.PLAYS:
            record = ends[one.planned.airing]
            assert LADDER[record.event] is one.fate
            assert record.reason == (one.reason or record.reason)


def planned(number: int, start: int, seconds: int, **other: int) -> Planned:
    """An item so many minutes after noon; `klass` 0 normal, 1 priority."""
    klass = [Klass.NORMAL, Klass.PRIORITY][other.get("klass", 0)]
    sound = Sound(klass, Kind.LIVE, "general", "tb-1", NOON + start * MINUTE, seconds * 1_000)
    latest = sound.start + other.get("window", 15) * MINUTE
    return Planned(f"airing-{number}", sound, latest, latest + sound.ms + 2 * MINUTE, other.get("order", 0))


minutes = st.one_of(st.integers(0, 8), st.integers(0, 90))
items = st.lists(
    st.tuples(minutes, st.integers(2, 900), st.integers(0, 1), st.integers(0, 2), st.integers(0, 40)),
    max_size=9,
).map(
    lambda found: [
        planned(number, start, seconds, klass=klass, order=order, window=window)
        for number, (start, seconds, klass, order, window) in enumerate(found)
    ]
)
windows = st.lists(
    st.tuples(st.integers(0, 1_430), st.integers(1, 600)).map(
        lambda found: Hours(ALL_WEEK, found[0], min(1_440, found[0] + found[1]))
    ),
    max_size=2,
)
rules = st.builds(
    Rules,
    version=st.just(1),
    zone=st.just(ZONE),
    hours=st.one_of(st.just((Hours(ALL_WEEK, 0, 1_440),)), windows.map(tuple)),
    quiet=st.one_of(st.just(()), windows.map(tuple)),
    sessions_day=st.sampled_from([0, 0, 1, 2, 4]),
    session_minutes=st.sampled_from([0, 0, 10, 20]),
    day_minutes=st.sampled_from([0, 0, 15, 40]),
    pause_minutes=st.sampled_from([0, 0, 5, 15]),
)
speakers = st.builds(
    Speaker,
    rules=rules.map(lambda one: (one,)),
    exempt=st.sampled_from([(), (Exempt("tb-1", NOON + 10 * MINUTE, NOON + 50 * MINUTE),)]),
    lead_ms=st.sampled_from([0, 400]),
    tail_ms=st.sampled_from([0, 200]),
    stagger_ms=st.sampled_from([0, 0, 875, 9_000]),
)


@given(items, speakers)
def test_the_list_and_the_loudspeaker_agree(items: list[Planned], speaker: Speaker) -> None:
    agree(items, speaker)


ALWAYS = (Rules(1, ZONE, (Hours(ALL_WEEK, 0, 1_440),)),)


def test_what_waits_is_taken_by_class_then_order_then_time() -> None:
    speaker = Speaker(ALWAYS)
    day = [
        planned(0, 0, 120),
        planned(1, 1, 60),
        planned(2, 1, 60, klass=1, order=1),
        planned(3, 2, 60, klass=1),
    ]
    agree(day, speaker)
    told = foretold(day, speaker)
    assert [one.planned.airing for one in told] == ["airing-0", "airing-3", "airing-2", "airing-1"]
    assert [one.waits for one in told] == [False, False, True, True]


def test_what_has_no_room_is_named_with_its_reason() -> None:
    speaker = Speaker((Rules(1, ZONE, (Hours(ALL_WEEK, 0, 12 * 60 + 30),)),))
    day = [planned(0, 0, 900), planned(1, 1, 60, window=5), planned(2, 29, 120)]
    agree(day, speaker)
    told = {one.planned.airing: (one.fate, one.reason) for one in foretold(day, speaker)}
    assert told == {
        "airing-0": (Fate.PLAYS, None),
        "airing-1": (Fate.LATE, None),
        "airing-2": (Fate.BARRED, Barred.OUTSIDE_HOURS),
    }


def test_what_was_heard_before_counts() -> None:
    speaker = Speaker((Rules(1, ZONE, (Hours(ALL_WEEK, 0, 1_440),), sessions_day=1),))
    [one] = foretold([planned(0, 5, 60)], speaker)
    assert one.fate is Fate.PLAYS
    [one] = foretold([planned(0, 5, 60)], replace(speaker, heard=(Played(NOON - 40 * MINUTE, NOON - 30 * MINUTE),)))
    assert (one.fate, one.reason) == (Fate.BARRED, Barred.SESSIONS_SPENT)
