"""Puts the speaker's parts together, from the disk up; no thread runs yet."""

import errno
import fcntl
import hashlib
import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from device_agent import health
from device_agent.carried import Carried, Stick
from device_agent.clips import ClipStore
from device_agent.courier import Courier
from device_agent.effects import Record
from device_agent.events import Booted, Cut, Finished, Sounding
from device_agent.https import Server, Tokens
from device_agent.inbox import Inbox
from device_agent.journal import Journal, JournalFailed
from device_agent.link import Dial, Link, secure_dial
from device_agent.listening import TONE_MS, open_loop
from device_agent.mail import Heard, Mailbox, RelayState, SinkState
from device_agent.month import kept_month
from device_agent.outbox import Outbox
from device_agent.paths import Path as Way
from device_agent.problems import Problem
from device_agent.relay import GpioRelay, NoRelay, Relay
from device_agent.senses import REAL, Senses
from device_agent.settings import AGENT, Settings
from device_agent.sinks import Sink, open_sink
from device_agent.sources import VOICES
from device_agent.speaker import Speaker
from device_agent.timekeeper import Timekeeper
from device_agent.tls import Context, client_context
from device_agent.traffic import Traffic
from device_agent.turn import Limits, State
from firmware_config.protocol import Event, Role, Signer

_log = logging.getLogger(__name__)

JOURNAL = "journal.sqlite"

_DISK_PROBLEMS = {errno.ENOSPC: Problem.DISK_FULL, errno.EROFS: Problem.DISK_READ_ONLY}


class CannotStart(Exception):
    """Without this the speaker cannot work at all; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything one running speaker is made of."""

    boot: str
    senses: Senses
    mailbox: Mailbox
    journal: Journal
    clips: ClipStore
    time: Timekeeper
    courier: Courier
    link: Link
    inbox: Inbox
    outbox: Outbox
    speaker: Speaker
    relay: Relay
    state: State
    booted: Booted
    lock: BinaryIO
    """Held as long as the process lives: one agent only may work on a data folder."""
    traffic: Traffic
    problems: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sticks: Sequence[Stick] = ()
    """Folders in which things carried by hand come in."""


@dataclass(frozen=True, slots=True)
class Edges:
    """Where the agent meets the world; whoever drives it by another clock puts others in their place."""

    key: Ed25519PrivateKey
    root: bytes
    bundled: bytes | None
    lock: BinaryIO
    journal: Journal
    clips: ClipStore
    paths: Callable[[Timekeeper], Sequence[Way]]
    dial: Dial | None
    """None = there is no usable certificate."""
    speaker: Speaker
    relay: Relay
    limits: Limits
    problems: dict[str, tuple[str, ...]]
    traffic: Traffic = field(default_factory=Traffic)
    sticks: Sequence[Stick] = ()


def assemble(settings: Settings, mailbox: Mailbox, senses: Senses = REAL) -> Parts:
    """The parts of a speaker; raises CannotStart, JournalFailed, and then holds nothing."""
    with ExitStack() as undo:
        parts = join(settings, mailbox, senses, _edges(settings, mailbox, senses, undo))
        undo.pop_all()
    return parts


def _edges(settings: Settings, mailbox: Mailbox, senses: Senses, undo: ExitStack) -> Edges:
    key, root = signing_key(settings.signing_key), root_key(settings.root_key)
    lock, journal, clips, problems = _open_disk(settings, senses, undo)
    context, broken = tls_context(settings)
    if broken:
        problems["certificate"] = (broken,)
    traffic = Traffic()

    sticks = sticks_of(settings)

    def paths(timekeeper: Timekeeper) -> Sequence[Way]:
        if context is not None:
            context.clock_is_right = timekeeper.wall_is_right
        server = Server(settings.urls, context, Tokens(settings.device, key, timekeeper.now), traffic)
        return around(server, sticks)

    return Edges(
        key=key,
        root=root,
        bundled=_bundled(settings),
        lock=lock,
        journal=journal,
        clips=clips,
        paths=paths,
        dial=None if context is None else secure_dial(settings.device, context, traffic),
        speaker=new_speaker(settings, clips, mailbox, senses),
        relay=new_relay(settings, mailbox),
        limits=limits(settings),
        problems=problems,
        traffic=traffic,
        sticks=sticks,
    )


def sticks_of(settings: Settings) -> Sequence[Stick]:
    """The mounted stick, and what the page for phones takes in."""
    mounted = [Stick(settings.carry_folder, settings.device)] if settings.carry_folder else []
    taken_in = [Stick(settings.data / "carried", settings.device, always=False)] if settings.carry_page else []
    return (*mounted, *taken_in)


def around(server: Way, sticks: Sequence[Stick]) -> Sequence[Way]:
    """In which order ways are tried: what is named by its hash from a stick first, all else from the network first."""
    before = [Carried(stick, by_hash=True) for stick in sticks]
    return (*before, server, *(Carried(stick, by_hash=False) for stick in sticks))


