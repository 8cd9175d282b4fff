"""What every feed of a village says, whatever its form: announcements with their marks, in the language asked for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from audio.clip import clip_path
from audio.errors import AudioError
from audio.mp3 import as_mp3
from broadcaster.domain import languages
from broadcaster.services.outlets.listen_again import Page, Passage
from broadcaster.services.outlets.village_page import Said, Village
from broadcaster.web import i18n

# What XML cannot hold, whoever wrote it.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Sound:
    """A file to hear."""

    url: str
    type: str
    bytes: int
    ms: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One announcement as a feed tells it."""

    page: Page
    url: str
    title: str
    """With its marks: emergency, drill, corrected, withdrawn."""
    text: str
    language: str
    at: datetime
    """When it was last heard."""
    updated: datetime
    sound: Sound | None


@dataclass(frozen=True, slots=True)
class Teller:
    """Makes entries: in whose words, in which language, with sounds from where."""

    words: Mapping[str, str]
    reader: str
    """The language of the words."""
    wish: str
    """The language wanted; empty = all of them, the village's own first."""
    address: str
    clips: Path
    mp3: bool = False

    def entries(self, shown: Village) -> list[Entry]:
        """All of them, alerts too, the latest first."""
        found = sorted((*shown.alerts, *shown.said), key=lambda one: (one.at, one.airing), reverse=True)
        return [self._entry(one, shown.languages) for one in found]

    def _entry(self, one: Said, order: Sequence[str]) -> Entry:
        page = one.page
        passages = in_order(page.passages, [self.wish, *order] if self.wish else order)
        first = passages[0]
        url = f"{self.address}/n/{page.public_id}"
        sounds = (self._sound(page, passage) for passage in passages if passage.clip and not page.withdrawn)
        return Entry(
            page=page,
            url=url,
            title=fit(marked(page, self.words)),
            text=fit(self._text(page, passages[:1] if self.wish else passages)),
            language=first.language,
            at=one.at,
            updated=max([one.at, *(event.at for event in page.history), *(told.at for told in page.called)]),
            sound=next((sound for sound in sounds if sound), None),
        )

    def _text(self, page: Page, passages: Sequence[Passage]) -> str:
        told = [self.words[each.part] for each in page.called[:1]]
        if page.withdrawn:
            reason = [f"{self.words['reason']}: {page.reason}"] if page.reason else []
            return "\n\n".join([*told, self.words["withdrawn_now"], *reason])
        one = len(passages) == 1
        texts = [(i18n.language_name(self.reader, each.language), each.text) for each in passages]
        texts = [(name, text or self.words["recorded"]) for name, text in texts]
        return "\n\n".join([*told, *(text if one else f"{name}:\n{text}" for name, text in texts)])

    def _sound(self, page: Page, passage: Passage) -> Sound | None:
        """Its file, with the bytes it really has; none where it is not on the disk."""
        name = f"{self.address}/n/{page.public_id}/{passage.clip}"
        if self.mp3:
            try:
                size = as_mp3(self.clips, passage.clip or "").stat().st_size
                return Sound(f"{name}.mp3", "audio/mpeg", size, passage.ms)
            except (AudioError, OSError, ValueError):
                pass
        try:
            return Sound(
                f"{name}.ogg", "audio/ogg", clip_path(self.clips, passage.clip or "").stat().st_size, passage.ms
            )
        except (OSError, ValueError):
            return None


def in_order(passages: Sequence[Passage], order: Sequence[str]) -> list[Passage]:
    """Those in the languages named first, in that order; then the others as they stand."""
    places = {tag: place for place, tag in reversed(list(enumerate(order)))}
    return sorted(passages, key=lambda each: places.get(each.language, len(order)))


def marked(page: Page, words: Mapping[str, str]) -> str:
    """Its title behind what everybody must see first."""
    state = "withdrawn" if page.withdrawn else "corrected" if page.corrected else ""
    marks = [words[mark] for mark in (page.kind, page.klass, state) if mark in words]
    return f"{' – '.join(marks)}: {page.title}" if marks else page.title


def wished(tag: str) -> str:
    """The language asked for, if it is one of ours."""
    found = languages.find(tag) if tag else None
    return found.tag if found else ""


def fit(text: str) -> str:
    """Without what XML cannot hold."""
    return _NO_XML.sub("", text)
