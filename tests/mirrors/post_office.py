"""A real mail server with TLS on a free port of this machine, and what came into its boxes."""

import email.policy
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from firmware_config.pki import create_authority

USER, PASSWORD = "loa", "thu-cua-xa"
READ = BytesParser(policy=email.policy.default)


@dataclass
class PostOffice:
    """What it says to addresses, and the mails it took."""

    port: int
    ca: Path
    answers: dict[str, str] = field(default_factory=dict)
    """To some addresses it says no."""
    on_mail: Callable[[str], str] = lambda _to: "250 taken"
    """What it says once it has a mail."""
    mails: list[tuple[str, EmailMessage, bytes]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  (the library's name)
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 yes")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        [to] = envelope.rcpt_tos
        answer = self.on_mail(to)
        if answer.startswith("250"):
            made = READ.parsebytes(envelope.content)
            assert isinstance(made, EmailMessage)
            self.mails.append((to, made, envelope.content))
        return answer

    def readers(self) -> list[str]:
        """To whom a mail came, in their order."""
        return [to for to, _, _ in self.mails]

    def settings(self, **changes: str) -> dict[str, str]:
        """How a channel reaches it."""
        usual = {"host": "localhost", "port": str(self.port), "sender": "loa@xa.example.vn", "user": USER}
        return usual | changes


def _login(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: LoginPassword) -> AuthResult:
    known = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


@contextmanager
def running_post_office(folder: Path, *, at_once: bool = False, tls: bool = True) -> Iterator[PostOffice]:
    """A server that takes mail from whoever signs in, until the end of the block."""
    authority = create_authority("The province", days=1)
    issued = authority.issue("post", server_names=("localhost",), days=1)
    (folder / "post.pem").write_bytes(issued.certificate_pem + issued.key_pem)
    office = PostOffice(_free_port(), folder / "ca.pem")
    office.ca.write_bytes(authority.certificate_pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "post.pem")
    ways: dict[str, Any] = {"tls_context": context, "require_starttls": True, "auth_required": True}
    if at_once:
        # It only counts the TLS that began with STARTTLS, and warns where it should ask for a name without.
        ways = {"ssl_context": context, "auth_require_tls": False}
    ways = ways | {"authenticator": _login} if tls else {}
    server = Controller(office, "127.0.0.1", office.port, **ways)
    server.start()
    try:
        yield office
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
