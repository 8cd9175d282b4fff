"""Chat groups of a unit: filled in, changed without showing the secret, switched off, tried against a stand-in."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from broadcaster.demo.stand_in_chat import TOKEN, Desk, StandInChat
from broadcaster.domain.errors import Malformed, NotAllowed, NotFound
from broadcaster.domain.errors.setting_up import ChannelIncomplete, ChannelUnusable, SecretAgain
from broadcaster.domain.mirror import CopyState
from broadcaster.domain.mirror_terms import TypedTerms
from broadcaster.mirrors.trying import TriedChannels
from broadcaster.services.outlets import channels
from broadcaster.services.outlets.channels import Typed
from broadcaster.services.outlets.trying import Access
from broadcaster.store.database import Database
from broadcaster.store.tables import AuditEntry, Channel
from tests.cast import COMMUNE, NOW, OTHER_COMMUNE, Cast

pytestmark = pytest.mark.database

OUTLETS = TriedChannels(private=True)
GROUP = "g1"


@pytest.fixture
def chat() -> Iterator[StandInChat]:
    with StandInChat(Desk(groups={GROUP: "Nhóm thử"})) as running:
        yield running


def typed(url: str = "http://127.0.0.1:9", **changes: Any) -> Typed:
    usual = Typed("Nhóm Zalo xã", "zalo_bot", {"chat_id": GROUP, "base_url": url}, TOKEN)
    return replace(usual, **changes)


def added(database: Database, cast: Cast, wanted: Typed | None = None) -> str:
    with database.transaction() as session:
        return channels.add(session, cast.owner, COMMUNE, wanted or typed(), OUTLETS, now=NOW).id


def test_a_group_is_kept_with_its_secret_apart(database: Database, cast: Cast) -> None:
    made = added(database, cast)
    with database.read() as session:
        row = session.get_one(Channel, made)
        assert (row.secret, TOKEN in str(row.settings), row.enabled) == (TOKEN, False, True)
        assert [one.id for one in channels.of_units(session, frozenset({COMMUNE}))] == [made]
        assert not [one for one in session.scalars(select(AuditEntry)) if TOKEN in str(one.details)]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"secret": ""}, ChannelIncomplete),
        ({"kind": "webhook", "settings": {}, "secret": "mười sáu chữ cái"}, ChannelIncomplete),
        ({"secret": "no token"}, ChannelUnusable),
        ({"name": " "}, Malformed),
        ({"kind": "carrier pigeon"}, NotFound),
        ({"settings": {"chat_id": "g" * 501}}, Malformed),
        ({"terms": TypedTerms(quiet_from="22:00")}, Malformed),
    ],
)
def test_what_cannot_be_used_is_not_kept(
    database: Database, cast: Cast, wrong: dict[str, Any], error: type[Exception]
) -> None:
    with database.transaction() as session, pytest.raises(error):
        channels.add(session, cast.owner, COMMUNE, typed(**wrong), OUTLETS, now=NOW)


def test_an_empty_secret_leaves_the_one_that_is_kept(database: Database, cast: Cast) -> None:
    made = added(database, cast)
    for secret, kept in (("", TOKEN), ("2:other", "2:other")):
        with database.transaction() as session:
            channels.change(session, cast.owner, made, typed(name="Nhóm mới", secret=secret), OUTLETS, now=NOW)
        with database.read() as session:
            row = session.get_one(Channel, made)
            assert (row.name, row.secret) == ("Nhóm mới", kept)


def test_a_kept_secret_does_not_follow_a_changed_address(database: Database, cast: Cast) -> None:
    made = added(database, cast)
    elsewhere = typed("http://127.0.0.1:8", secret="")
    with pytest.raises(SecretAgain), database.transaction() as session:
        channels.change(session, cast.owner, made, elsewhere, OUTLETS, now=NOW)
    with database.transaction() as session:
        channels.change(session, cast.owner, made, replace(elsewhere, secret=TOKEN), OUTLETS, now=NOW)


def test_its_terms_are_kept_and_stay_where_nobody_fills_them_in(database: Database, cast: Cast) -> None:
    wanted = TypedTerms("approval", "21:30", "05:00", "6", ("hmn", "vi"))
    made = added(database, cast, typed(terms=wanted))
    with database.transaction() as session:
        channels.change(session, cast.owner, made, typed(name="Nhóm mới"), OUTLETS, now=NOW)
    with database.read() as session:
        row = session.get_one(Channel, made)
        assert channels.terms_of(row) == wanted
        assert (row.rate_per_minute, row.languages) == (6, ["hmn", "vi"])


def test_a_group_is_switched_off_and_on(database: Database, cast: Cast) -> None:
    made = added(database, cast)
    for on in (False, False, True):
        with database.transaction() as session:
            channels.switch(session, cast.owner, made, on=on, now=NOW)
        with database.read() as session:
            assert session.get_one(Channel, made).enabled is on


def test_only_whoever_tends_them_changes_or_tries_one(database: Database, cast: Cast) -> None:
    made = added(database, cast)
    for someone in (cast.clerk, cast.technician, cast.stranger):
        with database.transaction() as session, pytest.raises(NotAllowed):
            channels.access(session, someone, made)
    with database.read() as session, pytest.raises(NotFound):
        channels.find(session, frozenset({OTHER_COMMUNE}), made)


def test_the_test_message_stands_in_the_group_and_is_noted(database: Database, cast: Cast, chat: StandInChat) -> None:
    made = added(database, cast, typed(chat.url))
    with database.read() as session:
        copy = channels.test_copy(session, cast.owner, made, link="https://loa.example", now=NOW)
        opened = channels.access(session, cast.owner, made)
    assert OUTLETS.test(opened).works
    outcome = OUTLETS.send(opened, copy)
    with database.transaction() as session:
        channels.note_test(session, cast.owner, made, outcome, now=NOW)
        assert session.get_one(Channel, made).last_accepted_at == NOW
    (message,) = chat.received
    assert outcome.state is CopyState.ACCEPTED
    assert "THỬ LOA" in message.text
    assert "tin thử" in message.text


def test_a_refusal_is_noted_with_the_words_of_the_provider(database: Database, cast: Cast, chat: StandInChat) -> None:
    made = added(database, cast, typed(chat.url, settings={"chat_id": "elsewhere", "base_url": chat.url}))
    with database.read() as session:
        copy = channels.test_copy(session, cast.owner, made, link="https://loa.example", now=NOW)
        outcome = OUTLETS.send(channels.access(session, cast.owner, made), copy)
    with database.transaction() as session:
        channels.note_test(session, cast.owner, made, outcome, now=NOW)
        row = session.get_one(Channel, made)
        assert (row.last_failed_at, row.blocked_reason) == (NOW, "no such chat or method: Not Found")


def test_settings_that_no_longer_fit_are_said_and_not_raised() -> None:
    broken = Access("zalo_bot", {}, None)
    assert not OUTLETS.test(broken).works
    assert OUTLETS.problem(broken)


def test_an_address_of_this_machine_is_not_called_unless_that_is_allowed(chat: StandInChat) -> None:
    opened = Access("zalo_bot", {"chat_id": GROUP, "base_url": chat.url}, TOKEN)
    assert not TriedChannels(private=False).test(opened).works
