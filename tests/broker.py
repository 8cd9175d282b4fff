"""A real Mosquitto on a free port of this machine, set up as the product sets it up."""

import getpass
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_CONFIGURATION = """\
per_listener_settings false
user {user}
persistence false
sys_interval 1
log_dest file {folder}/mosquitto.log
log_type all
allow_anonymous false
acl_file {folder}/acl
listener {port} {host}
cafile {folder}/ca.pem
certfile {folder}/server.pem
keyfile {folder}/server.key
require_certificate true
use_identity_as_username true
use_username_as_clientid true
"""


@dataclass(frozen=True, slots=True)
class RunningBroker:
    """Where it listens, what its clients trust, and what it wrote down."""

    host: str
    port: int
    ca: Path
    log: Path


@contextmanager
def running_mosquitto(
    folder: Path, *, acl: str, ca: bytes, cert: bytes, key: bytes, user: str | None = None, host: str = "127.0.0.1"
) -> Iterator[RunningBroker]:
    """A broker with these access rules and PEM texts; `user` is whom it becomes when started by root."""
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port(host)
    texts = {"acl": acl.encode(), "ca.pem": ca, "server.pem": cert, "server.key": key}
    for name, text in texts.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_bytes(text)
    configuration = folder / "mosquitto.conf"
    # Left alone, Mosquitto started by root becomes the user `mosquitto`, who cannot read the keys.
    configuration.write_text(_CONFIGURATION.format(folder=folder, host=host, port=port, user=user or getpass.getuser()))
    log = folder / "mosquitto.log"
    process = subprocess.Popen(
        ["mosquitto", "-c", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_it_listens(process, (host, port), log)
        yield RunningBroker(host, port, folder / "ca.pem", log)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _free_port(host: str) -> int:
    with socket.socket() as one:
        one.bind((host, 0))
        return int(one.getsockname()[1])


def _wait_until_it_listens(process: subprocess.Popen[bytes], address: tuple[str, int], log: Path) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(address, timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("mosquitto did not start: " + (log.read_text() if log.exists() else "no log"))
