"""What this speaker says: receipts until they are confirmed, its state when it has changed, its questions."""

import logging
from dataclasses import replace

from device_agent.courier import Courier, Poll, PostReceipts, PostState
from device_agent.effects import Record
from device_agent.journal import Journal, Pending
from device_agent.link import Link
from device_agent.senses import Senses
from device_agent.timekeeper import Timekeeper
from firmware_config import packing
from firmware_config.protocol import (
    Batch,
    Event,
    Have,
    Receipt,
    ResyncRequest,
    Signer,
    State,
    seal_document,
    topics,
)
from firmware_config.protocol.receipts import MAX_BATCH

_log = logging.getLogger(__name__)

LINGER_S = 0.25
"""Receipts that follow each other this closely travel together."""
PATIENT_S = 3.0
"""What nobody waits for to see stays so long for company: a journey costs a SIM card more than a receipt."""
PATH_LINGER_S = 3.0
"""The same over HTTPS, where each journey costs a SIM card half a kilobyte."""
SHORT_S = 15.0
"""What sounds no longer than this tells over HTTPS of its beginning and its end together."""
PATIENCE = {
    Event.STORED: (PATIENT_S, PATH_LINGER_S),
    Event.ARMED: (PATIENT_S, PATH_LINGER_S),
    Event.STARTED: (LINGER_S, SHORT_S),
}
"""How long a receipt waits for company, over the link and over HTTPS."""
STATE_EACH_S = 60.0
"""Over HTTPS a state is told no more often; what comes sooner waits, and only the newest of it goes."""
_BATCHES_AT_ONCE = 20


class Outbox:
    """Chooses the path for everything that leaves: the link when it is up, HTTPS when it has been down a while."""

    def __init__(
        self,
        signer: Signer,
        *,
        boot: str,
        journal: Journal,
        link: Link,
        courier: Courier,
        timekeeper: Timekeeper,
        path_after_s: float,
        senses: Senses,
    ) -> None:
        self._device = signer.keyid
        self._signer = signer
        self._boot = boot
        self._journal = journal
        self._link = link
        self._courier = courier
        self._time = timekeeper
        self._path_after_s = path_after_s
        self._mono = senses.mono
        self._sent = 0
        self._ask_through = 0
        self._due: float | None = None
        self._told: State | None = None
        self._state_at = float("-inf")
        """When the last state that was given to the courier leaves."""

    def record(self, record: Record) -> None:
        """Put a receipt on disk; to be called inside the journal's transaction."""
        reading = self._time.read()
        receipt = Receipt(
            seq=self._journal.head().seq + 1,
            boot=self._boot,
            airing=record.airing,
            announcement=record.announcement,
            event=record.event,
            at=reading.now,
            clock=reading.state,
            attempt=record.attempt,
            reason=record.reason,
            evidence=record.evidence,
            fallback=record.fallback,
        )
        self._journal.add_receipt(receipt)
        _log.info(
            "action=receipt seq=%d event=%s airing=%s attempt=%d reason=%s",
            receipt.seq,
            receipt.event.value,
            receipt.airing,
            receipt.attempt,
            receipt.reason,
        )
        self.hurry(*PATIENCE.get(receipt.event, (LINGER_S, PATH_LINGER_S)))

    def hurry(self, linger_s: float = LINGER_S, path_linger_s: float = PATH_LINGER_S) -> None:
        """There is something to send; wait a moment for its company."""
        due = self._mono() + (linger_s if self._link.up else path_linger_s)
        self._due = due if self._due is None else min(due, self._due)

    def wait_s(self) -> float:
        """Seconds until `flush` has something to do."""
        return 3600.0 if self._due is None else max(0.0, self._due - self._mono())

    def flush(self, *, at_once: bool = False) -> None:
        """Send what has lingered long enough."""
        if self._due is None or (not at_once and self._mono() < self._due):
            return
        self._due = None
        for _ in range(_BATCHES_AT_ONCE):
            if not self._send_batch():
                return
        self.hurry()

    def sealed(self, pending: Pending) -> bytes:
        """Receipts as they travel, on whatever way."""
        return seal_document(Batch(self._device, pending.previous, pending.receipts), self._signer)

    def _send_batch(self) -> bool:
        batch = self._batch(self._sent)
        if batch is None:
            return False
        sealed = seal_document(batch, self._signer)
        last = batch.receipts[-1].seq
        shorter = packing.worth(sealed) if self._courier.other_side_unpacks else None
        if self._link.publish(topics.receipts(self._device), shorter or sealed):
            self._sent = last
            return True
        if self._link.gone_s() > self._path_after_s:
            # The answer confirms, and only then comes the next batch.
            self._courier.send(PostReceipts(sealed))
        return False

    def _batch(self, after: int) -> Batch | None:
        pending = self._journal.pending(after, MAX_BATCH)
        return Batch(self._device, pending.previous, pending.receipts) if pending else None

    def confirmed(self, through: int) -> None:
        """The broadcaster holds these; they may be forgotten, and the next ones sent."""
        before = self._journal.confirmed()
        self._journal.confirm(through)
        self._sent = max(self._sent, through)
        self.hurry()
        if before < through < self._ask_through:
            self.ask_confirmation()

    def repeat(self) -> None:
        """Send everything unconfirmed again over the link, as after a new connection."""
        self._sent = 0
        self.hurry()

    def ask_confirmation(self) -> None:
        """Hand over what nobody confirmed by the path whose answer confirms; the link needs no second copy of it."""
        self._ask_through = self._sent
        batch = self._batch(0)
        # What was written only now leaves by the link in a moment, and must not hold back the rest.
        said = [receipt for receipt in batch.receipts if receipt.seq <= self._sent] if batch else []
        if batch and said:
            self._courier.send(PostReceipts(seal_document(replace(batch, receipts=tuple(said)), self._signer)))

    def resync(self, have: Have | None, nonce: str) -> bool:
        """Ask over the link what we should hold; False when it is down."""
        request = ResyncRequest(self._device, have, nonce, self._time.now(), self._boot)
        return self._link.publish(topics.resync(self._device), request.to_bytes())

    def poll(self, have: Have | None, nonce: str) -> None:
        """Ask over HTTPS what we should hold."""
        self._courier.send(Poll(nonce, f'"{have.epoch}-{have.version}"' if have else ""))

    def report(self, state: State, *, again: bool = False, second_path: bool = False) -> None:
        """Say how we are, if that is not what was said last (receipts alone are no news)."""
        said, news = self._told, _other_news if second_path else _news
        if not again and said is not None and news(said) == news(state):
            return
        raw = state.to_bytes()
        told = self._link.publish(topics.state(self._device), raw, retain=True)
        if second_path:
            self._post(raw)
        elif told and self._courier.forget_states():
            # What never left holds nothing back.
            self._state_at = float("-inf")
        if told or second_path:
            self._told = state

    def _post(self, raw: bytes) -> None:
        now = self._mono()
        # What takes the place of one that has not left yet leaves when that would have.
        waiting = self._courier.forget_states()
        self._state_at = max(now, self._state_at + (0.0 if waiting else STATE_EACH_S))
        self._courier.send(PostState(raw), self._state_at - now)


def _news(state: State) -> tuple[object, ...]:
    return (state.epoch, state.version, state.sha256, *_other_news(state))


def _other_news(state: State) -> tuple[object, ...]:
    """Without the manifest that is held: over HTTPS each question names it."""
    return (state.clock, state.volume, state.problems)
