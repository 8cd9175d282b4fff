"""Which airing may sound now, in which order, and with which parts."""

from collections.abc import Collection, Iterable, Sequence

from device_agent.effects import NO_WORDS, ClipPart, Part, SpokenPart
from device_agent.ledger import Entry
from firmware_config.protocol import ClipRef, Item, Kind, Klass, Millis, SignedAnnouncement, SpokenVersion, bundle_ms

_RANK = {Klass.EMERGENCY: 0, Klass.PRIORITY: 1, Klass.NORMAL: 2}
DRILL_FRAME = {"vi": "Đây là diễn tập.", "en": "This is a drill.", "fr": "Ceci est un exercice."}


def rank(item: Item) -> tuple[int, int, Millis, str]:
    """Sorts what plays first to the front: class, the order the commune chose, start, id."""
    return (_RANK[item.klass], item.order, item.start, item.airing)


def first(entries: Iterable[Entry]) -> Entry | None:
    """The entry that plays before all others."""
    return min(entries, key=lambda entry: rank(entry.item), default=None)


def supersedes(newer: SignedAnnouncement, older: SignedAnnouncement) -> bool:
    """Whether the newer words take the place of the older ones, which must not be more urgent, nor more meant."""
    meant = newer.kind is Kind.LIVE or newer.kind is older.kind
    return newer.supersedes == older.id and _RANK[newer.klass] <= _RANK[older.klass] and meant


def chosen(item: Item, announcement: SignedAnnouncement) -> tuple[SpokenVersion, ...]:
    """The versions to play, in the item's order of languages; all of them when it names none."""
    if not item.languages:
        return announcement.versions
    by_language = {version.language: version for version in announcement.versions}
    return tuple(by_language[language] for language in item.languages if language in by_language)


def clips(item: Item, announcement: SignedAnnouncement) -> tuple[ClipRef, ...]:
    """The sound the item needs on disk, the chime first."""
    wanted = (announcement.chime, *(version.clip for version in chosen(item, announcement)))
    return tuple(clip for clip in wanted if clip is not None)


def all_clips(announcements: Iterable[SignedAnnouncement]) -> frozenset[str]:
    """The sha256 of every clip of these."""
    return frozenset(clip.sha256 for found in announcements for clip in found.clips)


def sound_ms(item: Item, announcement: SignedAnnouncement) -> int:
    """Length of the sound, without silence before and after."""
    return bundle_ms(clips(item, announcement))


def parts_ms(parts: Sequence[Part]) -> int:
    """Length of these parts as far as it is known before they sound."""
    return bundle_ms([part.clip for part in parts if isinstance(part, ClipPart)])


def is_stored(item: Item, announcement: SignedAnnouncement, stored: Collection[str]) -> bool:
    """Whether the sound of every wanted version is on disk; the chime holds nothing up."""
    return all(version.clip is not None and version.clip.sha256 in stored for version in chosen(item, announcement))


def parts(
    item: Item, announcement: SignedAnnouncement, stored: Collection[str], speakable: Collection[str]
) -> tuple[Part, ...]:
    """What can be heard with what is at hand: the chime once, then a clip where it is stored.

    For the rest the board's own voice speaks, but only an emergency or a drill; other versions are left out.
    """
    found = [part for one in chosen(item, announcement) if (part := _part(one, announcement, stored, speakable))]
    chime = announcement.chime
    if found and chime is not None and chime.sha256 in stored:
        return (ClipPart(NO_WORDS, chime), *found)
    return tuple(found)


def missing(item: Item, announcement: SignedAnnouncement, heard: Sequence[Part]) -> bool:
    """Whether a wanted language is not among these parts."""
    languages = {part.language for part in heard}
    return any(version.language not in languages for version in chosen(item, announcement))


def hopeless(item: Item, announcement: SignedAnnouncement, stored: Collection[str], failed: Collection[str]) -> bool:
    """Whether none of the missing clips will come any more."""
    return all(
        version.clip is None or version.clip.sha256 in failed or version.clip.sha256 in stored
        for version in chosen(item, announcement)
    )


def _part(
    version: SpokenVersion, announcement: SignedAnnouncement, stored: Collection[str], speakable: Collection[str]
) -> Part | None:
    if version.clip is not None and version.clip.sha256 in stored:
        return ClipPart(version.language, version.clip)
    if not version.text or version.language not in speakable:
        return None
    if announcement.kind is Kind.DRILL:
        frame = DRILL_FRAME.get(version.language, DRILL_FRAME["vi"])
        return SpokenPart(version.language, f"{frame}\n{version.text}\n{frame}")
    return SpokenPart(version.language, version.text) if announcement.klass is Klass.EMERGENCY else None
