"""What the agent's letters and chores work with: the parts, what is wrong, and what is to be said."""

import logging
from collections import deque

from device_agent.boot import Parts
from device_agent.effects import Record
from device_agent.events import Incoming
from device_agent.questions import Questions
from device_agent.settings import AGENT, Settings
from device_agent.turn import State
from firmware_config.protocol import Health
from firmware_config.protocol import State as StateReport

_log = logging.getLogger(__name__)

MOST_PROBLEMS = 30


class Desk:
    """Belongs to the agent's own thread."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self.settings = settings
        self.parts = parts
        self.state: State = parts.state
        self.events: deque[Incoming] = deque()
        self.questions = Questions(settings, parts)
        self.leaving = False
        self.status = 0
        self.health = Health()
        """What the board measured last."""
        self.bytes_month: int | None = None
        """What the line has carried in this month, where it is counted."""
        self._report_due = True
        self._again = False
        self._problems: dict[str, tuple[str, ...]] = dict(parts.problems)

    def leave(self, status: int = 0) -> None:
        """Ask the agent to end, with that exit status."""
        self.leaving, self.status = True, max(self.status, status)

    def record(self, record: Record) -> None:
        """Put a receipt on disk by itself; raises JournalFailed."""
        with self.parts.journal.writing():
            self.parts.outbox.record(record)

    def problem(self, source: str, *codes: str) -> None:
        """What is wrong with one part of the speaker now; nothing = it is well."""
        found = tuple(code for code in codes if code)
        if found == self._problems.get(source, ()):
            return
        _log.warning("action=problem source=%s codes=%s", source, ",".join(found) or "none")
        self._problems = {key: was for key, was in self._problems.items() if key != source}
        if found:
            self._problems[source] = found
        self.report()

    def has_problem(self, source: str) -> bool:
        """Whether something is wrong with that part."""
        return source in self._problems

    @property
    def problems(self) -> tuple[str, ...]:
        """The codes of all that is wrong, in order."""
        return tuple(sorted({code for codes in self._problems.values() for code in codes}))[:MOST_PROBLEMS]

    def report(self, *, again: bool = False) -> None:
        """The state report has changed; it is sent once this turn is over, with `again` even if it says nothing new."""
        self._report_due = True
        self._again = self._again or again

    def say(self) -> None:
        """Send the state report where it is due."""
        if self._report_due:
            second_path = bool(self.settings.urls) and self.questions.second_path
            self.parts.outbox.report(self.state_report(), again=self._again, second_path=second_path)
            self._report_due = self._again = False

    def state_report(self) -> StateReport:
        """How the speaker is now."""
        have, head = self.parts.inbox.have, self.parts.journal.head()
        return StateReport(
            device=self.settings.device,
            epoch=have.epoch if have else 0,
            version=have.version if have else 0,
            sha256=have.sha256 if have else "",
            clock=self.state.clock,
            cache_bytes=self.parts.clips.size(),
            volume=min(self.state.cap, *self.state.limits.volumes.values()),
            agent=AGENT,
            head_seq=head.seq,
            head_hash=head.hash,
            boot=self.parts.boot,
            problems=self.problems,
            health=self.health,
        )
