"""One chime and several languages in one bundle; drills that say they are; words that take the place of others."""

from dataclasses import replace

import pytest

from device_agent import events
from device_agent.effects import NO_WORDS, ClipPart, FetchClip, SpokenPart
from device_agent.ledger import Stage
from firmware_config.protocol import PAUSE_MS, Event, Item, Kind, Klass, SignedAnnouncement, SpokenVersion
from tests.agent.scenes import NOON, Scene, clip, ref, words
from tests.agent.station import announcement

pytestmark = pytest.mark.pure

CHIME = clip(90, 2_000)
VI = SpokenVersion("vi", "Xin chào", clip(1))
HMN = SpokenVersion("hmn", "Nyob zoo", clip(2))
EN = SpokenVersion("en", "Hello", clip(3))
WAIT = 15_000


def bundle(klass: Klass = Klass.NORMAL, kind: Kind = Kind.LIVE) -> SignedAnnouncement:
    return announcement(VI, HMN, EN, klass=klass, now=NOON, chime=CHIME, kind=kind)


def wanted(scene: Scene, *languages: str, klass: Klass = Klass.NORMAL, window: int = 600_000) -> Item:
    made = replace(scene.item(1, klass), languages=languages, latest_start=NOON + window)
    scene.tell(events.AnnouncementStored(ref(1), bundle(klass)))
    scene.plan(made)
    return made


def bring(scene: Scene, *names: int) -> None:
    for name in names:
        scene.tell(events.ClipStored(clip(name).sha256))


def test_one_chime_and_then_the_languages_in_the_order_of_the_village() -> None:
    scene = Scene()
    bring(scene, 1, 2, 3, 90)
    wanted(scene, "hmn", "vi")
    [(_, play)] = scene.plays
    assert play.parts == (ClipPart(NO_WORDS, CHIME), ClipPart("hmn", clip(2)), ClipPart("vi", clip(1)))
    scene.finish()
    assert scene.why("airing-1") == ""


def test_only_the_wanted_sound_is_fetched_the_chime_with_it() -> None:
    scene = Scene()
    wanted(scene, "vi")
    assert scene.asked_for() == [CHIME.sha256, clip(1).sha256]


def test_a_missing_chime_holds_nothing_up() -> None:
    scene = Scene()
    bring(scene, 1)
    wanted(scene, "vi")
    assert [part.language for part in scene.plays[0][1].parts] == ["vi"]


def test_the_length_of_the_bundle_counts_with_chime_and_pauses() -> None:
    scene = Scene()
    bring(scene, 1, 2, 90)
    wanted(scene, "vi", "hmn")
    scene.sound()
    [log] = scene.plays_log.values()
    assert log.play == (NOON, NOON + 2_000 + 4_000 + 4_000 + 2 * PAUSE_MS)


@pytest.mark.parametrize("klass", [Klass.NORMAL, Klass.PRIORITY])
def test_a_missing_language_is_waited_for_and_then_left_out_and_the_receipt_says_so(klass: Klass) -> None:
    scene = Scene()
    bring(scene, 2, 90)
    wanted(scene, "vi", "hmn", klass=klass)
    scene.pass_time(WAIT - 1)
    assert scene.plays == []
    scene.pass_time(1)
    assert [part.language for part in scene.plays[0][1].parts] == [NO_WORDS, "hmn"]
    scene.finish()
    told = [(one.event, one.reason) for one in scene.records if one.event in {Event.FINISHED, Event.HEARD}]
    assert told == [(Event.FINISHED, "language_missing"), (Event.HEARD, "language_missing")]


def test_a_language_that_will_not_come_is_left_out_at_once() -> None:
    scene = Scene()
    bring(scene, 2)
    wanted(scene, "vi", "hmn")
    assert scene.plays == []
    scene.tell(events.ClipFailed(clip(1).sha256))
    assert [part.language for part in scene.plays[0][1].parts] == ["hmn"]


def test_while_one_may_still_come_the_failure_of_another_changes_nothing() -> None:
    scene = Scene()
    bring(scene, 2)
    wanted(scene, "vi", "hmn", "en")
    scene.tell(events.ClipFailed(clip(1).sha256))
    assert scene.plays == []
    bring(scene, 3)
    assert [part.language for part in scene.plays[0][1].parts] == ["hmn", "en"]


