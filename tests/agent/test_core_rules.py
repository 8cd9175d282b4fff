"""The rules of the air in the speaker's mind: what it refuses, what it counts, and what it waits for."""

from dataclasses import replace

import pytest

from device_agent import events
from device_agent.ledger import Stage
from firmware_config.protocol import Barred, Event, Exempt, Holidays, Hours, Kind, Klass, Rules
from tests.agent.scenes import NOON, Scene, clip, ref, words
from tests.agent.station import ALWAYS, NEVER

pytestmark = pytest.mark.pure

MINUTE = 60_000
SATURDAY = (5,)
DAY = 86_400_000


def ruled(scene: Scene, rules: Rules, **limits: object) -> None:
    scene.rule(replace(rules, **limits))  # type: ignore[arg-type]


def sounded(scene: Scene, ms: int = 4_000) -> None:
    """What plays is heard from its moment on and to its end."""
    at = max(scene.now, scene.plays[-1][1].at)
    scene.now = at
    scene.sound()
    scene.now = at + ms
    scene.finish()


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"hours": ()}, Barred.OUTSIDE_HOURS),
        ({"holidays": Holidays.SILENT, "holiday_dates": (20261128,)}, Barred.HOLIDAY),
        ({"quiet": (Hours(SATURDAY, 600, 780),)}, Barred.QUIET_SITE),
        ({"categories": ("weather",)}, Barred.CATEGORY),
        ({"session_minutes": 1}, Barred.SESSION_LENGTH),
        ({"day_minutes": 1}, Barred.DAY_SPENT),
    ],
)
def test_a_speaker_refuses_with_the_reason_of_the_rule(limits: dict[str, object], reason: Barred) -> None:
    scene = Scene()
    ruled(scene, ALWAYS, **limits)
    scene.bring(1, ms=MINUTE + 1)
    scene.plan(scene.item(1))
    assert (scene.stage("airing-1"), scene.why("airing-1")) == (Stage.REFUSED, reason)
    emergency = scene.ready(2, Klass.EMERGENCY)
    assert scene.playing == emergency


def test_every_unit_of_the_chain_must_allow_it() -> None:
    scene = Scene()
    scene.rule(ALWAYS, replace(NEVER, unit="ban-mot"))
    assert scene.why(scene.ready(1)) == "outside_hours"


def test_rules_hold_from_their_day_on() -> None:
    scene = Scene()
    scene.rule(ALWAYS, replace(NEVER, since=NOON + 10 * MINUTE))
    before, after = scene.ready(1), scene.ready(2, start=NOON + 10 * MINUTE)
    assert scene.playing == before
    scene.finish()
    scene.pass_time(10 * MINUTE)
    assert scene.why(after) == "outside_hours"


def test_only_so_many_sessions_a_day() -> None:
    scene = Scene()
    ruled(scene, ALWAYS, sessions_day=2)
    scene.ready(1)
    sounded(scene)
    joined = scene.ready(2, start=scene.now + 30_000)
    scene.pass_time(30_000)
    sounded(scene)
    second = scene.ready(3, start=scene.now + 60_001)
    scene.pass_time(60_001)
    sounded(scene)
    third = scene.ready(4, start=scene.now + 60_001)
    scene.pass_time(60_001)
    assert [scene.stage(one) for one in (joined, second)] == [Stage.HEARD, Stage.HEARD]
    assert scene.why(third) == "sessions_spent"


def test_minutes_of_the_day_are_remembered_over_a_power_cut_and_over_what_was_forgotten() -> None:
    scene = Scene()
    ruled(scene, ALWAYS, day_minutes=2)
    scene.bring(1, ms=117_000)
    scene.plan(scene.item(1))
    sounded(scene, 117_000)
    scene.power_cut(1_000)
    enough, too_much = scene.item(2), scene.item(3)
    scene.bring(2, ms=3_000)
    scene.bring(3, ms=3_001)
    scene.journal.pop("airing-1")
    scene.power_cut(0)
    scene.plan(replace(too_much, order=0), replace(enough, order=1))
    assert scene.why(too_much.airing) == "day_spent"
    assert scene.playing == enough.airing


def test_what_was_heard_is_forgotten_after_two_days() -> None:
    scene = Scene()
    scene.ready(1)
    sounded(scene)
    scene.pass_time(2 * DAY)
    assert list(scene.plays_log) == [("airing-1", 1)]
    scene.pass_time(1)
    assert scene.plays_log == {}
    assert scene.state.plays == {}


def test_an_emergency_counts_for_nothing() -> None:
    scene = Scene()
    ruled(scene, ALWAYS, sessions_day=1)
    scene.ready(1, Klass.EMERGENCY)
    sounded(scene)
    assert scene.plays_log == {}
    normal = scene.ready(2, start=scene.now + 2 * MINUTE)
    scene.pass_time(2 * MINUTE)
    assert scene.playing == normal


def test_what_was_cut_off_counts_for_as_long_as_it_was_heard_and_what_never_sounded_for_nothing() -> None:
    scene = Scene()
    scene.ready(1, max_starts=1)
    scene.cut("sink_failed")
    assert list(scene.plays_log) == []
    scene.pass_time(2_000)
    scene.sound()
    scene.now += 3_000
    scene.cut("sink_failed")
    assert [one.play.end - one.play.start for one in scene.plays_log.values()] == [200]


