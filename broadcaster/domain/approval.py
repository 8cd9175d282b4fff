"""What an approval is for, and who may give it."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from broadcaster.domain.audience import Choice
from broadcaster.domain.errors import EditedSince, OwnAnnouncement, PolicyForbids
from broadcaster.domain.permissions import Grant
from broadcaster.domain.policy import Demand


@dataclass(frozen=True, slots=True)
class Heard:
    """One version as the approver reads and hears it."""

    language: str
    text: str
    clip: str | None
    script: Mapping[str, Any] | None = None
    """What it was assembled from, where it was."""
    voice: str = ""
    speed: int = 100

    def listed(self) -> list[Any]:
        """As the hash takes it; what nobody chose leaves it as it was before there was a choice."""
        reader = [] if (self.voice, self.speed) == ("", 100) else [self.voice, self.speed]
        return [self.language, self.text, self.clip, self.script, *reader]


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that is heard, seen, and where; nothing else."""

    unit: str
    title: str
    klass: str
    category: str
    kind: str
    repeat: int
    not_before: datetime | None
    expires: datetime | None
    supersedes: str | None
    versions: Sequence[Heard]
    audience: Collection[Choice]
    chime: str | None = None
    hazard: str | None = None
    level: int | None = None
    slots: Mapping[str, Any] = field(default_factory=dict)
    parts: Collection[str] = ()
    """The hashes of what is made ready with it: its correction and its all-clear."""

    def sha256(self) -> str:
        """The hash of its canonical JSON; the order of choices does not matter, the order of versions does."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def canonical(self) -> bytes:
        """Bytes that are equal exactly when two contents are."""
        value = {
            "unit": self.unit,
            "title": self.title,
            "class": self.klass,
            "category": self.category,
            "kind": self.kind,
            "repeat": self.repeat,
            "not_before": _instant(self.not_before),
            "expires": _instant(self.expires),
            "supersedes": self.supersedes,
            "versions": [each.listed() for each in self.versions],
            "audience": sorted([choice.kind, choice.ref, choice.include] for choice in set(self.audience)),
            "chime": self.chime,
            "hazard": self.hazard,
            "level": self.level,
            "slots": dict(self.slots),
            "parts": sorted(self.parts),
        }
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _instant(when: datetime | None) -> str | None:
    return when.astimezone(UTC).isoformat() if when else None


def check_approver(person: str, writers: Collection[str]) -> None:
    """Raise OwnAnnouncement when the person's own words may be in it; the owner is no exception."""
    if person in writers:
        raise OwnAnnouncement


def right_to_approve(rights: Iterable[Grant], writers: Collection[str], demand: Demand) -> Grant:
    """The right a person approves by, their own before one held in somebody's stead.

    Raises OwnAnnouncement where all of them are held in the stead of a writer, and PolicyForbids.
    """
    usable = [right for right in rights if right.deputy_for not in writers]
    if not usable:
        raise OwnAnnouncement
    for right in usable:
        if right.role in demand.roles:
            return right
    raise PolicyForbids(roles=", ".join(sorted(demand.roles)) or "–")


def check_same(read: str, now: str | None) -> None:
    """Raise EditedSince unless what was read is what would be approved."""
    if read != now:
        raise EditedSince
