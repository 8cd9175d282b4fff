"""Carries everything that goes over HTTPS, one errand at a time on its own thread, again and again until it is done."""

import base64
import errno
import hashlib
import heapq
import itertools
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import singledispatchmethod
from typing import TypeVar

from device_agent.backoff import Backoff
from device_agent.carried import Carried
from device_agent.clips import CacheFull, ClipRefused, ClipStore
from device_agent.effects import FetchAnnouncement, FetchClip
from device_agent.events import ClipFailed, ClipStored
from device_agent.mail import (
    AnnouncementCame,
    Confirmed,
    Heard,
    KeysCame,
    LiveCame,
    Mailbox,
    ManifestCame,
    PathFailed,
    no_ack,
)
from device_agent.paths import BROKEN, Answer, NotServed, Path, PathDown, Reply
from device_agent.problems import Problem
from device_agent.senses import REAL, Senses
from firmware_config import packing
from firmware_config.protocol import Klass, Pointer, Refused, loads

_log = logging.getLogger(__name__)
T = TypeVar("T")

_URGENCY = {Klass.EMERGENCY: 0, Klass.PRIORITY: 1, Klass.NORMAL: 2}
_LIVE = ("loa-resynced", "loa-command")


@dataclass(frozen=True, slots=True)
class FetchKeys:
    """Get the key set."""


@dataclass(frozen=True, slots=True)
class Poll:
    """Ask for the manifest the way MQTT would have brought it; `held` is what we have, as an ETag."""

    nonce: str
    held: str


@dataclass(frozen=True, slots=True)
class PostReceipts:
    """Hand over a sealed batch."""

    batch: bytes


@dataclass(frozen=True, slots=True)
class PostState:
    """Say how we are; of what waits only the newest is carried."""

    report: bytes


@dataclass(frozen=True, slots=True)
class PostLog:
    """Hand over the last lines of the log, packed, in answer to this request."""

    request: str
    packed: bytes


Errand = FetchAnnouncement | FetchClip | FetchKeys | Pointer | Poll | PostLog | PostReceipts | PostState


class _SteppedAside(Exception):
    """Something more urgent waits; this download goes on later where it stopped."""


