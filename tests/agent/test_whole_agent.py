"""The real process, the real broker, a real clip, and a WAV at the end."""

import gzip
import time
from dataclasses import replace
from pathlib import Path

import pytest

from firmware_config.protocol import (
    ClipRef,
    ClockState,
    Event,
    Klass,
    PlayNow,
    SelfTest,
    SendLog,
    SpokenVersion,
    Stop,
    topics,
)
from tests.agent.mqtt_side import MqttSide, eventually
from tests.agent.processes import running_agent
from tests.agent.sounds import read_wav
from tests.agent.station import Station, announcement, item, now_ms
from tests.broker import RunningBroker

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("agent")]

LADDER = [Event.STORED, Event.ARMED, Event.STARTED, Event.FINISHED, Event.HEARD]


def wav_of(station: Station) -> Path:
    return station.folder / station.device / "sound" / f"{station.device}.wav"


def signed(station: Station, clip: tuple[ClipRef, bytes], klass: Klass = Klass.NORMAL) -> str:
    station.add_clip(*clip)
    return station.announce(announcement(SpokenVersion("vi", "Xin chào", clip[0]), klass=klass, now=now_ms()))


def test_a_power_cut_in_mid_play_over_https_alone(station: Station, four_seconds: tuple[ClipRef, bytes]) -> None:
    config = station.bundle()
    station.plan(item("airing-1", signed(station, four_seconds), start=now_ms()))
    with running_agent(config) as agent:
        station.wait_for("airing-1", Event.STARTED)
        time.sleep(1.0)
        agent.cut_power()
    first_try, _ = read_wav(wav_of(station))
    assert 0.4 < first_try < 3.9
    with running_agent(config) as agent:
        station.wait_for("airing-1", Event.HEARD)
        assert agent.stop() == 0
    whole, _ = read_wav(wav_of(station))
    assert whole - first_try == pytest.approx(4.0, abs=0.6)
    assert station.events("airing-1") == [*LADDER[:3], *LADDER[2:]]
    heard = station.receipts[-1]
    assert (heard.attempt, heard.clock.value) == (2, "trusted")
    assert heard.evidence is not None
    assert heard.evidence.ms == pytest.approx(4000, abs=60)
    assert station.broken_chains == 0
    assert [one.seq for one in station.receipts] == list(range(1, len(station.receipts) + 1))


def test_over_mqtt_it_begins_on_time_and_a_finished_airing_is_never_played_again(
    station: Station, broker: RunningBroker, mqtt_side: MqttSide, two_seconds: tuple[ClipRef, bytes]
) -> None:
    config = station.bundle(brokers=(f"localhost:{broker.port}",))
    start = now_ms() + 5_000
    station.plan(item("airing-1", signed(station, two_seconds), start=start))
    mqtt_side.publish_manifest()
    with running_agent(config) as agent:
        started = station.wait_for("airing-1", Event.STARTED)
        assert -100 <= started.at - start < 10_000
        station.wait_for("airing-1", Event.HEARD)
        assert mqtt_side.resyncs[0].have is None
        eventually(lambda: mqtt_side.states[-1].version == station.manifest.version)
        assert mqtt_side.receipt_messages <= 5
        assert agent.stop() == 0
    eventually(lambda: [one.online for one in mqtt_side.presences] == [True, False])
    with running_agent(config):
        eventually(lambda: len(mqtt_side.resyncs) == 2)
        time.sleep(1.0)
    assert station.events("airing-1") == LADDER
    # The last will speaks for an agent that was killed.
    eventually(lambda: [one.online for one in mqtt_side.presences] == [True, False, True, False])


def test_a_live_emergency_with_its_clip_inline_pushes_aside_what_plays(
    station: Station,
    broker: RunningBroker,
    mqtt_side: MqttSide,
    two_seconds: tuple[ClipRef, bytes],
    four_seconds: tuple[ClipRef, bytes],
) -> None:
    config = station.bundle(brokers=(f"localhost:{broker.port}",))
    station.plan(item("airing-1", signed(station, four_seconds), start=now_ms()))
    mqtt_side.publish_manifest()
    with running_agent(config) as agent:
        station.wait_for("airing-1", Event.STARTED)
        clip, data = two_seconds
        words = announcement(SpokenVersion("vi", "Lũ về", clip), klass=Klass.EMERGENCY, now=now_ms())
        of = station.announce(words)
        emergency = PlayNow(item("airing-2", of, start=now_ms(), klass=Klass.EMERGENCY))
        raw = station.live(emergency, of=of, clips={clip.sha256: data})
        asked = now_ms()
        mqtt_side.command(raw)
        mqtt_side.command(raw)
        started = station.wait_for("airing-2", Event.STARTED)
        assert started.at - asked < 10_000
        station.wait_for("airing-2", Event.HEARD)
        again = station.wait_for("airing-1", Event.HEARD)
        assert again.attempt == 2
        assert ("GET", f"/device/v1/clips/{clip.sha256}", "") not in station.requests
        assert station.events("airing-2") == LADDER
        assert agent.stop() == 0


