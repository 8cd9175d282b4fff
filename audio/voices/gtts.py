"""Google's reading voice by way of gTTS: natural Vietnamese as long as there is internet."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from audio.disk import put
from audio.errors import AudioError, VoiceFailed
from audio.ffmpeg import Input, ffmpeg
from audio.formats import Format
from audio.pcm import Pcm
from audio.voices.base import best_match
from audio.voices.restraint import Bucket, Circuit

HOST = "translate.google.com"
PATH = "/_/TranslateWebserverUi/data/batchexecute"
TIMEOUT_S = 5.0
PER_SECOND, MOST = 1.0, 60.0
RATE = 24_000
# The answer is JSON inside a JSON string, between lines that are no JSON at all.
_SOUND = re.compile(r'"jQ1olc",(?P<inner>"(?:[^"\\]|\\.)+")')


class Gtts:
    """Speaks by the service gTTS was written for; rests when it does not answer."""

    name = "gtts"
    identity = "gtts com"

    def __init__(
        self,
        memory: Path,
        *,
        transport: httpx.BaseTransport | None = None,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """`memory` is the file in which the circuit survives a restart."""
        self._transport = transport
        self._memory = memory
        self._wall, self._steady = wall, steady
        self._lock = threading.Lock()
        self._bucket = Bucket(MOST, steady())

    @cached_property
    def _client(self) -> httpx.Client:
        # gTTS packs the requests, we send them: its own sender switches off the check of the server's
        # certificate, and then anybody on the way could put words into a village loudspeaker.
        headers = _gtts().GOOGLE_TTS_HEADERS
        return httpx.Client(base_url=f"https://{HOST}", headers=headers, timeout=TIMEOUT_S, transport=self._transport)

    def speaks(self, language: str) -> str | None:
        """Return the service's word for a language."""
        from gtts.lang import tts_langs  # noqa: PLC0415  (see _gtts)

        return best_match(language, {tag.lower(): tag for tag in tts_langs()} | {"zh": "zh-CN"})

    def ready(self) -> bool:
        """Tell whether the circuit is closed."""
        return self._circuit().allows(self._wall())

    def speak(self, text: str, language: str) -> Pcm:
        """Speak; raise VoiceFailed when the service is resting, too busy, silent or strange."""
        if not self.ready():
            raise VoiceFailed(voice=self.name, language=language, reason="resting")
        bodies = self._bodies(text, language)
        self._take(len(bodies), language)
        try:
            mp3 = b"".join(self._ask(body) for body in bodies)
            pcm = self._decode(mp3)
        except (httpx.HTTPError, ValueError, AudioError) as why:
            self._failed()
            raise VoiceFailed(voice=self.name, language=language, reason=str(why)) from why
        if self._circuit() != Circuit():
            self._remember(Circuit().answered())
        return pcm

    def _bodies(self, text: str, language: str) -> list[str]:
        """Let gTTS cut the text at sentence ends into requests of at most 100 characters."""
        try:
            packer = _gtts()(text, lang=self.speaks(language) or language, lang_check=False)
            return list(packer.get_bodies())
        except AssertionError as nothing:
            raise VoiceFailed(voice=self.name, language=language, reason="nothing to say") from nothing

    def _ask(self, body: str) -> bytes:
        answer = self._client.post(PATH, content=body)
        answer.raise_for_status()
        return _sound(answer.text)

    def _decode(self, mp3: bytes) -> Pcm:
        done = ffmpeg(Input(Format("mp3")), ["-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"], stdin=mp3)
        return Pcm(done.stdout, RATE)

    def _take(self, count: int, language: str) -> None:
        with self._lock:
            full = self._bucket.filled(self._steady(), per_second=PER_SECOND, most=MOST)
            left = full.taken(count)
            if left is None:
                raise VoiceFailed(voice=self.name, language=language, reason="too busy")
            self._bucket = left

    def _failed(self) -> None:
        with self._lock:
            self._remember(self._circuit().failed(self._wall()))

    def _circuit(self) -> Circuit:
        try:
            held = json.loads(self._memory.read_text(encoding="utf-8"))
            return Circuit(int(held["failures"]), float(held["open_until"]))
        except (OSError, ValueError, LookupError, TypeError):
            return Circuit()

    def _remember(self, circuit: Circuit) -> None:
        held = {"failures": circuit.failures, "open_until": circuit.open_until}
        put(self._memory, json.dumps(held).encode())


def _gtts() -> type[Any]:
    """gTTS's class; it brings requests and urllib3 along, for which a service that starts need not wait."""
    from gtts import gTTS  # noqa: PLC0415

    found: type[Any] = gTTS
    return found


def _sound(answer: str) -> bytes:
    """Find the MP3 in an answer; raise ValueError if there is none."""
    found = _SOUND.search(answer)
    if found is None:
        raise ValueError("the answer holds no sound")
    inner = json.loads(json.loads(found["inner"]))
    if not isinstance(inner, list) or not inner or not isinstance(inner[0], str):
        raise ValueError("the answer holds something else")
    return base64.b64decode(inner[0], validate=True)
