"""T05: the broker loses all it kept on disk while every speaker is away."""

from __future__ import annotations

import ssl
import time

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import select

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.stage import Loudspeaker, Setting, Stage, must, stage, until
from bench.faults.verdict import all_ended, judge
from broadcaster.store.tables import Speaker, SpeakerManifest
from firmware_config.protocol import topics

ROUNDS = 5
SPEAKERS = 6
WITHIN_S = 120.0
SETTLE_S = 180.0


def run(scale: Scale) -> Outcome:
    """Away, wiped, put on air meanwhile; what the broker retains again, and when every version is right."""
    rounds = scale.of(ROUNDS)
    rebuilt: list[float | None] = []
    right: list[float | None] = []
    airings: list[str] = []
    with stage(scale.folder, Setting(speakers=SPEAKERS, outside_broker=True, persistent=True)) as place:
        assert place.broker is not None
        recording = place.recording(0.7)
        for number in range(rounds):
            for one in place.speakers:
                one.stop()
            ready = place.written(recording=recording)
            place.broker.kill()
            place.broker.wipe()
            airings.append(place.aired(ready))
            place.broker.start()
            rebuilt.append(until(lambda: all(retained(place, one) for one in place.speakers), WITHIN_S))
            for one in place.speakers:
                one.start()
            right.append(until(lambda: versions_right(place), WITHIN_S))
            must("every speaker is linked", place.all_linked)
            # Sent away in mid-sentence they would rightly say "partial".
            until(lambda: all_ended(place, airings), SETTLE_S, every=0.5)
            progress(f"T05 {number + 1} of {rounds} wipes")
        until(lambda: all_ended(place, airings), SETTLE_S, every=1.0)
        verdict = judge(place, airings)
    times = [spent for spent in (*rebuilt, *right) if spent is not None]
    good = verdict.clean and verdict.heard == verdict.deliveries and len(times) == 2 * rounds
    figure = (
        f"{rounds} wipes; every manifest retained again after at most {_worst(rebuilt)}, "
        f"every version right {_worst(right)} after the speakers came back; {verdict.words}"
    )
    return Outcome(good, figure, verdict.details)


def _worst(times: list[float | None]) -> str:
    return "for ever" if None in times else f"{max(spent for spent in times if spent is not None):.1f} s"


def retained(place: Stage, one: Loudspeaker, seconds: float = 2.0) -> bool:
    """Whether the broker holds a manifest for a speaker that is away, asked in its own name."""
    assert place.broker is not None
    context = ssl.create_default_context(cafile=one.folder / "tls" / "ca.pem")
    context.load_cert_chain(one.folder / "tls" / "speaker.pem", one.folder / "tls" / "speaker.key")
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=one.id, protocol=mqtt.MQTTv311)
    client.tls_set_context(context)
    found: list[bytes] = []
    client.on_connect = lambda c, *_: c.subscribe(topics.manifest(one.id), qos=1)
    client.on_message = lambda _c, _d, message: found.append(bytes(message.payload))
    client.connect(place.broker.host, place.broker.port, 30)
    end = time.monotonic() + seconds
    while not found and time.monotonic() < end:
        client.loop(0.1)
    client.disconnect()
    return bool(found)


def versions_right(place: Stage) -> bool:
    """Whether every speaker said that it holds the newest manifest built for it."""
    wanted = (
        select(Speaker.id, Speaker.state_epoch, Speaker.state_version, SpeakerManifest.epoch, SpeakerManifest.version)
        .join(SpeakerManifest, SpeakerManifest.speaker_id == Speaker.id)
        .where(Speaker.id.in_([one.id for one in place.speakers]))
    )
    with place.ground.database.read() as session:
        rows = session.execute(wanted).all()
    return len(rows) == len(place.speakers) and all((row[1], row[2]) == (row[3], row[4]) for row in rows)


FAULT = Fault(
    "T05",
    "the broker's disk is wiped while every speaker is away, and something is put on air meanwhile",
    "all retained messages rebuilt and every version right within 120 s",
    run,
)
