"""The whole system in a folder: the service, two speakers and a chat group, each a process of its own."""

import math
import wave
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audio.clip import clip_path
from audio.ffmpeg import Input, ffmpeg
from audio.formats import CLIP
from broadcaster.app import Ground, open_ground, utc_now
from broadcaster.demo import commune, house, ports
from broadcaster.demo.client import Client
from broadcaster.demo.commune import DemoSpeaker
from broadcaster.demo.phones import Phone, give
from broadcaster.demo.processes import Child, Household
from broadcaster.settings import Settings
from broadcaster.store.tables import Announcement

Samples = Sequence[int]
RATE = 48_000
STEP = RATE // 20


@dataclass(frozen=True)
class Town:
    """What the tests need of it."""

    settings: Settings
    ground: Ground
    household: Household
    service: Child
    speakers: list[DemoSpeaker]
    agents: list[Child]
    chat_url: str
    clerk: Client
    approver: Client
    phones: tuple[Phone, Phone]
    """The clerk's and the approver's."""

    def deliveries(self, airing: str) -> dict[str, dict[str, Any]]:
        """How far each speaker got with an airing."""
        found = self.approver.get(f"/airings/{airing}/deliveries")["items"]
        return {one["speaker_id"]: one for one in found}

    def wait_for(self, airing: str, state: str, *, patience: float = 40.0) -> dict[str, dict[str, Any]]:
        """The deliveries once every speaker has reached a state."""
        reached: dict[str, dict[str, Any]] = {}

        def all_there() -> bool:
            reached.update(self.deliveries(airing))
            return {one["state"] for one in reached.values()} == {state}

        self.household.wait_until(all_there, f"{state} on every speaker ({reached})", patience)
        return reached

    def clip(self, sha256: str) -> Samples:
        """The samples of a clip, decoded as a speaker would."""
        path = clip_path(self.ground.home.clips, sha256)
        return array("h", ffmpeg(Input(CLIP, path), ["-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"]).stdout)

    def chime(self, announcement: str) -> Samples:
        """The samples of what is heard once before all versions."""
        with self.ground.database.read() as session:
            return self.clip(session.get_one(Announcement, announcement).chime_sha256 or "")


@contextmanager
def town(data: Path) -> Iterator[Town]:
    """A commune with three speakers in the book, of which the first two run."""
    http, mqtt, chat = ports.free(3)
    settings = Settings(
        data=data,
        port=http,
        broker_port=mqtt,
        public_url=f"http://127.0.0.1:{http}",
        voices=("espeak",),
        private_channels=True,
    )
    with Household() as household:
        chat_url = house.start_chat(household, data / "logs", chat)
        ground = open_ground(settings)
        speakers = commune.settle(ground, chat_url=chat_url, sound_card=False)[:2]
        with ground.database.transaction() as session:
            clerk, approver = (commune.token(session, who, now=utc_now()) for who in (commune.CLERK, commune.APPROVER))
        house.start_service(household, data / "logs", settings)
        service = household.children[-1]
        agents = house.start_speakers(household, speakers)
        url = settings.console_url
        with Client(url, clerk) as one, Client(url, approver) as two:
            phones = give(ground, commune.CLERK), give(ground, commune.APPROVER)
            yield Town(settings, ground, household, service, speakers, agents, chat_url, one, two, phones)
        ground.database.engine.dispose()


def samples(path: Path) -> Samples:
    """The samples of a WAV."""
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
        return array("h", file.readframes(file.getnframes()))


def likeness(heard: Samples, wanted: Samples) -> float:
    """How alike the loudness curves are (−1…1) where they fit best; 20 values a second."""
    short = _curve(wanted)
    # Half a value beside its place a curve of short syllables is another one.
    curves = [_curve(heard[begin:]) for begin in range(0, STEP, STEP // 5)]
    return max(
        _correlation(long[at : at + len(short)], short)
        for long in curves
        for at in range(max(1, len(long) - len(short) + 1))
    )


def _curve(sound: Samples) -> list[float]:
    return [math.sqrt(sum(s * s for s in sound[at : at + STEP : 8])) for at in range(0, len(sound) - STEP, STEP)]


def _correlation(one: list[float], two: list[float]) -> float:
    count = min(len(one), len(two))
    mean_one, mean_two = sum(one[:count]) / count, sum(two[:count]) / count
    pairs = [(a - mean_one, b - mean_two) for a, b in zip(one, two, strict=False)]
    norm = math.sqrt(sum(a * a for a, _ in pairs) * sum(b * b for _, b in pairs))
    return sum(a * b for a, b in pairs) / norm if norm else 0.0