def test_with_no_language_at_all_not_even_the_chime_sounds() -> None:
    scene = Scene()
    bring(scene, 90)
    wanted(scene, "vi", "hmn")
    scene.pass_time(3_600_000)
    assert scene.plays == []
    assert scene.why("airing-1") == "no_clip"


def test_of_an_emergency_the_board_speaks_what_it_can_and_leaves_out_the_rest() -> None:
    scene = Scene()
    bring(scene, 90)
    wanted(scene, "vi", "hmn", klass=Klass.EMERGENCY)
    scene.pass_time(WAIT)
    assert scene.plays[0][1].parts == (ClipPart(NO_WORDS, CHIME), SpokenPart("vi", "Xin chào"))
    scene.finish()
    assert scene.why("airing-1") == "language_missing"
    assert [one.fallback for one in scene.records if one.event is Event.HEARD] == [True]


def test_a_chime_that_cannot_be_decoded_is_left_out_the_next_time() -> None:
    scene = Scene()
    bring(scene, 1, 90)
    wanted(scene, "vi")
    scene.cut("decoder_failed")
    scene.pass_time(3_000)
    assert [part.language for part in scene.plays[-1][1].parts] == ["vi"]


@pytest.mark.parametrize(
    ("language", "frame"),
    [
        ("vi", "Đây là diễn tập."),
        ("en", "This is a drill."),
        ("fr", "Ceci est un exercice."),
        ("es", "Đây là diễn tập."),
    ],
)
def test_a_drill_in_the_boards_own_voice_says_so_before_and_after(language: str, frame: str) -> None:
    scene = Scene()
    scene.state = replace(scene.state, limits=replace(scene.limits, speakable=frozenset({"vi", "en", "fr", "es"})))
    said = SpokenVersion(language, "Nước đang lên", clip(1))
    drill = announcement(said, klass=Klass.PRIORITY, now=NOON, kind=Kind.DRILL)
    scene.tell(events.AnnouncementStored(ref(1), drill))
    scene.plan(replace(scene.item(1, Klass.PRIORITY), languages=(language,)))
    scene.pass_time(WAIT)
    assert scene.plays[0][1].parts == (SpokenPart(language, f"{frame}\nNước đang lên\n{frame}"),)
    scene.finish()
    assert [one.play.end - one.play.start for one in scene.plays_log.values()] == [4_000]


def correction(of: str = "tb-1", klass: Klass = Klass.EMERGENCY, kind: Kind = Kind.LIVE) -> SignedAnnouncement:
    version = SpokenVersion("vi", "Tin trước là nhầm", clip(5))
    return announcement(version, klass=klass, now=NOON, name="tb-5", supersedes=of, kind=kind)


def test_a_correction_cuts_what_it_corrects_and_takes_back_what_still_waits() -> None:
    scene = Scene()
    alarm = scene.ready(1, Klass.EMERGENCY)
    later = scene.item(2, Klass.EMERGENCY, start=NOON + 60_000, latest_start=NOON + 90_000)
    again = replace(later, announcement=ref(1))
    scene.plan(*scene.manifest.items, again)
    scene.sound()
    scene.tell_words(5, correction())
    scene.tell(events.LivePlay(scene.item(5, Klass.EMERGENCY)))
    assert [stop.airing for stop in scene.stops()] == [alarm]
    scene.cut()
    assert scene.playing == "airing-5"
    assert [scene.why(one) for one in (alarm, again.airing)] == ["superseded", "superseded"]
    scene.tell(events.LivePlay(replace(again, airing="airing-9")))
    assert scene.why("airing-9") == "superseded"


def test_a_correction_that_cannot_sound_yet_leaves_things_as_they_are() -> None:
    scene = Scene()
    alarm = scene.ready(1, Klass.EMERGENCY)
    scene.sound()
    scene.tell_words(5, correction(), clips=False)
    scene.tell(events.LivePlay(scene.item(5, Klass.EMERGENCY)))
    assert scene.stops() == []
    scene.tell(events.ClipStored(clip(5).sha256))
    assert [stop.airing for stop in scene.stops()] == [alarm]


