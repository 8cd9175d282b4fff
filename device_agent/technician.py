"""By hand, or by systemd: one sound file through the speaker's own output, and the relay opened."""

import time
from pathlib import Path

from device_agent import pcm, sources
from device_agent.relay import GpioRelay
from device_agent.settings import Settings
from device_agent.sinks import Sink, SinkFailed, open_sink


def play_file(settings: Settings, file: Path, volume: int) -> int:
    """Play a file and print what was written; exit status 0 if it could be heard."""
    try:
        sink = open_sink(settings.sink, f"{settings.device}-test")
        meter = _play(sink, sources.sound_file(file), pcm.gain(volume))
    except (OSError, SinkFailed, sources.SourceFailed) as failure:
        print(f"✗ {file}: {failure}")
        return 1
    print(f"{meter.ms / 1000:.1f} s, level {meter.level / 100:.1f} dBFS, peak {meter.peak / 100:.1f} dBFS")
    if meter.frames == 0:
        print(f"✗ {file} holds no sound")
    return 0 if meter.frames else 1


def open_relay(settings: Settings) -> int:
    """Open the amplifier's relay, whatever the program that held it has left; exit status 0 if it is open now."""
    if settings.relay_gpio is None:
        return 0
    problems: list[str] = []
    GpioRelay(settings.relay_gpio, active_low=settings.relay_active_low, tell=problems.append).release()
    return 1 if any(problems[-1:]) else 0


def _play(sink: Sink, source: sources.Source, factor: float) -> pcm.Meter:
    meter = pcm.Meter()
    try:
        sink.begin()
        while (frame := source.frame()) is not None:
            loud = pcm.scaled(frame, factor) if meter.frames else pcm.risen(frame, factor)
            sink.write(loud)
            meter.add(loud)
        time.sleep(sink.ahead_s())
    finally:
        source.close()
        sink.close()
    return meter
