"""The doctor's test tone: a second of sound through the speaker's own output, measured, with the relay and the loop."""

import time
from collections.abc import Iterator

from device_agent import pcm
from device_agent.finding import Finding, alarmed, ill, well
from device_agent.listening import Loop, open_loop
from device_agent.relay import GpioRelay
from device_agent.settings import Settings
from device_agent.sinks import Sink, SinkFailed, open_sink
from firmware_config.protocol import Klass

_TONE_MS, _HERTZ, _VOLUME = 1_000, 880, 60
_HEAR_S = 4.0


def sounded(settings: Settings) -> Iterator[Finding]:
    """Play it and say what became of it; only while no agent holds card and relay."""
    relay, problems = None, list[str]()
    if settings.relay_gpio is not None:
        relay = GpioRelay(settings.relay_gpio, active_low=settings.relay_active_low, tell=problems.append)
        relay.close()
        time.sleep(settings.lead_ms / 1000)
        yield alarmed(problems[-1]) if any(problems[-1:]) else well("relay_good", name=settings.relay_gpio)
    try:
        yield from _played(settings)
    finally:
        if relay is not None:
            relay.release()


def _played(settings: Settings) -> Iterator[Finding]:
    loop = open_loop(settings.loop, settings.device)
    heard = loop.listen(0.0) if loop is not None else None
    try:
        meter = _play(open_sink(settings.sink, f"{settings.device}-test"), settings, loop)
    except (OSError, ValueError, SinkFailed) as failure:
        yield alarmed("no_sound_card", str(failure))
        return
    yield well("tone_good", level=f"{meter.level / 100:.1f}")
    if heard is not None:
        until = time.monotonic() + _HEAR_S
        while not heard.over and time.monotonic() < until:
            time.sleep(0.05)
        yield (well if heard.echo is not None else ill)(
            "loop_good" if heard.echo is not None else "loop_bad", name=settings.loop
        )


def _play(sink: Sink, settings: Settings, loop: Loop | None) -> pcm.Meter:
    factor = pcm.gain(min(_VOLUME, settings.volumes[Klass.NORMAL]))
    tone = pcm.scaled(pcm.tone(_TONE_MS, _HERTZ), factor)
    meter = pcm.Meter()
    try:
        sink.begin()
        # The code tone is what the loop looks for; the other one is for the technician's ears.
        for frame in _frames((loop.sound(pcm.RATE) if loop is not None else b"") + pcm.silence(0.1) + tone):
            sink.write(frame)
        for frame in _frames(tone):
            meter.add(frame)
        time.sleep(sink.ahead_s())
    finally:
        sink.close()
    return meter


def _frames(sound: bytes) -> Iterator[bytes]:
    size = pcm.BYTES_A_SECOND // 50
    return (sound[at : at + size] for at in range(0, len(sound), size))
