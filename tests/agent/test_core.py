"""The speaker's mind on a virtual clock: one airing, its ways to the air and its ways to end."""

from dataclasses import replace

import pytest

from device_agent import events
from device_agent.effects import ClipPart, SpokenPart
from device_agent.ledger import Stage
from firmware_config.protocol import ClockState, Event, Hours, Klass, Rules, SpokenVersion
from tests.agent.scenes import NOON, Scene, clip, evidence, ref, words
from tests.agent.station import announcement

pytestmark = pytest.mark.pure

LADDER = [Event.STORED, Event.ARMED, Event.STARTED, Event.FINISHED, Event.HEARD]


def test_an_airing_climbs_the_whole_ladder() -> None:
    scene = Scene()
    one = scene.item(1, start=NOON + 5_000)
    scene.plan(one)
    assert scene.asked_for() == [ref(1)]
    scene.bring(1)
    assert scene.asked_for() == [ref(1), clip(1).sha256]
    assert scene.told(one.airing) == [Event.STORED, Event.ARMED]
    scene.pass_time(4_700)
    assert scene.playing == one.airing
    [(at, play)] = scene.plays
    assert at == NOON + 5_000 - scene.limits.prepare_ms
    assert play.at == NOON + 5_000
    assert scene.relay_closed
    scene.finish()
    assert scene.told(one.airing) == LADDER
    assert scene.stage(one.airing) is Stage.HEARD
    assert not scene.relay_closed


def test_nothing_new_has_no_effects() -> None:
    scene = Scene()
    scene.ready(1, start=NOON + 60_000)
    assert scene.tell(events.Tick()) == ()


def test_started_is_on_disk_before_it_sounds() -> None:
    scene = Scene()
    airing = scene.ready(1)
    assert scene.journal[airing].stage is Stage.STARTED
    assert scene.journal[airing].starts == 1
    assert Event.STARTED not in scene.told(airing)
    scene.sound()
    assert scene.told(airing)[-1] is Event.STARTED


def test_what_was_too_quiet_is_finished_and_not_heard() -> None:
    scene = Scene()
    airing = scene.ready(1)
    scene.finish(level=-5_000)
    assert scene.told(airing)[-1] is Event.FINISHED
    assert scene.why(airing) == "too_quiet"


def test_a_power_cut_in_mid_play_begins_again() -> None:
    scene = Scene()
    airing = scene.ready(1)
    scene.sound()
    scene.power_cut(2_000)
    assert scene.playing == airing
    assert scene.plays[-1][1].attempt == 2
    scene.finish()
    assert scene.stage(airing) is Stage.HEARD


def test_a_power_cut_that_lasts_too_long_leaves_it_partial() -> None:
    scene = Scene()
    airing = scene.ready(1)
    scene.sound()
    scene.power_cut(3_600_000)
    assert scene.stage(airing) is Stage.PARTIAL
    assert scene.why(airing) == "too_late"


def test_no_more_starts_than_allowed() -> None:
    scene = Scene()
    airing = scene.ready(1, max_starts=2)
    for _ in range(2):
        scene.sound()
        scene.power_cut(100)
    assert [play.attempt for _, play in scene.plays] == [1, 2]
    assert scene.stage(airing) is Stage.PARTIAL
    assert scene.why(airing) == "starts_used"


def test_after_a_power_cut_what_was_finished_stays_finished() -> None:
    scene = Scene()
    airing = scene.ready(1)
    scene.finish()
    scene.power_cut(100)
    assert scene.playing is None
    assert scene.told(airing) == LADDER


def test_late_and_double_reports_of_the_pump_change_nothing() -> None:
    scene = Scene()
    airing = scene.ready(1)
    scene.finish()
    for event in (
        events.Finished(airing, 1, evidence()),
        events.Cut(airing, 1, evidence(), ""),
        events.Sounding(airing, 1),
        events.Finished("airing-9", 1, evidence()),
    ):
        assert scene.tell(event) == ()


@pytest.mark.parametrize(
    ("brought", "reason"), [((), "no_announcement"), (("words",), "no_clip"), (("words", "clip"), "late")]
)
def test_what_did_not_come_in_time_is_missed_and_says_why(brought: tuple[str, ...], reason: str) -> None:
    scene = Scene()
    one = scene.item(1, start=NOON + 5_000, latest_start=NOON + 10_000)
    scene.plan(one)
    if "clip" in brought:
        scene.bring(1)
        scene.power_cut(20_000)
    elif "words" in brought:
        scene.tell(events.AnnouncementStored(ref(1), words(1)))
        scene.pass_time(20_000)
    else:
        scene.pass_time(20_000)
    assert scene.stage(one.airing) is Stage.MISSED
    assert scene.why(one.airing) == reason


def test_it_never_starts_once_it_has_expired() -> None:
    scene = Scene()
    one = scene.item(1, start=NOON + 1_000, latest_start=NOON + 60_000)
    short = replace(words(1), expires=NOON + 30_000)
    scene.plan(one)
    scene.pass_time(31_000)
    scene.tell(events.AnnouncementStored(ref(1), short))
    scene.tell(events.ClipStored(clip(1).sha256))
    assert scene.plays == []
    assert scene.stage(one.airing) is Stage.MISSED


