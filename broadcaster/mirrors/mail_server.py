"""One conversation with a mail server: a public address looked up once, TLS always, signed in."""

import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from broadcaster.domain.mail_list import without_addresses
from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.mirrors.outgoing import Resolver, is_public, resolve

TIMEOUT = 10.0
"""Seconds that one answer may take."""
ACCEPTED = Outcome(CopyState.ACCEPTED, provider_code="250")
UNSURE = Outcome(CopyState.UNKNOWN)


class NotPublic(OSError):
    """The server may not be called; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Where:
    """The server, and as whom."""

    host: str
    port: int
    tls_at_once: bool
    """Otherwise STARTTLS, which is never left out."""
    user: str
    password: str = field(repr=False)


@contextmanager
def session(where: Where, *, private: bool, resolver: Resolver = resolve) -> Iterator[smtplib.SMTP]:
    """A conversation, ready for mail. Raises OSError, which every error of smtplib is."""
    addresses = _addresses(where, private=private, resolver=resolver)
    trust = ssl.create_default_context()
    server = _TlsAtOnce(where.host, trust) if where.tls_at_once else _Smtp(where.host)
    try:
        _connect(server, addresses, where.port)
        if not where.tls_at_once:
            server.starttls(context=trust)
        server.login(where.user, where.password)
        yield server
        with suppress(OSError):
            server.quit()
    finally:
        server.close()


class _Smtp(smtplib.SMTP):
    """Calls an address that was looked up before; certificates are still held against the name."""

    def __init__(self, host: str) -> None:
        super().__init__(timeout=TIMEOUT, local_hostname="localhost")
        self._host = host


class _TlsAtOnce(smtplib.SMTP_SSL):
    """The same, where TLS comes before the first word."""

    def __init__(self, host: str, trust: ssl.SSLContext) -> None:
        super().__init__(timeout=TIMEOUT, context=trust, local_hostname="localhost")
        self._host = host


def _connect(server: smtplib.SMTP, addresses: Sequence[str], port: int) -> None:
    """To the first that answers: of two kinds of addresses a network may know but one."""
    for address in addresses[:-1]:
        with suppress(OSError):
            server.connect(address, port)
            return
    server.connect(addresses[-1], port)


def _addresses(where: Where, *, private: bool, resolver: Resolver) -> Sequence[str]:
    try:
        addresses = list(resolver(where.host, where.port))
    except OSError as error:
        raise NotPublic(f"{where.host} has no address: {error}") from error
    if not addresses or not (private or all(is_public(ip_address(each.partition("%")[0])) for each in addresses)):
        raise NotPublic(f"{where.host} is not an address on the open internet")
    return addresses[:2]


def deliver(server: smtplib.SMTP, sender: str, to: str, mail: bytes, *, leaving: Callable[[], None]) -> Outcome:
    """Hand over one mail; `leaving` is called once nothing but the mail itself is to be sent. Raises OSError."""
    for ask, who in ((server.mail, sender), (server.rcpt, to)):
        code, words = ask(who)
        if code not in {250, 251}:
            server.rset()
            return said(code, words)
    leaving()
    try:
        code, words = server.data(mail)
    except smtplib.SMTPDataError as error:
        code, words = error.smtp_code, _bytes(error.smtp_error)
    return ACCEPTED if code == 250 else said(code, words)


def said(code: int, words: bytes) -> Outcome:
    """What a refusal stands for: from 500 on it is for good."""
    text = without_addresses(words[:1000].decode("utf-8", "replace")).replace("\n", " ")[:150]
    return Outcome(CopyState.FAILED, permanent=code >= 500, provider_code=str(code), detail=text)


def failed(error: OSError) -> Outcome:
    """What it stands for when there is no conversation, or no longer one."""
    if isinstance(error, smtplib.SMTPResponseException):
        outcome = said(error.smtp_code, _bytes(error.smtp_error))
        # A password that is not taken keeps everything back until a person brings the right one.
        shut_out = outcome.permanent and isinstance(error, smtplib.SMTPAuthenticationError)
        return replace(outcome, permanent=outcome.permanent and not shut_out, shut_out=shut_out)
    detail = without_addresses(str(error))[:200]
    # A server that cannot do TLS or take a name and password will not learn it by itself.
    permanent = isinstance(error, smtplib.SMTPNotSupportedError)
    return Outcome(CopyState.FAILED, permanent=permanent, provider_code=type(error).__name__, detail=detail)


def _bytes(words: bytes | str) -> bytes:
    return words if isinstance(words, bytes) else words.encode()
