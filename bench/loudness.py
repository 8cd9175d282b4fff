"""Whether a voice, a recording and a siren are equally loud when they leave the speaker, after the whole way there."""

from __future__ import annotations

import queue
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from audio.clip import Clip, clip_path
from audio.measure import loudness
from audio.recordings import accept
from audio.render import Studio
from audio.score import Klass, chime_score, score
from audio.voices.espeak import Espeak
from bench.figures import Figure, at_most
from device_agent.effects import ClipPart, Play
from device_agent.events import Finished
from device_agent.pump import Told
from device_agent.sinks import Pacer, WavSink
from device_agent.speaker import Speaker
from firmware_config.protocol import ClipRef

LIMIT_LU = 1.0
TEXT = "Uỷ ban nhân dân xã mời bà con đến nhà văn hoá lúc mười chín giờ để họp bàn việc làm đường vào bản."
# As a phone hands it over: quiet, with the noise of a room, in a narrow band.
PHONE = "volume=-14dB,highpass=f=150,lowpass=f=3800"


def run(quick: bool = False) -> list[Figure]:
    """Each clip through the speaker's own pump into a file, and ffmpeg's EBU R128 over what is in there."""
    with tempfile.TemporaryDirectory(prefix="loa-bench-") as name:
        heard = dict(measured(Path(name), volume=100))
        half = {} if quick else dict(measured(Path(name), volume=50))
    figures = [Figure(f"{kind} as it leaves the speaker", lufs, "LUFS") for kind, lufs in heard.items()]
    figures.append(at_most("loudest against quietest", spread(heard), "LU", LIMIT_LU))
    return [*figures, at_most("… at half the volume", spread(half), "LU", LIMIT_LU)] if half else figures


def spread(heard: Mapping[str, float]) -> float:
    """What lies between the loudest and the quietest, LU."""
    return max(heard.values()) - min(heard.values())


def measured(folder: Path, *, volume: int) -> Iterator[tuple[str, float]]:
    """What kind of sound, and its integrated loudness in LUFS at that volume."""
    for kind, clip in clips(folder).items():
        wav = folder / f"{kind}-{volume}.wav"
        through_the_pump(clip, folder / "clips", wav, volume)
        yield kind, loudness(wav).lufs


def clips(folder: Path) -> dict[str, Clip]:
    """A voice, a recording and a siren, made as the service makes them."""
    studio = Studio(folder / "clips", folder / "cache", [Espeak()])
    return {
        "voice": studio.render(score(TEXT, repeat=1, opening="", closing="")).clip,
        "recording": accept(recording(folder / "phone.mp3"), language="vi", clips=folder / "clips"),
        "siren": studio.render(chime_score(Klass.EMERGENCY)).clip,
    }


def recording(path: Path) -> Path:
    """Speech as a phone records it."""
    speech = subprocess.run(["espeak-ng", "-v", "vi", "-s", "170", "--stdout", TEXT], capture_output=True, check=True)
    room = "anoisesrc=color=pink:amplitude=0.002:sample_rate=44100:duration=8"
    mixed = f"[0:a]aresample=44100,{PHONE}[a];[a][1:a]amix=inputs=2:duration=shortest:normalize=0[b]"
    graph = ["-f", "lavfi", "-i", room, "-filter_complex", mixed, "-map", "[b]"]
    argv = ["ffmpeg", "-v", "error", "-y", "-f", "wav", "-i", "pipe:0", *graph, "-b:a", "64k", str(path)]
    subprocess.run(argv, input=speech.stdout, check=True, capture_output=True)
    return path


def through_the_pump(clip: Clip, folder: Path, wav: Path, volume: int) -> None:
    """Play a clip into a file, not in real time."""
    told: queue.SimpleQueue[Told] = queue.SimpleQueue()
    speaker = Speaker(
        lambda _: WavSink(wav, Pacer(sleep=lambda _: None)),
        "",
        lambda sha256: clip_path(folder, sha256),
        told.put,
        lambda _: None,
    )
    speaker.start()
    part = ClipPart(clip.language, ClipRef(clip.sha256, clip.bytes, clip.ms))
    speaker.play(Play("airing-1", 1, (part,), volume, 0, 100, 100), 0.1)
    while not isinstance(told.get(timeout=60), Finished):
        continue
    speaker.close()
