"""What the agent needs to know before it starts, built once at the door."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from firmware_config.device_config import ConfigError, DeviceConfig
from firmware_config.protocol import Klass

AGENT = "loa-agent 0.5.0"


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things are repeated, seconds; overridden by `LOA_AGENT_…`, for tests above all."""

    resync_s: float = 300.0
    """Asking the broadcaster what we should hold."""
    poll_s: float = 60.0
    """The same over HTTPS while the link is down."""
    path_after_s: float = 5.0
    """How long the link is down before HTTPS takes over."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One speaker's settings."""

    device: str
    brokers: tuple[str, ...]
    """host:port, tried in turn."""
    urls: tuple[str, ...]
    """The broadcaster's addresses for the second path."""
    data: Path
    cache_bytes: int
    tls_ca: Path
    tls_certificate: Path
    tls_key: Path
    signing_key: Path
    """PEM, Ed25519."""
    root_key: Path
    """PEM, Ed25519 public."""
    bundled_keys: Path
    sink: str
    lead_ms: int
    tail_ms: int
    volumes: Mapping[Klass, int]
    """Ceiling per class, 0..100."""
    relay_gpio: int | None = None
    relay_active_low: bool = False
    loop: str = ""
    """The input that hears what comes out; empty = none."""
    carry_folder: Path | None = None
    """Where a stick is mounted; None = nobody looks."""
    carry_page: str = ""
    """address:port of the page for a phone nearby; empty = none."""
    pace: Pace = Pace()


def from_config(config: DeviceConfig, environment: Mapping[str, str]) -> Settings:
    """The settings in a speaker's configuration; raises ConfigError for an override that is not a number."""
    keys, sound = config.keys, config.sound
    return Settings(
        device=config.device,
        brokers=config.brokers,
        urls=config.urls,
        data=config.data,
        cache_bytes=config.cache_mb * 1_000_000,
        tls_ca=keys.ca,
        tls_certificate=keys.certificate,
        tls_key=keys.key,
        signing_key=keys.signing,
        root_key=keys.root,
        bundled_keys=keys.key_set,
        sink=sound.sink,
        lead_ms=sound.lead_ms,
        tail_ms=sound.tail_ms,
        volumes=dict.fromkeys(Klass, sound.volume_max),
        relay_gpio=config.hardware.relay_gpio,
        relay_active_low=config.hardware.relay_active_low,
        loop=config.loop.input,
        carry_folder=config.carry.folder,
        carry_page=config.carry.page,
        pace=_pace(environment),
    )


def _pace(environment: Mapping[str, str]) -> Pace:
    usual = Pace()
    return Pace(
        resync_s=_seconds(environment, "LOA_AGENT_RESYNC_S", usual.resync_s),
        poll_s=_seconds(environment, "LOA_AGENT_POLL_S", usual.poll_s),
        path_after_s=_seconds(environment, "LOA_AGENT_PATH_AFTER_S", usual.path_after_s),
    )


def _seconds(environment: Mapping[str, str], name: str, usual: float) -> float:
    text = environment.get(name)
    if text is None:
        return usual
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < 1e6:
        raise ConfigError(f"{name}: a number of seconds expected, not {text!r}")
    return found
