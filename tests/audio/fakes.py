"""Stand-ins at the edges that all tests of sound share, and a second opinion on loudness."""

from __future__ import annotations

import array
import base64
import json
import math
import re
import subprocess
import urllib.parse
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import httpx

from audio.errors import VoiceFailed
from audio.pcm import Pcm
from audio.voices.base import best_match


def tone(seconds: float, *, hertz: float = 330.0, amplitude: float = 0.3, rate: int = 22_050) -> Pcm:
    """Make a tone that swells and fades four times a second, as speech does."""
    samples = (
        amplitude * math.sin(2 * math.pi * hertz * n / rate) * (0.55 + 0.45 * math.sin(8 * math.pi * n / rate))
        for n in range(int(seconds * rate))
    )
    return Pcm(array.array("h", [int(32767 * sample) for sample in samples]).tobytes(), rate)


def clicks(*, seconds: float) -> Pcm:
    """Make ten clicks a second and nothing between: nearly all peak and little loudness."""
    one = tone(seconds, hertz=2000, amplitude=0.9).frames
    return Pcm((one + bytes(2 * 2205 - len(one))) * 40, 22_050)


def wav(path: Path, sound: Pcm) -> Path:
    """Write a sound to a WAV file and return its path."""
    path.write_bytes(sound.to_wav())
    return path


@dataclass
class ToneVoice:
    """A voice that hums 0.1 s for each character, remembers what it was asked, and can be out of order."""

    name: str = "tone"
    languages: tuple[str, ...] = ("vi", "en")
    rate: int = 22_050
    broken_after: int = 10_000
    resting: bool = False
    said: list[str] = field(default_factory=list)

    @property
    def identity(self) -> str:
        return f"{self.name} {self.rate}"

    def speaks(self, language: str) -> str | None:
        return best_match(language, {tag: tag for tag in self.languages})

    def ready(self) -> bool:
        return not self.resting

    def speak(self, text: str, language: str) -> Pcm:
        if self.resting or len(self.said) >= self.broken_after:
            raise VoiceFailed(voice=self.name, language=language)
        self.said.append(text)
        return tone(len(text) / 10, rate=self.rate)


class FakeGoogle(httpx.BaseTransport):
    """The reading service as gTTS knows it: one request of at most 100 characters, one MP3 in nested JSON."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.down = False
        self.status = 200
        self.body: str | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectTimeout("nobody there", request=request)
        form = urllib.parse.parse_qs(request.read().decode())
        text, language = json.loads(json.loads(form["f.req"][0])[0][0][1])[:2]
        self.asked.append((text, language))
        if len(text) > 100 or request.url.path != "/_/TranslateWebserverUi/data/batchexecute":
            return httpx.Response(400)
        return httpx.Response(self.status, text=self.body if self.body is not None else answer(mp3()))


def answer(sound: bytes) -> str:
    """Wrap a sound as the service does."""
    inner = json.dumps([base64.b64encode(sound).decode()])
    line = json.dumps([["wrb.fr", "jQ1olc", inner, None, None, None, "generic"]], separators=(",", ":"))
    return f")]}}'\n\n{len(line)}\n{line}\n25\n[['e',4,null,null,133]]\n"


@cache
def mp3() -> bytes:
    """Return one second of tone as MP3."""
    command = "ffmpeg -nostdin -loglevel error -f wav -i pipe:0 -c:a libmp3lame -f mp3 pipe:1"
    done = subprocess.run(command.split(), input=tone(1).to_wav(), capture_output=True, check=True)
    return done.stdout


def ffmpeg_made(path: Path, source: Path, *options: str) -> Path:
    """Convert a file as another program would; return the new one's path."""
    head = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-i", str(source)]
    subprocess.run([*head, *options, str(path)], check=True)
    return path


def second_opinion(path: Path) -> tuple[float, float]:
    """Measure loudness and true peak with another meter than the product's: ffmpeg's loudnorm."""
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-c:a", "libopus", "-i", str(path)]
    command += ["-af", "loudnorm=print_format=json", "-f", "null", "-"]
    log = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    found = dict(re.findall(r'"(input_\w+)" : "([^"]+)"', log))
    return float(found["input_i"]), float(found["input_tp"])


def probed(path: Path) -> dict[str, str]:
    """Return what ffprobe says of the only stream of a file and of its container."""
    wanted = "stream=codec_name,sample_rate,channels:format=format_name,nb_streams,bit_rate"
    command = ["ffprobe", "-v", "error", "-show_entries", wanted, "-of", "default=noprint_wrappers=1", str(path)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return dict(line.split("=", 1) for line in lines)
