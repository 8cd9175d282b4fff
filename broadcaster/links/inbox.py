"""From the mailbox into the services: many messages in one transaction, and never a message that stops the thread."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

import structlog

from broadcaster.domain.errors import StorageUnavailable
from broadcaster.links.mail import Inbound, Line, Mailbox
from broadcaster.links.relay import utc_now
from broadcaster.services.places import speakers
from broadcaster.services.speaking import live, receipts
from broadcaster.services.speaking.signing import Signing
from broadcaster.store.database import Database
from broadcaster.worker import OnFatal, Worker
from firmware_config import packing
from firmware_config.protocol import Refused, ResyncRequest, Topic, TopicKind, topics

log = structlog.get_logger(__name__)

MOST = 1_000
PAUSES = (0.1, 1.0)
"""Seconds before what the database did not take is tried again."""
REPORT_LIMIT = 16_384
BATCH_LIMIT = 262_144


class Inbox:
    """One thread drains the mailbox; `on_changed` is told which airings got further."""

    def __init__(
        self,
        database: Database,
        signing: Signing,
        links: Sequence[Line],
        *,
        mailbox: Mailbox,
        on_fatal: OnFatal,
        on_changed: Callable[[set[str]], None] = lambda _airings: None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._database, self._signing, self._links, self._mailbox = database, signing, links, mailbox
        self._on_changed, self._clock = on_changed, clock
        self._worker = Worker("inbox", self._run, on_fatal=on_fatal)

    def start(self) -> None:
        """Begin."""
        self._worker.start()

    def ask_to_stop(self) -> None:
        """Begin to leave."""
        self._worker.ask_to_stop()

    def join(self, seconds: float = 2.0) -> bool:
        """Wait for the thread to leave."""
        return self._worker.join(seconds)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._worker.alive

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            letters = self._mailbox.take(MOST, 0.5)
            if letters:
                self.take(letters)

    def take(self, letters: Sequence[Inbound]) -> None:
        """Take in messages; if they fail together each is tried alone, and only the bad one is dropped."""
        try:
            self._take_patiently(letters)
        except StorageUnavailable:
            # Speakers repeat whatever was not confirmed.
            self.counts["unavailable"] += len(letters)
            log.warning("database unavailable", action="inbox-dropped", letters=len(letters))
        except Exception:
            if len(letters) > 1:
                for letter in letters:
                    self.take([letter])
                return
            self.counts["failed"] += 1
            log.exception("message failed", action="inbox-failed", topic=letters[0].topic)

    def _take_patiently(self, letters: Sequence[Inbound]) -> None:
        # Chosen to give way in a deadlock, or kept waiting by a long writer: a moment later all is well.
        for seconds in PAUSES:
            with suppress(StorageUnavailable):
                self._take_together(letters)
                return
            self.counts["repeated"] += 1
            time.sleep(seconds)
        self._take_together(letters)

    def _take_together(self, letters: Sequence[Inbound]) -> None:
        sorted_out: dict[TopicKind, list[tuple[str, bytes]]] = {}
        old: list[tuple[str, bytes]] = []
        for letter in letters:
            if topic := self._topic(letter):
                kept = letter.kept and topic.kind is TopicKind.STATE
                packs = topic.kind is TopicKind.RECEIPTS
                payload = packing.plain(letter.payload, BATCH_LIMIT) if packs else letter.payload
                (old if kept else sorted_out.setdefault(topic.kind, [])).append((topic.id, payload))
        if batches := sorted_out.get(TopicKind.RECEIPTS):
            self._take_receipts(batches)
        reports = {kind: sorted_out.get(kind, []) for kind in (TopicKind.STATE, TopicKind.PRESENCE)}
        if old or any(reports.values()):
            self._take_reports(old, reports[TopicKind.STATE], reports[TopicKind.PRESENCE])
        if requests := sorted_out.get(TopicKind.RESYNC):
            self._answer(requests)

    def _topic(self, letter: Inbound) -> Topic | None:
        try:
            return topics.parse(letter.topic)
        except Refused as refused:
            self.counts[refused.code] += 1
            return None

    def _take_receipts(self, batches: Sequence[tuple[str, bytes]]) -> None:
        with self._database.transaction() as session:
            answers = receipts.take_in(session, batches, now=self._clock())
        changed: set[str] = set()
        for answer in answers:
            self.counts[answer.refused or "receipts"] += 1
            changed |= answer.changed_airings
        if changed:
            self._on_changed(changed)

    def _take_reports(
        self,
        old: Sequence[tuple[str, bytes]],
        states: Sequence[tuple[str, bytes]],
        presences: Sequence[tuple[str, bytes]],
    ) -> None:
        now = self._clock()
        with self._database.transaction() as session:
            refused = speakers.take_states(session, old, now=now, kept=True)
            refused += speakers.take_states(session, states, now=now)
            refused += speakers.take_presences(session, presences, now=now)
        self.counts.update(refused)
        self.counts["reports"] += len(old) + len(states) + len(presences) - sum(refused.values())

    def _answer(self, raw_requests: Sequence[tuple[str, bytes]]) -> None:
        requests: dict[str, ResyncRequest] = {}
        for device, raw in raw_requests:
            try:
                request = ResyncRequest.from_bytes(raw, limit=REPORT_LIMIT)
            except Refused as refused:
                self.counts[refused.code] += 1
                continue
            if request.device == device:
                requests[device] = request
        if not requests:
            return
        with self._database.transaction() as session:
            answers = live.resynced(session, requests, signing=self._signing, now=self._clock())
        for answer in answers:
            for link in self._links:
                link.publish(answer.topic, answer.payload, retain=answer.retain)
        self.counts["resyncs"] += len(requests)
