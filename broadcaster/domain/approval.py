"""What an approval is for, and who may give it."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from broadcaster.domain.audience import Choice
from broadcaster.domain.errors import EditedSince, OwnAnnouncement


@dataclass(frozen=True, slots=True)
class Heard:
    """One version as the approver reads and hears it."""

    language: str
    text: str
    clip: str | None


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
            "versions": [[version.language, version.text, version.clip] for version in self.versions],
            "audience": sorted([choice.kind, choice.ref, choice.include] for choice in set(self.audience)),
        }
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _instant(when: datetime | None) -> str | None:
    return when.astimezone(UTC).isoformat() if when else None


def check_approver(person: str, writers: Collection[str]) -> None:
    """Raise OwnAnnouncement when the person's own words may be in it; the owner is no exception."""
    if person in writers:
        raise OwnAnnouncement


def check_same(read: str, now: str | None) -> None:
    """Raise EditedSince unless what was read is what would be approved."""
    if read != now:
        raise EditedSince
