"""Notices a stick that was put in, asks for what lies on it, and writes the receipts back to it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from device_agent.carried import Seen, Stick
from device_agent.courier import FetchKeys
from device_agent.desk import Desk
from device_agent.hotspot_page import KEPT, NO_PLAN, OLDER, REFUSED, Status, plan_words
from device_agent.problems import Problem
from device_agent.senses import Senses
from device_agent.timers import Every
from firmware_config.protocol.receipts import MAX_BATCH

if TYPE_CHECKING:
    from device_agent.hotspot import Hotspot

_log = logging.getLogger(__name__)

_WRITE_S = 2.0
_OFFER_S = 3_600.0
_JUDGED_AFTER_S = 10.0
_BATCHES = 20
"""At once: sealing more would keep the agent from its work."""
_WANTED_S = 60.0
_SERVE_S = 30.0
_UPLOAD = {Problem.STICK_OLDER: OLDER, Problem.STICK_REFUSED: REFUSED}


@dataclass(slots=True)
class _Watched:
    """One stick, and how far its matters are."""

    stick: Stick
    write: Every
    offer: Every
    seen: Seen | None = None
    offered_at: float = 0.0
    next: int = 1
    """The number of the first receipt of the batch that is written next; a full one is never written again."""


@dataclass(slots=True)
class Sticks:
    """The chore; `threads` = each stick looks after itself, else it is looked after in every turn."""

    senses: Senses
    threads: bool = True
    hotspot: "Hotspot | None" = None
    status: Status = field(default_factory=lambda: Status("", NO_PLAN, 0))
    _watched: Sequence[_Watched] | None = None
    _serve: Every = field(init=False)

    def __post_init__(self) -> None:
        self._serve = Every(_SERVE_S, at_once=True, monotonic=self.senses.mono)

    def turn(self, desk: Desk) -> None:
        """Whatever is due with any of them."""
        for one in self._all(desk):
            if not self.threads:
                one.stick.work()
            self._look(one, desk)
            found = _problems(one, desk, self.senses.mono())
            desk.problem(f"stick {one.stick.folder}", *found)
            if not one.stick.always:
                self._page(one.stick, desk, found)

    def _all(self, desk: Desk) -> Sequence[_Watched]:
        if self._watched is None:
            mono = self.senses.mono
            self._watched = [
                _Watched(stick, Every(_WRITE_S, at_once=True, monotonic=mono), Every(_OFFER_S, monotonic=mono))
                for stick in desk.parts.sticks
            ]
            for one in self._watched:
                if self.threads:
                    one.stick.start()
        return self._watched

    def _page(self, stick: Stick, desk: Desk, found: Sequence[Problem]) -> None:
        """Serve the page as soon as its address is there, and tell it how things are."""
        manifest, journal = desk.parts.inbox.manifest, desk.parts.journal
        waiting = journal.head().seq - journal.confirmed()
        upload = next((words for problem, words in _UPLOAD.items() if problem in found), "")
        if not upload and stick.seen and stick.seen.offer and desk.parts.inbox.have:
            upload = KEPT if desk.parts.inbox.have.sha256 == stick.seen.offer.sha256 else ""
        self.status = Status(desk.settings.device, plan_words(manifest), waiting, upload)
        if self.hotspot is None and self._serve.due():
            # Most speakers serve no page, and need no web server in their memory.
            from device_agent.hotspot import Hotspot  # noqa: PLC0415

            try:
                self.hotspot = Hotspot(desk.settings.carry_page, stick, lambda: self.status)
            except OSError as failure:
                desk.problem("page", Problem.CARRY_PAGE_DOWN)
                _log.debug("action=hotspot_down detail=%s", failure)
            else:
                desk.problem("page")
                self.hotspot.start()

    def _look(self, one: _Watched, desk: Desk) -> None:
        seen = one.stick.seen
        if seen is None:
            one.seen = None
            return
        if seen != one.seen:
            one.seen, one.next = seen, 1
            desk.parts.courier.send(FetchKeys())
            self._offer(one, desk)
        elif one.offer.due():
            one.stick.offered = ""
            self._offer(one, desk)
        if self._is_wanted(one.stick) and one.stick.idle and one.write.due():
            self._write(one, desk)

    def _offer(self, one: _Watched, desk: Desk) -> None:
        one.offered_at = self.senses.mono()
        # With what we hold: where the network answers too, all of it each hour would cost a SIM card megabytes.
        desk.parts.outbox.poll(desk.parts.inbox.have, "")

    def _is_wanted(self, stick: Stick) -> bool:
        return stick.always or (stick.asked is not None and self.senses.mono() - stick.asked < _WANTED_S)

    def _write(self, one: _Watched, desk: Desk) -> None:
        journal = desk.parts.journal
        one.stick.confirmed = journal.confirmed()
        if one.stick.written >= journal.head().seq:
            return
        if one.stick.written < one.next - 1:
            # What was put could not be written, or another stick is in its place.
            one.next = 1
        for _ in range(1 if Problem.STICK_NOT_WRITABLE in one.stick.trouble else _BATCHES):
            pending = journal.pending(one.next - 1, MAX_BATCH)
            if pending is None or pending.receipts[-1].seq <= one.stick.written:
                return
            first, last = pending.receipts[0].seq, pending.receipts[-1].seq
            one.stick.put(first, last, desk.parts.outbox.sealed(pending))
            if len(pending.receipts) < MAX_BATCH:
                one.next = first
                return
            one.next = last + 1


def _problems(one: _Watched, desk: Desk, mono: float) -> Sequence[Problem]:
    """What is wrong with it, and what became of the manifest it brought."""
    if one.seen is None:
        return ()
    offer, have = one.seen.offer, desk.parts.inbox.have
    found = [*one.stick.trouble]
    if offer is not None and mono - one.offered_at > _JUDGED_AFTER_S and (have is None or have.sha256 != offer.sha256):
        held = (have.epoch, have.version) if have else (0, 0)
        found.append(Problem.STICK_OLDER if held > (offer.epoch, offer.version) else Problem.STICK_REFUSED)
    return found
