"""Settings of a speaker that needs neither keys nor servers."""

from dataclasses import replace
from pathlib import Path

from device_agent.settings import Settings, from_config
from firmware_config.device_config import DeviceConfig


def settings(folder: Path, *, relay_gpio: int | None = None) -> Settings:
    """As a configuration in that folder would give them."""
    config = DeviceConfig("loa-1", "Loa", ("localhost:8883",), ("https://localhost",), data=folder)
    return replace(from_config(config, {}), relay_gpio=relay_gpio)
