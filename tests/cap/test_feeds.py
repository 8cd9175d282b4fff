"""A feed is asked at its pace over the guarded client; what it answers becomes alerts, or one line of trouble."""

import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.cap.message import MsgType, Status
from broadcaster.domain.cap.reading import LARGEST
from broadcaster.domain.cap.writing import to_xml
from broadcaster.links.cap_feeds import CapFeeds
from broadcaster.mirrors.outgoing import feed_clients
from broadcaster.services.alarms import cap_in, cap_places
from broadcaster.store.database import Database
from broadcaster.store.tables import CapMessage, CapSource
from firmware_config.pki import create_authority
from tests.cap.senders import SEAL, Sender, known
from tests.cast import COMMUNE, NOW, Cast, gather
from tests.web.house import Clock

pytestmark = pytest.mark.database

ATOM = '<feed xmlns="http://www.w3.org/2005/Atom">{}</feed>'
ENTRY = '<entry><link href="{}" type="application/cap+xml"/><updated>2026</updated></entry>'
RSS = "<rss><channel>{}</channel></rss>"


class Place:
    """A web server with pages, and what it was asked for."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, bytes, dict[str, str]]] = {}
        self.asked: list[str] = []
        self.address = ""

    def put(self, path: str, content: bytes | str, status: int = 200, **headers: str) -> None:
        raw = content.encode() if isinstance(content, str) else content
        self.pages[path] = status, raw, headers

    def feed(self, *paths: str) -> None:
        self.put("/feed", ATOM.format("".join(map(ENTRY.format, paths))))


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Place]:
    place = Place()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place.asked.append(self.path)
            status, content, headers = place.pages.get(self.path, (404, b"", {}))
            if headers.get("etag") and self.headers["if-none-match"] == headers["etag"]:
                status, content = 304, b""
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place.address = f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}/feed"
    yield place
    server.shutdown()
    server.server_close()


@pytest.fixture
def place() -> Iterator[Place]:
    with serving() as place:
        yield place


class Reading:
    """The weather service's feed, asked whenever a test says so."""

    def __init__(self, database: Database, url: str, *, private: bool = True, pinned: str = "") -> None:
        self.database, self.clock, self.sender = database, Clock(NOW + timedelta(seconds=30)), Sender()
        cast: Cast = gather(database)
        with database.transaction() as session:
            changes = {"trust": "pinned", "certificate": pinned} if pinned else {}
            self.source = known(session, cast, now=NOW, url=url, **changes).id
        self.feeds = CapFeeds(database, feed_clients(private=private), self.clock)

    def ask(self, *, after: float = 60.0) -> str:
        """What was wrong, once every feed that is due has answered."""
        self.clock.at += timedelta(seconds=after)
        wait(self.feeds.poll())
        with self.database.read() as session:
            return session.get_one(CapSource, self.source).trouble

    def states(self) -> list[str]:
        with self.database.read() as session:
            return list(session.scalars(select(CapMessage.state).order_by(CapMessage.identifier)))


@pytest.fixture
def reading(sqlite_database: Database, place: Place) -> Iterator[Reading]:
    made = Reading(sqlite_database, place.address)
    yield made
    made.feeds.stop()


def test_each_alert_of_an_atom_feed_is_fetched_once(reading: Reading, place: Place) -> None:
    first = reading.sender.message()
    place.put("/1", reading.sender.signed(first))
    place.put("/2", reading.sender.signed(reading.sender.message(MsgType.UPDATE, first)))
    # The newest comes first in a feed.
    place.feed("/2", "/1")
    assert [reading.ask(), reading.ask()] == ["", ""]
    assert place.asked == ["/feed", "/1", "/2", "/feed"]
    assert reading.states() == ["superseded", "drafted"]