def join(settings: Settings, mailbox: Mailbox, senses: Senses, edges: Edges) -> Parts:
    """A speaker's parts, on whatever it stands."""
    boot, journal, clips = new_boot(senses), edges.journal, edges.clips
    timekeeper = Timekeeper(journal, senses)
    courier = Courier(edges.paths(timekeeper), clips, mailbox, timekeeper.now, senses)
    link = Link(settings.device, boot=boot, brokers=settings.brokers, dial=edges.dial, mailbox=mailbox, senses=senses)
    inbox = Inbox(
        settings.device, edges.root, journal=journal, clips=clips, courier=courier, time=timekeeper, senses=senses
    )
    outbox = Outbox(
        Signer(settings.device, Role.SPEAKER, edges.key),
        boot=boot,
        journal=journal,
        link=link,
        courier=courier,
        timekeeper=timekeeper,
        path_after_s=settings.pace.path_after_s,
        senses=senses,
    )
    return Parts(
        boot=boot,
        senses=senses,
        mailbox=mailbox,
        journal=journal,
        clips=clips,
        time=timekeeper,
        courier=courier,
        link=link,
        inbox=inbox,
        outbox=outbox,
        speaker=edges.speaker,
        relay=edges.relay,
        state=State(edges.limits, moved=kept_month(journal).bytes),
        booted=replace(inbox.load(edges.bundled), news=_news(edges.problems)),
        lock=edges.lock,
        traffic=edges.traffic,
        problems=edges.problems,
        sticks=edges.sticks,
    )


def _open_disk(
    settings: Settings, senses: Senses, undo: ExitStack
) -> tuple[BinaryIO, Journal, ClipStore, dict[str, tuple[str, ...]]]:
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        lock = undo.enter_context(take_lock(settings.data / "agent.lock"))
        journal, problems = open_journal(settings.data / JOURNAL, senses)
        undo.callback(journal.close)
        return lock, journal, ClipStore(settings.data / "clips", settings.cache_bytes), problems
    except OSError as failure:
        code = _DISK_PROBLEMS.get(failure.errno or 0, Problem.JOURNAL_FAILED)
        raise JournalFailed(code, str(failure)) from failure


def _news(problems: dict[str, tuple[str, ...]]) -> tuple[Record, ...]:
    lost = (Record(Event.GAP, reason=Problem.JOURNAL_LOST),) if "lost" in problems else ()
    return (*lost, Record(Event.BOOTED, reason=AGENT))


def new_boot(senses: Senses) -> str:
    """A name for this run of the agent."""
    return hashlib.sha256(senses.name().encode()).hexdigest()[:16]


def new_speaker(settings: Settings, clips: ClipStore, mailbox: Mailbox, senses: Senses) -> Speaker:
    """The pump on the sink the settings name, which is opened when the pump starts."""

    def post(event: Sounding | Finished | Cut) -> None:
        mailbox.put(Heard(event))

    def sink_state(problem: str) -> None:
        mailbox.put(SinkState(problem))

    def sink(spec: str) -> Sink:
        return open_sink(spec, settings.device)

    loop = open_loop(settings.loop, settings.device)
    return Speaker(sink, settings.sink, clips.path, post, sink_state, loop=loop, mono=senses.mono)


def new_relay(settings: Settings, mailbox: Mailbox) -> Relay:
    """The amplifier's relay, where there is one; a line that cannot be had is a problem and not the end."""
    if settings.relay_gpio is None:
        return NoRelay()

    def relay_state(problem: str) -> None:
        mailbox.put(RelayState(problem))

    return GpioRelay(settings.relay_gpio, active_low=settings.relay_active_low, tell=relay_state)


def limits(settings: Settings) -> Limits:
    """What the core must know of the settings and of the programs on board."""
    speakable = frozenset() if Problem.NO_ESPEAK_NG in health.missing_programs() else frozenset(VOICES)
    return Limits(
        volumes=settings.volumes,
        lead_ms=settings.lead_ms,
        tail_ms=settings.tail_ms,
        speakable=speakable,
        tone_ms=TONE_MS if settings.loop else 0,
    )


def take_lock(path: Path) -> BinaryIO:
    """An exclusive hold on the data folder, given up when the process ends in whatever way; raises CannotStart."""
    lock = path.open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as failure:
        lock.close()
        raise CannotStart(f"another agent works on {path.parent} already") from failure
    return lock


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The speaker's own key; raises CannotStart."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as failure:
        raise CannotStart(f"the speaker's signing key {path} cannot be read: {failure}") from failure
    if not isinstance(key, Ed25519PrivateKey):
        raise CannotStart(f"{path} is not an Ed25519 key")
    return key


def root_key(path: Path) -> bytes:
    """The public key that vouches for all others, 32 bytes; raises CannotStart."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as failure:
        raise CannotStart(f"the root key {path} cannot be read: {failure}") from failure
    if not isinstance(key, Ed25519PublicKey):
        raise CannotStart(f"{path} is not an Ed25519 key")
    return key.public_bytes_raw()


def tls_context(settings: Settings) -> tuple[Context | None, str]:
    """TLS with our own authority and certificate; what was accepted before still plays when it cannot be had."""
    try:
        context = client_context(str(settings.tls_ca), str(settings.tls_certificate), str(settings.tls_key))
    except (OSError, ValueError) as failure:
        _log.error("action=certificate_unusable detail=%s", failure)
        return None, Problem.CERTIFICATE_UNUSABLE
    return context, ""


def open_journal(path: Path, senses: Senses) -> tuple[Journal, dict[str, tuple[str, ...]]]:
    """The journal, and what is wrong with it; one that is beyond reading is set aside, never deleted."""
    try:
        return Journal(path), {}
    except JournalFailed as failure:
        if failure.code is not Problem.JOURNAL_CORRUPT:
            raise
        _log.error("action=journal_lost detail=%s", failure)
    aside = f"lost-{round(senses.wall())}"
    for part in path.parent.glob(f"{path.name}*"):
        part.rename(part.with_name(f"{aside}-{part.name}"))
    journal = Journal(path)
    # The forerunner's numbers are unknown: seconds since 1970 are beyond any count of receipts.
    journal.begin_chain_at(round(senses.wall()))
    return journal, {"lost": (Problem.JOURNAL_LOST,)}


def _bundled(settings: Settings) -> bytes | None:
    path = settings.bundled_keys
    return path.read_bytes() if path.exists() else None
