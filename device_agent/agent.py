"""The shell: mail in, `core.step`, effects out. The composition root of the speaker."""

import logging
import queue
import random
import secrets
import time
from collections import deque
from functools import singledispatchmethod

from device_agent import health, mail, systemd
from device_agent.boot import Parts
from device_agent.core import State, next_wake, step
from device_agent.effects import (
    CloseRelay,
    DropClip,
    Effect,
    FetchAnnouncement,
    FetchClip,
    Forget,
    ForgetPlays,
    LogPlay,
    OpenRelay,
    Play,
    Record,
    Report,
    Save,
    StopPlaying,
    TurnDown,
)
from device_agent.events import ClockChanged, Cut, Finished, Incoming, Leaving, ManifestAccepted, Tick
from device_agent.inbox import Asked, Found
from device_agent.journal import JournalFailed
from device_agent.playlist import all_clips
from device_agent.problems import Problem
from device_agent.selftest import SELF_TEST, self_test
from device_agent.settings import AGENT, Settings
from device_agent.timekeeper import mono_ms
from device_agent.timers import Every
from firmware_config.protocol import Event, Manifest, Resync, Resynced, SelfTest
from firmware_config.protocol import State as StateReport

_log = logging.getLogger(__name__)

_LONGEST_WAIT_S = 1.0
_BEHIND_S = 3.0
_HEALTH_S = 60.0
_WATCHDOG_S = 10.0
_DISK_RETRY_S = 0.2
_ASK_AGAIN_MS = 5_000


