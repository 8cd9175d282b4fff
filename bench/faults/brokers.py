"""Mosquitto as the product sets it up, but not as its child: nobody brings it back."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from broadcaster.links.embedded_broker import BROADCASTER, configuration, find_program
from broadcaster.links.tls import TlsFiles
from firmware_config.protocol import topics

START_S = 10.0


class Broker:
    """One broker in a folder; killing it loses what it holds unless it is persistent."""

    def __init__(
        self, folder: Path, tls: TlsFiles, *, host: str, port: int, persistent: bool = False, rights: str = ""
    ) -> None:
        self.host, self.port = host, port
        self._folder, self._tls, self._persistent, self._rights = folder.absolute(), tls, persistent, rights
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and return when the port accepts. Raises TimeoutError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        text = configuration(self._folder, self._tls, host=self.host, port=self.port, user=getpass.getuser())
        if self._persistent:
            text = text.replace("persistence false", f"persistence true\npersistence_location {self._store}/")
            self._store.mkdir(exist_ok=True)
        (self._folder / "mosquitto.conf").write_text(text)
        acl = self._folder / "acl"
        acl.touch(mode=0o600)
        acl.write_text(topics.acl(BROADCASTER) + self._rights)
        self._process = subprocess.Popen(
            [find_program(), "-c", str(self._folder / "mosquitto.conf")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            with suppress(OSError), socket.create_connection((self.host, self.port), timeout=0.5):
                return
            time.sleep(0.05)
        raise TimeoutError("mosquitto does not listen")

    def kill(self) -> None:
        """kill -9, if it runs."""
        if self._process and self.running:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """SIGTERM, and its end."""
        if self._process and self.running:
            self._process.terminate()
            self._process.wait(10)

    def wipe(self) -> None:
        """Lose all it kept on disk; it must not run."""
        shutil.rmtree(self._store, ignore_errors=True)

    @property
    def _store(self) -> Path:
        return self._folder / "store"
