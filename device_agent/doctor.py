"""Examines one speaker and says in words what is well and what is not."""

import shutil
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from device_agent import boot
from device_agent.boot import CannotStart
from device_agent.journal import Journal, JournalFailed
from device_agent.senses import rtc_on_board, steered
from device_agent.settings import Settings

_SOON_DAYS = 30
_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    well: bool
    words: str


def _well(words: str) -> Finding:
    return Finding(well=True, words=words)


def _ill(words: str) -> Finding:
    return Finding(well=False, words=words)


def examine(settings: Settings) -> int:
    """Print every finding; exit status 1 if something is not well."""
    findings = list(_findings(settings))
    for finding in findings:
        print(f"{'✓' if finding.well else '✗'} {finding.words}")
    return 0 if all(finding.well for finding in findings) else 1


def _findings(settings: Settings) -> Iterator[Finding]:
    yield from _keys(settings)
    yield _certificate(settings.tls_certificate)
    yield _clock()
    yield from _brokers(settings)
    yield _sink(settings.sink)
    yield from _disk(settings.data)
    yield from _programs()


def _keys(settings: Settings) -> Iterator[Finding]:
    for read, path in ((boot.signing_key, settings.signing_key), (boot.root_key, settings.root_key)):
        try:
            read(path)
        except CannotStart as failure:
            yield _ill(str(failure))
        else:
            yield _well(f"key {path.name} is readable")


def _certificate(path: Path) -> Finding:
    # Only here: a speaker that works does not need x509 in its memory.
    from cryptography import x509  # noqa: PLC0415

    try:
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as failure:
        return _ill(f"the certificate {path} cannot be read: {failure}; ask for a new bundle")
    days = (ends - datetime.now(UTC)).days
    if days < 0:
        return _ill(f"the certificate ended on {ends:%d/%m/%Y}; ask for a new bundle")
    return Finding(days >= _SOON_DAYS, f"the certificate is good for {days} days, until {ends:%d/%m/%Y}")


def _clock() -> Finding:
    now = f"{datetime.now(UTC):%d/%m/%Y %H:%M:%S} UTC"
    if steered():
        return _well(f"the clock is kept right by NTP: {now}")
    kept = "a battery-backed clock is on board" if rtc_on_board() else "there is no battery-backed clock either"
    return Finding(rtc_on_board(), f"NTP does not keep the clock ({now}); {kept}; the broadcaster will tell the time")


def _brokers(settings: Settings) -> Iterator[Finding]:
    context, broken = boot.tls_context(settings)
    if context is None:
        yield _ill(f"TLS cannot be set up ({broken}): certificate, key and authority do not fit")
        return
    for broker in settings.brokers:
        host, _, port = broker.rpartition(":")
        try:
            with (
                socket.create_connection((host, int(port)), timeout=_TIMEOUT_S) as bare,
                context.wrap_socket(bare, server_hostname=host) as tls,
            ):
                yield _well(f"the broker {broker} answers over {tls.version()}")
        except (OSError, ssl.SSLError) as failure:
            yield _ill(f"the broker {broker} cannot be reached: {failure}; look at cable, SIM and firewall")


def _sink(sink: str) -> Finding:
    kind, _, rest = sink.partition(":")
    if kind == "aplay" and shutil.which("aplay") is None:
        return _ill("the program aplay is missing: install alsa-utils")
    if kind == "aplay" and not any(Path("/dev/snd").glob("pcm*p")):
        return _ill("there is no sound card that can play")
    if kind == "wav":
        return _well(f"sound goes into a file under {rest}")
    return _well(f"sound goes to {rest or kind}")


def _disk(folder: Path) -> Iterator[Finding]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        Journal(folder / boot.JOURNAL).close()
    except (OSError, JournalFailed) as failure:
        yield _ill(f"the journal under {folder} cannot be used: {failure}")
        return
    free = shutil.disk_usage(folder).free
    yield Finding(free >= 50_000_000, f"{free // 1_000_000} MB free for journal and clips under {folder}")


def _programs() -> Iterator[Finding]:
    for program, use in (("ffmpeg", "decodes clips"), ("espeak-ng", "speaks an emergency whose clip is missing")):
        found = shutil.which(program) is not None
        yield Finding(found, f"{program}, which {use}, is {'there' if found else 'missing: install it'}")
