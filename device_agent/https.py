"""The second path: the broadcaster's device API over one kept-alive connection, used by one thread."""

import email.utils
import http.client
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device_agent.line import connect
from device_agent.paths import Answer, NotServed, PathDown
from device_agent.traffic import Traffic
from firmware_config import packing
from firmware_config.protocol import Millis, make_token

AUDIENCE = "loa"
"""The name passes are made out to."""
TIMEOUT_S = 20.0
ANSWER_S = 120.0
"""How long a small answer may take in all, however steadily it trickles."""
ANSWER_LIMIT = 300_000

_TOKEN_LIFE_MS = 240_000


@dataclass(slots=True)
class Tokens:
    """The speaker's own short-lived passes to the device API."""

    device: str
    key: Ed25519PrivateKey
    now: Callable[[], Millis]
    _text: str = ""
    _made: Millis = 0
    _offset: Millis = 0

    def header(self) -> str:
        """The value for `Authorization`."""
        at = self.now() + self._offset
        if not self._text or not self._made <= at < self._made + _TOKEN_LIFE_MS:
            self._text = make_token(self.device, self.key, now=at, audience=AUDIENCE)
            self._made = at
        return f"Loa {self._text}"

    def refused(self, date: str | None) -> bool:
        """Take the server's unsigned date, good enough for a pass and nothing else; False if that changes nothing."""
        self._text = ""
        if date is None:
            return False
        try:
            there = email.utils.parsedate_to_datetime(date)
        except ValueError:
            return False
        offset = round(there.timestamp() * 1000) - self.now()
        changed = abs(offset - self._offset) > 30_000
        self._offset = offset
        return changed


class _Resuming(http.client.HTTPSConnection):
    """Goes on with an earlier TLS session where the other side still knows it: that saves all certificates."""

    def __init__(
        self, host: str, port: int | None, *, timeout: float, context: ssl.SSLContext, session: ssl.SSLSession | None
    ) -> None:
        super().__init__(host, port, timeout=timeout, context=context)
        self._tls, self._session = context, session

    def connect(self) -> None:
        """Raises OSError."""
        http.client.HTTPConnection.connect(self)
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self.host, session=self._session)


class Server:
    """The broadcaster by any of its addresses."""

    def __init__(
        self, urls: tuple[str, ...], context: ssl.SSLContext | None, tokens: Tokens, traffic: Traffic | None = None
    ) -> None:
        self._urls = urls
        self._context = context
        self._tokens = tokens
        self._traffic = traffic or Traffic()
        self._connection: http.client.HTTPConnection | None = None
        self._sessions: dict[str, ssl.SSLSession] = {}
        """By host and port: what to resume by."""
        self._base = urlsplit("")
        self._unpacks = False
        """Whether the other side has said that it takes what is packed (RFC 7694)."""

    def use(self, urls: tuple[str, ...]) -> None:
        """Take another list of addresses from now on."""
        if urls != self._urls:
            self._urls, self._unpacks = urls, False
            self.close()

    def close(self) -> None:
        """Let the connection go."""
        connection, self._connection = self._connection, None
        if connection is not None:
            if connection.sock is not None:
                self._traffic.release(connection.sock)
            connection.close()

    def ask(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One small question; raises PathDown, NotServed (also for answers beyond 300 kB)."""
        asked = {"Accept-Encoding": packing.CODING} if method == "GET" else {}
        if body is not None and self._unpacks and (shorter := packing.worth(body)):
            body, asked = shorter, {"Content-Encoding": packing.CODING}
        response = self.open(method, path, body=body, headers={**asked, **(headers or {})})
        found = self._read(response)
        told = {name.lower(): text for name, text in response.getheaders()}
        if method == "GET" and response.status == 200:
            self._unpacks = packing.CODING in told.get("accept-encoding", "")
        try:
            if told.get("content-encoding") == packing.CODING:
                found = packing.unpacked(found, ANSWER_LIMIT)
            elif len(found) > ANSWER_LIMIT:
                raise packing.TooMuch
        except packing.TooMuch as failure:
            self.close()
            raise NotServed(413) from failure
        except packing.Unpackable as failure:
            self.close()
            raise PathDown(str(failure)) from failure
        return Answer(response.status, told, found)

    def open(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> http.client.HTTPResponse:
        """Ask and leave the body to be read by the caller; any status but 200, 204, 206 and 304 raises NotServed."""
        response = self._send(method, path, body, headers or {})
        if response.status == 401 and self._tokens.refused(response.getheader("date")):
            self.close()
            response = self._send(method, path, body, headers or {})
        if response.status not in {200, 204, 206, 304}:
            self.close()
            raise NotServed(response.status)
        return response

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        found, until = bytearray(), time.monotonic() + ANSWER_S
        try:
            while len(found) <= ANSWER_LIMIT and (piece := response.read1(ANSWER_LIMIT)):
                found += piece
                if time.monotonic() > until:
                    raise TimeoutError("the answer comes too slowly")
            if response.length and len(found) <= ANSWER_LIMIT:
                raise http.client.IncompleteRead(bytes(found), response.length)
            # Only a read at the end lets the connection be used again.
            response.read(1)
        except (OSError, http.client.HTTPException) as failure:
            self.close()
            raise PathDown(str(failure)) from failure
        return bytes(found)

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> http.client.HTTPResponse:
        failure: Exception = PathDown("no address configured")
        # A kept connection may have been closed by the other side since; that is no reason to go elsewhere.
        kept: list[str | None] = [None] if self._connection is not None else []
        for url in [*kept, *self._urls]:
            try:
                connection = self._connect(url)
                self._put(connection, method, self._base.path.rstrip("/") + path, body, headers)
                return self._counted(connection)
            except (OSError, ValueError, http.client.HTTPException) as trouble:
                self.close()
                failure = trouble
        raise PathDown(f"{type(failure).__name__}: {failure}") from failure

    def _put(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
    ) -> None:
        # By hand: what a library says of itself in each request costs a SIM card six times with each announcement.
        connection.putrequest(method, path, skip_accept_encoding=True)
        length = {} if body is None else {"Content-Length": str(len(body))}
        for name, value in {"Authorization": self._tokens.header(), **headers, **length}.items():
            connection.putheader(name, value)
        connection.endheaders(body)

    def _counted(self, connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
        carrier: socket.socket = connection.sock
        self._traffic.watch(carrier)
        response = connection.getresponse()
        if isinstance(carrier, ssl.SSLSocket) and carrier.session is not None:
            self._sessions[self._base.netloc] = carrier.session
        if connection.sock is None:
            # The other side ends it with this answer, and nobody will be told when: what is to come is counted now.
            self._traffic.release(carrier, to_come=response.length or 0)
        return response

    def _connect(self, url: str | None) -> http.client.HTTPConnection:
        if url is None:
            assert self._connection is not None
            return self._connection
        self._base = urlsplit(url)
        host, port = self._base.hostname or "", self._base.port
        if self._base.scheme == "https":
            if self._context is None:
                raise ssl.SSLError("no usable certificate")
            session = self._sessions.get(self._base.netloc)
            self._connection = _Resuming(host, port, timeout=TIMEOUT_S, context=self._context, session=session)
        else:
            self._connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
        # It offers no other way to set anything on a socket before it connects.
        self._connection._create_connection = connect  # type: ignore[attr-defined]  # noqa: SLF001
        return self._connection