@pytest.mark.parametrize(
    ("newer", "klass"),
    [
        (correction("tb-7"), Klass.EMERGENCY),
        (correction(klass=Klass.NORMAL), Klass.NORMAL),
        (correction(klass=Klass.PRIORITY, kind=Kind.DRILL), Klass.PRIORITY),
    ],
)
def test_no_lesser_words_and_no_others_take_the_place_of_an_alarm(newer: SignedAnnouncement, klass: Klass) -> None:
    scene = Scene()
    alarm = scene.ready(1, Klass.EMERGENCY)
    scene.sound()
    scene.tell_words(5, newer)
    scene.plan(*scene.manifest.items, scene.item(5, klass))
    assert scene.stops() == []
    scene.finish()
    assert scene.stage(alarm) is Stage.HEARD


def test_a_drill_does_not_take_the_place_of_what_is_meant() -> None:
    scene = Scene()
    meant = scene.ready(1, Klass.PRIORITY)
    scene.tell_words(5, correction(klass=Klass.PRIORITY, kind=Kind.DRILL))
    scene.plan(*scene.manifest.items, scene.item(5, Klass.PRIORITY))
    scene.finish()
    assert scene.stage(meant) is Stage.HEARD


def standing_by(scene: Scene, name: int = 5, klass: Klass = Klass.EMERGENCY) -> Item:
    return replace(scene.item(name, klass, latest_start=NOON + 3_600_000, expires=NOON + 7_200_000), standby=True)


def test_what_stands_by_is_stored_and_neither_armed_nor_started() -> None:
    scene = Scene()
    scene.tell_words(5, correction())
    scene.plan(standing_by(scene))
    scene.pass_time(60_000)
    assert scene.told("airing-5") == [Event.STORED]
    assert scene.plays == []
    scene.power_cut(1_000)
    assert scene.stage("airing-5") is Stage.STORED


@pytest.mark.parametrize("live", [True, False])
def test_called_up_it_plays_and_no_older_plan_calls_it_back(live: bool) -> None:
    scene = Scene()
    scene.tell_words(5, correction())
    waiting = standing_by(scene)
    scene.plan(waiting)
    scene.ready(1)
    scene.plan(*scene.manifest.items, waiting)
    scene.sound()
    called = replace(waiting, standby=False, start=scene.now)
    if live:
        scene.tell(events.LivePlay(called))
    else:
        scene.plan(called)
    assert len(scene.stops()) == 1
    scene.plan(waiting)
    scene.cut()
    assert scene.playing == "airing-5"
    scene.plan()
    scene.finish()
    assert scene.stage("airing-5") is Stage.HEARD


def test_what_was_called_up_by_a_live_command_needs_no_plan() -> None:
    scene = Scene()
    scene.tell_words(5, correction(), clips=False)
    waiting = standing_by(scene)
    scene.plan(waiting)
    scene.tell(events.LivePlay(replace(waiting, standby=False)))
    scene.plan()
    scene.tell(events.ClipStored(clip(5).sha256))
    assert scene.playing == "airing-5"


def test_what_was_never_called_up_is_taken_back_at_its_end() -> None:
    scene = Scene()
    scene.tell_words(5, correction())
    scene.plan(standing_by(scene))
    scene.pass_time(3_600_001)
    assert (scene.stage("airing-5"), scene.why("airing-5")) == (Stage.CANCELLED, "not_called")


def test_what_stands_by_is_fetched_first_then_emergencies_then_the_rest() -> None:
    scene = Scene()
    for name, klass in ((1, Klass.NORMAL), (2, Klass.EMERGENCY), (5, Klass.NORMAL)):
        scene.tell(events.AnnouncementStored(ref(name), words(name, klass)))
    scene.plan(scene.item(1), scene.item(2, Klass.EMERGENCY), standing_by(scene, 5, Klass.NORMAL))
    fetched = [one for one in scene.effects if isinstance(one, FetchClip)]
    assert [one.clip for one in fetched] == [clip(5), clip(2), clip(1)]
    assert [one.klass for one in fetched] == [Klass.EMERGENCY, Klass.EMERGENCY, Klass.NORMAL]
