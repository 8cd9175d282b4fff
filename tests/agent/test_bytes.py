"""What one announcement costs a SIM card: clip × 1.08 + 4,000 bytes at most, counted on the sockets with TLS."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device_agent.boot import tls_context
from device_agent.https import Server, Tokens
from device_agent.settings import from_config
from firmware_config.device_config import load
from firmware_config.protocol import Event, SpokenVersion
from tests.agent.counting import CountedWire, counted
from tests.agent.mqtt_side import MqttSide, eventually
from tests.agent.processes import running_agent
from tests.agent.sounds import tone_clip
from tests.agent.station import Station, announcement, item, now_ms
from tests.broker import RunningBroker

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("agent")]

AIRING = "0199c0de5eedfacecafe0123456789ab"
EARLIER = "0199c0de5eedfacecafe0123456789aa"
NOBODY = "localhost:9"
WORDS = (
    "Ủy ban nhân dân xã Yên Châu thông báo: từ ngày 25 tháng 11, bà con mang căn cước công dân đến trung tâm phục vụ "
    "hành chính công để làm thủ tục đất đai. Điện thoại 0212 385 1234. Trân trọng thông báo."
)


@contextmanager
def secured(station: Station) -> Iterator[CountedWire]:
    """The station behind TLS, as a reverse proxy would have it, on a wire that counts."""
    issued = station.authority.issue("server", server_names=("localhost",))
    names = station.folder / "server.pem", station.folder / "server.key"
    for name, pem in zip(names, (issued.certificate_pem, issued.key_pem), strict=True):
        name.write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*names)
    station._server.socket = context.wrap_socket(station._server.socket, server_side=True)
    with counted(int(station.url.rpartition(":")[2])) as wire:
        yield wire


def configured(station: Station, broker: str, http: CountedWire) -> Path:
    config = station.bundle(brokers=(broker,))
    config.write_text(config.read_text().replace(station.url, f"https://127.0.0.1:{http.port}"))
    return config


def plan_it(station: Station, seconds: float, airing: str = AIRING) -> int:
    """One announcement, to begin now; the bytes of its clip."""
    clip, data = tone_clip(seconds)
    station.add_clip(clip, data)
    of = station.announce(announcement(SpokenVersion("vi", WORDS, clip), now=now_ms(), name=f"tb-{airing[-2:]}"))
    station.plan(item(airing, of, start=now_ms()))
    return clip.bytes


def polls(station: Station) -> int:
    return sum(path == "/device/v1/manifest" for _, path, _ in station.requests)


def test_one_announcement_costs_little_more_than_its_clip(
    station: Station, broker: RunningBroker, mqtt_side: MqttSide
) -> None:
    with (
        counted(broker.port) as mqtt,
        secured(station) as http,
        running_agent(configured(station, f"localhost:{mqtt.port}", http), LOA_AGENT_PATH_AFTER_S="5"),
    ):
        mqtt_side.publish_manifest()
        eventually(lambda: mqtt_side.states and mqtt_side.states[-1].version == station.manifest.version)
        # The first of all pays for the certificates of both sides.
        plan_it(station, 0.5, EARLIER)
        mqtt_side.publish_manifest()
        station.wait_for(EARLIER, Event.HEARD)
        time.sleep(1.5)
        before = mqtt.bytes, http.bytes
        clip = plan_it(station, 10.0)
        mqtt_side.publish_manifest()
        station.wait_for(AIRING, Event.HEARD)
        time.sleep(0.5)
        over_mqtt, over_http = mqtt.bytes - before[0], http.bytes - before[1]
    assert mqtt_side.packed
    assert station.events(AIRING)[0] is Event.STORED
    print(f"clip {clip}, over MQTT {over_mqtt}, over HTTPS {over_http}")
    assert over_mqtt + over_http <= clip * 1.08 + 4_000


def test_it_costs_no_more_where_https_carries_everything(station: Station) -> None:
    with secured(station) as http:
        pace = {"LOA_AGENT_PATH_AFTER_S": "1", "LOA_AGENT_POLL_S": "12"}
        with running_agent(configured(station, NOBODY, http), **pace):
            eventually(lambda: polls(station) == 2, 60)
            time.sleep(1.0)
            # What asking costs by itself, which it does every minute.
            before = http.bytes
            eventually(lambda: polls(station) == 3, 60)
            time.sleep(1.0)
            asking, before = http.bytes - before, http.bytes
            clip = plan_it(station, 10.0)
            station.wait_for(AIRING, Event.HEARD)
            time.sleep(0.5)
            asked, over_http = polls(station) - 3, http.bytes - before
    print(f"clip {clip}, over HTTPS {over_http}, of which {asked} times {asking} for asking")
    assert over_http - asked * asking <= clip * 1.08 + 4_000


def test_a_second_connection_needs_no_certificates(station: Station) -> None:
    with secured(station) as http:
        settings = from_config(load(configured(station, NOBODY, http)), {})
        context, broken = tls_context(settings)
        assert not broken
        tokens = Tokens(station.device, _key(station), now_ms)
        server = Server(settings.urls, context, tokens)
        costs = []
        for _ in range(3):
            before = http.bytes
            assert server.ask("GET", "/device/v1/keys").body == station.keys
            server.close()
            time.sleep(0.1)
            costs.append(http.bytes - before)
    assert costs[1] < costs[0] - 700
    assert costs[2] <= costs[1] + 50


def _key(station: Station) -> Ed25519PrivateKey:
    return station.speaker_key
