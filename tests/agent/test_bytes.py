"""What one announcement costs a SIM card: clip × 1.08 + 4 kB at most, counted on the sockets with TLS."""

import time

import pytest

from firmware_config.protocol import Event, SpokenVersion
from tests.agent.counting import counted
from tests.agent.mqtt_side import MqttSide, eventually
from tests.agent.processes import running_agent
from tests.agent.sounds import tone_clip
from tests.agent.station import Station, announcement, item, now_ms
from tests.broker import RunningBroker

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("agent")]

AIRING = "0199c0de5eedfacecafe0123456789ab"
WORDS = (
    "Ủy ban nhân dân xã Yên Châu thông báo: từ ngày 25 tháng 11, bà con mang căn cước công dân đến trung tâm phục vụ "
    "hành chính công để làm thủ tục đất đai. Điện thoại 0212 385 1234. Trân trọng thông báo."
)


def test_one_announcement_costs_little_more_than_its_clip(
    station: Station, broker: RunningBroker, mqtt_side: MqttSide
) -> None:
    clip, data = tone_clip(10.0)
    with counted(broker.port) as mqtt, counted(int(station.url.rpartition(":")[2])) as http:
        config = station.bundle(brokers=(f"localhost:{mqtt.port}",))
        config.write_text(config.read_text().replace(station.url, f"http://127.0.0.1:{http.port}"))
        with running_agent(config, LOA_AGENT_PATH_AFTER_S="5"):
            mqtt_side.publish_manifest()
            eventually(lambda: mqtt_side.states and mqtt_side.states[-1].version == station.manifest.version)
            time.sleep(1.0)
            before = mqtt.bytes, http.bytes
            station.add_clip(clip, data)
            of = station.announce(announcement(SpokenVersion("vi", WORDS, clip), now=now_ms()))
            station.plan(item(AIRING, of, start=now_ms()))
            mqtt_side.publish_manifest()
            station.wait_for(AIRING, Event.HEARD)
            time.sleep(0.5)
            over_mqtt, over_http = mqtt.bytes - before[0], http.bytes - before[1]
    print(f"clip {clip.bytes}, over MQTT {over_mqtt}, over HTTP {over_http}")
    assert over_mqtt + over_http <= clip.bytes * 1.08 + 4_096
