"""The shell: mail in, `core.step`, effects out. The composition root of the speaker."""

import logging
import queue
from collections.abc import Sequence
from dataclasses import replace

from device_agent import letters, mail, systemd
from device_agent.boot import Parts
from device_agent.chores import Chore, usual
from device_agent.core import next_wake, step
from device_agent.desk import Desk
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
from device_agent.events import Booted, ClockChanged, Cut, Finished, Incoming, Leaving, ManifestAccepted, Sounding, Tick
from device_agent.journal import JournalFailed
from device_agent.playlist import all_clips
from device_agent.problems import Problem
from device_agent.selftest import SELF_TEST
from device_agent.settings import Settings
from device_agent.turn import State
from firmware_config.protocol import Klass, Manifest

_log = logging.getLogger(__name__)

_LONGEST_WAIT_S = 1.0
_DISK_RETRY_S = 0.2
_HEARD = (Sounding, Finished, Cut)


class Agent:
    """One speaker, from its journal to its card."""

    def __init__(self, settings: Settings, parts: Parts, chores: Sequence[Chore] | None = None) -> None:
        self._settings = settings
        self._p = parts
        self._desk = Desk(settings, parts)
        self._chores = usual(settings, parts.senses) if chores is None else chores

    @property
    def desk(self) -> Desk:
        """What letters and chores work with; of use to whoever drives the agent."""
        return self._desk

    def run(self) -> int:
        """Work until asked to leave; the exit status, which is not 0 when a thread died."""
        self.take_up()
        self._start()
        self.turn()
        while not self._desk.leaving:
            try:
                letter = self._p.mailbox.get(timeout=self.pause_s())
            except queue.Empty:
                pass
            else:
                self.receive(letter)
            self.turn()
        self.leave()
        return self._desk.status

    def receive(self, letter: mail.Mail) -> None:
        """Act on one letter; what cannot be put on disk is not acknowledged and not forgotten."""
        try:
            letters.read(letter, self._desk)
        except JournalFailed as failure:
            self._desk.problem("journal", failure.code)
            self._p.mailbox.put(letter)
            self._p.senses.pause(_DISK_RETRY_S)

    def take_up(self) -> None:
        """Go on from what the journal holds, at the next turn."""
        booted = self._p.booted
        self._desk.events += [ClockChanged(self._p.time.read().state), booted]
        if booted.manifest is not None:
            self._follow(booted.manifest)

    def _start(self) -> None:
        parts = self._p
        parts.speaker.start()
        parts.courier.start()
        parts.link.start()
        systemd.notify("READY=1")
        _log.info("action=ready device=%s items=%d", self._settings.device, len(parts.booted.ledger))

    def leave(self) -> None:
        """End in order: what sounds fades out, and how it ended is on disk."""
        parts = self._p
        systemd.notify("STOPPING=1")
        self._desk.events.append(Leaving())
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
                    letters.read(letter, self._desk)
            self._steps()
            self._p.outbox.flush(at_once=True)
        except JournalFailed as failure:
            self._desk.problem("journal", failure.code)

    def pause_s(self, longest: float = _LONGEST_WAIT_S) -> float:
        """How long nothing is to be done if no letter comes."""
        if not self._p.mailbox.empty():
            return 0.0
        now = self._p.time.now()
        wake = next_wake(self._desk.state, now)
        until_wake = longest if wake is None else (wake - now) / 1000
        return max(0.001, min(longest, until_wake, self._p.outbox.wait_s()))

    def turn(self) -> None:
        """Do all that is to be done now."""
        desk = self._desk
        reading = self._p.time.read()
        if reading.state is not desk.state.clock:
            desk.events.append(ClockChanged(reading.state))
        if not desk.events:
            desk.events.append(Tick())
        failed = ""
        for work in (self._steps, self._p.outbox.flush, self._do_chores, desk.say):
            try:
                work()
            except JournalFailed as failure:
                failed = failure.code
        desk.problem("journal", failed or self._p.journal.ill or "")
        if failed == Problem.JOURNAL_CORRUPT:
            # Only a new start can set it aside and begin another.
            desk.leave(1)
        elif failed:
            self._p.senses.pause(_DISK_RETRY_S)

    def _steps(self) -> None:
        # An event that fails stays where it was and is tried again: nothing may sound that is not on disk first.
        events, waiting = self._desk.events, list[Incoming]()
        failure: JournalFailed | None = None
        while events:
            event = events.popleft()
            try:
                done = self._step(event, urgent_only=failure is not None)
            except JournalFailed as trouble:
                failure, done = failure or trouble, False
            if not done:
                waiting.append(event)
            if isinstance(event, Booted) and not done:
                # Before this one is told, nothing is known.
                break
        events.extendleft(reversed(waiting))
        if failure is not None:
            raise failure

    def _do_chores(self) -> None:
        for chore in self._chores:
            chore.turn(self._desk)

    def _step(self, event: Incoming, *, urgent_only: bool = False) -> bool:
        """Whether it is done; what is not urgent may be left for later."""
        desk, journal = self._desk, self._p.journal
        before = desk.state.announcements.keys()
        state, effects = self._stepped(event)
        # What has sounded and is not on disk would sound again after a power cut.
        urgent = isinstance(event, (Booted, *_HEARD)) or _is_urgent(state, effects)
        if urgent_only and not urgent:
            return False
        if any(isinstance(effect, Save | Forget | Record | LogPlay | ForgetPlays) for effect in effects):
            with journal.writing(urgent=urgent):
                for effect in effects:
                    self._write(effect)
                self._p.time.save()
        desk.state = state
        for effect in effects:
            self._do(effect)
        if isinstance(event, ManifestAccepted):
            self._follow(event.manifest)
            self._p.clips.keep(all_clips(state.announcements.values()))
            journal.drop_announcements(before - state.announcements.keys())
        return True

    def _stepped(self, event: Incoming) -> tuple[State, Sequence[Effect]]:
        now, before = self._p.time.now(), self._desk.state
        state, effects = step(before, event, now)
        begun = [state.ledger[effect.airing].item.klass for effect in effects if isinstance(effect, Play)]
        if isinstance(event, _HEARD) and begun and Klass.EMERGENCY not in begun and self._p.journal.full:
            # What waits behind it begins with an event of its own, to which the kept room is closed.
            return step(replace(before, hold_until=now + 1), event, now)
        return state, effects

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
            parts.speaker.stop(SELF_TEST, self._desk.state.limits.fade_ms)
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
            self._desk.report()

    def _follow(self, manifest: Manifest) -> None:
        parts, own = self._p, self._settings
        parts.link.listen(manifest.places.units, manifest.places.groups)
        parts.link.use(tuple(dict.fromkeys((*manifest.brokers, *own.brokers))))
        parts.courier.use(tuple(dict.fromkeys((*manifest.urls, *own.urls))))
        parts.speaker.use(manifest.sink or own.sink)


def _is_urgent(state: State, effects: Sequence[Effect]) -> bool:
    """Whether these speak of an emergency."""
    saved = [effect.entry for effect in effects if isinstance(effect, Save)]
    told = [state.ledger.get(effect.airing or "") for effect in effects if isinstance(effect, Record)]
    return any(entry.item.klass is Klass.EMERGENCY for entry in (*saved, *told) if entry)
