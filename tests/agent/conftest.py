"""One station, one broker, one real clip."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_config.protocol import ClipRef, topics
from tests.agent.mqtt_side import MqttSide
from tests.agent.sounds import tone_clip
from tests.agent.station import Station
from tests.broker import RunningBroker, running_mosquitto


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    found = Station(tmp_path)
    yield found
    found.close()


@pytest.fixture
def broker(station: Station, tmp_path: Path) -> Iterator[RunningBroker]:
    issued = station.authority.issue("mosquitto", server_names=("localhost",))
    with running_mosquitto(
        tmp_path / "mosquitto",
        acl=topics.acl("broadcaster"),
        ca=station.authority.certificate_pem,
        cert=issued.certificate_pem,
        key=issued.key_pem,
    ) as running:
        yield running


@pytest.fixture
def mqtt_side(station: Station, broker: RunningBroker, tmp_path: Path) -> Iterator[MqttSide]:
    side = MqttSide(station, broker, tmp_path / "broadcaster")
    yield side
    side.close()


@pytest.fixture(scope="session")
def two_seconds() -> tuple[ClipRef, bytes]:
    return tone_clip(2.0)


@pytest.fixture(scope="session")
def four_seconds() -> tuple[ClipRef, bytes]:
    return tone_clip(4.0)
