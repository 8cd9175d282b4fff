"""A village's announcements as Atom, RSS 2.0, a podcast and JSON Feed 1.1."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any

from lxml import etree

from broadcaster.services.outlets.listen_again import Page, Passage
from broadcaster.services.outlets.village_page import Village
from broadcaster.web.residents.entries import Entry, fit

ATOM = "http://www.w3.org/2005/Atom"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
XML = "http://www.w3.org/XML/1998/namespace"
AS_IT_IS: Any = {None: ATOM}
"""No prefix: some readers know none."""
JSON_FEED = "https://jsonfeed.org/version/1.1"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a village that was never told anything was told last."""


@dataclass(frozen=True, slots=True)
class Channel:
    """What a feed says of itself."""

    shown: Village
    title: str
    page: str
    """The village's page."""
    own: str
    """Where the feed itself lies."""
    language: str
    icon: str
    entries: Sequence[Entry]

    @property
    def updated(self) -> datetime:
        """When anything in it changed last."""
        return max((entry.updated for entry in self.entries), default=NEVER)


def _add(parent: Any, tag: str, text: str = "", **attributes: str) -> Any:  # noqa: ANN401  (elements of lxml)
    made = etree.SubElement(parent, tag, attributes)
    made.text = text or None
    return made


def _written(root: Any) -> bytes:  # noqa: ANN401
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _in_atom(parent: Any, tag: str, text: str = "", **attributes: str) -> Any:  # noqa: ANN401
    return _add(parent, f"{{{ATOM}}}{tag}", text, **attributes)


def atom(it: Channel) -> bytes:
    """Atom (RFC 4287)."""
    feed = etree.Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": it.language}, nsmap=AS_IT_IS)
    _in_atom(feed, "id", it.own)
    _in_atom(feed, "title", fit(it.title))
    _in_atom(feed, "updated", it.updated.isoformat())
    _in_atom(feed, "link", rel="self", href=it.own, type="application/atom+xml")
    _in_atom(feed, "link", rel="alternate", href=it.page, type="text/html")
    _in_atom(_in_atom(feed, "author"), "name", fit(it.shown.name))
    for one in it.entries:
        entry = _in_atom(feed, "entry")
        entry.set(f"{{{XML}}}lang", one.language)
        _in_atom(entry, "id", one.url)
        _in_atom(entry, "title", one.title)
        _in_atom(entry, "updated", one.updated.isoformat())
        _in_atom(entry, "published", one.at.isoformat())
        _in_atom(entry, "link", rel="alternate", href=one.url, type="text/html")
        _in_atom(entry, "category", term=one.page.klass)
        _in_atom(entry, "content", one.text, type="text")
        if one.sound:
            sound = one.sound
            _in_atom(entry, "link", rel="enclosure", href=sound.url, type=sound.type, length=str(sound.bytes))
    return _written(feed)


def rss(it: Channel, *, podcast: bool = False) -> bytes:
    """RSS 2.0; of a podcast with what its players ask for."""
    root = etree.Element("rss", version="2.0", nsmap={"atom": ATOM, **({"itunes": ITUNES} if podcast else {})})
    channel = _add(root, "channel")
    _add(channel, "title", fit(it.title))
    _add(channel, "link", it.page)
    _add(channel, "description", fit(it.title))
    _add(channel, "language", it.language)
    _add(channel, "lastBuildDate", format_datetime(it.updated))
    _add(channel, "ttl", "5")
    _add(channel, f"{{{ATOM}}}link", rel="self", href=it.own, type="application/rss+xml")
    if podcast:
        _add(channel, f"{{{ITUNES}}}author", fit(it.shown.name))
        _add(channel, f"{{{ITUNES}}}explicit", "false")
        _add(channel, f"{{{ITUNES}}}image", href=it.icon)
        _add(channel, f"{{{ITUNES}}}category").set("text", "Government")
    for one in it.entries:
        _item(channel, one, podcast=podcast)
    return _written(root)


def _item(channel: Any, one: Entry, *, podcast: bool) -> None:  # noqa: ANN401
    item = _add(channel, "item")
    _add(item, "title", one.title)
    _add(item, "link", one.url)
    _add(item, "guid", one.url, isPermaLink="true")
    _add(item, "pubDate", format_datetime(one.at))
    # Readers take it for HTML.
    _add(item, "description", escape(one.text).replace("\n", "<br>"))
    _add(item, "category", one.page.klass)
    if one.sound:
        _add(item, "enclosure", url=one.sound.url, length=str(one.sound.bytes), type=one.sound.type)
        if podcast:
            _add(item, f"{{{ITUNES}}}duration", str(max(1, round(one.sound.ms / 1000))))


def as_json(it: Channel) -> bytes:
    """JSON Feed 1.1; under `_loa` all that a wall display or a telephone line needs besides."""
    value = {
        "version": JSON_FEED,
        "title": it.title,
        "home_page_url": it.page,
        "feed_url": it.own,
        "language": it.language,
        "items": [_json_item(one) for one in it.entries],
        "_loa": {
            "unit": it.shown.id,
            "name": it.shown.name,
            "languages": list(it.shown.languages),
            "alerts": [one.page.public_id for one in it.shown.alerts],
            "coming": [
                {"at": one.at.isoformat(), "seconds": one.ms // 1000, "title": one.title}
                | {"class": one.klass, "kind": one.kind}
                for one in it.shown.coming
            ],
            "villages": [{"unit": one.id, "name": one.name} for one in it.shown.within],
        },
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _json_item(one: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": one.url,
        "url": one.url,
        "title": one.title,
        "content_text": one.text,
        "date_published": one.at.isoformat(),
        "date_modified": one.updated.isoformat(),
        "language": one.language,
        "tags": [one.page.klass, one.page.kind],
        "_loa": _more(one.page, one.url),
    }
    if one.sound:
        sound = {"url": one.sound.url, "mime_type": one.sound.type, "size_in_bytes": one.sound.bytes}
        item["attachments"] = [sound | {"duration_in_seconds": round(one.sound.ms / 1000)}]
    return item


def _more(page: Page, url: str) -> dict[str, Any]:
    def version(passage: Passage) -> dict[str, Any]:
        sound = f"{url}/{passage.clip}" if passage.clip and not page.withdrawn else ""
        text = "" if page.withdrawn else passage.text
        found = {"language": passage.language, "text": text}
        return found | ({"ogg": f"{sound}.ogg", "mp3": f"{sound}.mp3", "ms": passage.ms} if sound else {})

    return {
        "id": page.public_id,
        "revision": page.revision,
        "class": page.klass,
        "kind": page.kind,
        "part": page.part,
        "withdrawn": page.withdrawn,
        "corrected": page.corrected,
        "place": page.place,
        "called": [{"part": one.part, "id": one.public_id, "at": one.at.isoformat()} for one in page.called],
        "versions": [version(passage) for passage in page.passages],
    }
