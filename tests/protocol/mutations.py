"""Ways to spoil a sealed document, each with the refusals that may answer it."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any, cast

from firmware_config.protocol import (
    SIZE_LIMIT,
    Batch,
    Command,
    Exempt,
    Hours,
    KeySet,
    Kind,
    Klass,
    Manifest,
    Pointer,
    Refusal,
    SignedAnnouncement,
    Signer,
    dumps,
    seal,
    seal_document,
)
from tests.protocol.cast import CONTENT, DIRECTOR, DRILL, HOUR, NOW, STRANGER, SUBJECTS, UPDATE, Subject

R = Refusal
UNSIGNED = frozenset({R.SHAPE, R.WRONG_TYPE, R.UNKNOWN_KEY, R.WRONG_ROLE, R.BAD_SIGNATURE})


@dataclass(frozen=True)
class Spoiled:
    """Bytes that must be refused, with one of these codes."""

    way: str
    subject: Subject
    raw: bytes
    codes: frozenset[Refusal]


Way = Callable[[Random, Subject, bytes], tuple[bytes, frozenset[Refusal]] | None]


def only(code: Refusal) -> frozenset[Refusal]:
    return frozenset({code})


def flip_a_bit(chance: Random, _subject: Subject, raw: bytes) -> tuple[bytes, frozenset[Refusal]]:
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << chance.randrange(8)]) + raw[at + 1 :], UNSIGNED


def cut_or_stuff(chance: Random, _subject: Subject, raw: bytes) -> tuple[bytes, frozenset[Refusal]]:
    first, last = sorted(chance.sample(range(len(raw) + 1), 2))
    stuffing = chance.choice([b"", raw[first:last] * 2, chance.randbytes(chance.randrange(1, 40)), b" ", b"\n"])
    return raw[:first] + stuffing + raw[last:], UNSIGNED


def noise(chance: Random, _subject: Subject, _raw: bytes) -> tuple[bytes, frozenset[Refusal]]:
    alphabet = chance.choice([bytes(range(256)), b'{}[]",:0123456789eE.-\\u nulltrfas'])
    return bytes(chance.choices(alphabet, k=chance.randrange(200))), only(R.SHAPE)


def body_of_another(chance: Random, subject: Subject, raw: bytes) -> tuple[bytes, frozenset[Refusal]]:
    """The true signature under other words."""
    other = json.loads(chance.choice(SUBJECTS).sealed())
    mine = json.loads(raw)
    if other["payload"] == mine["payload"]:
        mine["signatures"][0]["sig"] = other["signatures"][0]["sig"][::-1].replace("=", "A")[:86] + "=="
    return dumps({**mine, "payload": other["payload"]}), UNSIGNED


def stranger(_chance: Random, subject: Subject, _raw: bytes) -> tuple[bytes, frozenset[Refusal]]:
    return seal_document(subject.document, STRANGER), only(R.UNKNOWN_KEY)


def stolen_name(chance: Random, subject: Subject, _raw: bytes) -> tuple[bytes, frozenset[Refusal]]:
    """Another's key under the right keyid and role."""
    thief = chance.choice([STRANGER, UPDATE])
    mask = Signer(subject.signer.keyid, subject.signer.role, thief.key)
    return seal_document(subject.document, mask), only(R.BAD_SIGNATURE)


def swapped_role(chance: Random, subject: Subject, _raw: bytes) -> tuple[bytes, frozenset[Refusal]] | None:
    """A true key of ours, but of another role; root and speaker rings hold no other key to confuse them with."""
    if isinstance(subject.document, KeySet | Batch):
        return None
    if isinstance(subject.document, SignedAnnouncement) and chance.random() < 0.5:
        return seal_document(subject.document, CONTENT if subject.signer is DRILL else DRILL), only(R.WRONG_ROLE)
    other = CONTENT if subject.signer is DIRECTOR else DIRECTOR
    return seal_document(subject.document, other), only(R.WRONG_ROLE)


