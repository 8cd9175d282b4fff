"""T34: alerts from outside that are hostile, false, old, or not meant; and a Cancel while one sounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pyotp
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.stage import Stage, must, stage, until
from broadcaster.app import utc_now
from broadcaster.demo.commune import APPROVER, COMMUNE, OWNER
from broadcaster.domain.cap.message import Area, Message, MsgType, Status
from broadcaster.domain.cap.writing import to_xml
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.ids import new_id
from broadcaster.services.outlets import cap_sources, standing_orders
from broadcaster.services.outlets.cap_seal import Seal
from broadcaster.services.people import people
from broadcaster.services.people.second_factor import Method, Second
from broadcaster.store.base import Base
from broadcaster.store.tables import Airing, CapMessage, CapSource, Factor, Person
from tests.cap.senders import RULE, Sender, storm, typed
from tests.cap.test_messages import BILLION, EXTERNAL, GOOD
from tests.web.house import AUTHORITY

SILENT_S = 10.0
WATCHED_S = 20.0
SECRET = "LOA2" * 8
HERE = Area("Yên Châu", geocodes=(("loa:unit", COMMUNE),))


@dataclass
class Feed:
    """What a feed shows: documents by their place in it, or an answer that is none."""

    documents: dict[str, bytes] = field(default_factory=dict)
    odd: tuple[int, bytes] | None = None
    asked: int = 0
    address: str = ""

    def answer(self, path: str) -> tuple[int, bytes]:
        """What is sent back for a path."""
        if path != "/feed":
            return 200, self.documents.get(path, b"")
        self.asked += 1
        if self.odd:
            return self.odd
        entries = "".join(
            f'<entry><id>{each}</id><link href="{each}"/><updated>{len(content)}</updated></entry>'
            for each, content in reversed(self.documents.items())
        )
        return 200, f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'.encode()


@contextmanager
def feeding() -> Iterator[Feed]:
    """A feed on this machine."""
    feed = Feed()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = feed.answer(self.path)
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            # What is too large is not read to its end.
            with suppress(OSError):
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    feed.address = f"http://127.0.0.1:{server.server_port}/feed"
    yield feed
    server.shutdown()
    server.server_close()


class Writer(Sender):
    """Writes alerts of this very minute."""

    def now(self, msg_type: MsgType = MsgType.ALERT, *before: Message, **changes: object) -> Message:
        """One that is in force for an hour."""
        at = utc_now().replace(microsecond=0)
        info = storm(expires=at + timedelta(hours=1), areas=(HERE,))
        return self.message(msg_type, *before, **({"sent": at, "infos": (info,)} | changes))


def hostile(writer: Writer) -> dict[str, bytes]:
    """Everything that must never sound, and never be more than a draft, an order in force or not."""
    at = utc_now().replace(microsecond=0)
    forger = replace(writer, seal=_forged())
    twice = writer.now(status=Status.TEST)
    early = writer.now()
    signed = writer.signed
    documents = {
        "xxe": EXTERNAL.encode(),
        "billion": BILLION.encode(),
        "10mb": f"<alert>{'x' * 10_000_000}</alert>".encode(),
        "html": b"<html><body>502 Bad Gateway</body></html>",
        "empty": b"",
        "unknown": b"<warning><status>Actual</status></warning>",
        "unsigned": to_xml(writer.now()),
        "old-standard": GOOD.replace("cap:1.2", "cap:1.1").encode(),
        "wrong-key": forger.signed(writer.now()),
        "changed": signed(writer.now()).replace(b"Severe", b"Extreme"),
        "stranger": signed(writer.now(sender="other@example.vn")),
        "over": signed(writer.now(infos=(storm(expires=at - timedelta(seconds=1), areas=(HERE,)),))),
        "future": signed(writer.now(sent=at + timedelta(hours=2))),
        "again": signed(twice),
        "same-number": signed(replace(twice, status=Status.ACTUAL, sent=at + timedelta(seconds=1))),
        "cancel-first": signed(writer.now(MsgType.CANCEL, early)),
        "cancelled": signed(early),
    }
    not_meant = (Status.EXERCISE, Status.TEST, Status.SYSTEM, Status.DRAFT)
    return documents | {each.value: signed(writer.now(status=each)) for each in not_meant}


def run(scale: Scale) -> Outcome:
    """The corpus by feed and by post, without an order and with one; then a true alert and its Cancel."""
    wrong: list[str] = []
    with feeding() as feed, stage(scale.folder) as place:
        writer = Writer()
        source = _known(place, feed)
        offered = _offer(place, feed, source, hostile(writer), wrong)
        true = writer.now()
        feed.documents["/true"] = writer.signed(true)
        must("the draft", lambda: _count(place, CapMessage, CapMessage.state == "drafted") == 1, 60)
        _watch(place, wrong, "a draft, and nobody sent it")
        feed.documents["/off"] = writer.signed(writer.now(MsgType.CANCEL, true))
        must("the draft's end", lambda: _count(place, CapMessage, CapMessage.state == "cancelled") > 1, 60)
        _order(place, source)
        offered += _offer(place, feed, source, hostile(writer), wrong)
        _watch(place, wrong, "hostile, under an order")
        silent, first = _cancelled(place, feed, writer)
        if not place.answers():
            wrong.append("the service does not answer")
    figure = (
        f"{offered} hostile, false or old documents: no sound, no airing; a true one waited as a draft; by order of "
        f"two it sounded {first:.1f} s after it stood in the feed and was silent {silent:.1f} s after its Cancel did"
    )
    return Outcome(not wrong and silent <= SILENT_S, figure, "\n".join(wrong))


def _offer(place: Stage, feed: Feed, source: str, documents: dict[str, bytes], wrong: list[str]) -> int:
    address = f"{place.settings.console_url}/cap/in/{source}"
    for name, content in documents.items():
        answer = httpx.post(address, content=content, timeout=30)
        if answer.status_code >= 500 or (answer.status_code == 200 and answer.json()["state"] == "aired"):
            wrong.append(f"{name}: {answer.status_code} {answer.text[:100]}")
    for odd in (
        (204, b""),
        (200, b""),
        (200, documents["html"]),
        (200, documents["xxe"]),
        (500, b"no"),
        (200, documents["10mb"]),
    ):
        feed.odd, before = odd, feed.asked
        must("the feed is asked", lambda before=before: feed.asked > before, 60)  # type: ignore[misc]
    feed.odd = None
    feed.documents |= {f"/{name}": content for name, content in documents.items()}
    before = feed.asked
    must("the feed is asked", lambda: feed.asked > before + 1, 60)
    drafts, airings = _count(place, CapMessage, CapMessage.state == "drafted"), _count(place, Airing)
    if airings or drafts:
        wrong.append(f"{drafts} drafts and {airings} airings of hostile documents")
    feed.documents = {name: content for name, content in feed.documents.items() if name[1:] not in documents}
    return 2 * len(documents) + 6


def _cancelled(place: Stage, feed: Feed, writer: Writer) -> tuple[float, float]:
    """Seconds from a Cancel to silence, and from its alert to the first sound."""
    one = place.speakers[0]
    progress("T34 a true alert by order")
    true = writer.now()
    feed.documents["/loud"] = writer.signed(true)
    before = one.heard_bytes
    first = must("its sound", lambda: one.heard_bytes > before + 32_000, 120)
    feed.documents["/quiet"] = writer.signed(writer.now(MsgType.CANCEL, true))
    began = last = time.monotonic()
    heard = one.heard_bytes
    while time.monotonic() - last < 4 and time.monotonic() - began < 60:
        time.sleep(0.1)
        if one.heard_bytes > heard:
            heard, last = one.heard_bytes, time.monotonic()
    return last - began, first


def _watch(place: Stage, wrong: list[str], what: str) -> None:
    one = place.speakers[0]
    if until(lambda: one.heard_bytes > 0, WATCHED_S) is not None:
        wrong.append(f"sound: {what}")


def _known(place: Stage, feed: Feed) -> str:
    with place.ground.database.transaction() as session:
        wanted = typed(url=feed.address, every_s=10)
        return cap_sources.add(session, SYSTEM, COMMUNE, wanted, now=utc_now()).id


def _order(place: Stage, source_id: str) -> None:
    vault = place.ground.home.vault(place.settings.console_url)
    with place.ground.database.transaction() as session:
        # The feed of a commune is asked once in ten seconds; what sounds makes it four.
        source = session.get_one(CapSource, source_id)
        one, other = (_approver(session, login, place) for login in (APPROVER, OWNER))
        code = Second(Method.TOTP, pyotp.TOTP(SECRET).now())
        asked = standing_orders.ask(session, one, source, RULE, second=code, vault=vault, now=utc_now())
        standing_orders.grant(session, other, source, asked.about, second=code, vault=vault, now=utc_now())


def _approver(session: Session, login: str, place: Stage) -> Actor:
    person = session.scalars(select(Person).where(Person.login == login)).one()
    vault, now = place.ground.home.vault(place.settings.console_url), utc_now()
    session.add(
        Factor(
            id=new_id(now), person_id=person.id, kind="totp", name="Điện thoại", secret=vault.seal(SECRET),
            created_at=now, confirmed_at=now,
        )
    )  # fmt: skip
    session.flush()
    session.execute(update(Factor).values(last_step=None))
    return people.actor_of(session, person.id, origin="127.0.0.1", now=now)


def _count(place: Stage, table: type[Base], *where: ColumnElement[bool]) -> int:
    with place.ground.database.read() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def _forged() -> Seal:
    issued = AUTHORITY.issue("kttv")
    return Seal(issued.key_pem, issued.certificate_pem)


FAULT = Fault(
    "T34",
    "CAP: XXE, billion laughs, 10 MB, an identifier twice, Update and Cancel in any order, expired, Test and Exercise, "
    "wrong signature, 204, empty and HTML bodies",
    "never sound without an order; a Cancel stops what sounds within 10 s",
    run,
)
