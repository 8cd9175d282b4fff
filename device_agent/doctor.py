"""Examines one speaker and says in plain words what is well, what is not, and what to do."""

import json
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from device_agent import boot, health
from device_agent.boot import CannotStart
from device_agent.finding import Finding, alarmed, ill, sentence, well
from device_agent.https import Server, Tokens
from device_agent.journal import Journal, JournalFailed
from device_agent.paths import NotServed, PathDown
from device_agent.senses import rtc_on_board, steered
from device_agent.settings import Settings
from device_agent.tone_test import sounded
from firmware_config.protocol import Health
from firmware_config.thresholds import THRESHOLDS, ailments

_SOON_DAYS = 30
_TIMEOUT_S = 5.0
_YES = ("c", "y", "o")
_FIGURES = ("centigrade", "free_disk_mb", "worn_percent", "free_memory_mb", "signal_percent")


def examine(settings: Settings, *, language: str = "vi", as_json: bool = False, tone: bool | None = None) -> int:
    """Print every finding; exit status 1 if something is not well. `tone` None = ask a person, if there is one."""
    if tone is None:
        tone = not as_json and sys.stdin.isatty() and _agreed(language)
    found = []
    for one in _findings(settings, tone=tone):
        found.append(one)
        if not as_json:
            _show(one, language)
    wrong = sum(not one.well for one in found)
    if as_json:
        print(json.dumps([_plain(one, language) for one in found], ensure_ascii=False, indent=2))
    else:
        print(sentence("not_well" if wrong else "all_well", language, n=wrong).says)
    return 1 if wrong else 0


def _agreed(language: str) -> bool:
    answer = input(sentence("tone_ask", language).says)
    return answer.strip().lower().startswith(_YES)


def _show(one: Finding, language: str) -> None:
    words = one.words(language)
    print(f"{'✓' if one.well else '✗'} {words.says}", flush=True)
    if words.cure:
        print(f"  → {words.cure}", flush=True)


def _plain(one: Finding, language: str) -> dict[str, object]:
    words = one.words(language)
    return {"what": one.what, "well": one.well, "says": words.says, "cure": words.cure}


def _findings(settings: Settings, *, tone: bool) -> Iterator[Finding]:
    yield from _keys(settings)
    yield from _certificate(settings.tls_certificate)
    yield _clock()
    yield from _brokers(settings)
    yield from _servers(settings)
    yield _sink(settings.sink)
    yield from _sound(settings, tone=tone)
    yield _disk(settings.data)
    yield from _programs()
    yield from _figures(settings.data)


def _keys(settings: Settings) -> Iterator[Finding]:
    readers: Sequence[tuple[Callable[[Path], object], Path]] = (
        (boot.signing_key, settings.signing_key),
        (boot.root_key, settings.root_key),
    )
    for read, path in readers:
        try:
            read(path)
        except CannotStart as failure:
            yield ill("key_bad", name=path.name, detail=failure)
        else:
            yield well("key_good", name=path.name)


def _certificate(path: Path) -> Iterator[Finding]:
    # Only here: a speaker that works does not need x509 in its memory.
    from cryptography import x509  # noqa: PLC0415

    try:
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as failure:
        yield alarmed("certificate_unusable", str(failure))
        return
    days, date = (ends - datetime.now(UTC)).days, f"{ends:%d/%m/%Y}"
    if days < 0:
        yield alarmed("certificate_unusable", date)
    elif days < _SOON_DAYS:
        yield ill("certificate_ends", days=days, date=date)
    else:
        yield well("certificate_good", days=days, date=date)


def _clock() -> Finding:
    now = f"{datetime.now().astimezone():%H:%M:%S %d/%m/%Y}"
    if steered():
        return well("clock_good", now=now)
    return well("clock_kept", now=now) if rtc_on_board() else ill("clock_bad", now=now)


def _brokers(settings: Settings) -> Iterator[Finding]:
    context, broken = boot.tls_context(settings)
    if context is None:
        yield alarmed(broken)
        return
    for broker in settings.brokers:
        host, _, port = broker.rpartition(":")
        try:
            with (
                socket.create_connection((host, int(port)), timeout=_TIMEOUT_S) as bare,
                context.wrap_socket(bare, server_hostname=host) as tls,
            ):
                yield well("broker_good", name=broker, detail=tls.version())
        except (OSError, ssl.SSLError) as failure:
            yield alarmed("broker_unreachable", f"{broker}: {failure}")


def _servers(settings: Settings) -> Iterator[Finding]:
    context, _ = boot.tls_context(settings)
    try:
        key = boot.signing_key(settings.signing_key)
    except CannotStart:
        return
    for url in settings.urls:
        tokens = Tokens(settings.device, key, lambda: time.time_ns() // 1_000_000)
        server = Server((url,), context, tokens)
        try:
            server.ask("GET", "/device/v1/keys")
        except PathDown as failure:
            yield alarmed("server_unreachable", f"{url}: {failure}")
        except NotServed as refused:
            yield alarmed("server_refuses", f"{url}: {refused}")
        else:
            yield well("server_good", name=url)
        finally:
            server.close()


def _sink(sink: str) -> Finding:
    kind, _, rest = sink.partition(":")
    if kind == "wav":
        return well("sound_to_file", name=rest)
    if kind == "silent":
        return well("sound_nowhere")
    if shutil.which("aplay") is None:
        return ill("no_aplay")
    return well("card_good", name=rest) if any(Path("/dev/snd").glob("pcm*p")) else alarmed("no_sound_card")


def _sound(settings: Settings, *, tone: bool) -> Iterator[Finding]:
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        lock = boot.take_lock(settings.data / "agent.lock")
    except CannotStart:
        yield from _held(settings, tone=tone)
        return
    except OSError:
        # The disk has its own finding.
        return
    with lock:
        if tone:
            yield from sounded(settings)
            return
    yield well("tone_not_asked")
    if settings.loop:
        yield well("loop_there", name=settings.loop)


def _held(settings: Settings, *, tone: bool) -> Iterator[Finding]:
    """A running agent holds card and relay."""
    if settings.relay_gpio is not None:
        yield well("relay_in_use", name=settings.relay_gpio)
    yield ill("tone_while_running") if tone else well("tone_not_asked")
    if settings.loop:
        yield well("loop_there", name=settings.loop)


def _disk(folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        Journal(folder / boot.JOURNAL).close()
    except JournalFailed as failure:
        return alarmed(failure.code, str(failure))
    except OSError as failure:
        return alarmed("journal_failed", str(failure))
    return well("journal_good", name=folder)


def _programs() -> Iterator[Finding]:
    for program, problem in health.PROGRAMS:
        there = shutil.which(program) is not None
        yield well("program_good", name=program) if there else alarmed(problem)


def _figures(folder: Path) -> Iterator[Finding]:
    found = health.measure(folder, voltage=_said(health.VOLTAGE), signal=_said(health.SIGNAL))
    wrong = ailments(found)
    yield from _well_figures(found, wrong)
    yield from map(alarmed, wrong)


def _well_figures(found: Health, wrong: Iterable[str]) -> Iterator[Finding]:
    ill_figures = {one.figure for one in THRESHOLDS if one.code in wrong}
    for name in _FIGURES:
        figure = getattr(found, name)
        if figure is not None and name not in ill_figures:
            yield well(f"figure_{name}", n=figure)
    if found.under_voltage is False and not found.under_voltage_seen:
        yield well("figure_under_voltage")


def _said(argv: Sequence[str]) -> str:
    if shutil.which(argv[0]) is None:
        return ""
    try:
        return subprocess.run(argv, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False).stdout
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ""
