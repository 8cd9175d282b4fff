"""T23: what is done to those who take signed updates: rollback, freeze, fast-forward, mix-and-match, endless data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bench.faults.fault import Fault, Outcome, Scale
from bench.faults.lone import Lone, lone
from bench.faults.stage import until
from firmware_config import pki
from firmware_config.protocol import (
    SIZE_LIMIT,
    ClipRef,
    Event,
    Manifest,
    Signer,
    SpokenVersion,
    reference,
    seal_document,
)
from tests.agent.processes import RunningAgent
from tests.agent.sounds import tone_clip
from tests.agent.station import DAY, announcement, item, now_ms

FAR = 1_000_000


def _sent(place: Lone, manifest: Manifest, signer: Signer | None = None) -> None:
    place.send(seal_document(manifest, signer or place.station.director))


def rollback(place: Lone) -> None:
    """The manifest before the last, once more."""
    _sent(place, replace(place.station.manifest, version=place.station.manifest.version - 1))


def older_epoch(place: Lone) -> None:
    """A far higher version, but of an epoch that is over."""
    _sent(place, replace(place.station.manifest, epoch=place.station.manifest.epoch - 1, version=FAR))


def freeze(place: Lone) -> None:
    """A manifest whose time is over, never shown before."""
    now = now_ms()
    newer = replace(place.station.manifest, version=place.station.manifest.version + 1)
    _sent(place, replace(newer, issued=now - 2 * DAY, valid_until=now - DAY))


def mixed(place: Lone) -> None:
    """The version it holds, with other content."""
    _sent(place, replace(place.station.manifest, volume_max=99))


def of_another(place: Lone) -> None:
    """The manifest of another speaker."""
    _sent(place, replace(place.station.manifest, device="loa-ban-hai", version=FAR))


def wrong_role(place: Lone) -> None:
    """A manifest under the key that signs words."""
    _sent(place, replace(place.station.manifest, version=FAR), place.station.content)


def unknown_key(place: Lone) -> None:
    """A manifest under a key nobody vouches for."""
    stranger = replace(place.station.director, keyid="director-9", key=pki.new_signing_key())
    _sent(place, replace(place.station.manifest, version=FAR), stranger)


def forged(place: Lone) -> None:
    """A manifest under a true name and a false key."""
    thief = replace(place.station.director, key=pki.new_signing_key())
    _sent(place, replace(place.station.manifest, version=FAR), thief)


def endless_manifest(place: Lone) -> None:
    """More bytes than a manifest may have."""
    place.send(place.station.sealed_manifest() + b" " * SIZE_LIMIT)


def _exchanged(place: Lone, served: bytes, clip: tuple[ClipRef, bytes]) -> None:
    ref, data = clip
    place.station.clips[ref.sha256] = data
    words = announcement(SpokenVersion("vi", "Xin chào bà con", ref), now=now_ms(), name="tb-exchanged")
    named = place.station.announce(words)
    place.station.announcements[named] = served or place.station.announcements[named]
    place.station.plan(item("airing-exchanged", named, start=now_ms() + 50_000))
    place.side.publish_manifest()


def other_words(place: Lone) -> None:
    """The manifest names one announcement, another is served under that name, both truly signed."""
    other = announcement(SpokenVersion("vi", "Chợ phiên", None), now=now_ms(), name="tb-other")
    raw = seal_document(other, place.station.content)
    assert reference(raw)
    _exchanged(place, raw, tone_clip(1.0))


def endless_clip(place: Lone) -> None:
    """A clip that goes on after its end."""
    ref, data = tone_clip(1.5)
    _exchanged(place, b"", (ref, data + bytes(4_000_000)))


def _keys(place: Lone, raw: bytes, wanted: int) -> None:
    place.station.keys = raw
    manifest = place.station.manifest
    place.station.manifest = replace(manifest, keys_version=wanted)
    place.station.plan()
    place.side.publish_manifest()


def _new_keys(place: Lone, version: int, *, days_ago: int = 0, root: object = None) -> bytes:
    station = place.station
    signers = [station.content, station.director]
    key = station.root if root is None else pki.new_signing_key()
    return pki.sign_keys(key, signers, version=version, now=now_ms() - days_ago * DAY)


def expired_keys(place: Lone) -> None:
    """A key set that has ended."""
    _keys(place, _new_keys(place, 5, days_ago=4000), 5)


def older_keys(place: Lone) -> None:
    """A key set older than the one it holds."""
    _keys(place, _new_keys(place, 0), 5)


def keys_of_a_thief(place: Lone) -> None:
    """A key set under another root."""
    _keys(place, _new_keys(place, 6, root="thief"), 6)


ATTACKS: tuple[tuple[Callable[[Lone], None], str], ...] = (
    (rollback, "older"),
    (older_epoch, "older"),
    (freeze, "expired"),
    (mixed, "conflict"),
    (of_another, "not_for_me"),
    (wrong_role, "wrong_role"),
    (unknown_key, "unknown_key"),
    (forged, "bad_signature"),
    (endless_manifest, "oversize"),
    (other_words, "fetched_wrong_bytes"),
    (endless_clip, "fetched_wrong_bytes"),
    (expired_keys, "expired"),
    (older_keys, "older"),
    (keys_of_a_thief, "bad_signature"),
)


def run(scale: Scale) -> Outcome:
    """One attack after the other on a running speaker; then the stolen key, and what brings the speaker back."""
    wrong: list[str] = []
    with lone(scale.folder) as place, place.speaker() as agent:
        station = place.station
        station.manifest = replace(station.manifest, epoch=3, version=10)
        station.plan()
        place.side.publish_manifest()
        held(place, 3, station.manifest.version)
        for attack, code in ATTACKS:
            place.codes(agent)
            attack(place)
            good, found = place.answered(agent, code)
            if not good:
                wrong.append(f"{attack.__name__}: {found} instead of {code}")
            station.clips.clear()
        silent = place.heard_bytes == 0
        recovered = fast_forward(place, agent, wrong)
    figure = (
        f"{len(ATTACKS) + 1 - len(wrong)} of {len(ATTACKS) + 1} attacks answered with their own reason; "
        f"{'no sound' if silent else 'SOUND'}; after the new epoch: {recovered or 'nothing'}"
    )
    return Outcome(not wrong and silent and recovered == "heard", figure, "\n".join(wrong))


def held(place: Lone, epoch: int, version: int) -> bool:
    """Whether the speaker says in time that it holds this manifest."""
    return until(lambda: any((s.epoch, s.version) == (epoch, version) for s in place.side.states), 30) is not None


def fast_forward(place: Lone, agent: RunningAgent, wrong: list[str]) -> str:
    """A stolen director key runs the version far ahead; only a new epoch brings the true broadcaster back."""
    station = place.station
    station.keys = _new_keys(place, 7)
    honest = replace(station.manifest, keys_version=7, items=(), version=station.manifest.version + 1)
    far = replace(honest, version=2**40, issued=now_ms(), valid_until=now_ms() + DAY)
    _sent(place, far)
    if not held(place, honest.epoch, far.version):
        wrong.append("fast_forward: the stolen key was not believed, so nothing is shown by what follows")
    place.codes(agent)
    _sent(place, replace(honest, version=honest.version + 1))
    good, found = place.answered(agent, "older")
    if not good:
        wrong.append(f"fast_forward: {found} instead of older")
    station.manifest = replace(honest, epoch=honest.epoch + 1, version=0)
    clip = tone_clip(2.0)
    airing = place.planned(station.add_clip(*clip))
    return place.said(airing, Event.HEARD, Event.REFUSED, Event.MISSED, seconds=60).strip()


FAULT = Fault(
    "T23",
    "rollback, freeze, fast-forward, mix-and-match, endless data, and key sets that are old, expired or a thief's",
    "each refused with its own reason and without a sound; a new epoch brings the speaker back",
    run,
)
