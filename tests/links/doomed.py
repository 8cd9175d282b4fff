"""A broadcaster's outgoing half in a process of its own, which dies at a chosen point without any clearing up."""

import os
import sys
from pathlib import Path
from queue import SimpleQueue

from broadcaster.links.mail import Mailbox, News
from broadcaster.links.mqtt import BrokerAddress, BrokerLink
from broadcaster.links.relay import Relay
from broadcaster.links.tls import TlsFiles
from broadcaster.services.speaking.signing import Signing
from broadcaster.store.database import Database


class NoClips:
    """Nothing is played here."""

    def read(self, sha256: str) -> bytes | None:
        return None


def main(url: str, folder: str, port: int, point: str) -> None:
    """Publish until the fault point is reached with something in hand."""
    place = Path(folder)
    database, news = Database(url), SimpleQueue[News]()
    tls = TlsFiles(place / "ca.pem", place / "broadcaster.pem", place / "broadcaster.key")

    def die(*_: object) -> None:
        os._exit(9)

    link = BrokerLink(BrokerAddress("127.0.0.1", port), tls, mailbox=Mailbox(), news=news, on_fatal=die)
    relay = Relay(
        database,
        Signing.load(place / "keys"),
        NoClips(),
        [link],
        news=news,
        on_fatal=lambda *_: os._exit(1),
        fault=lambda here: die() if here == point else None,
    )
    relay.start()
    link.start()
    relay.join(20.0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
