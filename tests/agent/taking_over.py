"""An emergency in place of what sounds, measured in what a card was fed."""

import struct
from collections.abc import Sequence
from pathlib import Path

from device_agent import pcm
from device_agent.effects import ClipPart
from device_agent.events import Sounding
from tests.agent.mqtt_side import eventually
from tests.agent.pump import CardLike, Pump
from tests.agent.sounds import read_wav

MS = pcm.RATE // 1000
QUIET = 40


def peaks(pump: Pump) -> list[int]:
    """The highest sample of each millisecond."""
    _, samples = read_wav(pump.wav)
    numbers = struct.unpack(f"<{len(samples) // 2}h", samples)
    return [max(map(abs, numbers[at : at + MS])) for at in range(0, len(numbers), MS)]


def written_ms(pump: Pump) -> int:
    """How much the card was fed so far."""
    return (pump.wav.stat().st_size - 44) // pcm.WIDTH // MS


def first(found: Sequence[int], begin: int, *, loud: bool) -> int:
    """The first millisecond from `begin` on that is loud, or that is not."""
    return next(at for at in range(begin, len(found)) if (found[at] > QUIET) is loud)


def taken_over(folder: Path, plays: ClipPart, emergency: ClipPart, nr: int) -> tuple[list[int], int]:
    """The peaks while an emergency took over, and in which millisecond the stop was asked for."""
    pump = Pump(folder, lambda: CardLike(folder / f"sound-{nr}.wav"))
    pump.wav = folder / f"sound-{nr}.wav"
    pump.play(plays)
    assert isinstance(pump.next(), Sounding)
    eventually(lambda: written_ms(pump) > 500)
    asked = written_ms(pump)
    pump.speaker.stop("airing-1", 30)
    assert pump.cut().reason == ""
    pump.play(emergency, airing="airing-2")
    assert isinstance(pump.next(), Sounding)
    eventually(lambda: written_ms(pump) > asked + 300)
    pump.speaker.close()
    return peaks(pump), asked


def gap_ms(found: Sequence[int], asked: int) -> int:
    """From the stop to the emergency's first sound."""
    return first(found, first(found, asked, loud=False), loud=True) - asked
