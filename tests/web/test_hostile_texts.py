"""T32: whatever a person or a loudspeaker wrote is shown as words: every free text of every table, on every page."""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import JSON, Column, String, Text, select, update
from sqlalchemy.orm import Session

from broadcaster.domain.permissions import Role
from broadcaster.services.outlets.mirror_words import Words
from broadcaster.store.tables import AuditEntry, Base, MirrorCopy, Person, Speaker, Unit
from tests import cast
from tests.web.every_page import PAGES, address
from tests.web.house import Browser, House
from tests.web.test_rights import Matrix

pytestmark = pytest.mark.pages

# An element, and an attribute out of either kind of quotes; templates, addresses and comments of other languages.
EVIL = """<x-evil>"evil="1'evil='1</script></textarea></title>--><x-evil>{{ 7 * 7 }}%(x)s{x}javascript:x()"""
SHOWN = "&lt;x-evil&gt;"
# What no person and no loudspeaker writes, or what the rest rests upon.
OURS = {
    "alembic_version",
    "identities.issuer",
    "identities.subject",
    "idempotency.key",
    "meta.value",
    # As JSON of ours; the words in it are written over one by one.
    "mirror_copies.text",
    "outbox.key",
    "people.password",
    "sign_in_requests.verifier",
}
NAMES = {"former_names", "problems", "placeholders"}
TOLD = {"name", "title", "reason", "text", "person", "unit", "agent"}


class Elements(HTMLParser):
    """Each element of a page with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def free(column: Column[Any]) -> bool:
    """Whether somebody's own words may stand there."""
    # Names of states and ids are shorter.
    words = isinstance(column.type, Text) or (isinstance(column.type, String) and (column.type.length or 999) > 64)
    keyed = bool(column.primary_key or column.foreign_keys or column.unique)
    return words and not keyed and f"{column.table}.{column.name}" not in OURS


def poison(session: Session) -> set[str]:
    """Write it wherever there are rows; the columns it went to."""
    done = set()
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if table.name in OURS or not session.execute(select(table).limit(1)).first():
                continue
            value: Any = EVIL if free(column) else [EVIL] if column.name in NAMES else None
            if value is not None:
                filled = column.is_not(None) if isinstance(column.type, JSON) else column != ""
                session.execute(update(table).where(filled).values({column.name: value}))
                done.add(f"{table.name}.{column.name}")
    for entry in session.scalars(select(AuditEntry)):
        entry.details = {name: EVIL if name in TOLD and value else value for name, value in entry.details.items()}
    for copy in session.scalars(select(MirrorCopy)):
        said = Words.read(copy.text or "")
        evil = tuple(replace(text, text=EVIL) for text in said.texts)
        copy.text = replace(said, title=EVIL, texts=evil).stored()
    session.flush()
    return done


@pytest.fixture
def visited(house: House) -> tuple[House, Matrix]:
    """Everything there is, with other words in it."""
    with house.database.transaction() as session:
        author, approver = (
            cast.person(session, f"{role}-xa-khac", "Người xã khác", {cast.OTHER_COMMUNE: [role]})
            for role in (Role.CLERK, Role.APPROVER)
        )
    matrix = Matrix(house, author, approver)
    for row, _ in PAGES.values():
        matrix.kept(row.thing, foreign=False)
    with house.database.transaction() as session:
        done = poison(session)
        assert {"units.name", "speakers.name", "people.name", "announcements.title"} <= done
        assert session.scalars(select(Speaker.name).distinct()).all() == [EVIL]
        assert session.scalars(select(Person.name).distinct()).all() == [EVIL]
        assert EVIL in session.scalars(select(Unit.name)).all()
    return house, matrix


