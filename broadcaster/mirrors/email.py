"""Mail to a list of readers, one message each, through the commune's own mail server."""

import re
import smtplib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar, Self

from broadcaster.domain.errors import LoaError
from broadcaster.domain.mail_list import is_address
from broadcaster.domain.mirror import Action, Copy, CopyState, Outcome
from broadcaster.mirrors.base import Means, Reader
from broadcaster.mirrors.mail_message import SMALL, Sound, mail, name
from broadcaster.mirrors.mail_server import UNSURE, Where, deliver, failed, session
from broadcaster.services.outlets.trying import Setting, Tried
from firmware_config.protocol import Kind

PATIENCE = 20.0
"""Seconds after which no further mail is begun: a copy is claimed for 45; who is left comes next time."""
AT_ONCE = {"starttls": False, "tls": True}
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)


class EmailChannel:
    """Sends each reader their own message; who was sent a copy is not sent it again."""

    kind: ClassVar[str] = "email"
    label: ClassVar[str] = "E-mail list"
    settings: ClassVar[Sequence[Setting]] = (
        Setting("host", "Mail server"),
        Setting("port", "Port", default="587"),
        Setting("security", "Encryption (starttls or tls)", default="starttls"),
        Setting("sender", "Address it is sent from"),
        Setting("user", "Sign-in name at the mail server"),
        Setting("password", "Password at the mail server", secret=True),
    )
    per_minute: ClassVar[int] = 30

    def __init__(self, where: Where, sender: str, means: Means, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._where, self._sender, self._means, self._clock = where, sender, means, clock

    @classmethod
    def build(cls, settings: Mapping[str, str], means: Means) -> Self:
        """The channel for one list; raises ValueError for a server or sender that cannot be."""
        port = settings["port"]
        if not (port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65535):
            raise ValueError("the port is a number, usually 587 or 465")
        if settings["security"] not in AT_ONCE:
            raise ValueError("the encryption is starttls or tls")
        if not _HOST.fullmatch(settings["host"]):
            raise ValueError("the mail server is a name such as mail.example.vn")
        if not is_address(settings["sender"]):
            raise ValueError("it is sent from an e-mail address")
        at_once = AT_ONCE[settings["security"]]
        where = Where(settings["host"], int(port), at_once, settings["user"], settings["password"])
        return cls(where, settings["sender"], means)

    def send(self, copy: Copy) -> Outcome:
        """Send it to everybody who was not yet sent it; how many have it is in the outcome."""
        if copy.kind is Kind.TEST and not copy.announcement:
            return self._to_ourselves(copy)
        message = name(copy.id, self._sender)
        readers: Sequence[Reader] = ()
        try:
            readers = self._means.readers.waiting(copy.channel, copy.id)
            ended = self._ended(copy, readers)
            left = Counter(reader.again for reader in self._means.readers.waiting(copy.channel, copy.id))
            return result(self._means.readers.results(copy.id), left, ended, message)
        except LoaError as error:
            # Each is noted before their mail goes, so whoever is not may be sent it later.
            said = message if readers else None
            return Outcome(CopyState.FAILED, remote_id=said, provider_code=error.code, detail=str(error))

    def test(self) -> Tried:
        """Sign in at the mail server and send nothing."""
        try:
            with self._session() as server:
                server.noop()
        except OSError as error:
            outcome = failed(error)
            said = {"detail": outcome.detail, "code": outcome.provider_code}
            return Tried(works=False, words="The mail server does not let us in: %(detail)s (%(code)s).", params=said)
        return Tried(works=True, words="The mail server lets us in as %(user)s.", params={"user": self._where.user})

    def _ended(self, copy: Copy, readers: Sequence[Reader]) -> Outcome | None:
        until = self._clock() + PATIENCE
        try:
            return self._to_each(copy, readers, until) if readers else None
        except OSError as error:
            return failed(error)

    def _to_each(self, copy: Copy, readers: Sequence[Reader], until: float) -> Outcome | None:
        """What ended it before everybody had their turn, or what kept one from getting it; None = nothing."""
        sounds, worst = list(self._sounds(copy)), None
        with self._session() as server:
            for reader in readers:
                if self._clock() > until:
                    return Outcome(CopyState.FAILED, retry_after=1, detail="the others follow")
                outcome = self._to_one(server, copy, reader, sounds)
                self._means.readers.sent(copy.id, reader.id, outcome)
                if outcome.state is CopyState.FAILED and (worst is None or not outcome.permanent):
                    worst = outcome
                if outcome.provider_code == "421":
                    break
        return worst

    def _to_one(self, server: smtplib.SMTP, copy: Copy, reader: Reader, sounds: Sequence[Sound]) -> Outcome:
        message = mail(copy, reader, sender=self._sender, sounds=sounds, at=datetime.now(UTC))
        # A crash from here on must not send it twice, so it is written down before it goes.
        return deliver(
            server,
            self._sender,
            reader.address,
            message,
            leaving=lambda: self._means.readers.sent(copy.id, reader.id, UNSURE),
        )

    def _to_ourselves(self, copy: Copy) -> Outcome:
        """A test goes to the sender's own mailbox: no reader is bothered."""
        message = mail(copy, Reader("", self._sender, ""), sender=self._sender, sounds=(), at=datetime.now(UTC))
        try:
            with self._session() as server:
                return deliver(server, self._sender, self._sender, message, leaving=lambda: None)
        except OSError as error:
            return failed(error)

    def _sounds(self, copy: Copy) -> Iterator[Sound]:
        """Those that fit into a small mail, in the order of the languages; without them the link remains."""
        room = SMALL if copy.action is not Action.WITHDRAW else 0
        for text in copy.texts if room else ():
            try:
                content = self._means.sound(text.clip) if text.clip else b""
            except OSError:
                continue
            if 0 < len(content) <= room:
                room -= len(content)
                yield Sound(text.language, content)

    def _session(self) -> AbstractContextManager[smtplib.SMTP]:
        return session(self._where, private=self._means.private)


def result(results: Mapping[CopyState, int], left: Mapping[bool, int], ended: Outcome | None, message: str) -> Outcome:
    """What a copy came to: taken only when everybody had their turn, and honest about the rest.

    `left` is how many are still to be sent it: for the first time (False), or again (True).
    """
    have, refused = results.get(CopyState.ACCEPTED, 0), results.get(CopyState.FAILED, 0)
    unsure, first = results.get(CopyState.UNKNOWN, 0), left.get(False, 0)
    total = have + refused + unsure + first
    if not total:
        return Outcome(CopyState.FAILED, permanent=True, provider_code="no_readers", detail="nobody is on the list")
    why = ended or Outcome(CopyState.FAILED)
    parts = [f"{have} of {total} readers were sent it"]
    parts += [f"{refused} addresses were refused"] * bool(refused) + [f"of {unsure} nobody knows"] * bool(unsure)
    said = replace(
        why,
        detail="; ".join(filter(None, [*parts, why.detail])) if have < total else "",
        remote_id=message if have + unsure else None,
    )
    if first:
        return said
    if left.get(True) or not have:
        return replace(said, state=CopyState.UNKNOWN if unsure else CopyState.FAILED, permanent=not unsure)
    return replace(said, state=CopyState.ACCEPTED, permanent=False, retry_after=None, provider_code="250")
