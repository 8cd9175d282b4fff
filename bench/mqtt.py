"""MQTT 3.1.1 in as few lines as simulated speakers need: connect, subscribe, publish and receive with QoS 1."""

import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ = 0x10, 0x20, 0x30, 0x40, 0x82, 0x90, 0xC0
QOS1 = 0x02
CHUNK = 65_536


def packet(head: int, body: bytes) -> bytes:
    """One control packet: first byte, length in 7-bit groups, body."""
    size, rest = bytearray(), len(body)
    while True:
        rest, digit = rest // 128, rest % 128
        size.append(digit | (0x80 if rest else 0))
        if not rest:
            return bytes([head]) + bytes(size) + body


def text(value: str) -> bytes:
    """A length of two bytes and UTF-8."""
    raw = value.encode()
    return len(raw).to_bytes(2, "big") + raw


def connect(client_id: str, keepalive: int = 600) -> bytes:
    """A clean session."""
    return packet(CONNECT, text("MQTT") + b"\x04\x02" + keepalive.to_bytes(2, "big") + text(client_id))


def subscribe(topics: list[str]) -> bytes:
    """All topics in one packet, QoS 1."""
    return packet(SUBSCRIBE, b"\x00\x01" + b"".join(text(topic) + b"\x01" for topic in topics))


def publish(topic: str, payload: bytes, mid: int) -> bytes:
    """QoS 1, not retained."""
    return packet(PUBLISH | QOS1, text(topic) + mid.to_bytes(2, "big") + payload)


def take_apart(buffer: bytearray) -> Iterator[tuple[int, bytes]]:
    """Every whole packet at the start of the buffer, which then begins with what is left."""
    at = 0
    while True:
        size, shift, here = 0, 0, at + 1
        while here < len(buffer):
            size |= (buffer[here] & 0x7F) << shift
            shift += 7
            here += 1
            if not buffer[here - 1] & 0x80:
                break
        else:
            break
        if here + size > len(buffer):
            break
        yield buffer[at], bytes(buffer[here : here + size])
        at = here + size
    del buffer[:at]


@dataclass(slots=True)
class Connection:
    """One simulated speaker's line; `on_message(topic, payload, at)` is called for what comes."""

    wire: ssl.SSLSocket
    on_message: Callable[[str, bytes, float], None]
    subscribed: bool = False
    connected: bool = False
    acknowledged: int = 0
    _buffer: bytearray = field(default_factory=bytearray)

    def read(self) -> bool:
        """Take in all that is there; False when the line is gone."""
        try:
            while True:
                found = self.wire.recv(CHUNK)
                if not found:
                    return False
                self._buffer += found
        except ssl.SSLWantReadError:
            pass
        except OSError:
            return False
        for head, body in take_apart(self._buffer):
            self._handle(head, body)
        return True

    def send(self, raw: bytes) -> None:
        """Send all of it, waiting where the line is full."""
        view = memoryview(raw)
        while view:
            try:
                view = view[self.wire.send(view) :]
            except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
                time.sleep(0.001)

    def _handle(self, head: int, body: bytes) -> None:
        match head & 0xF0:
            case 0x30:
                size = int.from_bytes(body[:2], "big")
                topic, at = body[2 : 2 + size].decode(), time.monotonic()
                start = 2 + size
                if head & QOS1:
                    self.send(packet(PUBACK, body[start : start + 2]))
                    start += 2
                self.on_message(topic, body[start:], at)
            case 0x20:
                self.connected = body[1:2] == b"\0"
            case 0x90:
                self.subscribed = True
            case 0x40:
                self.acknowledged += 1
