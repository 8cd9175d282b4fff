"""What the demo proves at its end, each taken from where it cannot be made up: signatures, sound files, the chat."""

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.measure import loudness
from broadcaster.demo.board import Row
from broadcaster.demo.commune import CHAT, DemoSpeaker
from broadcaster.demo.story import Aired
from broadcaster.store.tables import ReceiptBatch, Speaker, StoredReceipt
from firmware_config import protocol
from firmware_config.protocol import Event, KeyRing, PublicKey, Role

LINK = re.compile(r"https?://\S+")
AGAIN = {"started 1", "started 2", "finished", "heard"}


@dataclass(frozen=True, slots=True)
class Ledger:
    """One speaker's receipts, every signature and every link of the chain verified again."""

    receipts: int
    signatures: int
    whole: bool
    """Whether the stored chain is exactly what the speaker signed, without a gap."""
    events: list[str]
    """What it said of this airing, in order; a second `started` carries its attempt."""


@dataclass(frozen=True, slots=True)
class SoundFile:
    """What one speaker wrote."""

    path: str
    seconds: float
    lufs: float
    true_peak: float


def ledger(session: Session, speaker: str, airing: str) -> Ledger:
    """Verify all receipts of a speaker from the signed batches on, and list what it said of an airing."""
    row = session.get_one(Speaker, speaker)
    key = PublicKey(row.keyid, Role.SPEAKER, row.public_key, 0, 2**53)
    ring = KeyRing({row.keyid: key})
    signed: dict[int, str] = {}
    batches = session.scalars(
        select(ReceiptBatch).where(ReceiptBatch.speaker_id == speaker).order_by(ReceiptBatch.first_seq)
    ).all()
    for batch in batches:
        opened = protocol.accept_batch(batch.raw, device=speaker, keys=ring)
        links = protocol.verify_chain(opened)
        signed |= {receipt.seq: link for receipt, link in zip(opened.receipts, links, strict=True)}
    stored = session.scalars(
        select(StoredReceipt).where(StoredReceipt.speaker_id == speaker).order_by(StoredReceipt.seq)
    ).all()
    told = [one for one in stored if one.airing_id == airing]
    return Ledger(
        receipts=len(stored),
        signatures=len(batches),
        whole=[one.seq for one in stored] == list(range(1, len(stored) + 1))
        and all(signed.get(one.seq) == one.hash for one in stored),
        events=[f"{one.event} {one.attempt}" if one.event == Event.STARTED else one.event for one in told],
    )


def sound_file(speaker: DemoSpeaker, base: Path) -> SoundFile | None:
    """Measure the WAV a speaker wrote; None when it played into a sound card."""
    found = sorted(speaker.sound.glob("*.wav"))
    if not found:
        return None
    measured = loudness(found[-1])
    return SoundFile(str(found[-1].relative_to(base)), round(measured.ms / 1000, 2), measured.lufs, measured.true_peak)


def chat_messages(chat_url: str) -> list[dict[str, Any]]:
    """The messages that stand in the stand-in's group."""
    received = httpx.get(f"{chat_url}/received", timeout=5.0).json()
    return [message for message in received["messages"] if message["chat_id"] == CHAT]


@dataclass(frozen=True, slots=True)
class Proof:
    """All that was seen at the end."""

    aired: Aired
    speakers: list[DemoSpeaker]
    rows: dict[str, Row]
    ledgers: dict[str, Ledger]
    sounds: dict[str, SoundFile | None]
    copies: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    links: dict[str, bool]
    """The links in the messages, and whether each leads to a page."""


def gather(
    session: Session,
    aired: Aired,
    speakers: list[DemoSpeaker],
    rows: list[Row],
    *,
    copies: list[dict[str, Any]],
    messages: list[dict[str, Any]],
    base: Path,
) -> Proof:
    """Read the receipts, measure the sound files, follow the links."""
    links = [link for message in messages for link in LINK.findall(message["text"])]
    return Proof(
        aired=aired,
        speakers=speakers,
        rows={row.speaker: row for row in rows},
        ledgers={one.id: ledger(session, one.id, aired.airing) for one in speakers},
        sounds={one.id: sound_file(one, base) for one in speakers},
        copies=copies,
        messages=messages,
        links={link: httpx.get(link, timeout=5.0, follow_redirects=True).is_success for link in links},
    )


def checks(found: Proof, seconds: float, whole: float) -> dict[str, bool]:
    """Each promise of the demo, and whether it was kept."""
    ledgers, interrupted = list(found.ledgers.values()), found.ledgers[found.speakers[-1].id]
    states = [row.state for row in found.rows.values()]
    return {
        "every speaker reached heard": len(states) == len(found.speakers) and set(states) == {"heard"},
        "every receipt's signature and chain verified": all(one.whole and one.receipts for one in ledgers),
        "the speaker whose power was cut began again and says so": set(interrupted.events) >= AGAIN,
        "the copy arrived in the chat group": bool(found.messages)
        and {one["state"] for one in found.copies} <= {"accepted", "delivered"},
        "its listen-again link leads to a page": bool(found.links) and all(found.links.values()),
        f"all within {whole:.0f} s": seconds <= whole,
    }


def summary(found: Proof, seconds: float, whole: float) -> dict[str, Any]:
    """Everything that was seen, for var/demo/summary.json."""
    kept = checks(found, seconds, whole)
    return {
        "kept": all(kept.values()),
        "checks": kept,
        "seconds": round(seconds, 1),
        "clips": found.aired.clips,
        "speakers": [_speaker(found, one) for one in found.speakers],
        "copies": found.copies,
        "messages": found.messages,
        "listen_again": list(found.links),
    }


def _speaker(found: Proof, one: DemoSpeaker) -> dict[str, Any]:
    row, sound = found.rows.get(one.name), found.sounds[one.id]
    return {
        "id": one.id,
        "name": one.name,
        "delivery": asdict(row) if row else None,
        "ledger": asdict(found.ledgers[one.id]),
        "sound": asdict(sound) if sound else None,
    }