def test_our_places_are_read_once_for_all_alerts_of_a_round(
    reading: Reading, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, read_land = list[str](), cap_places._land

    def counted(session: Session, unit_id: str) -> cap_places.Land:
        looked.append(unit_id)
        return read_land(session, unit_id)

    monkeypatch.setattr(cap_places, "_land", counted)
    for path in ("/1", "/2", "/3"):
        place.put(path, reading.sender.signed(reading.sender.message()))
    place.feed("/2", "/1")
    assert (reading.ask(), looked) == ("", [COMMUNE])
    place.feed("/3")
    assert (reading.ask(), looked) == ("", [COMMUNE, COMMUNE])
    assert reading.states() == ["drafted"] * 3


def test_rss_and_a_single_document_are_read_too(reading: Reading, place: Place) -> None:
    place.put("/1", reading.sender.signed(reading.sender.message(status=Status.TEST)))
    place.put("/feed", RSS.format("<item><link>/1</link></item>"))
    assert reading.ask() == ""
    place.put("/feed", reading.sender.signed(reading.sender.message()))
    assert reading.ask() == ""
    assert reading.states() == ["noted", "drafted"]


def test_it_is_asked_at_its_own_pace_and_not_for_what_it_said(reading: Reading, place: Place) -> None:
    place.put("/feed", ATOM.format(""), etag='"a"')
    assert [reading.ask(), reading.ask(after=59), reading.ask(after=1)] == ["", "", ""]
    assert place.asked == ["/feed", "/feed"]


@pytest.mark.parametrize(
    ("content", "status", "trouble"),
    [
        ("", 204, "HTTP 204"),
        ("", 200, "empty"),
        ("<html><body>502 Bad Gateway</body></html>", 200, "ValueError: neither an alert nor a feed"),
        ("not xml", 200, "not_xml"),
        ("no", 500, "HTTP 500"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 200, "doctype"),
        ("<a>" + "x" * (2 * LARGEST) + "</a>", 200, "AnswerTooLong: the answer is too long"),
    ],
)
def test_an_odd_answer_is_one_line_of_trouble(
    reading: Reading, place: Place, content: str, status: int, trouble: str
) -> None:
    place.put("/feed", content, status)
    assert reading.ask() == trouble
    assert reading.states() == []


def test_one_bad_entry_does_not_hide_the_others(reading: Reading, place: Place) -> None:
    place.put("/1", to_xml(reading.sender.message()))
    place.put("/2", reading.sender.signed(reading.sender.message()))
    place.feed("/2", "/1", "/gone")
    assert reading.ask() == "HTTP 404"
    assert reading.states() == ["drafted"]


@pytest.mark.parametrize("odd", [f"http://{'a' * 64}.example/", "http://xn--/", "http://[::g]/", "/deep", "/words"])
def test_one_odd_link_does_not_hide_the_others(reading: Reading, place: Place, odd: str) -> None:
    place.put("/deep", "<a>" * 5_000 + "</a>" * 5_000)
    place.put("/words", b"\xff\xfe")
    place.put("/1", reading.sender.signed(reading.sender.message()))
    place.feed("/1", odd)
    assert reading.ask()
    assert reading.states() == ["drafted"]


def test_a_mistake_of_our_own_is_one_line_of_trouble_too(
    reading: Reading, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(*_: object, **__: object) -> None:
        raise RecursionError("words that are nobody's business")

    monkeypatch.setattr(cap_in, "receive", mistaken)
    place.put("/1", reading.sender.signed(reading.sender.message()))
    place.feed("/1")
    assert reading.ask() == "RecursionError"
    monkeypatch.undo()
    assert (reading.ask(), reading.states()) == ("", ["drafted"])


def test_what_was_too_much_is_taken_later(reading: Reading, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cap_in, "MOST_IN_AN_HOUR", 1)
    for path in ("/1", "/2"):
        place.put(path, reading.sender.signed(reading.sender.message()))
    place.feed("/2", "/1")
    assert (reading.ask(), reading.states()) == ("too_many", ["drafted"])
    assert (reading.ask(after=3601), reading.states()) == ("", ["drafted", "drafted"])


def test_a_feed_that_moves_is_followed_a_few_times(reading: Reading, place: Place) -> None:
    place.put("/feed", "", 302, location="/new")
    place.put("/new", ATOM.format(""))
    assert reading.ask() == ""
    place.put("/new", "", 302, location="/new")
    assert reading.ask().startswith("TooManyRedirects")


def test_nothing_inside_is_asked_unless_that_was_allowed(sqlite_database: Database, place: Place) -> None:
    reading = Reading(sqlite_database, place.address, private=False)
    assert reading.ask().startswith("Refused: only https")
    assert place.asked == []
    reading.feeds.stop()


def test_no_certificate_is_shown_over_plain_http(sqlite_database: Database, place: Place) -> None:
    reading = Reading(sqlite_database, "https://alerts.example/feed", pinned=SEAL.certificate_pem.decode())
    with sqlite_database.transaction() as session:
        # A row changed by whatever way: the form takes https only.
        session.get_one(CapSource, reading.source).url = place.address
    place.put("/feed", to_xml(reading.sender.message()))
    assert reading.ask() == "unsigned"
    assert reading.states() == []
    reading.feeds.stop()


def test_a_pinned_server_is_believed_and_another_one_is_not(sqlite_database: Database, tmp_path: Path) -> None:
    authority = create_authority("Loa", now=NOW)
    served, other = (authority.issue("kttv", server_names=["kttv.example"]) for _ in range(2))
    (tmp_path / "key.pem").write_bytes(served.key_pem)
    (tmp_path / "certificate.pem").write_bytes(served.certificate_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    with serving(context) as place:
        reading = Reading(sqlite_database, place.address, pinned=served.certificate_pem.decode())
        place.put("/feed", to_xml(reading.sender.message()))
        assert reading.ask() == ""
        assert reading.states() == ["drafted"]
        with sqlite_database.transaction() as session:
            session.get_one(CapSource, reading.source).certificate = other.certificate_pem.decode()
        assert "CERTIFICATE_VERIFY_FAILED" in reading.ask()
        reading.feeds.stop()