def test_a_pause_that_ends_in_time_is_waited_for() -> None:
    scene = Scene()
    ruled(scene, ALWAYS, pause_minutes=5)
    scene.ready(1)
    sounded(scene)
    ended = scene.now
    patient = scene.ready(2, start=ended + 2 * MINUTE, latest_start=ended + 20 * MINUTE)
    scene.pass_time(5 * MINUTE - 1)
    assert len(scene.plays) == 1
    scene.pass_time(1)
    assert scene.playing == patient
    assert scene.plays[-1][1].at == ended + 5 * MINUTE


def test_a_pause_that_does_not_end_in_time_is_the_reason() -> None:
    scene = Scene()
    ruled(scene, ALWAYS, pause_minutes=5)
    scene.ready(1)
    sounded(scene)
    hasty = scene.ready(2, start=scene.now + 2 * MINUTE, latest_start=scene.now + 4 * MINUTE)
    scene.pass_time(2 * MINUTE)
    assert (scene.stage(hasty), scene.why(hasty)) == (Stage.REFUSED, "pause")


def test_what_an_emergency_pushed_aside_plays_again_once_the_pause_is_over() -> None:
    scene = Scene()
    ruled(scene, ALWAYS, pause_minutes=3)
    normal = scene.ready(1)
    scene.sound()
    scene.now += 1_000
    scene.ready(2, Klass.EMERGENCY)
    scene.cut()
    scene.now += 2 * MINUTE
    scene.finish()
    assert len(scene.plays) == 2
    scene.pass_time(3 * MINUTE)
    assert scene.playing == normal


def test_it_is_judged_again_when_its_turn_comes() -> None:
    scene = Scene()
    scene.rule(replace(ALWAYS, hours=(Hours(SATURDAY, 300, 725),)))
    scene.ready(1)
    queued = scene.ready(2)
    scene.sound()
    scene.now += 5 * MINUTE
    scene.finish()
    assert scene.why(queued) == "outside_hours"


def test_an_exemption_frees_its_announcement_and_no_other() -> None:
    scene = Scene()
    scene.rule(NEVER, exempt=(Exempt("tb-1", NOON, NOON + 4_000),))
    scene.tell_words(2, replace(words(2), id="tb-2"))
    scene.bring(1)
    scene.plan(scene.item(1), scene.item(2))
    assert scene.playing == "airing-1"
    assert scene.why("airing-2") == "outside_hours"
    later = scene.ready(3, start=NOON + 1)
    scene.finish()
    scene.pass_time(1)
    assert scene.why(later) == "outside_hours"


@pytest.mark.parametrize("klass", [Klass.NORMAL, Klass.EMERGENCY])
def test_every_start_is_staggered(klass: Klass) -> None:
    scene = Scene()
    scene.rule(ALWAYS, stagger_ms=1_700)
    scene.bring(1, klass)
    scene.plan(scene.item(1, klass, start=NOON + 5_000, latest_start=NOON + 5_000))
    scene.pass_time(6_700)
    assert [play.at for _, play in scene.plays] == [NOON + 6_700]
    scene.finish()
    assert scene.stage("airing-1") is Stage.HEARD


def test_a_live_start_is_staggered_too() -> None:
    scene = Scene()
    scene.rule(ALWAYS, stagger_ms=1_700)
    scene.plan()
    scene.bring(1, Klass.EMERGENCY)
    scene.tell(events.LivePlay(scene.item(1, Klass.EMERGENCY)))
    scene.pass_time(1_700)
    assert [play.at for _, play in scene.plays] == [NOON + 1_700]


def test_the_stagger_counts_for_the_hours() -> None:
    scene = Scene()
    scene.rule(replace(ALWAYS, hours=(Hours(SATURDAY, 300, 721),)), stagger_ms=1_000)
    last = NOON + MINUTE - 4_000
    assert scene.stage(scene.ready(1, start=last - 1_000)) is Stage.ARMED
    late = scene.ready(2, start=last - 999)
    scene.pass_time(2 * MINUTE)
    assert scene.why(late) == "outside_hours"


def test_the_silence_before_the_first_sample_counts_for_the_hours_too() -> None:
    scene = Scene()
    scene.rule(replace(ALWAYS, hours=(Hours(SATURDAY, 300, 721),)))
    scene.manifest = replace(scene.manifest, lead_ms=2_000)
    scene.now = NOON + MINUTE - 5_999
    assert scene.why(scene.ready(1)) == "outside_hours"


def test_a_drill_keeps_to_the_rules() -> None:
    scene = Scene()
    scene.rule(NEVER)
    scene.tell_words(1, replace(words(1, Klass.PRIORITY), kind=Kind.DRILL))
    scene.plan(scene.item(1, Klass.PRIORITY))
    assert scene.why("airing-1") == "outside_hours"
    assert scene.told("airing-1")[-1] is Event.REFUSED


def test_the_lowest_night_of_the_chain_holds_the_volume_down() -> None:
    scene = Scene()
    night = replace(ALWAYS, unit="ban-mot", volume_night=20, night_start=700, night_end=730)
    scene.rule(replace(ALWAYS, volume_day=60), night)
    scene.ready(1)
    assert scene.plays[0][1].volume == 20
    assert clip(1).sha256 in scene.state.clips
    assert ref(1) in scene.state.announcements