def test_every_page_shows_words_as_words(visited: tuple[House, Matrix]) -> None:
    house, matrix = visited
    browsers: dict[str, Browser] = {"anonymous": house.stranger_to_all()}
    wrong, shown = {}, 0
    for path, (row, who) in PAGES.items():
        if who not in browsers:
            browsers[who] = house.browser(getattr(house.cast, who))
        place = address(path, matrix.kept(row.thing, foreign=False))
        answer = browsers[who].get(place)
        if found := list(harms(answer.text, answer.headers)):
            wrong[path] = found[:3]
        if answer.status_code != 200:
            wrong[path] = [answer.status_code]
        shown += SHOWN in answer.text
    assert wrong == {}
    # Were they not shown at all, this would prove nothing.
    assert shown > len(PAGES) / 3


def harms(text: str, headers: Any) -> Iterator[object]:
    """What words became that should be words, and what the page's own policy would not let pass."""
    if "<html" not in text and "hx-" not in text:
        return
    policy = headers["content-security-policy"]
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    # Residents' pages carry their style, which the policy knows by its hash, and scripts of our own alone.
    known = [f"'sha256-{b64encode(sha256(each.encode()).digest()).decode()}'" in policy for each in styles]
    for tag, attributes in Elements(text).found:
        if tag in {"x-evil", "iframe", "object"} or {"evil", "style"} & attributes.keys():
            yield tag, attributes
        if tag == "style" and not (len(known) == 1 and known[0]):
            yield tag, attributes
        if any(name.startswith(("on", "hx-on")) for name in attributes):
            yield tag, attributes
        if any(value.strip().lower().startswith("javascript:") for value in attributes.values()):
            yield tag, attributes
        ours = attributes.get("nonce") == nonce if nonce else "script-src 'self';" in policy
        if tag == "script" and not (ours and attributes.get("src", "").startswith("/static/")):
            yield tag, attributes
    if " 49" in text and SHOWN not in text:
        yield "a template came out of words"


LISTS = {
    "/people/list": {"text": f"login,name,unit,role\nai-do,{EVIL},{cast.COMMUNE},clerk", "unit": cast.COMMUNE},
    "/start/villages": {"text": f"{EVIL}\n{EVIL}", "names": f"{EVIL}\n{EVIL}", "unit": cast.COMMUNE},
    "/dictionary": {"written": EVIL, "spoken": EVIL * 9, "unit": cast.COMMUNE, "language": "vi"},
    "/templates/new": {"title": EVIL * 9, "text": EVIL, "unit": cast.COMMUNE},
    "/channels/new": {"name": EVIL, "kind": EVIL, "unit": cast.COMMUNE},
    "/groups/new": {"name": EVIL * 9, "unit": EVIL},
    "/speakers/new": {"name": EVIL, "unit": EVIL},
    "/people": {"name": EVIL, "login": EVIL, "mail": EVIL, "unit": EVIL},
}


@pytest.mark.parametrize("page", LISTS)
def test_what_is_refused_or_previewed_is_shown_as_words(house: House, page: str) -> None:
    browser = house.browser(house.cast.owner)
    csrf = browser.get("/").text.split('name="csrf" value="')[1].split('"')[0]
    files = {"file": ("a.csv", LISTS[page].get("text", EVIL).encode())}
    for sent in ({"files": None}, {"files": files}):
        answer = browser.client.post(page, data=LISTS[page] | {"csrf": csrf}, **sent)
        assert answer.status_code < 500
        assert list(harms(answer.text, answer.headers)) == []


@pytest.mark.parametrize(
    "place", ["<p>{}</p>", '<input value="{}">', "<p title='{}'>", '<a href="{}">', "<textarea>{}</textarea>"]
)
def test_the_judge_sees_words_that_were_not_escaped(place: str) -> None:
    policy = {"content-security-policy": "script-src 'nonce-x'"}
    assert list(harms(f"<html>{place.format(EVIL)}</html>", policy)) != []


def test_and_addresses_that_are_scripts() -> None:
    policy = {"content-security-policy": "script-src 'nonce-x'"}
    assert list(harms('<html><a href=" JavaScript:x()">a</a></html>', policy)) != []