def test_without_rules_of_the_air_nothing_scheduled_plays_and_nothing_is_refused() -> None:
    scene = Scene()
    airing = scene.ready(1, start=NOON + 5_000)
    scene.manifest, kept = None, scene.manifest  # type: ignore[assignment]
    scene.power_cut(6_000)
    assert scene.playing is None
    assert scene.stage(airing) is Stage.ARMED
    scene.tell(events.ManifestAccepted(kept))
    assert scene.playing == airing


def test_hours_are_kept_to_the_second_although_the_decoder_starts_early() -> None:
    scene = Scene()
    until_a_minute_past_noon = Rules(4, "Asia/Ho_Chi_Minh", (Hours((5,), 300, 721),))
    scene.manifest = replace(scene.manifest, rules=(until_a_minute_past_noon,))
    airing = scene.ready(1, start=NOON + 60_000)
    scene.pass_time(60_000)
    assert scene.plays == []
    assert scene.why(airing) == "outside_hours"


def test_the_director_cannot_raise_the_class_of_signed_words() -> None:
    scene = Scene()
    one = scene.item(1, Klass.EMERGENCY)
    scene.bring(1, Klass.NORMAL)
    scene.plan(one)
    assert scene.stage(one.airing) is Stage.REFUSED
    assert scene.why(one.airing) == "class_differs"


def test_words_for_another_village_are_refused() -> None:
    scene = Scene()
    one = scene.item(1)
    elsewhere = announcement(SpokenVersion("vi", "Xin chào", clip(1)), now=NOON, audience="u:ban-khac")
    scene.tell(events.AnnouncementStored(ref(1), elsewhere))
    scene.plan(one)
    assert scene.why(one.airing) == "not_in_audience"


def test_a_forged_announcement_ends_its_airing_as_refused() -> None:
    scene = Scene()
    one = scene.item(1)
    scene.plan(one)
    scene.tell(events.AnnouncementRefused(ref(1), "bad_signature"))
    assert scene.stage(one.airing) is Stage.REFUSED
    assert scene.why(one.airing) == "bad_signature"


def test_a_tombstone_stops_what_plays() -> None:
    scene = Scene()
    airing = scene.ready(1)
    scene.sound()
    scene.plan(cancelled=(airing,))
    assert [stop.airing for stop in scene.stops()] == [airing]
    scene.cut()
    assert scene.stage(airing) is Stage.CANCELLED
    assert scene.why(airing) == "cancelled"


def test_what_a_newer_manifest_no_longer_names_is_cancelled_unless_it_plays() -> None:
    scene = Scene()
    playing = scene.ready(1)
    waiting = scene.ready(2)
    scene.sound()
    scene.plan()
    assert scene.stage(waiting) is Stage.CANCELLED
    assert scene.playing == playing
    scene.finish()
    assert scene.stage(playing) is Stage.HEARD


def test_a_stop_command_ends_its_airing_and_nothing_else() -> None:
    scene = Scene()
    first = scene.ready(1)
    second = scene.ready(2)
    scene.sound()
    scene.tell(events.Stop(first))
    scene.cut()
    assert scene.stage(first) is Stage.CANCELLED
    assert scene.playing == second


def test_stop_without_a_name_ends_all_that_plays_or_should_have_begun_and_nothing_later() -> None:
    scene = Scene()
    playing, queued, later = scene.ready(1), scene.ready(2), scene.ready(3, start=NOON + 1, latest_start=NOON + 90_000)
    waiting = replace(scene.item(4, Klass.EMERGENCY), standby=True)
    scene.bring(4, Klass.EMERGENCY)
    scene.plan(*scene.manifest.items, waiting)
    scene.sound()
    scene.tell(events.Stop(None))
    assert [one.airing for one in scene.stops()] == [playing]
    scene.cut()
    assert [scene.why(one) for one in (playing, queued)] == ["stopped", "stopped"]
    assert scene.stage(waiting.airing) is Stage.STORED
    scene.pass_time(1)
    assert scene.playing == later


def test_while_the_clock_is_not_trusted_nothing_scheduled_starts_and_nothing_is_missed() -> None:
    scene = Scene()
    scene.clock(ClockState.UNTRUSTED)
    airing = scene.ready(1)
    scene.pass_time(86_400_000)
    assert scene.plays == []
    assert scene.stage(airing) is Stage.STORED
    scene.now = NOON + 1_000
    scene.clock(ClockState.TRUSTED)
    assert scene.playing == airing


def test_a_live_emergency_sounds_although_the_clock_is_not_trusted() -> None:
    scene = Scene()
    scene.clock(ClockState.UNTRUSTED)
    scene.now = 0
    scene.bring(1, Klass.EMERGENCY)
    live = replace(scene.item(1, Klass.EMERGENCY), start=NOON, latest_start=NOON + 60_000, expires=NOON + 90_000)
    scene.tell(events.LivePlay(live))
    assert scene.playing == live.airing
    scene.sound()
    scene.power_cut(1_000, ClockState.UNTRUSTED)
    assert scene.playing is None


