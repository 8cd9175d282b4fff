"""A stand-in for the push service of a browser's maker, and for the browser behind it; neither is a real one.

The service speaks RFC 8030 on loopback: it takes a message only with a VAPID token (RFC 8292) signed by the key the
browser subscribed with, for its own address and for at most a day, and only up to 4,096 bytes. The browser opens what
was taken as RFC 8291 has it.
"""

import base64
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

LARGEST = 4_096


def _plain(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """One browser that was subscribed: only it opens what it is sent."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def p256dh(self) -> str:
        return _plain(self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    @property
    def auth(self) -> str:
        return _plain(self.secret)

    def opened(self, body: bytes) -> dict[str, Any]:
        """What it would show."""
        plain = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        return dict(json.loads(plain))


@dataclass(frozen=True)
class Taken:
    """One message that was taken."""

    path: str
    body: bytes
    headers: dict[str, str]


class _Server(ThreadingHTTPServer):
    """Many call it at the same moment."""

    request_queue_size = 128
    daemon_threads = True


class PushService:
    """Takes messages for browsers that subscribed with one key; `answers` are given instead, by path, once each."""

    def __init__(self, vapid_key: str, now: datetime) -> None:
        self.taken: list[Taken] = []
        self.refused: list[int] = []
        self.hung: list[str] = []
        self.answers: dict[str, list[tuple[int, dict[str, str]]]] = {}
        self.hanging = threading.Event()
        self.hanging.set()
        self._key, self._now = vapid_key, now
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status, headers = service.judge(self.path, body, {k.lower(): v for k, v in self.headers.items()})
                self.send_response(status)
                for name, value in {"content-length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """A test says itself what it wants to know."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def judge(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
        """The status, as a real service would answer."""
        if "hangs" in path:
            self.hung.append(path)
            self.hanging.wait(10)
        waiting = self.answers.get(path)
        if waiting:
            return waiting.pop(0)
        status = self._status(body, headers)
        if status == 201:
            self.taken.append(Taken(path, body, headers))
            return 201, {"location": f"{self.url}/message/{len(self.taken)}"}
        self.refused.append(status)
        return status, {}

    def _status(self, body: bytes, headers: dict[str, str]) -> int:
        if not self._signed(headers.get("authorization", "")):
            return 403
        if len(body) > LARGEST:
            return 413
        fits = headers.get("content-encoding") == "aes128gcm" and headers.get("ttl", "").isdigit()
        topic = headers.get("topic", "")
        return 201 if fits and len(topic) <= 32 and topic.replace("-", "").replace("_", "").isalnum() else 400

    def _signed(self, authorization: str) -> bool:
        scheme, _, rest = authorization.partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
        if scheme != "vapid" or parts.get("k") != self._key:
            return False
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _raw(self._key))
        pem = point.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        try:
            claims = jwt.decode(parts["t"], ECKey.import_key(pem), algorithms=["ES256"]).claims
        except (JoseError, ValueError):
            return False
        ends = claims["exp"] - self._now.timestamp()
        return bool(claims["aud"] == self.url and 0 < ends <= timedelta(days=1).total_seconds())

    @contextmanager
    def open(self) -> Iterator["PushService"]:
        """Serve until the end of the block."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.hanging.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def browser(self, name: str = "one") -> Browser:
        """A browser of this service."""
        return Browser(f"{self.url}/send/{name}")
