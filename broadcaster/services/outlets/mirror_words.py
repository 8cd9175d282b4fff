"""The words of a copy, written down when it is owed: what was approved then, whatever is drafted afterwards."""

import json
from dataclasses import dataclass

from broadcaster.domain.mirror import Text
from broadcaster.store.tables import Announcement
from firmware_config.protocol import Kind, Klass


@dataclass(frozen=True, slots=True)
class Words:
    """What residents may read."""

    klass: Klass
    kind: Kind
    title: str
    texts: tuple[Text, ...]
    part: str = ""
    """Of an alert: "correction" or "all_clear"."""

    def stored(self) -> str:
        """As JSON."""
        texts = [[text.language, text.text, text.clip, text.ms] for text in self.texts]
        value = {"class": self.klass, "kind": self.kind, "title": self.title, "texts": texts, "part": self.part}
        return json.dumps(value, ensure_ascii=False)

    @classmethod
    def read(cls, stored: str) -> "Words":
        """Back from JSON."""
        value = json.loads(stored)
        texts = tuple(Text(*each) for each in value["texts"])
        return cls(Klass(value["class"]), Kind(value["kind"]), value["title"], texts, value.get("part", ""))


def words_of(announcement: Announcement) -> Words:
    """Of an announcement as it stands."""
    texts = tuple(
        Text(version.language, version.text, version.clip_sha256 or "", version.clip.ms if version.clip else 0)
        for version in announcement.versions
    )
    klass, kind = Klass(announcement.klass), Kind(announcement.kind)
    return Words(klass, kind, announcement.title, texts, announcement.part or "")