def test_a_live_command_for_a_cancelled_airing_is_dead() -> None:
    scene = Scene()
    one = scene.item(1, Klass.EMERGENCY)
    scene.bring(1, Klass.EMERGENCY)
    scene.plan(cancelled=(one.airing,))
    scene.tell(events.LivePlay(one))
    assert scene.plays == []


def test_live_and_manifest_are_one_airing() -> None:
    scene = Scene()
    one = scene.item(1, Klass.EMERGENCY)
    scene.bring(1, Klass.EMERGENCY)
    scene.tell(events.LivePlay(one))
    scene.plan()
    assert scene.playing == one.airing
    scene.finish()
    scene.plan(one)
    scene.tell(events.LivePlay(one))
    assert len(scene.plays) == 1


def test_an_emergency_without_its_clip_is_spoken_on_board() -> None:
    scene = Scene()
    one = scene.item(1, Klass.EMERGENCY)
    scene.plan(one)
    scene.tell(events.AnnouncementStored(ref(1), words(1, Klass.EMERGENCY)))
    scene.pass_time(scene.limits.speak_after_ms - 1)
    assert scene.plays == []
    scene.pass_time(1)
    [(_, play)] = scene.plays
    assert play.parts == (SpokenPart("vi", "Xin chào"),)
    scene.finish()
    assert [record.fallback for record in scene.records if record.airing == one.airing] == [True] * 3
    assert scene.why(one.airing) == "spoken_on_board"


def test_it_is_spoken_at_once_when_the_clip_cannot_be_had() -> None:
    scene = Scene()
    one = scene.item(1, Klass.EMERGENCY)
    scene.plan(one)
    scene.tell(events.AnnouncementStored(ref(1), words(1, Klass.EMERGENCY)))
    scene.tell(events.ClipFailed(clip(1).sha256))
    assert scene.playing == one.airing


def test_a_normal_announcement_is_never_spoken_on_board() -> None:
    scene = Scene()
    one = scene.item(1)
    scene.plan(one)
    scene.tell(events.AnnouncementStored(ref(1), words(1)))
    scene.tell(events.ClipFailed(clip(1).sha256))
    scene.pass_time(3_600_000)
    assert scene.plays == []
    assert scene.stage(one.airing) is Stage.MISSED


def test_a_clip_that_gives_no_sound_is_fetched_anew() -> None:
    scene = Scene()
    airing = scene.ready(1, Klass.EMERGENCY)
    scene.effects.clear()
    scene.cut("decoder_failed")
    assert scene.asked_for() == [clip(1).sha256]
    scene.pass_time(3_000)
    assert isinstance(scene.plays[-1][1].parts[0], SpokenPart)
    assert scene.state.ledger[airing].starts == 2


def test_a_card_that_fails_before_the_first_sample_costs_no_start() -> None:
    scene = Scene()
    airing = scene.ready(1, max_starts=1)
    for _ in range(5):
        scene.cut("sink_failed")
        assert scene.playing is None
        scene.pass_time(2_000)
    assert scene.playing == airing
    scene.finish()
    assert scene.stage(airing) is Stage.HEARD


def test_versions_are_played_in_the_order_of_the_item() -> None:
    scene = Scene()
    both = announcement(SpokenVersion("vi", "Xin chào", clip(1)), SpokenVersion("en", "Hello", clip(2)), now=NOON)
    one = replace(scene.item(1), languages=("en", "vi", "fr"))
    scene.plan(one)
    scene.tell(events.AnnouncementStored(ref(1), both))
    scene.tell(events.ClipStored(clip(1).sha256))
    assert scene.plays == []
    scene.tell(events.ClipStored(clip(2).sha256))
    assert scene.plays[0][1].parts == (ClipPart("en", clip(2)), ClipPart("vi", clip(1)))


@pytest.mark.parametrize(
    ("item_volume", "manifest_max", "own", "cap", "expected"),
    [
        (70, 100, 100, 100, 70),
        (100, 60, 100, 100, 60),
        (100, 100, 50, 100, 50),
        (100, 100, 100, 30, 30),
        (0, 99, 99, 99, 0),
    ],
)
def test_the_lowest_ceiling_holds(item_volume: int, manifest_max: int, own: int, cap: int, expected: int) -> None:
    scene = Scene()
    scene.state = replace(scene.state, limits=replace(scene.limits, volumes=dict.fromkeys(Klass, own)))
    scene.manifest = replace(scene.manifest, volume_max=manifest_max, volumes=dict.fromkeys(Klass, 100))
    scene.bring(1)
    scene.plan(scene.item(1, start=NOON + 3_000, volume=item_volume))
    scene.tell(events.VolumeCapped(cap))
    scene.pass_time(3_000)
    assert scene.plays[0][1].volume == expected


def test_old_entries_are_forgotten_a_day_after_they_expired() -> None:
    scene = Scene()
    airing = scene.ready(1)
    scene.finish()
    scene.plan()
    scene.pass_time(86_400_000)
    assert airing in scene.journal
    scene.pass_time(3_600_000)
    assert airing not in scene.journal
    assert airing not in scene.state.ledger
