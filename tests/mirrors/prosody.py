"""A real Prosody on loopback, and a resident who reads the feed of a village there over plain XMPP."""

import os
import re
import shutil
import socket
import subprocess
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FEEDS = "feeds.localhost"
CONFIG = """
run_as_root = true
pidfile = "{folder}/pid"
data_path = "{folder}/data"
certificates = "{folder}/data"
plugin_paths = {{ "/usr/lib/prosody/modules" }}
log = {{ {{ levels = {{ min = "info" }}, to = "file", filename = "{folder}/log" }} }}
interfaces = {{ "127.0.0.1" }}
modules_enabled = {{ "saslauth", "disco" }}
modules_disabled = {{ "s2s" }}
c2s_ports = {{ {xmpp} }}
c2s_require_encryption = false
pubsub_mqtt_ports = {{ {mqtt} }}
VirtualHost "localhost"
  authentication = "anonymous"
Component "feeds.localhost" "pubsub"
  modules_enabled = {{ "pubsub_mqtt" }}
  autocreate_on_subscribe = true
"""
HEAD = (
    "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' "
    "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
)
ANONYMOUS = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"
BIND = "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
SUBSCRIBE = (
    "<presence/><iq type='set' to='{feeds}' id='subscribe'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
    "<subscribe node='{node}' jid='{jid}'/></pubsub></iq>"
)


@dataclass(frozen=True, slots=True)
class Prosody:
    """Where it listens."""

    xmpp: int
    mqtt: int


@contextmanager
def prosody(folder: Path) -> Iterator[Prosody]:
    """One that runs for the length of the block."""
    ports = Prosody(_free_port(), _free_port())
    (folder / "data").mkdir()
    config = folder / "prosody.cfg.lua"
    config.write_text(CONFIG.format(folder=folder, xmpp=ports.xmpp, mqtt=ports.mqtt))
    program = shutil.which("prosody", path=f"{os.environ['PATH']}:/usr/bin:/usr/sbin")
    assert program, "install prosody and prosody-modules"
    process = subprocess.Popen([program, "-F", "--config", str(config)], stdout=subprocess.DEVNULL)
    try:
        for port in (ports.xmpp, ports.mqtt):
            _wait_for(port)
        yield ports
    finally:
        process.terminate()
        process.wait(10)


class Resident:
    """Somebody with an XMPP program who follows one village."""

    def __init__(self, port: int, node: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._ask(HEAD, "</stream:features>")
        self._ask(ANONYMOUS, "<success")
        self._ask(HEAD, "</stream:features>")
        jid = re.search(r"<jid>([^<]+)</jid>", self._ask(BIND, "</iq>"))
        assert jid
        self._ask(SUBSCRIBE.format(feeds=FEEDS, node=node, jid=jid[1]), "subscription='subscribed'")

    def read(self) -> str:
        """The next message of the feed."""
        message = re.search(r"<message .*?</message>", self._ask("", "</message>"), re.DOTALL)
        assert message
        return "".join(ET.fromstring(message[0]).itertext())  # noqa: S314  (of the server this test started)

    def leave(self) -> None:
        """Go offline."""
        self._socket.close()

    def _ask(self, words: str, until: str) -> str:
        self._socket.sendall(words.encode())
        heard = b""
        while until.encode() not in heard:
            more = self._socket.recv(65_536)
            assert more, heard
            heard += more
        return heard.decode()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(port)
