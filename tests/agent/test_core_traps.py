"""What the order of the world's events must not do to a speaker: late orders, changed plans, clocks taken back."""

from dataclasses import replace

import pytest

from device_agent import events
from device_agent.effects import ClipPart, Record, TurnDown
from device_agent.ledger import Stage
from firmware_config.protocol import ClockState, Event, Klass
from tests.agent.scenes import NOON, Scene, clip, ref, words

pytestmark = pytest.mark.pure


def test_it_does_not_begin_what_would_still_sound_after_it_expired() -> None:
    scene = Scene()
    one = scene.item(1, start=NOON + 5_000, latest_start=NOON + 60_000, expires=NOON + 60_000)
    scene.tell(events.AnnouncementStored(ref(1), words(1, ms=30_000)))
    scene.plan(one)
    scene.pass_time(31_000)
    scene.tell(events.ClipStored(clip(1).sha256))
    assert scene.plays == []
    assert scene.stage(one.airing) is Stage.MISSED


def test_receipts_name_the_words_that_sounded_although_the_plan_changed_meanwhile() -> None:
    scene = Scene()
    airing = scene.ready(1)
    scene.sound()
    scene.plan(replace(scene.item(1), announcement=ref(2)))
    scene.finish()
    assert {one.announcement for one in scene.records if one.event is Event.FINISHED} == {ref(1)}
    assert scene.stage(airing) is Stage.HEARD


def test_a_changed_plan_holds_from_the_next_start() -> None:
    scene = Scene()
    scene.ready(1)
    scene.bring(2)
    scene.sound()
    scene.plan(replace(scene.item(1), announcement=ref(2)))
    scene.cut("sink_failed")
    scene.pass_time(3_000)
    assert [play.parts for _, play in scene.plays] == [(ClipPart("vi", clip(1)),), (ClipPart("vi", clip(2)),)]


def test_a_stop_that_overtakes_its_command_to_play_still_holds() -> None:
    scene = Scene()
    scene.bring(1, Klass.EMERGENCY)
    one = scene.item(1, Klass.EMERGENCY)
    scene.tell(events.Stop(one.airing))
    scene.tell(events.LivePlay(one))
    assert scene.plays == []
    assert scene.stage(one.airing) is Stage.CANCELLED
    assert scene.why(one.airing) == "stopped"


def test_a_clock_taken_back_does_not_silence_it() -> None:
    scene = Scene()
    scene.now = NOON + 6 * 3_600_000
    scene.ready(1, Klass.EMERGENCY)
    scene.cut("sink_failed")
    scene.now = NOON
    scene.clock(ClockState.TRUSTED)
    second = scene.ready(2)
    assert scene.playing == second


def test_a_clip_that_was_let_go_is_fetched_when_it_is_named_again() -> None:
    scene = Scene()
    scene.ready(1)
    scene.finish()
    scene.plan()
    scene.pass_time(3 * 86_400_000)
    scene.plan()
    scene.effects.clear()
    again = replace(scene.item(1), airing="airing-9", start=scene.now + 60_000, latest_start=scene.now + 90_000)
    scene.plan(replace(again, expires=scene.now + 120_000))
    assert scene.asked_for() == [ref(1)]
    assert scene.state.clips == frozenset()


def test_what_was_given_up_by_a_false_time_is_asked_for_again() -> None:
    scene = Scene()
    scene.clock(ClockState.UNTRUSTED)
    one = scene.item(1, start=NOON + 60_000)
    scene.plan(one)
    scene.effects.clear()
    scene.clock(ClockState.TRUSTED)
    assert scene.asked_for() == [ref(1)]


def test_a_volume_cap_is_felt_by_what_plays() -> None:
    scene = Scene()
    airing = scene.ready(1)
    scene.sound()
    assert TurnDown(airing, 20) in scene.tell(events.VolumeCapped(20))


def test_nothing_starts_while_leaving_and_nothing_is_used_up() -> None:
    scene = Scene()
    airing = scene.ready(1, max_starts=2)
    scene.sound()
    scene.tell(events.Leaving())
    scene.cut()
    assert (scene.playing, scene.state.ledger[airing].starts) == (None, 1)
    scene.power_cut(1_000)
    assert scene.playing == airing


def test_what_happened_before_the_boot_is_on_record_before_all_else() -> None:
    scene = Scene()
    scene.ready(1, start=NOON + 60_000, latest_start=NOON + 61_000)
    scene.records.clear()
    scene.now += 3_600_000
    entries = tuple(scene.journal.values())
    news = (Record(Event.GAP, reason="journal_lost"), Record(Event.BOOTED))
    scene.tell(events.Booted(entries, scene.manifest, {}, frozenset(), news))
    assert [one.event for one in scene.records] == [Event.GAP, Event.BOOTED, Event.MISSED]