def length_tricks(chance: Random, subject: Subject, _raw: bytes) -> tuple[bytes, frozenset[Refusal]]:
    """The signature of a text whose lengths were moved between type and body."""
    kind, body = subject.document.TYPE, subject.document.to_bytes()
    shift = chance.randrange(1, 12)
    message = b"DSSEv1 %d %b %d %b" % (len(kind) + shift, kind.encode(), len(body) - shift, body)
    honest = json.loads(seal(kind, body, subject.signer))
    forged = json.loads(seal(kind, message, subject.signer))
    honest["signatures"] = forged["signatures"]
    return dumps(honest), only(R.BAD_SIGNATURE)


def other_type(chance: Random, subject: Subject, _raw: bytes) -> tuple[bytes, frozenset[Refusal]]:
    kind = chance.choice(["application/json", subject.document.TYPE.replace("v1", "v2"), "", "\x00"])
    return seal(kind, subject.document.to_bytes(), subject.signer), only(R.WRONG_TYPE)


def signed_nonsense(chance: Random, subject: Subject, _raw: bytes) -> tuple[bytes, frozenset[Refusal]]:
    """Truly signed, but not JSON as we allow it."""
    body = subject.document.to_bytes()
    name = chance.choice(sorted(subject.document.to_json()))
    twice = b'{"%b":1,' % name.encode() + body[1:]
    worse = [
        twice,
        *(body[:-1] + b',"more":%b}' % bad for bad in (b"NaN", b"Infinity", b"-Infinity", b"1e400", b"1.0")),
        body[:-1] + b',"more":%d}' % (2**53 + chance.randrange(1, 9)),
        body[:-1] + b',"more":' + b"9" * chance.choice([18, 400, 5000]) + b"}",
        body[:-1] + b',"more":' + b"[" * chance.choice([16, 500, 90_000]),
        body[:-1] + b',"more":' + b'{"a":' * 17 + b"1" + b"}" * 18,
        body[:-1] + b',"more":"\\ud800"}',
        body[:-1] + b',"more":"\xff"}',
        b"\xef\xbb\xbf" + body,
        body.decode().encode("utf-16"),
        body[: chance.randrange(len(body))],
        body + b"}",
    ]
    return seal(subject.document.TYPE, chance.choice(worse), subject.signer), only(R.BAD_JSON)


def signed_other_fields(chance: Random, subject: Subject, _raw: bytes) -> tuple[bytes, frozenset[Refusal]]:
    """Truly signed JSON of another shape."""
    value: dict[str, Any] = dict(subject.document.to_json())
    name = chance.choice(sorted(value))
    if chance.random() < 0.3:
        del value[name]
    elif chance.random() < 0.3:
        value[f"more-{chance.randrange(99)}"] = 1
    else:
        value[name] = chance.choice([{"a": 1}, [{}], "\x00", -(2**53), "x" * 6000])
    return seal(subject.document.TYPE, dumps(value), subject.signer), only(R.FIELDS)


def oversize(chance: Random, subject: Subject, raw: bytes) -> tuple[bytes, frozenset[Refusal]]:
    return raw + b" " * (SIZE_LIMIT - len(raw) + chance.randrange(1, 9)), only(R.OVERSIZE)


def someone_else(chance: Random, subject: Subject, _raw: bytes) -> tuple[bytes, frozenset[Refusal]] | None:
    """Truly signed, for another speaker."""
    other = f"loa-other-{chance.randrange(10**6)}"
    document = subject.document
    if isinstance(document, Command):
        return seal_document(replace(document, to=f"d:{other}"), subject.signer), only(R.NOT_FOR_ME)
    if isinstance(document, Manifest | Pointer | Batch):
        return seal_document(replace(document, device=other), subject.signer), only(R.NOT_FOR_ME)
    return None


