"""What proves that it was heard, and how the core begins when something is pushed aside."""

from dataclasses import replace

import pytest

from device_agent import events
from device_agent.effects import CloseRelay, OpenRelay, Play, StopPlaying
from firmware_config.protocol import Event, Evidence, Klass
from tests.agent.scenes import LIMITS, Scene, evidence

pytestmark = pytest.mark.pure

TONE = replace(LIMITS, tone_ms=400)
FRAMES = replace(evidence(), seconds="abc", late_ms=3)
LOOP = replace(FRAMES, proof="loop", loop=-2_500)


def done(scene: Scene, proof: Evidence) -> None:
    playing = scene.state.playing
    assert playing is not None
    scene.sound()
    scene.tell(events.Finished(playing.airing, playing.attempt, proof))


def proofs(scene: Scene, airing: str) -> dict[Event, Evidence | None]:
    return {record.event: record.evidence for record in scene.records if record.airing == airing}


def test_where_nothing_listens_the_frames_are_proof() -> None:
    scene = Scene()
    airing = scene.ready(1)
    done(scene, FRAMES)
    # The level of each second travels once, with the last receipt.
    assert proofs(scene, airing)[Event.FINISHED] == replace(FRAMES, seconds="")
    assert proofs(scene, airing)[Event.HEARD] == FRAMES


def test_where_something_listens_only_what_it_heard_is_proof() -> None:
    scene = Scene(limits=TONE)
    airing = scene.ready(1)
    done(scene, LOOP)
    assert proofs(scene, airing)[Event.HEARD] == LOOP


def test_a_horn_that_was_not_heard_back_has_finished_and_was_not_heard() -> None:
    scene = Scene(limits=TONE)
    airing = scene.ready(1)
    done(scene, FRAMES)
    assert scene.told(airing)[-1] is Event.FINISHED
    assert scene.why(airing) == "not_heard_back"
    assert proofs(scene, airing)[Event.FINISHED] == FRAMES


@pytest.mark.parametrize("proof", [FRAMES, LOOP])
def test_what_was_played_to_nowhere_was_not_heard(proof: Evidence) -> None:
    scene = Scene()
    scene.manifest = replace(scene.manifest, sink="silent")
    airing = scene.ready(1)
    done(scene, proof)
    assert scene.told(airing)[-1] is Event.FINISHED
    assert scene.why(airing) == "made_silent"


def test_the_code_tone_makes_the_silence_before_longer_and_nothing_else() -> None:
    plain, toned = Scene(), Scene(limits=TONE)
    for scene in (plain, toned):
        item = replace(scene.item(1), start=scene.now + 60_000, latest_start=scene.now + 90_000)
        scene.bring(1)
        scene.plan(item)
        scene.pass_time(60_000)
    (_, without), (_, with_tone) = plain.plays[0], toned.plays[0]
    assert with_tone.lead_ms == without.lead_ms + 400
    assert with_tone.at == without.at
    assert with_tone.parts == without.parts


@pytest.mark.parametrize("limits", [LIMITS, TONE])
def test_what_pushes_aside_finds_the_amplifier_awake(limits: object) -> None:
    scene = Scene(limits=limits)  # type: ignore[arg-type]
    scene.manifest = replace(scene.manifest, lead_ms=500)
    scene.ready(1)
    scene.sound()
    emergency = scene.ready(2, Klass.EMERGENCY)
    assert [type(one) for one in scene.effects if isinstance(one, StopPlaying)] == [StopPlaying]
    before = len(scene.effects)
    scene.cut()
    _, play = scene.plays[-1]
    assert play.airing == emergency
    assert play.lead_ms == scene.limits.tone_ms
    assert play.at == scene.now + scene.limits.tone_ms
    # The relay's own tail bridges the moment in between.
    switched = [one for one in scene.effects[before:] if isinstance(one, OpenRelay | CloseRelay | Play)]
    assert [type(one) for one in switched] == [OpenRelay, CloseRelay, Play]


def test_after_a_failure_the_amplifier_is_not_taken_for_awake() -> None:
    scene = Scene()
    scene.manifest = replace(scene.manifest, lead_ms=500)
    scene.ready(1)
    scene.sound()
    scene.cut("sink_failed")
    scene.pass_time(2_001)
    assert scene.plays[-1][1].lead_ms == 500


def test_what_no_card_would_take_says_so_when_its_window_closes() -> None:
    scene = Scene()
    item = replace(scene.item(1), latest_start=scene.now + 10_000, expires=scene.now + 60_000)
    scene.bring(1)
    scene.plan(item)
    while scene.playing:
        scene.cut("sink_stuck")
        scene.pass_time(2_001)
    assert scene.told(item.airing)[-1] is Event.MISSED
    assert scene.why(item.airing) == "sink_stuck"


def test_a_card_that_is_well_again_is_not_blamed_for_what_comes_later() -> None:
    scene = Scene()
    scene.ready(1)
    scene.cut("sink_failed")
    scene.pass_time(2_001)
    scene.finish()
    assert scene.state.trouble == ""
