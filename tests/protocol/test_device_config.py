"""A speaker's settings: written so that they are read back equal, and refused by the name of what is wrong."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_config.device_config import (
    ConfigError,
    DeviceConfig,
    Hardware,
    KeyPaths,
    Sound,
    parse,
    setting_names,
    write,
)
from tests.protocol.strategies import ids

pytestmark = pytest.mark.pure

GOOD = DeviceConfig("loa-1", 'Bản "Chiềng" Đông\\1', ("loa.example:8883",), ("https://loa.example/",))

lines = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30)
paths = lines.map(Path).filter(lambda path: 0 < len(str(path)) <= 300)
hosts = st.from_regex(r"[a-z0-9.]{1,20}:[1-9][0-9]{0,4}", fullmatch=True)
configs = st.builds(
    DeviceConfig,
    device=ids,
    name=lines,
    brokers=st.lists(hosts, max_size=3).map(tuple),
    urls=st.lists(hosts.map("https://{}/x".format), max_size=3).map(tuple),
    data=paths,
    cache_mb=st.integers(8, 100_000),
    keys=st.builds(KeyPaths, ca=paths, key=paths, key_set=paths),
    sound=st.builds(
        Sound,
        sink=st.sampled_from(["silent", "aplay:hw:0,0", "wav:out"]),
        lead_ms=st.integers(0, 10_000),
        volume_max=st.integers(0, 100),
    ),
    hardware=st.builds(Hardware, relay_gpio=st.none() | st.integers(0, 999), relay_active_low=st.booleans()),
)


@given(configs)
@settings(deadline=None, database=None)
def test_settings_are_read_back_as_they_were_written(config: DeviceConfig) -> None:
    assert parse(write(config)) == config


@given(st.text(max_size=80))
@settings(deadline=None, database=None)
def test_any_other_text_is_refused_and_nothing_else(text: str) -> None:
    with pytest.raises(ConfigError):
        parse(text)


def wrong(old: str, new: str) -> str:
    text = write(GOOD)
    assert old in text
    with pytest.raises(ConfigError) as error:
        parse(text.replace(old, new))
    return str(error.value)


@pytest.mark.parametrize("name", ["lead_ms", "brokers", "sink", "volume_max", "relay_active_low", "signing"])
def test_an_unknown_setting_says_what_was_meant(name: str) -> None:
    assert f'did you mean "{name}"?' in wrong(f"\n{name} =", f"\n{name[:-2]}{name[-1]}{name[-2]} =")


def test_a_setting_like_no_other_is_named_without_a_guess() -> None:
    message = wrong("\ncache_mb", "\nqqqqqq")
    assert message == "qqqqqq: no such setting"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('device = "loa-1"', 'device = "Loa 1"', "device"),
        ('device = "loa-1"\n', "", "device: missing"),
        ('brokers = ["loa.example:8883"]', 'brokers = ["loa.example"]', "brokers"),
        ('brokers = ["loa.example:8883"]', 'brokers = "loa.example:8883"', "brokers"),
        ("https://", "ftp://", "urls"),
        ("lead_ms = 400", "lead_ms = -1", "sound.lead_ms"),
        ("lead_ms = 400", "lead_ms = 400.0", "sound.lead_ms"),
        ("lead_ms = 400", "lead_ms = true", "sound.lead_ms"),
        ("volume_max = 100", "volume_max = 101", "sound.volume_max"),
        ('sink = "aplay:default"', 'sink = "speaker"', "sound.sink"),
        ("relay_active_low = false", "relay_active_low = 0", "hardware.relay_active_low"),
        ('data = "/var/lib/loa"', 'data = "a\\u0000b"', "data"),
        ("[sound]", "[[sound]]", "sound"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(old: str, new: str, named: str) -> None:
    assert named in wrong(old, new)


def test_every_setting_has_its_name() -> None:
    names = setting_names()
    assert len(names) == len(set(names))
    assert {"device", "brokers", "keys.ca", "sound.lead_ms", "hardware.relay_gpio"} <= set(names)
    text = write(GOOD)
    assert all(f"{name.rpartition('.')[2]} = " in text for name in names if name != "hardware.relay_gpio")
