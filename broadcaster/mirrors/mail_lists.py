"""Lists of readers as the database keeps them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.mirrors.base import Reader
from broadcaster.services.outlets import mail_readers
from broadcaster.store.database import Database


@dataclass(frozen=True, slots=True)
class MailLists:
    """Each question is a transaction of its own: what was sent stays known whatever happens next."""

    database: Database
    public_url: str
    now: Callable[[], datetime]

    def waiting(self, channel: str, copy: str) -> Sequence[Reader]:
        """Those of the list who are still to be sent this copy."""
        with self.database.read() as session:
            found = mail_readers.waiting(session, channel, copy)
            leave = f"{self.public_url}/leave"
            return [Reader(one.id, one.address, f"{leave}/{one.secret}", again) for one, again in found]

    def sent(self, copy: str, reader: str, outcome: Outcome) -> None:
        """Write down what came of one."""
        with self.database.transaction() as session:
            mail_readers.note(session, copy, reader, outcome, now=self.now())

    def results(self, copy: str) -> Mapping[CopyState, int]:
        """What came of a copy so far."""
        with self.database.read() as session:
            return mail_readers.sent(session, copy)