class Agent:
    """One speaker, from its journal to its card."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self._settings = settings
        self._p = parts
        self._state: State = parts.state
        self._events: deque[Incoming] = deque()
        self._problems: dict[str, tuple[str, ...]] = dict(parts.problems)
        self._leaving = False
        self._status = 0
        self._report_due = True
        self._behind: tuple[float, Resynced] | None = None
        self._unanswered: float | None = None
        """Since when a question put over the link has had no answer."""
        self._asked_by_link = False
        self._resync = Every(settings.pace.resync_s)
        self._poll = Every(settings.pace.poll_s, spread=0.2, at_once=True, chance=random.random)
        self._health = Every(_HEALTH_S)
        self._watchdog = Every(_WATCHDOG_S)

    def run(self) -> int:
        """Work until asked to leave; the exit status, which is not 0 when a thread died."""
        self._boot()
        while not self._leaving:
            self._receive()
            self._turn()
        self._leave()
        return self._status

    def _receive(self) -> None:
        try:
            letter = self._p.mailbox.get(timeout=self._pause_s())
        except queue.Empty:
            return
        try:
            self._open(letter)
        except JournalFailed as failure:
            # What cannot be put on disk is not acknowledged and not forgotten.
            self._problem("journal", failure.code)
            self._p.mailbox.put(letter)
            time.sleep(_DISK_RETRY_S)

    def _boot(self) -> None:
        parts = self._p
        booted = parts.booted
        self._events += [ClockChanged(parts.time.read().state), booted]
        if booted.manifest is not None:
            self._follow(booted.manifest)
        parts.speaker.start()
        parts.courier.start()
        parts.link.start()
        systemd.notify("READY=1")
        _log.info("action=ready device=%s items=%d", self._settings.device, len(booted.ledger))
        self._turn()

    def _leave(self) -> None:
        parts = self._p
        systemd.notify("STOPPING=1")
        self._events.append(Leaving())
        parts.speaker.close()
        self._last_words()
        parts.relay.open()
        parts.link.close()
        parts.courier.close()
        parts.journal.close()
        _log.info("action=left")

    def _last_words(self) -> None:
        """Put on disk how the last sound ended, so that it is not played twice."""
        try:
            while not self._p.mailbox.empty():
                letter = self._p.mailbox.get()
                if isinstance(letter, mail.Heard):
                    self._open(letter)
            self._steps()
            self._p.outbox.flush(at_once=True)
        except JournalFailed as failure:
            self._problem("journal", failure.code)

    def _pause_s(self) -> float:
        if not self._p.mailbox.empty():
            return 0.0
        now = self._p.time.now()
        wake = next_wake(self._state, now)
        until_wake = _LONGEST_WAIT_S if wake is None else (wake - now) / 1000
        return max(0.001, min(_LONGEST_WAIT_S, until_wake, self._p.outbox.wait_s()))

    def _turn(self) -> None:
        reading = self._p.time.read()
        if reading.state is not self._state.clock:
            self._events.append(ClockChanged(reading.state))
        if not self._events:
            self._events.append(Tick())
        failed = ""
        for work in (self._steps, self._p.outbox.flush, self._timers, self._say):
            try:
                work()
            except JournalFailed as failure:
                failed = failure.code
        self._problem("journal", failed)
        if failed == Problem.JOURNAL_CORRUPT:
            # Only a new start can set it aside and begin another.
            self._leaving, self._status = True, 1
        elif failed:
            time.sleep(_DISK_RETRY_S)

    def _steps(self) -> None:
        # An event that fails stays at the head and is tried again: nothing may sound that is not on disk first.
        while self._events:
            self._step(self._events[0])
            self._events.popleft()

    def _say(self) -> None:
        if self._report_due:
            self._p.outbox.report(self._report())
            self._report_due = False

    def _step(self, event: Incoming) -> None:
        before = self._state.announcements.keys()
        state, effects = step(self._state, event, self._p.time.now())
        if any(isinstance(effect, Save | Forget | Record | LogPlay | ForgetPlays) for effect in effects):
            with self._p.journal.writing():
                for effect in effects:
                    self._write(effect)
                self._p.time.save()
        self._state = state
        for effect in effects:
            self._do(effect)
        if isinstance(event, ManifestAccepted):
            self._follow(event.manifest)
            self._p.clips.keep(all_clips(state.announcements.values()))
            self._p.journal.drop_announcements(before - state.announcements.keys())

    def _write(self, effect: Effect) -> None:
        if isinstance(effect, Save):
            self._p.journal.save(effect.entry)
        elif isinstance(effect, Forget):
            self._p.journal.forget(effect.airing)
        elif isinstance(effect, LogPlay):
            self._p.journal.log_play(effect)
        elif isinstance(effect, ForgetPlays):
            self._p.journal.forget_plays(effect.before)
        elif isinstance(effect, Record):
            self._p.outbox.record(effect)

    def _do(self, effect: Effect) -> None:
        parts = self._p
        if isinstance(effect, FetchAnnouncement | FetchClip):
            parts.courier.send(effect)
        elif isinstance(effect, Play):
            parts.speaker.play(effect, (effect.at - parts.time.now()) / 1000)
        elif isinstance(effect, DropClip):
            parts.clips.drop(effect.sha256)
        elif isinstance(effect, StopPlaying):
            parts.speaker.stop(effect.airing, effect.fade_ms)
        elif isinstance(effect, TurnDown):
            parts.speaker.turn_down(effect.airing, effect.volume)
        elif isinstance(effect, CloseRelay):
            parts.relay.close()
        elif isinstance(effect, OpenRelay):
            parts.relay.open()
        elif isinstance(effect, Report):
            self._report_due = True

    def _follow(self, manifest: Manifest) -> None:
        self._p.link.listen(manifest.places.units, manifest.places.groups)
        self._p.link.use(tuple(dict.fromkeys((*manifest.brokers, *self._settings.brokers))))
        self._p.courier.use(tuple(dict.fromkeys((*manifest.urls, *self._settings.urls))))

    @singledispatchmethod
    def _open(self, letter: mail.Mail) -> None:
        raise TypeError(f"no such mail: {letter!r}")

    @_open.register
    def _link_up(self, letter: mail.LinkUp) -> None:
        _log.info("action=link_up broker=%s", letter.broker)
        self._unanswered = None
        self._problem("link", "")
        self._ask()
        self._p.outbox.repeat()
        self._p.outbox.report(self._report(), again=True)

    @_open.register
    def _link_down(self, letter: mail.LinkDown) -> None:
        level = logging.DEBUG if "link" in self._problems else logging.WARNING
        _log.log(level, "action=link_down reason=%s", letter.reason)
        if "link" not in self._problems:
            self._problem("link", Problem.BROKER_UNREACHABLE)

    @_open.register
    def _manifest_came(self, letter: mail.ManifestCame) -> None:
        self._believe(self._p.inbox.manifest_came(letter.raw))
        letter.ack()

    @_open.register
    def _live_came(self, letter: mail.LiveCame) -> None:
        self._believe(self._p.inbox.live_came(letter.raw))
        if self._p.inbox.holding and not self._p.inbox.nonce:
            self._ask()
        letter.ack()

    @_open.register
    def _announcement_came(self, letter: mail.AnnouncementCame) -> None:
        self._believe(self._p.inbox.announcement_came(letter.reference, letter.raw))

    @_open.register
    def _keys_came(self, letter: mail.KeysCame) -> None:
        self._believe(self._p.inbox.keys_came(letter.raw))

    @_open.register
    def _confirmed(self, letter: mail.Confirmed) -> None:
        self._p.outbox.confirmed(letter.through)

    @_open.register
    def _path_failed(self, letter: mail.PathFailed) -> None:
        self._problem("path", letter.code)

    @_open.register
    def _heard(self, letter: mail.Heard) -> None:
        event = letter.event
        if isinstance(event, Finished | Cut) and event.airing == SELF_TEST:
            reason = "sound" if isinstance(event, Finished) else event.reason or "interrupted"
            with self._p.journal.writing():
                self._p.outbox.record(Record(Event.SELF_TEST, reason=reason, evidence=event.evidence))
            return
        self._events.append(event)

    @_open.register
    def _sink_state(self, letter: mail.SinkState) -> None:
        self._problem("sink", letter.problem)

    @_open.register
    def _asked_to_leave(self, _letter: mail.Leave) -> None:
        self._leaving = True

    def _believe(self, found: list[Found]) -> None:
        for one in found:
            if isinstance(one, Record):
                with self._p.journal.writing():
                    self._p.outbox.record(one)
            elif not isinstance(one, Asked):
                self._events.append(one)
            elif isinstance(one.action, Resync):
                self._ask()
            elif isinstance(one.action, Resynced):
                self._behind = (time.monotonic(), one.action)
                self._unanswered = None if self._asked_by_link else self._unanswered
            elif isinstance(one.action, SelfTest):
                self_test(one.action, self._state, self._p, self._all_problems())

    def _ask(self) -> None:
        """Ask what we should hold, over the link unless it is down or nobody answers there."""
        inbox = self._p.inbox
        by_link = not self._deaf or not self._settings.urls
        inbox.nonce, inbox.asked_mono = secrets.token_urlsafe(16), mono_ms()
        self._asked_by_link = by_link and self._p.outbox.resync(inbox.have, inbox.nonce)
        if self._asked_by_link:
            self._unanswered = self._unanswered or time.monotonic()
        elif self._settings.urls:
            self._p.outbox.poll(inbox.have, inbox.nonce)

    @property
    def _deaf(self) -> bool:
        # A broker that is up is no proof that anybody listens behind it.
        patience = 2 * self._settings.pace.path_after_s
        return self._unanswered is not None and time.monotonic() - self._unanswered > patience

    def _timers(self) -> None:
        if self._watchdog.due():
            self._beat()
        if self._health.due():
            self._problem("health", *health.problems(self._settings.data))
        if self._resync.due() and self._p.link.up:
            # Asked over the link again, however deaf it was.
            self._unanswered = None
            self._ask()
            self._p.outbox.ask_confirmation()
        if (self._deaf or self._p.link.gone_s() > self._settings.pace.path_after_s) and self._poll.due():
            self._ask()
            self._p.outbox.ask_confirmation()
            self._p.outbox.hurry()
        if self._p.inbox.holding and mono_ms() - self._p.inbox.asked_mono > _ASK_AGAIN_MS:
            self._ask()
        self._catch_up()

    def _catch_up(self) -> None:
        """Fetch the manifest that should have come by itself; being told nothing is no proof that there is nothing."""
        if self._behind is None or time.monotonic() - self._behind[0] < _BEHIND_S:
            return
        told, have, self._behind = self._behind[1], self._p.inbox.have, None
        if self._settings.urls and (have is None or (have.epoch, have.version) < (told.epoch, told.version)):
            self._p.outbox.poll(have, "")

    def _beat(self) -> None:
        # A thread that died leaves a speaker that looks well and says nothing: let systemd start it anew.
        if self._p.speaker.alive and self._p.link.alive and self._p.courier.alive:
            systemd.notify("WATCHDOG=1")
        else:
            _log.error("action=thread_died")
            self._leaving, self._status = True, 1

    def _problem(self, source: str, *codes: str) -> None:
        found = tuple(code for code in codes if code)
        if found == self._problems.get(source, ()):
            return
        _log.warning("action=problem source=%s codes=%s", source, ",".join(found) or "none")
        self._problems = {**{key: was for key, was in self._problems.items() if key != source}}
        if found:
            self._problems[source] = found
        self._report_due = True

    def _all_problems(self) -> tuple[str, ...]:
        return tuple(sorted({code for codes in self._problems.values() for code in codes}))[:30]

    def _report(self) -> StateReport:
        have, head = self._p.inbox.have, self._p.journal.head()
        return StateReport(
            device=self._settings.device,
            epoch=have.epoch if have else 0,
            version=have.version if have else 0,
            sha256=have.sha256 if have else "",
            clock=self._state.clock,
            cache_bytes=self._p.clips.size(),
            volume=min(self._state.cap, *self._state.limits.volumes.values()),
            agent=AGENT,
            head_seq=head.seq,
            head_hash=head.hash,
            boot=self._p.boot,
            problems=self._all_problems(),
        )