def test_its_log_is_handed_over_when_a_live_command_asks_for_it(
    station: Station, broker: RunningBroker, mqtt_side: MqttSide
) -> None:
    config = station.bundle(brokers=(f"localhost:{broker.port}",), sink="silent")
    station.plan()
    mqtt_side.publish_manifest()
    with running_agent(config) as agent:
        eventually(lambda: "action=clock_set" in "".join(agent.log))
        mqtt_side.command(station.live(SendLog("request-1")))
        eventually(lambda: "request-1" in station.logs)
        assert agent.stop() == 0
    sent = gzip.decompress(station.logs["request-1"]).decode()
    assert "action=ready" in sent
    assert "action=log_asked request=request-1" in sent
    kept = (config.parent / "data/log.txt").read_text(encoding="utf-8")
    assert kept.startswith(sent)
    assert kept.rstrip().endswith("action=left")
    with running_agent(config) as agent:
        eventually(lambda: "action=clock_set" in "".join(agent.log))
        mqtt_side.command(station.live(SendLog("request-2")))
        eventually(lambda: "request-2" in station.logs)
        agent.stop()
    assert gzip.decompress(station.logs["request-2"]).decode().startswith(kept)


def test_stop_and_self_test_come_as_live_commands(
    station: Station, broker: RunningBroker, mqtt_side: MqttSide, four_seconds: tuple[ClipRef, bytes]
) -> None:
    config = station.bundle(brokers=(f"localhost:{broker.port}",))
    station.plan(item("airing-1", signed(station, four_seconds), start=now_ms()))
    mqtt_side.publish_manifest()
    with running_agent(config):
        station.wait_for("airing-1", Event.STARTED)
        mqtt_side.command(station.live(Stop(None)), topics.command(station.device))
        cancelled = station.wait_for("airing-1", Event.CANCELLED)
        assert cancelled.reason == "stopped"
        mqtt_side.command(station.live(SelfTest(silent=False)))
        eventually(lambda: any(one.event is Event.SELF_TEST and one.evidence for one in station.receipts))
        mqtt_side.command(station.live(SelfTest(silent=True)))
        eventually(lambda: any(one.event is Event.SELF_TEST and not one.evidence for one in station.receipts))


def test_a_clip_that_breaks_off_goes_on_where_it_stopped(station: Station, two_seconds: tuple[ClipRef, bytes]) -> None:
    config = station.bundle(sink="silent")
    clip, _ = two_seconds
    station.break_clip_at = clip.bytes // 2
    station.plan(item("airing-1", signed(station, two_seconds), start=now_ms()))
    with running_agent(config):
        station.wait_for("airing-1", Event.HEARD)
    ranges = [asked for _, path, asked in station.requests if path.endswith(clip.sha256)]
    assert ranges == ["", f"bytes={clip.bytes // 2}-"]


def test_sigterm_in_mid_play_fades_out_and_is_on_record(station: Station, four_seconds: tuple[ClipRef, bytes]) -> None:
    config = station.bundle()
    station.plan(replace(item("airing-1", signed(station, four_seconds), start=now_ms()), max_starts=1))
    with running_agent(config) as agent:
        station.wait_for("airing-1", Event.STARTED)
        asked = time.monotonic()
        assert agent.stop() == 0
        # Two seconds on a speaker; this machine is shared, and systemd waits for ten.
        assert time.monotonic() - asked < 8.0
    length, samples = read_wav(wav_of(station))
    assert 0 < length < 4.0
    # The last sample of a fade is silent.
    assert samples[-2:] == b"\0\0"
    with running_agent(config):
        ended = station.wait_for("airing-1", Event.PARTIAL)
    assert ended.reason == "interrupted"
    assert ended.evidence is not None
    assert 0 < ended.evidence.ms < 4_000


def test_behind_a_broker_where_nobody_answers_it_goes_over_https(
    station: Station, broker: RunningBroker, mqtt_side: MqttSide, two_seconds: tuple[ClipRef, bytes]
) -> None:
    mqtt_side.answers = False
    config = station.bundle(brokers=(f"localhost:{broker.port}",), sink="silent")
    with running_agent(config) as agent:
        eventually(lambda: mqtt_side.resyncs)
        of = station.announce(announcement(SpokenVersion("vi", "Xin chào", two_seconds[0]), now=now_ms()))
        station.add_clip(*two_seconds)
        station.plan(item("airing-1", of, start=now_ms()))
        station.wait_for("airing-1", Event.HEARD)
        assert ("GET", "/device/v1/manifest", "") in station.requests
        assert agent.stop() == 0
    assert len(mqtt_side.resyncs) == 1


def test_a_self_test_on_a_dead_card_says_what_failed(
    station: Station, broker: RunningBroker, mqtt_side: MqttSide
) -> None:
    config = station.bundle(brokers=(f"localhost:{broker.port}",), sink="aplay:no-such-card")
    station.plan()
    mqtt_side.publish_manifest()
    with running_agent(config):
        eventually(lambda: any(one.version and one.clock is ClockState.TRUSTED for one in mqtt_side.states))
        mqtt_side.command(station.live(SelfTest(silent=False)))
        eventually(lambda: any(one.event is Event.SELF_TEST for one in station.receipts))
        assert [one.reason for one in station.receipts if one.event is Event.SELF_TEST] == ["sink_failed"]
        eventually(lambda: mqtt_side.states[-1].problems.count("no_sound_card"))
