"""A small page on the speaker's own hotspot: a phone brings the bundle and takes the receipts away.

Nothing it takes in is believed: it lies in a folder like a stick's, and is judged where everything else is.
"""

import contextlib
import io
import logging
import re
import shutil
import threading
import time
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from device_agent.carried import Stick
from device_agent.hotspot_page import BROKEN, NO_FILE, NO_RECEIPTS, TAKEN, TOO_LARGE, Status, page
from firmware_config import carried, carried_zip
from firmware_config.carried_zip import BadZip
from firmware_config.protocol.announcement import MAX_CLIP_BYTES
from firmware_config.protocol.strict_json import SIZE_LIMIT

_log = logging.getLogger(__name__)

MOST_UPLOAD = 400_000_000
MOST_AT_ONCE = 4
SPARE_DISK = 100_000_000
PATIENCE_S = 20.0
LONGEST_S = 900.0
RECEIPTS_S = 6.0
_PIECE = 65_536
_MOST_HEAD = 4_096
_TYPE = re.compile(r"multipart/form-data; *boundary=\"?([0-9A-Za-z'()+_,./:=?-]{1,70})\"?")


class Hotspot:
    """The page's server; bound to one address, and to nothing when that is not there."""

    def __init__(self, address: str, stick: Stick, status: Callable[[], Status]) -> None:
        """Raises OSError where the address cannot be had."""
        host, _, port = address.rpartition(":")
        (stick.folder / carried.ROOT).mkdir(parents=True, exist_ok=True)
        page = self

        class Handler(_Handler):
            served = page

        self.stick, self.status = stick, status
        self._server = _Server((host, int(port)), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="hotspot", daemon=True)
        self._taking = threading.Lock()

    @property
    def port(self) -> int:
        """The port it is bound to."""
        return self._server.server_port

    def start(self) -> None:
        """Serve."""
        self._thread.start()

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, body: "_Body", length: int) -> str:
        """Take a file in; what to tell whoever sent it."""
        with self._taking:
            free = shutil.disk_usage(self.stick.folder).free - SPARE_DISK
            if length > MOST_UPLOAD or 2 * length > free:
                return TOO_LARGE
            received = self.stick.folder / "received.zip"
            try:
                body.save(received)
                self._unpack(received, min(MOST_UPLOAD, free - length))
            except (BadZip, ValueError):
                # Whoever sends sounds that nothing names must not fill the disk with them.
                carried.tidy(self.stick.folder)
                return BROKEN
            finally:
                received.unlink(missing_ok=True)
        return TAKEN

    def _unpack(self, received: Path, most: int) -> None:
        mine, found = carried.manifest(self.stick.me), False

        def limit(name: str) -> int:
            if carried.is_clip(name):
                return MAX_CLIP_BYTES
            other = name.startswith((carried.RECEIPTS, "loa/manifests/")) and name != mine
            return SIZE_LIMIT if carried.is_document(name) and not other else 0

        manifest = b""
        with received.open("rb") as file:
            for name, pieces in carried_zip.read(file, limit, most=most):
                if name == mine:
                    manifest, found = b"".join(pieces), True
                else:
                    carried.write_whole(self.stick.folder, name, pieces)
        if not found:
            raise BadZip("nothing for this speaker")
        # The last, so that it never speaks of what is not there yet.
        carried.write_whole(self.stick.folder, mine, manifest)
        carried.tidy(self.stick.folder)

    def receipts(self) -> bytes:
        """A zip of all receipts that nobody has confirmed."""
        self.stick.asked = time.monotonic()
        until = time.monotonic() + RECEIPTS_S
        while self.status().waiting and not self.stick.written and time.monotonic() < until:
            time.sleep(0.1)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in carried.batches(self.stick.folder):
                with contextlib.suppress(OSError):
                    archive.writestr(name, carried.read_plain(self.stick.folder, name))
        return packed.getvalue() if archive.namelist() else b""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 8
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._room = threading.Semaphore(MOST_AT_ONCE)
        super().__init__(address, handler)

    def process_request(self, request: object, client_address: object) -> None:
        """A fifth phone waits until it asks again; what keeps a connection open for nothing is cut off."""
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)  # type: ignore[arg-type]
        else:
            self.shutdown_request(request)  # type: ignore[arg-type]

    def process_request_thread(self, request: object, client_address: object) -> None:
        """One request, on its own thread."""
        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        finally:
            self._room.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """A phone that goes away in the middle is nothing to speak of."""
        del request, client_address
        _log.debug("action=hotspot_broke_off", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    served: Hotspot
    timeout = PATIENCE_S
    server_version = "loa"
    sys_version = ""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The agent's log has its own lines."""
        _log.debug("action=hotspot %s", format % args)

    def do_GET(self) -> None:
        """The page, or the receipts."""
        if self.path == "/":
            self._page(200, "")
        elif self.path == "/receipts.zip":
            found = self.served.receipts()
            if found:
                name = f'attachment; filename="{self.served.stick.me}-receipts.zip"'
                self._answer(200, found, "application/zip", {"Content-Disposition": name})
            else:
                self._page(404, NO_RECEIPTS)
        else:
            self._page(404, "")

    def do_POST(self) -> None:
        """A file."""
        length, kind = self.headers.get("Content-Length", ""), _TYPE.fullmatch(self.headers.get("Content-Type", ""))
        self.close_connection = True
        if self.path != "/" or kind is None or not re.fullmatch(r"[0-9]{1,12}", length):
            self._page(400, NO_FILE)
            return
        if int(length) > MOST_UPLOAD:
            self._page(413, TOO_LARGE)
            return
        said = self.served.take(_Body(self.rfile, int(length), kind[1].encode()), int(length))
        self._page(200 if said == TAKEN else 422, said)

    def _page(self, status: int, said: str) -> None:
        self._answer(
            status, page(self.served.status(), said, good=status == 200).encode(), "text/html; charset=utf-8", {}
        )

    def _answer(self, status: int, body: bytes, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        fixed = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
        }
        for name, text in (fixed | headers).items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)


class _Body:
    """A form with one file in it, as a browser sends it."""

    def __init__(self, source: io.BufferedIOBase, length: int, boundary: bytes) -> None:
        self._source, self._left, self._boundary = source, length, boundary

    def save(self, target: Path) -> None:
        """Write the file; raises ValueError for a form of another shape, or one that comes too slowly."""
        end = b"\r\n--" + self._boundary + b"--\r\n"
        self._head()
        room, until = self._left - len(end), time.monotonic() + LONGEST_S
        if room <= 0:
            raise ValueError("no file")
        with target.open("wb") as file:
            while room:
                piece = self._source.read(min(_PIECE, room))
                if not piece or time.monotonic() > until:
                    raise ValueError("broke off")
                file.write(piece)
                room -= len(piece)
        if self._source.read(len(end)) != end:
            raise ValueError("more than one file")

    def _head(self) -> None:
        taken = 0
        while True:
            line = self._source.readline(_MOST_HEAD)
            taken += len(line)
            if taken == len(line) and line.strip() != b"--" + self._boundary:
                raise ValueError("another form")
            if not line or taken > _MOST_HEAD:
                raise ValueError("no file")
            if line == b"\r\n":
                break
        self._left -= taken
