"""The composition root: what is started, in which order; it stops in reverse, and nothing else knows the whole."""

import io
import logging
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO, cast

import structlog
import uvicorn
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from audio.clip import clip_path
from audio.render import Studio
from audio.voices import VoiceSettings, voices
from broadcaster.domain.errors import BadSetting, of_the_system
from broadcaster.home import SERVER, Home
from broadcaster.links.alarm import Alarm, Tick
from broadcaster.links.cap_feeds import CapFeeds
from broadcaster.links.clips_on_disk import ClipsOnDisk
from broadcaster.links.embedded_broker import EmbeddedBroker
from broadcaster.links.exchange import Exchange
from broadcaster.links.mqtt import BrokerAddress
from broadcaster.links.open_id import OpenIdProvider
from broadcaster.links.ports import open_port
from broadcaster.mirrors.keeping import NOTHING, Keeping
from broadcaster.mirrors.mail_lists import MailLists
from broadcaster.mirrors.official_tokens import OfficialTokens
from broadcaster.mirrors.outgoing import client, feed_clients
from broadcaster.mirrors.push_worker import PushWorker
from broadcaster.mirrors.trying import TriedChannels
from broadcaster.mirrors.worker import MIRRORS, STAND_INS, MirrorWorker
from broadcaster.mirrors.zalo_desk import ZaloDesk
from broadcaster.services.airtime import closing, planning
from broadcaster.services.alarms import cap_airing, cap_forgetting, standing_in
from broadcaster.services.outlets import unreadable, zalo_events
from broadcaster.services.outlets.vapid import Vapid
from broadcaster.services.places import beginning, reorganising
from broadcaster.services.speaking import manifests, relay
from broadcaster.services.speaking.signing import Signing
from broadcaster.settings import Settings
from broadcaster.store import outbox
from broadcaster.store.database import Database
from broadcaster.web.application import create_app
from broadcaster.web.context import Context, WebSettings
from broadcaster.web.device import KEEP_ALIVE_S
from broadcaster.web.i18n import say
from broadcaster.web.live import LiveHub
from broadcaster.web.pages.open_id import BACK
from broadcaster.web.pages.start import INVITATION
from firmware_config.pki import BROADCASTER

log = structlog.get_logger(__name__)


class Fatal:
    """Called by a worker that dies: the service stops loudly instead of living on by half."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self.stop: Callable[[], None] = lambda: None

    def __call__(self, name: str, error: BaseException) -> None:
        self.reason = self.reason or f"{name}: {error!r}"
        self.stop()


@dataclass(frozen=True, slots=True)
class Ground:
    """What every part stands on."""

    settings: Settings
    database: Database
    home: Home
    signing: Signing
    live: LiveHub = field(default_factory=LiveHub)
    fatal: Fatal = field(default_factory=Fatal)


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def open_ground(settings: Settings) -> Ground:
    """The database with its tables up to date, and the data folder with keys and certificates."""
    _check_folder(settings.data)
    home = Home(settings.data.absolute())
    try:
        database = Database(settings.database_url, vault=home.vault(settings.console_url))
    except (ArgumentError, ImportError) as error:
        raise BadSetting(problem=f"database: {error}") from None
    database.migrate()
    signing = home.prepare(server_names=(settings.broker_name,), now=utc_now())
    return Ground(settings, database, home, signing)


def _check_folder(data: Path) -> None:
    """The database would only say that it cannot open its file."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=data).close()
    except OSError as error:
        raise of_the_system(error, data.absolute()) from error


def studio(home: Home, settings: Settings) -> Studio:
    """Where clips are made, with the voices the settings allow."""
    return Studio(home.clips, home.cache, voices(VoiceSettings(home.cache / "voices"), settings.voices))