def past_its_time(chance: Random, subject: Subject, _raw: bytes) -> tuple[bytes, frozenset[Refusal]] | None:
    """Truly signed, and over since a moment or a year."""
    ended = NOW - chance.choice([0, 1, HOUR, 365 * 24 * HOUR])
    document = subject.document
    if isinstance(document, Manifest):
        return seal_document(replace(document, valid_until=ended), subject.signer), only(R.EXPIRED)
    if isinstance(document, Command | SignedAnnouncement | KeySet):
        return seal_document(replace(document, expires=ended), subject.signer), only(R.EXPIRED)
    return None


def against_policy(chance: Random, subject: Subject, _raw: bytes) -> tuple[bytes, frozenset[Refusal]] | None:
    """Truly signed, and nothing a speaker should do."""
    if isinstance(subject.document, SignedAnnouncement) and subject.document.kind is not Kind.LIVE:
        alarm = replace(subject.document, klass=Klass.EMERGENCY)
        return seal_document(alarm, subject.signer), only(R.POLICY)
    if not isinstance(subject.document, Manifest):
        return None
    if chance.random() < 0.5:
        return seal_document(_against_the_air(chance, subject.document), subject.signer), only(R.POLICY)
    item = subject.document.items[0]
    worse = chance.choice(
        [
            replace(item, start=item.latest_start + 1),
            replace(item, latest_start=item.expires + 1),
            replace(item, expires=item.start + 48 * HOUR + 1),
            replace(item, start=NOW + 900 * HOUR, latest_start=NOW + 900 * HOUR, expires=NOW + 901 * HOUR),
            replace(item, volume=chance.randrange(101, 10**6)),
            replace(item, max_starts=chance.choice([0, 7, 2**53])),
        ]
    )
    return seal_document(replace(subject.document, items=(worse,)), subject.signer), only(R.POLICY)


def _against_the_air(chance: Random, manifest: Manifest) -> Manifest:
    """Rules, exemptions or echoes that cannot be meant."""
    rules = manifest.rules[0]
    worse = [
        replace(rules, quiet=(Hours((0,), 60, 60),)),
        replace(rules, holiday_dates=(20260230,)),
        replace(rules, hours=(Hours((0,), 0, 60, 131, 231),)),
        replace(rules, day_minutes=chance.randrange(1441, 10**6)),
    ]
    return chance.choice(
        [
            replace(manifest, rules=(chance.choice(worse),)),
            replace(manifest, rules=(rules, replace(rules, version=9))),
            replace(manifest, exempt=(Exempt("tb-1", NOW, NOW + chance.choice([0, 13 * HOUR])),)),
            replace(manifest, stagger_ms=chance.randrange(10_001, 10**6)),
        ]
    )


# The first two come most often: nobody can list what chance finds.
WAYS: tuple[Way, ...] = (
    *(flip_a_bit,) * 12,
    *(cut_or_stuff,) * 8,
    noise,
    noise,
    body_of_another,
    stranger,
    stolen_name,
    swapped_role,
    length_tricks,
    other_type,
    signed_nonsense,
    signed_nonsense,
    signed_other_fields,
    signed_other_fields,
    oversize,
    someone_else,
    past_its_time,
    against_policy,
)


def spoiled(seed: int, count: int) -> Iterator[Spoiled]:
    """`count` spoiled documents; the same seed gives the same bytes."""
    chance = Random(seed)  # noqa: S311 - the same cases every time is the point
    good = [(subject, subject.sealed()) for subject in SUBJECTS]
    hashes = {hashlib.sha256(raw).digest() for _, raw in good}
    made = 0
    while made < count:
        subject, raw = chance.choice(good)
        way = chance.choice(WAYS)
        found = way(chance, subject, raw)
        if found is None or hashlib.sha256(found[0]).digest() in hashes:
            continue
        made += 1
        yield Spoiled(cast("Any", way).__name__, subject, *found)
