"""The feeds of alerts that are asked: fetched by the guarded client, each at its own pace, none holding up another."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

import httpx
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.airing import OPEN
from broadcaster.domain.cap.reading import tree
from broadcaster.domain.cap.refusal import Refusal, Refused
from broadcaster.domain.cap.writing import NAMESPACE
from broadcaster.domain.errors import LoaError
from broadcaster.services.alarms import cap_in
from broadcaster.services.alarms.cap_places import Lands
from broadcaster.services.outlets.cap_sources import PINNED
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, CapMessage, CapSource

log = structlog.get_logger(__name__)

WATCHED = timedelta(seconds=4)
"""While something of a source is on the air: its Cancel must stop that within ten seconds."""
AT_ONCE = 8
MOST_ENTRIES = 40
REMEMBERED = 500
ATOM = "{http://www.w3.org/2005/Atom}"
LONGEST_ROUND = 30.0

Open = Callable[[str], httpx.Client]
"""A guarded client; with a certificate, one that believes that one only."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a feed."""

    address: str
    updated: str


class CapFeeds:
    """Asks what is due, each feed on a thread of its own; what is remembered of them lives as long as this does."""

    def __init__(self, database: Database, open_client: Open, now: Callable[[], datetime]) -> None:
        self._database, self._open, self._now = database, open_client, now
        self._seen: dict[str, dict[Entry, None]] = {}
        self._pool = ThreadPoolExecutor(AT_ONCE, "cap")
        self._asking: dict[str, Future[None]] = {}

    def poll(self) -> Sequence["Future[None]"]:
        """Begin to ask every feed that is due and is not being asked; what goes wrong is written down with it."""
        self._asking = {source: work for source, work in self._asking.items() if not work.done()}
        with self._database.read() as session:
            due = [row.id for row in _due(session, self._now()) if row.id not in self._asking]
        if not due:
            return []
        with self._database.transaction() as session:
            for source_id in due:
                session.get_one(CapSource, source_id).asked_at = self._now()
        begun = {source_id: self._pool.submit(self._ask, source_id) for source_id in due}
        self._asking |= begun
        return list(begun.values())

    def stop(self) -> None:
        """Begin nothing any more, and wait for what was begun."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _ask(self, source_id: str) -> None:
        with self._database.read() as session:
            source = session.get_one(CapSource, source_id)
            url, tag = source.url, source.entity_tag
            pinned = source.certificate if source.trust == PINNED else ""
        try:
            with self._open(pinned) as client:
                trouble, tag = self._fetch(client, source_id, url, tag, pinned)
        except Exception as error:  # noqa: BLE001  (what is not foreseen is logged with its place)
            trouble = _trouble(error, source_id)
        with self._database.transaction() as session:
            row = session.get_one(CapSource, source_id)
            row.trouble = trouble[:200]
            if not trouble:
                row.answered_at, row.entity_tag = self._now(), tag[:200]

    def _fetch(self, client: httpx.Client, source_id: str, url: str, tag: str, pinned: str) -> tuple[str, str]:
        """What was wrong, if anything, and the tag of what came."""
        answer = client.get(url, headers={"if-none-match": tag} if tag else {})
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return "", tag
        if answer.status_code != httpx.codes.OK:
            return f"HTTP {answer.status_code}", ""
        try:
            root = tree(answer.content)
        except Refused as refused:
            return refused.refusal, ""
        if root.tag == f"{{{NAMESPACE}}}alert":
            return self._take(source_id, answer, pinned, Lands()), answer.headers.get("etag", "")
        until, lands = time.monotonic() + LONGEST_ROUND, Lands()
        # Feeds begin with what is newest; what is to be cancelled comes before its Cancel.
        found = reversed(entries(root, str(answer.url))[:MOST_ENTRIES])
        troubles = [self._entry(client, source_id, each, until, pinned=pinned, lands=lands) for each in found]
        trouble = next((each for each in troubles if each), "")
        # With trouble in one of its lines the whole feed is looked through again.
        return trouble, "" if trouble else answer.headers.get("etag", "")

    def _entry(
        self, client: httpx.Client, source_id: str, entry: Entry, until: float, *, pinned: str, lands: Lands
    ) -> str:
        if time.monotonic() > until:
            return "slow"
        seen = self._seen.setdefault(source_id, {})
        if entry in seen:
            return ""
        try:
            answer = client.get(entry.address)
            if answer.status_code != httpx.codes.OK:
                return f"HTTP {answer.status_code}"
            trouble = self._take(source_id, answer, pinned, lands)
        except Exception as error:  # noqa: BLE001  (whatever is odd about one alert, it must not hide the newer ones)
            return _trouble(error, source_id)
        if trouble == Refusal.TOO_MANY:
            # Nothing is wrong with it: it is taken when there is room.
            return trouble
        seen[entry] = None
        while len(seen) > REMEMBERED:
            seen.pop(next(iter(seen)))
        return trouble

    def _take(self, source_id: str, answer: httpx.Response, pinned: str, lands: Lands) -> str:
        try:
            with self._database.transaction() as session:
                source = session.get_one(CapSource, source_id, with_for_update=True)
                # Where http is allowed, nobody showed a certificate; and the source may be known by another one by now.
                shown = bool(pinned) and pinned == source.certificate and answer.url.scheme == "https"
                now = self._now()
                row = cap_in.receive(session, source, answer.content, pinned=shown, now=now, lands=lands)
                log.info("alert received", action="cap-received", source=source_id, state=row.state, code=row.code)
        except Refused as refused:
            log.warning("no alert", action="cap-refused", source=source_id, reason=refused.refusal)
            return refused.refusal
        return ""


def _trouble(error: Exception, source_id: str) -> str:
    if isinstance(error, LoaError):
        return error.code
    if isinstance(error, httpx.HTTPError | httpx.InvalidURL | ValueError):
        return f"{type(error).__name__}: {error}"
    log.error("feed failed", action="cap-feed-failed", source=source_id, exc_info=error)
    return type(error).__name__


def entries(root: Element, base: str) -> list[Entry]:
    """The alerts an Atom or RSS feed leads to, in its order; nothing for any other document."""
    if root.tag == f"{ATOM}feed":
        found = [Entry(_link(each), each.findtext(f"{ATOM}updated", "")) for each in root.iter(f"{ATOM}entry")]
    elif root.tag == "rss":
        found = [Entry(each.findtext("link", ""), each.findtext("pubDate", "")) for each in root.iter("item")]
    else:
        raise ValueError("neither an alert nor a feed")
    return [Entry(_joined(base, each.address.strip()), each.updated) for each in found if each.address.strip()]


def _joined(base: str, address: str) -> str:
    with suppress(ValueError):
        return urljoin(base, address)
    return address


def _link(entry: Element) -> str:
    links = entry.findall(f"{ATOM}link")
    cap = [each for each in links if "cap+xml" in each.get("type", "")]
    first = [each for each in links if each.get("rel", "alternate") == "alternate"]
    return next((each.get("href", "") for each in (*cap, *first)), "")


def _due(session: Session, now: datetime) -> Sequence[CapSource]:
    rows = session.scalars(select(CapSource).where(CapSource.enabled, CapSource.url != "").order_by(CapSource.id)).all()
    sounding = select(CapMessage.source_id).join(Airing, Airing.announcement_id == CapMessage.announcement_id)
    live = set(session.scalars(sounding.where(Airing.state.in_(OPEN), Airing.standby.is_(False))))
    return [row for row in rows if row.asked_at is None or row.asked_at + _every(row, row.id in live) <= now]


def _every(row: CapSource, watched: bool) -> timedelta:
    return WATCHED if watched else timedelta(seconds=row.every_s)