def serve(settings: Settings, *, fault: Callable[[str], None] = lambda _point: None) -> int:
    """Run the service until it is asked to stop; the exit status says whether that was why it ended.

    `fault` is called at the points of the relay between which a crash must do no harm.
    """
    set_up_logging(settings.log_level)
    # uvicorn hands a signal on when it has ended; by default that would kill us before anything else is stopped.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    ground = open_ground(settings)
    with ExitStack() as stack:
        stack.callback(ground.database.engine.dispose)
        # First of all: a second service on the same folder would take the broker of the first one away.
        listener = stack.enter_context(open_port(settings.listen, settings.port))
        unreadable.look_after_secrets(ground.database, now=utc_now())
        brokers = _broker(ground, stack)
        received = _links(ground, stack, brokers, fault)
        _mirrors(ground, stack)
        _alarm(ground, stack)
        server = _web(ground, received)
        ground.fatal.stop = lambda: setattr(server, "should_exit", True)
        stack.callback(ground.live.close)
        invite(ground)
        log.info("serving", action="serving", console=settings.console_url, brokers=[str(one) for one in brokers])
        server.run(sockets=[listener])
    if ground.fatal.reason:
        log.error("stopped by a fault", action="fatal", reason=ground.fatal.reason)
    return 1 if ground.fatal.reason else 0


def invite(ground: Ground) -> None:
    """While nobody has an account, say on standard output at which address the owner is made; it works once."""
    with ground.database.transaction() as session:
        secret = beginning.open_door(session)
    if secret is not None:
        settings = ground.settings
        sys.stdout.write(f"{say(settings.language, INVITATION)}\n\n  {settings.console_url}/start/{secret}\n\n")
        sys.stdout.flush()


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _broker(ground: Ground, stack: ExitStack) -> list[BrokerAddress]:
    settings = ground.settings
    if settings.brokers:
        return [_address(text) for text in settings.brokers]
    tls = ground.home.tls(SERVER)
    broker = EmbeddedBroker(
        ground.home.broker, tls, port=settings.broker_port, host=settings.broker_listen, on_fatal=ground.fatal
    )
    broker.start()
    stack.callback(broker.stop)
    return [BrokerAddress(settings.broker_name, settings.broker_port)]


def _links(
    ground: Ground, stack: ExitStack, brokers: list[BrokerAddress], fault: Callable[[str], None]
) -> Mapping[str, int]:
    """What is heard of speakers, counted by outcome."""
    _tell_where_we_are(ground, brokers)
    exchange = Exchange(
        ground.database,
        ground.signing,
        ClipsOnDisk(ground.home.clips),
        brokers=brokers,
        tls=ground.home.tls(BROADCASTER),
        on_fatal=ground.fatal,
        on_changed=lambda airings: nudge(ground.live, airings),
        fault=fault,
    )
    exchange.start()
    stack.callback(exchange.stop)
    return exchange.inbox.counts


def _tell_where_we_are(ground: Ground, brokers: list[BrokerAddress]) -> None:
    """Speakers learn it from their manifests; when it changed, every one of them must."""
    with ground.database.transaction() as session:
        if manifests.set_site(session, brokers=[str(one) for one in brokers], urls=[ground.settings.console_url]):
            relay.want_every_manifest(session, now=utc_now())


def _tokens(ground: Ground) -> OfficialTokens:
    """Every one of them asks the same rows."""
    return OfficialTokens(ground.database, client(private=ground.settings.private_channels), utc_now)


def keeping(ground: Ground) -> Keeping:
    """What channels share."""
    return replace(
        NOTHING,
        tokens=_tokens(ground),
        sound=lambda sha256: clip_path(ground.home.clips, sha256).read_bytes(),
        readers=MailLists(ground.database, ground.settings.console_url, utc_now),
    )


def _mirrors(ground: Ground, stack: ExitStack) -> None:
    for name, queue in (("mirrors", MIRRORS), ("stand-ins", STAND_INS)):
        worker = MirrorWorker(
            ground.database,
            public_url=ground.settings.console_url,
            now=utc_now,
            on_fatal=ground.fatal,
            private=ground.settings.private_channels,
            keeping=keeping(ground),
            queue=queue,
            name=name,
        )
        worker.start()
        stack.callback(worker.stop)
    push = PushWorker(
        ground.database,
        _vapid(ground),
        public_url=ground.settings.console_url,
        now=utc_now,
        on_fatal=ground.fatal,
    )
    push.start()
    stack.callback(push.stop)


def _vapid(ground: Ground) -> Vapid:
    return ground.home.vapid(ground.settings.console_url, private=ground.settings.private_channels)


