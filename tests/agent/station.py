"""An honest broadcaster for the agent's tests: real keys, real signatures, the device API over HTTP on loopback."""

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from firmware_config import packing, pki
from firmware_config.device_config import DeviceConfig, Sound, write
from firmware_config.protocol import (
    GENESIS,
    Action,
    Approval,
    Audience,
    ClipRef,
    Command,
    Event,
    Hours,
    Item,
    KeyRing,
    Kind,
    Klass,
    LivePlay,
    Manifest,
    Millis,
    Places,
    PublicKey,
    Receipt,
    Refused,
    Resynced,
    Role,
    Rules,
    SignedAnnouncement,
    Signer,
    SpokenVersion,
    State,
    accept_batch,
    accept_token,
    pack_live,
    reference,
    seal_document,
    verify_chain,
)

DEVICE = "loa-ban-mot"
DAY = 86_400_000
UNPACKS = {"Accept-Encoding": packing.CODING}
ALWAYS = Rules(1, "Asia/Ho_Chi_Minh", (Hours(tuple(range(7)), 0, 1440),))
NEVER = Rules(2, "Asia/Ho_Chi_Minh", ())


def now_ms() -> Millis:
    return time.time_ns() // 1_000_000


def blank_manifest(device: str = DEVICE, now: Millis = 0) -> Manifest:
    return Manifest(
        device=device,
        epoch=1,
        version=1,
        issued=now,
        valid_until=now + DAY,
        receipts_through=0,
        items=(),
        cancelled=(),
        places=Places(("xa-yen-chau", "ban-mot"), ("cho",)),
        rules=(ALWAYS,),
        volume_max=100,
        volumes=dict.fromkeys(Klass, 80),
        lead_ms=0,
        tail_ms=0,
        keys_version=1,
        brokers=(),
        urls=(),
    )


def announcement(
    *versions: SpokenVersion,
    klass: Klass = Klass.NORMAL,
    now: Millis = 0,
    audience: str = "u:ban-mot",
    name: str = "tb-1",
    kind: Kind = Kind.LIVE,
    supersedes: str | None = None,
    chime: ClipRef | None = None,
) -> SignedAnnouncement:
    return SignedAnnouncement(
        id=name,
        revision=1,
        klass=klass,
        kind=kind,
        title="Thông báo",
        versions=versions,
        audience=Audience((audience,), ()),
        not_before=max(0, now - DAY),
        expires=now + DAY,
        supersedes=supersedes,
        approvals=(Approval("chair", now),),
        chime=chime,
    )


def item(airing: str, of: str, *, start: Millis, klass: Klass = Klass.NORMAL, window: int = 600_000) -> Item:
    return Item(
        airing=airing,
        announcement=of,
        start=start,
        latest_start=start + window,
        expires=start + window + 60_000,
        klass=klass,
        max_starts=3,
        volume=80,
        languages=("vi",),
        order=0,
    )


