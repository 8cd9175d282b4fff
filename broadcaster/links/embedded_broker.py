"""Mosquitto as our own child: generated settings, watched, brought back when it dies."""

import contextlib
import getpass
import os
import resource
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from broadcaster.domain.errors import NoBroker
from broadcaster.links.ports import open_port
from broadcaster.links.tls import TlsFiles
from broadcaster.worker import OnFatal, Worker
from firmware_config.protocol import topics

log = structlog.get_logger(__name__)

BROADCASTER = "broadcaster"
"""The certificate name, hence the MQTT user, of the server itself."""

PROGRAMS = ("mosquitto", "/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto")
MESSAGE_LIMIT = 1_048_576  # a manifest of 256 KB or a clip of 64 KB, both in base64, with room
START_SECONDS = 5.0
STOP_SECONDS = 1.5


def configuration(folder: Path, tls: TlsFiles, *, host: str, port: int, user: str) -> str:
    """Mosquitto's settings: TLS with client certificates only, nothing kept on disk, access by certificate name."""
    lines = [
        # Started by root, Mosquitto becomes the user "mosquitto", who may not read our keys.
        f"user {user}",
        f"pid_file {folder / 'mosquitto.pid'}",
        "persistence false",
        "autosave_interval 0",
        "allow_anonymous false",
        f"acl_file {folder / 'acl'}",
        f"message_size_limit {MESSAGE_LIMIT}",
        "max_queued_messages 20000",
        "max_inflight_messages 100",
        "set_tcp_nodelay true",
        "sys_interval 5",
        f"log_dest file {folder / 'mosquitto.log'}",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "connection_messages false",
        f"listener {port} {host}",
        "max_connections -1",
        f"cafile {tls.authority}",
        f"certfile {tls.certificate}",
        f"keyfile {tls.key}",
        "require_certificate true",
        "use_identity_as_username true",
        # Without this any speaker can throw another one off by taking its client id.
        "use_username_as_clientid true",
        "tls_version tlsv1.2",
    ]
    return "\n".join(lines) + "\n"


def find_program(names: Sequence[str] = PROGRAMS) -> str:
    """The path of Mosquitto. Raises NoBroker."""
    for name in names:
        if found := shutil.which(name):
            return found
    raise NoBroker(problem="no_mosquitto")


class EmbeddedBroker:
    """One Mosquitto with a TLS listener; it loses everything when it stops, and nothing of ours relies on it."""

    def __init__(self, folder: Path, tls: TlsFiles, *, port: int, host: str = "127.0.0.1", on_fatal: OnFatal) -> None:
        self.host, self.port = host, port
        self._folder, self._tls = folder.absolute(), tls
        self._child: subprocess.Popen[bytes] | None = None
        self._program = ""
        self._changing = threading.Lock()
        self._watcher = Worker("broker-watch", self._watch, on_fatal=on_fatal)

    @property
    def pid(self) -> int | None:
        """The child's process id while there is one."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Write the settings, start, and return when the port accepts. Raises NoBroker, PortTaken."""
        self._program = find_program()
        self._folder.mkdir(parents=True, exist_ok=True)
        settings = configuration(self._folder, self._tls, host=self.host, port=self.port, user=getpass.getuser())
        (self._folder / "mosquitto.conf").write_text(settings)
        acl = self._folder / "acl"
        acl.write_text(topics.acl(BROADCASTER))
        acl.chmod(0o600)
        self._end_leftover()
        self._check_port()
        self._spawn()
        self._wait_until_open()
        self._watcher.start()

    def stop(self) -> None:
        """End the child within two seconds."""
        self._watcher.ask_to_stop()
        with self._changing:
            if self._child:
                _end(self._child)
        self._watcher.join(1.0)

    def _spawn(self) -> None:
        conf = str(self._folder / "mosquitto.conf")
        # Its own session: Ctrl-C in the terminal is ours to handle, the broker goes last. And it goes in any case: a
        # service killed with -9 must not leave a broker behind that holds its port.
        child = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", self._program, "-c", conf],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        with contextlib.suppress(OSError, ValueError):
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.prlimit(child.pid, resource.RLIMIT_NOFILE, (hard, hard))
        self._child = child

    def _check_port(self) -> None:
        """Somebody else's server on our port would be taken for our own."""
        open_port(self.host, self.port).close()

    def _wait_until_open(self) -> None:
        until = time.monotonic() + START_SECONDS
        host = "127.0.0.1" if self.host == "0.0.0.0" else self.host  # noqa: S104
        while time.monotonic() < until:
            if self._child is None or self._child.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection((host, self.port), timeout=0.5):
                return
            time.sleep(0.02)
        if self._child:
            _end(self._child)
        raise NoBroker(problem=self._last_words())

    def _last_words(self) -> str:
        with contextlib.suppress(OSError, IndexError):
            return (self._folder / "mosquitto.log").read_text(errors="replace").splitlines()[-1]
        return "mosquitto"

    def _watch(self, stopping: threading.Event) -> None:
        delay = 0.1
        while not stopping.wait(delay):
            with self._changing:
                if stopping.is_set() or self._child is None:
                    return
                if self._child.poll() is None:
                    delay = 0.1
                    continue
                log.warning("broker died", action="broker-restart", status=self._child.returncode)
                self._spawn()
            delay = min(delay * 2, 5.0)

    def _end_leftover(self) -> None:
        """A server killed with -9 leaves its broker behind, still holding the port."""
        with contextlib.suppress(OSError, ValueError):
            pid = int((self._folder / "mosquitto.pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            if str(self._folder / "mosquitto.conf").encode() in command:
                _end_stranger(pid)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(STOP_SECONDS)


def _end_stranger(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    while time.monotonic() < until and Path(f"/proc/{pid}").exists():
        time.sleep(0.02)
    if Path(f"/proc/{pid}").exists():
        os.kill(pid, signal.SIGKILL)
