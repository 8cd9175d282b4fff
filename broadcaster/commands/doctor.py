"""`loa doctor`: what works here and what does not, in words."""

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from audio.voices import VoiceSettings, voices
from broadcaster.app import Ground, keeping, utc_now
from broadcaster.commands.ground import ground, out
from broadcaster.domain.errors import NoBroker
from broadcaster.links.embedded_broker import find_program
from broadcaster.mirrors.trying import TriedChannels
from broadcaster.mirrors.zalo_desk import ZaloDesk
from broadcaster.services import audit
from broadcaster.services.outlets import official_tokens
from broadcaster.services.outlets.asking import Patient, patients
from broadcaster.services.outlets.unreadable import WORDS
from firmware_config.pki import load_certificate

ENOUGH_BYTES = 500_000_000
SOON = timedelta(days=60)
ASKED_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    well: bool
    words: str


def doctor(as_json: Annotated[bool, typer.Option("--json", help="A JSON list.")] = False) -> None:
    """Look at what the service needs and say what is well and what is not; ends with 1 when something is not."""
    with ground() as here:
        findings = list(examine(here))
    if as_json:
        print(json.dumps([asdict(one) for one in findings], ensure_ascii=False))
    else:
        for one in findings:
            out.print(f"{'[green]✔[/green]' if one.well else '[red]✘[/red]'} {one.what}: {one.words}", highlight=False)
    raise typer.Exit(0 if all(one.well for one in findings) else 1)


def examine(here: Ground) -> Iterator[Finding]:
    """Every finding, one after the other."""
    yield _program("broker", find_program, "install mosquitto, or set LOA_BROKERS", here)
    for name, needed in (
        ("ffmpeg", "levels and encodes every sound"),
        ("espeak-ng", "speaks when there is no internet"),
    ):
        found = shutil.which(name)
        yield Finding(name, bool(found), found or f"missing; it {needed}: apt-get install {name}")
    yield from _voices(here)
    yield from _ends(here)
    free = shutil.disk_usage(here.home.folder).free
    yield Finding("disk", free > ENOUGH_BYTES, f"{free / 1e9:.1f} GB free in {here.home.folder}")
    with here.database.read() as session:
        verdict, asked = audit.verify(session), patients(session)
    yield Finding("audit", verdict.sound, verdict.problem or f"the chain is whole, {verdict.head.seq} rows")
    yield from _channels(here, asked)
    yield from _accounts(here)


def _program(what: str, find: Callable[[], str], cure: str, here: Ground) -> Finding:
    if here.settings.brokers:
        return Finding(what, well=True, words=f"set: {', '.join(here.settings.brokers)}")
    try:
        return Finding(what, well=True, words=find())
    except NoBroker:
        return Finding(what, well=False, words=f"missing; {cure}")


def _voices(here: Ground) -> Iterator[Finding]:
    able = voices(VoiceSettings(here.home.cache / "voices"), here.settings.voices)
    speaking = [voice.name for voice in able if voice.speaks("vi") and voice.ready()]
    resting = [voice.name for voice in able if not voice.ready()]
    words = f"Vietnamese is spoken by {', '.join(speaking) or 'nobody'}"
    yield Finding("voices", bool(speaking), words + (f"; resting: {', '.join(resting)}" if resting else ""))


def _channels(here: Ground, asked: list[Patient]) -> Iterator[Finding]:
    """What each provider says when it is asked whether it would take a copy; residents see nothing of it."""
    outlets = TriedChannels(private=here.settings.private_channels, keeping=keeping(here))

    def look(one: Patient) -> Finding:
        what = f"channel {one.name}"
        if one.shut_out == WORDS:
            return Finding(what, well=False, words=f"switched off: {WORDS}")
        if one.shut_out:
            return Finding(what, well=False, words=f"switched off, because its provider said: {one.shut_out}")
        tried = outlets.test(one.access)
        return Finding(what, well=tried.works, words=tried.words % tried.params)

    with ThreadPoolExecutor(ASKED_AT_ONCE) as pool:
        yield from pool.map(look, asked)


def _accounts(here: Ground) -> Iterator[Finding]:
    """Whether Zalo takes the tokens of each Official Account, and until when its package lasts."""
    desk = ZaloDesk.opened(here.database, utc_now, private=here.settings.private_channels)
    with here.database.read() as session:
        known = [(row.id, row.name) for row in official_tokens.all_of(session)]
    for account, name in known:
        tried = desk.about(account)
        yield Finding(f"official account {name}", well=tried.works, words=tried.words % tried.params)


def _ends(here: Ground) -> Iterator[Finding]:
    """Our own expired keys are the likeliest outage."""
    ends = {
        name: load_certificate(here.home.tls(name).certificate.read_bytes()).not_valid_after_utc
        for name in ("ca", "server", "broadcaster")
    }
    ends |= {key.keyid: datetime.fromtimestamp(key.not_after / 1000, UTC) for key in here.signing.keys.keys}
    for name, end in ends.items():
        yield Finding(f"key {name}", end - utc_now() > SOON, f"valid until {end:%d/%m/%Y}")