@dataclass
class Station:
    """One broadcaster with one speaker."""

    folder: Path
    device: str = DEVICE
    host: str = "127.0.0.1"
    manifest: Manifest = field(default_factory=lambda: blank_manifest(now=now_ms()))
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path, Range."""
    receipts: list[Receipt] = field(default_factory=list)
    logs: dict[str, bytes] = field(default_factory=dict)
    """What was handed over for each request, packed."""
    states: list[State] = field(default_factory=list)
    """What came over HTTPS."""
    packed: int = 0
    """How many bodies came packed."""
    broken_chains: int = 0
    connections: int = 0
    break_clip_at: int | None = None
    """Once: end the answer to a clip's GET after so many bytes."""
    slow_clip: str = ""
    """This clip is served as over a bad link."""

    def __post_init__(self) -> None:
        self.root, self.speaker_key = pki.new_signing_key(), pki.new_signing_key()
        self.content = Signer("content-1", Role.CONTENT, pki.new_signing_key())
        self.director = Signer("director-1", Role.DIRECTOR, pki.new_signing_key())
        self.keys = pki.sign_keys(self.root, [self.content, self.director], version=1, now=now_ms())
        self.authority = pki.create_authority("Loa test")
        self.announcements: dict[str, bytes] = {}
        self.clips: dict[str, bytes] = {}
        self._last_hash = GENESIS
        self._lock = threading.Lock()
        station = self

        class Handler(_Handler):
            served = station

        self._server = ThreadingHTTPServer((self.host, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self._server.server_port}"

    @property
    def speaker_ring(self) -> KeyRing:
        raw = self.speaker_key.public_key().public_bytes_raw()
        return KeyRing({self.device: PublicKey(self.device, Role.SPEAKER, raw, 0, now_ms() + DAY)})

    def bundle(self, *, brokers: tuple[str, ...] = (), sink: str = "wav:sound", volume_max: int = 100) -> Path:
        """Put a speaker's configuration and keys into a folder; the path of its config.toml."""
        folder = self.folder / self.device
        for name in ("tls", "signing"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        issued = self.authority.issue(self.device)
        (folder / "tls/ca.pem").write_bytes(self.authority.certificate_pem)
        (folder / "tls/speaker.pem").write_bytes(issued.certificate_pem)
        (folder / "tls/speaker.key").write_bytes(issued.key_pem)
        (folder / "signing/speaker.key").write_bytes(pki.signing_key_pem(self.speaker_key))
        (folder / "signing/root.pub").write_bytes(pki.public_key_pem(self.root.public_key().public_bytes_raw()))
        (folder / "keys.json").write_bytes(self.keys)
        config = DeviceConfig(
            device=self.device,
            name="Bản Một",
            brokers=brokers,
            urls=(self.url,),
            data=Path("data"),
            sound=Sound(sink=sink, lead_ms=0, tail_ms=0, volume_max=volume_max),
        )
        (folder / "config.toml").write_text(write(config), encoding="utf-8")
        return folder / "config.toml"

    def announce(self, found: SignedAnnouncement) -> str:
        """Sign an announcement and serve it; its reference."""
        raw = seal_document(found, self.content)
        self.announcements[reference(raw)] = raw
        return reference(raw)

    def add_clip(self, clip: ClipRef, data: bytes) -> ClipRef:
        self.clips[clip.sha256] = data
        return clip

    def plan(self, *items: Item, cancelled: tuple[str, ...] = ()) -> bytes:
        """Publish the next version of the manifest; its envelope."""
        with self._lock:
            self.manifest = replace(
                self.manifest,
                items=items,
                cancelled=cancelled,
                version=self.manifest.version + 1,
                issued=now_ms(),
                valid_until=now_ms() + DAY,
            )
        return self.sealed_manifest()

    def sealed_manifest(self) -> bytes:
        return seal_document(self.manifest, self.director)

    def live(self, action: Action, *, of: str | None = None, clips: dict[str, bytes] | None = None) -> bytes:
        """A signed live command as it travels."""
        now = now_ms()
        command = Command(f"d:{self.device}", f"cmd-{time.monotonic_ns()}", now, now + 60_000, action)
        sealed = seal_document(command, self.director)
        return pack_live(sealed, self.announcements[of] if of else None, clips or {})

    def resynced(self, nonce: str) -> bytes:
        return self.live(Resynced(nonce, now_ms(), self.manifest.epoch, self.manifest.version))

    def take(self, raw: bytes) -> int:
        """Take in a batch of receipts; the number up to which all are here."""
        batch = accept_batch(raw, device=self.device, keys=self.speaker_ring)
        with self._lock:
            fresh = [one for one in batch.receipts if one.seq > len(self.receipts)]
            if not fresh:
                return len(self.receipts)
            hashes = verify_chain(batch)
            known = len(self.receipts) - (batch.receipts[0].seq - 1)
            before = batch.previous if known == 0 else hashes[known - 1] if known > 0 else None
            if before != self._last_hash:
                self.broken_chains += 1
            else:
                self.receipts += fresh
                self._last_hash = hashes[-1]
            return len(self.receipts)

    def events(self, airing: str) -> list[Event]:
        return [one.event for one in self.receipts if one.airing == airing]

    def wait_for(self, airing: str, event: Event, seconds: float = 60.0) -> Receipt:
        """The receipt, as soon as it is here."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for one in list(self.receipts):
                if (one.airing, one.event) == (airing, event):
                    return one
            time.sleep(0.02)
        raise AssertionError(f"no {event} of {airing}: {[(r.airing, r.event, r.reason) for r in self.receipts]}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: Station

    def setup(self) -> None:
        super().setup()
        self.served.connections += 1

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Tests are quiet."""

    def do_GET(self) -> None:
        station, url = self.served, urlsplit(self.path)
        station.requests.append(("GET", url.path, self.headers.get("Range", "")))
        if not self._known():
            return
        kind, _, name = url.path.removeprefix("/device/v1/").partition("/")
        if kind == "manifest":
            self._manifest(parse_qs(url.query).get("nonce", [""])[0])
        elif kind == "keys":
            self._answer(200, station.keys)
        elif kind == "announcements" and f"sha256:{name}" in station.announcements:
            self._answer(200, station.announcements[f"sha256:{name}"], UNPACKS)
        elif kind == "clips" and name in station.clips:
            self._clip(station.clips[name])
        else:
            self._answer(404, b"{}")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == packing.CODING:
            self.served.packed += 1
            body = packing.unpacked(body, 262_144)
        self.served.requests.append(("POST", self.path, ""))
        if self.path.startswith("/device/v1/log"):
            if self._known():
                self.served.logs[parse_qs(urlsplit(self.path).query)["request"][0]] = body
                self._answer(200, b"{}")
        elif self.path == "/device/v1/state":
            if self._known():
                self.served.states.append(State.from_bytes(body))
                self._answer(204, b"")
        elif self._known():
            self._answer(200, json.dumps({"receipts_through": self.served.take(body)}).encode())

    def _known(self) -> bool:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        raw = self.served.speaker_key.public_key().public_bytes_raw()
        try:
            accept_token(token, lookup=lambda device: raw, now=now_ms(), audience="loa")
        except Refused:
            self._answer(401, b"{}")
            return False
        return scheme == "Loa"

    def _manifest(self, nonce: str) -> None:
        station = self.served
        tag = f'"{station.manifest.epoch}-{station.manifest.version}"'
        headers = {"ETag": tag}
        if nonce:
            headers["Loa-Resynced"] = base64.b64encode(station.resynced(nonce)).decode()
        if self.headers.get("If-None-Match") == tag:
            self._answer(304, b"", headers)
        else:
            self._answer(200, station.sealed_manifest(), {**headers, **UNPACKS})

    def _clip(self, data: bytes) -> None:
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        rest = data[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        cut, self.served.break_clip_at = self.served.break_clip_at, None
        if hashlib.sha256(data).hexdigest() == self.served.slow_clip:
            self._trickle(rest)
        else:
            self.wfile.write(rest if cut is None else rest[:cut])
        if cut is not None:
            self.close_connection = True

    def _trickle(self, rest: bytes) -> None:
        for at in range(0, len(rest), 4_096):
            try:
                self.wfile.write(rest[at : at + 4_096])
            except OSError:
                self.close_connection = True
                return
            time.sleep(0.02)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        if packing.CODING in self.headers.get("Accept-Encoding", "") and (shorter := packing.worth(body)):
            body, headers = shorter, {**(headers or {}), "Content-Encoding": packing.CODING}
        self.send_response(status)
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        if status not in {204, 304}:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status not in {204, 304}:
            self.wfile.write(body)


__all__ = ["LivePlay", "SpokenVersion", "Station", "announcement", "blank_manifest", "item", "now_ms"]
