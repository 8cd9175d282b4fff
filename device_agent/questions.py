"""Asking what we should hold: over the link, or over HTTPS where nobody answers there."""

from device_agent.boot import Parts
from device_agent.settings import Settings
from firmware_config.protocol import Resynced

_BEHIND_S = 3.0
_ASK_AGAIN_MS = 5_000


class Questions:
    """Remembers what was asked and what was answered."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._mono = parts.senses.mono
        self._unanswered: float | None = None
        """Since when a question put over the link has had no answer."""
        self._by_link = False
        self._behind: tuple[float, Resynced] | None = None

    def ask(self) -> None:
        """Ask, over the link unless it is down or nobody answers there."""
        inbox, outbox, urls = self._parts.inbox, self._parts.outbox, self._settings.urls
        by_link = not self.deaf or not urls
        inbox.nonce, inbox.asked_mono = self._parts.senses.name(), self._parts.senses.mono_ms()
        self._by_link = by_link and outbox.resync(inbox.have, inbox.nonce)
        if self._by_link:
            self._unanswered = self._unanswered or self._mono()
        elif urls:
            outbox.poll(inbox.have, inbox.nonce)

    def answered(self, told: Resynced) -> None:
        """The broadcaster said what we should hold."""
        self._behind = (self._mono(), told)
        self._unanswered = None if self._by_link else self._unanswered

    def listen_again(self) -> None:
        """Ask over the link again, however deaf it was."""
        self._unanswered = None

    @property
    def deaf(self) -> bool:
        """Whether the link carries no answers: a broker that is up is no proof that anybody listens behind it."""
        patience = 2 * self._settings.pace.path_after_s
        return self._unanswered is not None and self._mono() - self._unanswered > patience

    @property
    def unanswered(self) -> bool:
        """Whether a question put over the link waits for its answer, or has waited in vain."""
        return self._unanswered is not None

    @property
    def open(self) -> bool:
        """Whether something that was asked or told has not led to anything yet."""
        return self._behind is not None or self._parts.inbox.holding or (self._unanswered is not None and not self.deaf)

    @property
    def second_path(self) -> bool:
        """Whether HTTPS is to be used in the link's place."""
        return self.deaf or self._parts.link.gone_s() > self._settings.pace.path_after_s

    def ask_again(self) -> None:
        """A live command waits for proof that it is fresh, and the question for it may have been lost."""
        inbox = self._parts.inbox
        if inbox.holding and self._parts.senses.mono_ms() - inbox.asked_mono > _ASK_AGAIN_MS:
            self.ask()

    def catch_up(self) -> None:
        """Fetch the manifest that should have come by itself; being told nothing is no proof that there is nothing."""
        if self._behind is None or self._mono() - self._behind[0] < _BEHIND_S:
            return
        told, have, self._behind = self._behind[1], self._parts.inbox.have, None
        if self._settings.urls and (have is None or (have.epoch, have.version) < (told.epoch, told.version)):
            self._parts.outbox.poll(have, "")