def _alarm(ground: Ground, stack: ExitStack) -> None:
    def in_a_transaction(work: Callable[..., object]) -> Callable[[], None]:
        def call() -> None:
            with ground.database.transaction() as session:
                work(session, now=utc_now())

        return call

    def close() -> None:
        with ground.database.transaction() as session:
            ended = closing.close(session, now=utc_now())
        nudge(ground.live, set(ended))

    def ask_people() -> None:
        with ground.database.transaction() as session:
            concerned = standing_in.look(session, now=utc_now())
        nudge(ground.live, concerned)

    def forget() -> None:
        in_a_transaction(zalo_events.forget)()
        cap_forgetting.forget(ground.database, now=utc_now())

    sounds = studio(ground.home, ground.settings)

    def air_alerts() -> None:
        nudge(ground.live, cap_airing.work(ground.database, sounds, now=utc_now()))

    feeds = CapFeeds(ground.database, feed_clients(private=ground.settings.private_channels), utc_now)
    stack.callback(feeds.stop)
    alarm = Alarm(
        [
            Tick("plan", 20.0, lambda: planning.plan_in_steps(ground.database, now=utc_now())),
            Tick("close", 30.0, close),
            Tick("ask people", 10.0, ask_people),
            Tick("ask alert feeds", 2.0, feeds.poll),
            Tick("alerts of others", 5.0, air_alerts),
            Tick("change units", 60.0, lambda: reorganising.carry_out_due(ground.database, now=utc_now())),
            Tick("renew", 600.0, in_a_transaction(_renew)),
            Tick("renew tokens", 600.0, _tokens(ground).renew_due),
            Tick("forget events", 3600.0, forget),
        ]
    )
    alarm.start()
    stack.callback(alarm.stop)


def _renew(session: Session, *, now: datetime) -> None:
    outbox.want(session, "manifest", manifests.due_for_renewal(session, now=now), now=now)


def _web(ground: Ground, received: Mapping[str, int]) -> uvicorn.Server:
    settings = ground.settings
    context = Context(
        database=ground.database,
        studio=studio(ground.home, settings),
        clips=ground.home.clips,
        signing=ground.signing,
        vault=ground.home.vault(settings.console_url),
        authority=ground.home.authority(),
        cap_seal=ground.home.cap_seal(),
        outlets=TriedChannels(private=settings.private_channels, keeping=keeping(ground)),
        zalo=ZaloDesk.opened(ground.database, utc_now, private=settings.private_channels),
        live=ground.live,
        settings=WebSettings(
            public_url=settings.console_url,
            secure_cookies=settings.console_url.startswith("https:"),
            language=settings.language,
            developer_pages=settings.developer_pages,
            label_days=settings.label_days,
            map_tiles=settings.map_tiles,
        ),
        now=utc_now,
        vapid=_vapid(ground),
        provider=_provider(settings),
        received=received,
    )
    # An open live stream would otherwise hold the process for ever.
    config = uvicorn.Config(
        create_app(context),
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=[str(network) for network in settings.trusted_proxies],
        timeout_graceful_shutdown=2,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    return uvicorn.Server(config)


def _provider(settings: Settings) -> OpenIdProvider | None:
    if not (settings.open_id_issuer and settings.open_id_client and settings.open_id_secret):
        return None
    return OpenIdProvider(
        settings.open_id_issuer,
        settings.open_id_client,
        settings.open_id_secret.get_secret_value(),
        back=f"{settings.console_url}{BACK}",
        label=settings.open_id_label,
    )


def nudge(live: LiveHub, airings: set[str]) -> None:
    """Tell the open boards of these airings to ask again."""
    for airing in airings:
        live.nudge(f"airing-{airing}")


class Patient(io.TextIOBase):
    """A log that loses its lines where the disk is full, instead of ending the thread that writes them."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write if there is room."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush if there is room."""
        with suppress(OSError):
            self._stream.flush()


def set_up_logging(level: str) -> None:
    """One line for each event, on standard error."""
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(
                key_order=["timestamp", "level", "action", "event"], repr_native_str=False
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", Patient(sys.stderr))),
    )
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")


def _address(text: str) -> BrokerAddress:
    host, _, port = text.rpartition(":")
    return BrokerAddress(host, int(port))