class Courier:
    """Takes errands from the agent, puts what it brings into the mailbox."""

    def __init__(
        self,
        paths: Sequence[Path],
        clips: ClipStore,
        mailbox: Mailbox,
        now: Callable[[], int],
        senses: Senses = REAL,
    ) -> None:
        self._paths = paths
        self._clips = clips
        self._mailbox = mailbox
        self._now = now
        self._chance, self._mono = senses.chance, senses.mono
        self._queue: list[tuple[float, int, int, Errand, Backoff]] = []
        self._known: set[Errand] = set()
        self._numbers = itertools.count()
        self._wake = threading.Condition()
        self._closing = False
        self._problem = ""
        self._by_hand = False
        self._unpacks = False
        self._states = 0
        """How often a newer state has come."""
        self._urls: tuple[str, ...] | None = None
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)

    def start(self) -> None:
        """Begin to run errands."""
        self._thread.start()

    def close(self) -> None:
        """Take no more errands; one under way is abandoned with the process."""
        with self._wake:
            self._closing = True
            self._wake.notify()

    @property
    def alive(self) -> bool:
        """Whether errands are still being run."""
        return self._thread.is_alive()

    @property
    def other_side_unpacks(self) -> bool:
        """Whether the broadcaster has said that it takes what is packed."""
        return self._unpacks

    def send(self, errand: Errand, after_s: float = 0.0) -> None:
        """Run an errand soon, or so much later; one that waits already is not doubled, an older state forgotten."""
        with self._wake:
            if isinstance(errand, PostState):
                self._forget_states()
            if errand not in self._known:
                self._push(after_s, errand, Backoff())
                self._wake.notify()

    def forget_states(self) -> bool:
        """A newer state has gone another way; whether one was still waiting."""
        with self._wake:
            waited = any(isinstance(errand, PostState) for errand in self._known)
            self._forget_states()
            return waited

    def _forget_states(self) -> None:
        self._states += 1
        self._queue = [row for row in self._queue if not isinstance(row[3], PostState)]
        heapq.heapify(self._queue)
        self._known = {errand for errand in self._known if not isinstance(errand, PostState)}

    def use(self, urls: tuple[str, ...]) -> None:
        """Take another list of addresses from now on."""
        self._urls = urls

    def _push(self, delay: float, errand: Errand, backoff: Backoff) -> None:
        self._known.add(errand)
        row = (self._mono() + delay, _urgency(errand), next(self._numbers), errand, backoff)
        heapq.heappush(self._queue, row)

    def wait_s(self) -> float | None:
        """Seconds until an errand is due, None while there is none."""
        with self._wake:
            return max(0.0, self._queue[0][0] - self._mono()) if self._queue else None

    def work(self) -> bool:
        """Run the most urgent errand that is due; False when none is."""
        found = self._take()
        if found is None:
            return False
        errand, backoff = found
        states = self._states
        urls, self._urls = self._urls, None
        if urls is not None:
            for path in self._paths:
                path.use(urls)
        if not self._attempt(errand) and self._worth_repeating(errand):
            with self._wake:
                if states == self._states or not isinstance(errand, PostState):
                    self._push(backoff.next(self._chance()), errand, backoff)
        return True

    def _take(self) -> tuple[Errand, Backoff] | None:
        with self._wake:
            now = self._mono()
            due = min((row for row in self._queue if row[0] <= now), key=lambda row: row[1:3], default=None)
            if due is None:
                return None
            self._queue.remove(due)
            heapq.heapify(self._queue)
            self._known.discard(due[3])
            return due[3], due[4]

    def _run(self) -> None:
        while not self._closing:
            if not self.work():
                with self._wake:
                    if not self._closing:
                        self._wake.wait(self.wait_s())
        self._let_go()

    def _let_go(self) -> None:
        for path in self._paths:
            path.close()

    def _first(self, do: Callable[[Path], T]) -> T:
        """What the first path gives that can."""
        failure: Exception = PathDown("no path")
        for path in self._paths:
            try:
                self._by_hand = isinstance(path, Carried)
                return do(path)
            except (PathDown, NotServed) as trouble:
                # Who answers that there is no such thing knows more than who does not answer.
                failure = failure if isinstance(failure, NotServed) else trouble
        raise failure

    def _ask(self, method: str, path: str, *, body: bytes | None = None, held: str = "") -> Answer:
        headers = {"If-None-Match": held} if held else {}
        answer = self._first(lambda one: one.ask(method, path, body=body, headers=headers))
        if method == "GET" and answer.status == 200 and not self._by_hand:
            self._unpacks = packing.CODING in answer.headers.get("accept-encoding", "")
        return answer

    def _attempt(self, errand: Errand) -> bool:
        """Whether it is done, or has been put back to give way."""
        try:
            self._carry(errand)
        except _SteppedAside:
            self._let_go()
            with self._wake:
                self._push(0.0, errand, Backoff())
        except (PathDown, NotServed, ClipRefused, CacheFull, Refused, ValueError, OSError) as failure:
            if not isinstance(failure, PathDown | NotServed | CacheFull):
                self._let_go()
            if isinstance(errand, FetchClip) and isinstance(failure, NotServed) and failure.status in {404, 410}:
                self._mailbox.put(Heard(ClipFailed(errand.clip.sha256)))
            self._tell(_problem(failure), f"{type(errand).__name__}: {failure}")
            return False
        else:
            # A stick says nothing of how the network is.
            if not self._by_hand:
                self._tell("", "")
        return True

    def _tell(self, problem: str, detail: str) -> None:
        if problem:
            level = logging.WARNING if problem != self._problem else logging.DEBUG
            _log.log(level, "action=errand_failed problem=%s errand=%s", problem, detail)
        if problem != self._problem:
            self._problem = problem
            self._mailbox.put(PathFailed(problem))

    def _worth_repeating(self, errand: Errand) -> bool:
        if isinstance(errand, FetchAnnouncement | FetchClip):
            return self._now() <= errand.until
        return isinstance(errand, FetchKeys | Pointer | PostState)

    def _outranked(self, errand: Errand) -> bool:
        with self._wake:
            now = self._mono()
            return any(due <= now and urgency < _urgency(errand) for due, urgency, *_ in self._queue)

    @singledispatchmethod
    def _carry(self, errand: Errand) -> None:
        raise TypeError(f"no such errand: {errand!r}")

    @_carry.register
    def _announcement(self, errand: FetchAnnouncement) -> None:
        digest = errand.reference.removeprefix("sha256:")
        raw = self._ask("GET", f"/device/v1/announcements/{digest}").body
        if hashlib.sha256(raw).hexdigest() != digest:
            raise ClipRefused(errand.reference)
        self._mailbox.put(AnnouncementCame(errand.reference, raw))

    @_carry.register
    def _clip(self, errand: FetchClip) -> None:
        path = f"/device/v1/clips/{errand.clip.sha256}"

        def get(start: int) -> "_Reading":
            headers = {"Range": f"bytes={start}-"} if start else {}
            reply = self._first(lambda one: one.open("GET", path, headers=headers))
            return _Reading(reply, lambda: self._outranked(errand))

        self._clips.download(errand.clip, get, urgent=errand.klass is Klass.EMERGENCY)
        self._mailbox.put(Heard(ClipStored(errand.clip.sha256)))

    @_carry.register
    def _keys(self, _errand: FetchKeys) -> None:
        self._mailbox.put(KeysCame(self._ask("GET", "/device/v1/keys").body))

    @_carry.register
    def _pointer(self, _errand: Pointer) -> None:
        raw = self._ask("GET", "/device/v1/manifest").body
        self._mailbox.put(ManifestCame(raw, no_ack))

    @_carry.register
    def _poll(self, errand: Poll) -> None:
        asking = f"?nonce={errand.nonce}" if errand.nonce else ""
        answer = self._ask("GET", f"/device/v1/manifest{asking}", held=errand.held)
        for name in _LIVE:
            if name in answer.headers:
                self._mailbox.put(LiveCame(base64.b64decode(answer.headers[name]), no_ack))
        if answer.status == 200:
            self._mailbox.put(ManifestCame(answer.body, no_ack))

    @_carry.register
    def _state(self, errand: PostState) -> None:
        try:
            self._ask("POST", "/device/v1/state", body=errand.report)
        except NotServed as refusal:
            # An older broadcaster takes it over MQTT alone; nothing that anybody can mend here is wrong.
            if refusal.status not in {404, 405}:
                raise

    @_carry.register
    def _log(self, errand: PostLog) -> None:
        self._ask("POST", f"/device/v1/log?request={errand.request}", body=errand.packed)

    @_carry.register
    def _receipts(self, errand: PostReceipts) -> None:
        answer = loads(self._ask("POST", "/device/v1/receipts", body=errand.batch).body)
        through = answer.get("receipts_through") if isinstance(answer, dict) else None
        if isinstance(through, int):
            self._mailbox.put(Confirmed(through))


