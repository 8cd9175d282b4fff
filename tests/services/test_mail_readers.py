"""The list itself, on each kind of database."""

import pytest

from broadcaster.domain.errors import ListTooLong, NotAllowed, NotFound, ReaderLinkGone
from broadcaster.domain.mail_list import MOST, Typed
from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.domain.permissions import Grant, Role
from broadcaster.services.actor import Actor
from broadcaster.services.outlets import mail_readers
from broadcaster.services.outlets.mail_readers import Added
from broadcaster.store.database import Database
from broadcaster.store.tables import MailReader
from tests.mirrors.village import NOW, OWNER, Village

pytestmark = pytest.mark.database

NEIGHBOUR = Actor("neighbour", "Xã bên", (Grant(Role.OWNER, "elsewhere"),), "test")
AN, BINH = "an@dan.example.vn", "binh@dan.example.vn"


@pytest.fixture
def village(database: Database) -> Village:
    return Village.founded(database)


@pytest.fixture
def channel(village: Village) -> str:
    return village.channel(kind="email", host="mail.example.vn", sender="loa@xa.example.vn", user="loa")


def add(village: Village, channel: str, *addresses: str, asked_again: bool = False) -> Added:
    with village.database.transaction() as session:
        typed = Typed(addresses, ())
        return mail_readers.add(session, OWNER, channel, typed, asked_again=asked_again, now=NOW)


def listed(village: Village, channel: str) -> dict[str, MailReader]:
    with village.database.read() as session:
        return {row.address: row for row in mail_readers.page(session, channel).items}


def test_who_left_stays_away_unless_they_asked(village: Village, channel: str) -> None:
    assert add(village, channel, AN, BINH) == Added(2)
    with village.database.transaction() as session:
        mail_readers.leave(session, listed(village, channel)[AN].secret, now=NOW)
    assert add(village, channel, AN, BINH) == Added(0, 1, (AN,))
    with village.database.read() as session:
        assert mail_readers.numbers(session, channel) == (1, 1)
    assert add(village, channel, AN, asked_again=True) == Added(1)
    assert set(listed(village, channel)) == {AN, BINH}


def test_everybody_has_a_link_of_their_own_for_each_list(village: Village, channel: str) -> None:
    other = village.channel("dong-2", kind="email", host="m.vn", sender="a@b.vn", user="u")
    add(village, channel, AN, BINH)
    add(village, other, AN)
    secrets = {row.secret for each in (channel, other) for row in listed(village, each).values()}
    assert len(secrets) == 3
    with village.database.transaction() as session:
        mail_readers.leave(session, listed(village, other)[AN].secret, now=NOW)
    assert set(listed(village, channel)) == {AN, BINH}
    with village.database.transaction() as session, pytest.raises(ReaderLinkGone):
        mail_readers.leave(session, "untrue", now=NOW)


def test_only_whoever_tends_it_changes_a_list_of_mail(village: Village, channel: str) -> None:
    add(village, channel, AN)
    group = village.channel()
    reader = listed(village, channel)[AN].id
    many = tuple(f"a{number}@dan.example.vn" for number in range(MOST + 1))
    with village.database.transaction() as session:
        with pytest.raises(NotAllowed):
            mail_readers.add(session, NEIGHBOUR, channel, Typed((BINH,), ()), now=NOW)
        with pytest.raises(NotAllowed):
            mail_readers.remove(session, NEIGHBOUR, channel, reader, now=NOW)
        with pytest.raises(NotFound):
            mail_readers.add(session, OWNER, group, Typed((BINH,), ()), now=NOW)
        with pytest.raises(NotFound):
            mail_readers.remove(session, OWNER, channel, "nobody", now=NOW)
        with pytest.raises(ListTooLong):
            mail_readers.add(session, OWNER, channel, Typed(many, ()), now=NOW)
    assert set(listed(village, channel)) == {AN}


@pytest.mark.parametrize(
    ("klass", "outcome", "waiting"),
    [
        ("normal", None, [(AN, False)]),
        ("normal", Outcome(CopyState.ACCEPTED), []),
        ("normal", Outcome(CopyState.UNKNOWN), []),
        ("emergency", Outcome(CopyState.UNKNOWN), [(AN, True)]),
        ("emergency", Outcome(CopyState.ACCEPTED), []),
        ("normal", Outcome(CopyState.FAILED, permanent=True), []),
        ("normal", Outcome(CopyState.FAILED), [(AN, False)]),
    ],
)
def test_who_is_still_to_be_sent_a_copy(
    village: Village, channel: str, klass: str, outcome: Outcome | None, waiting: list[tuple[str, bool]]
) -> None:
    add(village, channel, AN)
    village.air(village.announcement(klass=klass))
    copy, reader = village.row().id, listed(village, channel)[AN].id
    with village.database.transaction() as session:
        if outcome:
            mail_readers.note(session, copy, reader, Outcome(CopyState.UNKNOWN), now=NOW)
            mail_readers.note(session, copy, reader, outcome, now=NOW)
        session.flush()
        found = mail_readers.waiting(session, channel, copy)
        assert [(row.address, again) for row, again in found] == waiting
        assert mail_readers.waiting(session, channel, "no copy of ours") == ()
        kept = outcome and (outcome.permanent or outcome.state is not CopyState.FAILED)
        assert mail_readers.sent(session, copy) == ({outcome.state: 1} if outcome and kept else {})
