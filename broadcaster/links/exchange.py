"""All that stands between the database and the brokers: links, relay and inbox, started and stopped as one."""

from collections.abc import Callable, Sequence
from datetime import datetime
from queue import SimpleQueue

from broadcaster.links.inbox import Inbox
from broadcaster.links.mail import Mailbox, News
from broadcaster.links.mqtt import BrokerAddress, BrokerLink
from broadcaster.links.relay import Relay, utc_now
from broadcaster.links.tls import TlsFiles
from broadcaster.services.speaking.live import Clips
from broadcaster.services.speaking.signing import Signing
from broadcaster.store.database import Database
from broadcaster.worker import OnFatal

STOP_SECONDS = 2.0


class Exchange:
    """Whatever is committed goes out to every broker; whatever speakers say comes in.

    `on_fatal(name, error)` is called when one of its threads dies: the process should then end loudly.
    `on_changed(airing ids)` is called, on the inbox's thread, when speakers got further with them.
    """

    def __init__(
        self,
        database: Database,
        signing: Signing,
        clips: Clips,
        *,
        brokers: Sequence[BrokerAddress],
        tls: TlsFiles,
        on_fatal: OnFatal,
        on_changed: Callable[[set[str]], None] = lambda _airings: None,
        clock: Callable[[], datetime] = utc_now,
        fault: Callable[[str], None] = lambda _point: None,
    ) -> None:
        self.mailbox = Mailbox()
        news = SimpleQueue[News]()
        self.links = [
            BrokerLink(address, tls, mailbox=self.mailbox, news=news, on_fatal=on_fatal) for address in brokers
        ]
        self.relay = Relay(database, signing, clips, self.links, news=news, on_fatal=on_fatal, clock=clock, fault=fault)
        self.inbox = Inbox(
            database,
            signing,
            self.links,
            mailbox=self.mailbox,
            on_fatal=on_fatal,
            on_changed=on_changed,
            clock=clock,
        )

    @property
    def connected(self) -> bool:
        """Whether at least one broker is reached."""
        return any(link.connected for link in self.links)

    def start(self) -> None:
        """Begin; returns at once, connecting goes on in the background."""
        for part in self._parts():
            part.start()

    def stop(self) -> bool:
        """Ask everyone first, then wait for each; False when a thread had to be left behind."""
        parts = self._parts()[::-1]
        for part in parts:
            part.ask_to_stop()
        left = [part for part in parts if not part.join(STOP_SECONDS)]
        return not left

    def _parts(self) -> list[Relay | Inbox | BrokerLink]:
        return [self.relay, self.inbox, *self.links]