class _Reading:
    """An HTTP answer read as a clip's body; a broken connection looks like any other failure of reading."""

    def __init__(self, response: Reply, outranked: Callable[[], bool]) -> None:
        self.status = response.status
        self._response = response
        self._outranked = outranked

    def read(self, amount: int) -> bytes:
        """Up to `amount` bytes; raises OSError, and gives way to what is more urgent."""
        if self._outranked():
            raise _SteppedAside
        try:
            # What is there already: a slow link must not keep an emergency waiting for a full buffer.
            return self._response.read1(amount) or self._response.read()
        except BROKEN as failure:
            raise OSError(str(failure)) from failure


def _problem(failure: Exception) -> Problem:
    if isinstance(failure, PathDown):
        return Problem.SERVER_UNREACHABLE
    if isinstance(failure, NotServed):
        return Problem.SERVER_REFUSES
    if isinstance(failure, CacheFull):
        return Problem.CACHE_FULL
    if isinstance(failure, OSError):
        return Problem.DISK_FULL if failure.errno == errno.ENOSPC else Problem.FETCH_BROKE_OFF
    return Problem.FETCHED_WRONG_BYTES


def _urgency(errand: Errand) -> int:
    if isinstance(errand, FetchAnnouncement | FetchClip):
        return 1 + _URGENCY[errand.klass]
    if isinstance(errand, PostState):
        return 1 + _URGENCY[Klass.NORMAL]
    return 0
