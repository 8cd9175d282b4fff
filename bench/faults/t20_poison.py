"""T20: one speaker never acknowledges, one sends nonsense and ten megabytes, one stands still; the rest go on."""

from __future__ import annotations

import os
import random
import signal
import ssl
import time
from contextlib import ExitStack, suppress

import httpx
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.stage import Loudspeaker, Setting, Stage, stage, until
from bench.faults.verdict import Watch, all_ended, judge
from firmware_config import pki
from firmware_config.protocol import make_token, topics
from tests.agent.station import now_ms

GOOD, DEAF, MAD, STILL = 3, 3, 4, 5
"""The first three are well; then one that never acknowledges, one that sends nonsense, one that stands still."""
MALFORMED = 20_000
HUGE = 10_000_000
ROUNDS = 20
STORED_S = 20.0
SETTLE_S = 180.0


def client_of(place: Stage, one: Loudspeaker, *, acknowledging: bool = True) -> mqtt.Client:
    """A connection in a speaker's name, with its own certificate."""
    assert place.broker is not None
    context = ssl.create_default_context(cafile=one.folder / "tls" / "ca.pem")
    context.load_cert_chain(one.folder / "tls" / "speaker.pem", one.folder / "tls" / "speaker.key")
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2, client_id=one.id, protocol=mqtt.MQTTv311, manual_ack=not acknowledging
    )
    client.tls_set_context(context)
    wanted = [(topic, 1) for topic in topics.speaker_subscriptions(one.id, ["yen-chau"], [])]
    client.on_connect = lambda c, *_: c.subscribe(wanted)
    client.connect(place.broker.host, place.broker.port, 30)
    client.loop_start()
    return client


def nonsense(client: mqtt.Client, one: Loudspeaker, count: int, chance: random.Random) -> None:
    """Receipts nobody can read: noise, wrong JSON, an envelope of the wrong kind."""
    shapes = (b"", b"{}", b'{"payload":"AAAA","payloadType":"x","signatures":[]}', b"[" * 5000, b"\xff" * 300)
    for number in range(count):
        payload = chance.choice([*shapes, chance.randbytes(200)])
        client.publish(topics.receipts(one.id), payload, qos=1)
        if number % 500 == 499:
            time.sleep(0.2)


def huge(place: Stage, one: Loudspeaker, client: mqtt.Client) -> str:
    """Ten megabytes over the broker, and the same over HTTPS; how HTTPS answered."""
    # QoS 0: paho would send a lost one again after each time the broker hangs up.
    client.publish(topics.receipts(one.id), bytes(HUGE), qos=0)
    key = pki.load_signing_key((one.folder / "signing" / "speaker.key").read_bytes())
    token = make_token(one.id, key, now=now_ms(), audience="loa")
    url = f"{place.settings.console_url}/device/v1/receipts"
    with suppress(httpx.TransportError):
        return str(httpx.post(url, content=bytes(HUGE), headers={"Authorization": f"Loa {token}"}).status_code)
    return "hung up"


def run(scale: Scale) -> Outcome:
    """All of it at once, while three speakers are to play as if nothing were."""
    rounds = scale.of(ROUNDS, 3)
    malformed = rounds * (scale.of(MALFORMED, 500) // rounds)
    with ExitStack() as stack:
        place = stack.enter_context(stage(scale.folder, Setting(speakers=6, outside_broker=True)))
        well, still = place.speakers[:GOOD], place.speakers[STILL]
        for one in (place.speakers[DEAF], place.speakers[MAD]):
            one.stop()
        deaf = client_of(place, place.speakers[DEAF], acknowledging=False)
        mad = client_of(place, place.speakers[MAD])
        stack.callback(deaf.loop_stop)
        stack.callback(mad.loop_stop)
        os.kill(still.child.pid, signal.SIGSTOP)
        stack.callback(os.kill, still.child.pid, signal.SIGCONT)
        answer = huge(place, place.speakers[MAD], mad)
        recording, watch = place.recording(0.7), Watch(place)
        for number in range(rounds):
            nonsense(mad, place.speakers[MAD], malformed // rounds, random.Random(scale.seed + number))
            everybody = place.written(recording=recording)
            watch.add(place.said(*well, recording=recording))
            place.aired(everybody)
            watch.look_for(5)
            progress(f"T20 {number + 1} of {rounds}, slowest {watch.slowest:.1f} s")
        until(lambda: watch.look() and all_ended(place, watch.begun), SETTLE_S, every=0.5)
        until(lambda: refused(place) >= malformed, SETTLE_S, every=1.0)
        verdict, counted, alive = judge(place, watch.begun), refused(place), place.service.running and place.answers()
    heard = verdict.heard == verdict.deliveries == GOOD * rounds
    good = verdict.clean and heard and watch.slowest <= STORED_S and alive and answer == "413" and counted >= malformed
    figure = (
        f"of the others {verdict.words}, stored after at most {watch.slowest:.1f} s; {counted:,} of {malformed:,} "
        f"malformed receipts counted; 10 MB over HTTPS: {answer}; the service {'lives' if alive else 'is dead'}"
    )
    return Outcome(good, figure, verdict.details)


def refused(place: Stage) -> int:
    """How many messages of speakers the service says it has refused."""
    lines = httpx.get(f"{place.settings.console_url}/metrics").text.splitlines()
    counts = {line.split('"')[1]: float(line.split()[-1]) for line in lines if line.startswith("loa_received{")}
    return round(sum(count for code, count in counts.items() if code not in {"receipts", "reports", "resyncs"}))


FAULT = Fault(
    "T20",
    "one speaker never acknowledges, one sends malformed receipts and 10 MB, one is stopped with SIGSTOP",
    "the others are not affected; what is wrong is refused and counted; the service lives",
    run,
)
