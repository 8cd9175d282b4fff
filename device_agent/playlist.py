"""Which airing may sound now, in which order, and with which parts."""

from collections.abc import Collection, Iterable

from device_agent.effects import ClipPart, Part, SpokenPart
from device_agent.ledger import Entry
from firmware_config.protocol import ClipRef, Item, Klass, Millis, SignedAnnouncement, SpokenVersion

_RANK = {Klass.EMERGENCY: 0, Klass.PRIORITY: 1, Klass.NORMAL: 2}


def rank(item: Item) -> tuple[int, int, Millis, str]:
    """Sorts what plays first to the front: class, the order the commune chose, start, id."""
    return (_RANK[item.klass], item.order, item.start, item.airing)


def first(entries: Iterable[Entry]) -> Entry | None:
    """The entry that plays before all others."""
    return min(entries, key=lambda entry: rank(entry.item), default=None)


def chosen(item: Item, announcement: SignedAnnouncement) -> tuple[SpokenVersion, ...]:
    """The versions to play, in the item's order of languages; all of them when it names none."""
    if not item.languages:
        return announcement.versions
    by_language = {version.language: version for version in announcement.versions}
    return tuple(by_language[language] for language in item.languages if language in by_language)


def clips(item: Item, announcement: SignedAnnouncement) -> tuple[ClipRef, ...]:
    """The sound the item needs on disk."""
    return tuple(version.clip for version in chosen(item, announcement) if version.clip is not None)


def all_clips(announcements: Iterable[SignedAnnouncement]) -> frozenset[str]:
    """The sha256 of every clip of these."""
    return frozenset(version.clip.sha256 for found in announcements for version in found.versions if version.clip)


def sound_ms(item: Item, announcement: SignedAnnouncement) -> int:
    """Length of the sound, without silence before and after."""
    return sum(clip.ms for clip in clips(item, announcement))


def recorded_parts(item: Item, announcement: SignedAnnouncement, stored: Collection[str]) -> tuple[Part, ...]:
    """All versions as clips; empty while one of them is not on disk."""
    versions = chosen(item, announcement)
    parts = [
        ClipPart(version.language, version.clip)
        for version in versions
        if version.clip is not None and version.clip.sha256 in stored
    ]
    return tuple(parts) if len(parts) == len(versions) else ()


def spoken_parts(
    item: Item, announcement: SignedAnnouncement, stored: Collection[str], speakable: Collection[str]
) -> tuple[Part, ...]:
    """What an emergency can say with what is at hand: clips where stored, the board's own voice for the rest."""
    parts: list[Part] = []
    for version in chosen(item, announcement):
        if version.clip is not None and version.clip.sha256 in stored:
            parts.append(ClipPart(version.language, version.clip))
        elif version.text and version.language in speakable:
            parts.append(SpokenPart(version.language, version.text))
    return tuple(parts)


def hopeless(item: Item, announcement: SignedAnnouncement, stored: Collection[str], failed: Collection[str]) -> bool:
    """Whether a missing clip will not come any more."""
    return any(
        version.clip is None or (version.clip.sha256 in failed and version.clip.sha256 not in stored)
        for version in chosen(item, announcement)
    )
