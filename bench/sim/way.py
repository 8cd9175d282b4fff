"""In place of HTTPS: one question at a time to the station, answered or not."""

import base64
from collections.abc import Callable

from bench.sim.line import Line, Weather
from bench.sim.spans import Spans
from bench.sim.station import Station
from device_agent.paths import Answer, NotServed, PathDown


class Body:
    """A clip being read; it may break off."""

    def __init__(self, status: int, data: bytes, whole: int) -> None:
        self.status = status
        self._data = data[:whole]
        self._broken = whole < len(data)

    def read1(self, amount: int = -1, /) -> bytes:
        """What is there."""
        return self.read(amount)

    def read(self, amount: int | None = None, /) -> bytes:
        """Up to `amount` bytes."""
        size = len(self._data) if amount is None or amount < 0 else amount
        piece, self._data = self._data[:size], self._data[size:]
        if not piece and self._broken:
            raise ConnectionResetError("broke off")
        return piece


class Way:
    """The second path of one speaker."""

    def __init__(
        self,
        device: str,
        line: Line,
        station: Station,
        https: Spans,
        told: Callable[[bytes], None],
    ) -> None:
        self._kernel, self._device, self._line, self._station = station.kernel, device, line, station
        self._https, self._told = https, told
        self._chance = self._kernel.chance(f"way {device}")

    def ask(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One small question; what was asked may have been heard although no answer comes."""
        self._check()
        answer = self._station.ask(self._device, method, path, body, headers or {})
        self._check_answer()
        if "loa-resynced" in answer.headers:
            self._told(base64.b64decode(answer.headers["loa-resynced"]))
        self._kernel.note("answered", self._device, path.partition("?")[0], answer.status, answer.body)
        return answer

    def open(self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None) -> Body:
        """A clip from a byte on."""
        del method, body
        self._check()
        if not self._station.running:
            raise NotServed(502)
        data = self._station.ground.read(path.rsplit("/", 1)[-1])
        if data is None:
            raise NotServed(404)
        begin = int((headers or {}).get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        rough = self._line.weather is Weather.STORM or self._chance.random() < 0.02
        whole = self._chance.randrange(len(data) - begin) if rough else len(data)
        self._kernel.note("clip", self._device, begin, whole, data)
        return Body(206 if begin else 200, data[begin:], whole)

    def use(self, urls: tuple[str, ...]) -> None:
        """There is one address."""

    def close(self) -> None:
        """Nothing is kept."""

    def _check(self) -> None:
        if not self._https.holds or self._line.fails():
            raise PathDown("no answer")

    def _check_answer(self) -> None:
        if self._line.weather is Weather.STORM and self._chance.random() < 0.3:
            raise PathDown("the answer was lost")
