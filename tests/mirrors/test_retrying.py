"""A person has a copy sent again that did not get into its group."""

from datetime import timedelta

import pytest

from broadcaster.domain.errors import CopyNotNeeded, NotAllowed, NotFound
from broadcaster.domain.permissions import Grant, Role
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.services.outlets import mirror_queue, retrying
from broadcaster.services.outlets.mirrors import owe
from broadcaster.store.database import Database
from broadcaster.store.tables import Announcement, Channel, MirrorCopy
from tests import cast
from tests.cast import COMMUNE, NOW, Cast, gather

pytestmark = pytest.mark.database
LATER = NOW + timedelta(hours=2)


def failed(database: Database, people: Cast, *, code: str = "expired") -> tuple[str, str]:
    """An announcement of which the copy failed; (announcement, copy)."""
    with database.transaction() as session:
        row = cast.approved(session, people)
        session.add(
            Channel(
                id="nhom",
                unit_id=COMMUNE,
                kind="webhook",
                name="Nhóm",
                posts_when="approval",
                blocked_until=LATER,
                created_at=NOW,
            )
        )
        about = {"announcement_id": row.id, "channel_id": "nhom", "revision": row.revision, "action": "post"}
        facts = {"state": "failed", "provider_code": code, "expires_at": NOW, "attempts": 3}
        copy = new_id(NOW)
        session.add(MirrorCopy(id=copy, due_at=NOW, created_at=NOW, updated_at=NOW, **about, **facts))
        return row.id, copy


@pytest.fixture
def people(database: Database) -> Cast:
    return gather(database)


def test_it_is_due_at_once_though_the_group_had_a_pause(database: Database, people: Cast) -> None:
    announcement, copy = failed(database, people)
    with database.transaction() as session:
        retrying.again(session, people.clerk, announcement, copy, now=LATER)
    with database.transaction() as session:
        due = mirror_queue.due(session, now=LATER, limit=5)
        assert [row.id for row in due] == [copy]
        mirror_queue.tidy(session, now=LATER)
        assert session.get_one(MirrorCopy, copy).state == "queued"


def test_twice_is_once(database: Database, people: Cast) -> None:
    announcement, copy = failed(database, people)
    with database.transaction() as session:
        retrying.again(session, people.clerk, announcement, copy, now=NOW)
    with database.transaction() as session, pytest.raises(CopyNotNeeded):
        retrying.again(session, people.clerk, announcement, copy, now=NOW)


@pytest.mark.parametrize("since", ["withdrawn", "edited", "newer", "disabled"])
def test_words_that_hold_no_longer_are_not_posted_again(database: Database, people: Cast, since: str) -> None:
    announcement, copy = failed(database, people)
    with database.transaction() as session:
        row = session.get_one(Announcement, announcement)
        if since == "withdrawn":
            row.state = "withdrawn"
        if since == "edited":
            row.revision += 1
        if since == "newer":
            row.revision += 1
            session.get_one(MirrorCopy, copy).state = "accepted"
            owe(session, row, now=LATER)
            session.get_one(MirrorCopy, copy).state = "failed"
            session.get_one(MirrorCopy, copy).revision = row.revision
        session.get_one(Channel, "nhom").enabled = since != "disabled"
    with database.transaction() as session, pytest.raises(CopyNotNeeded):
        retrying.again(session, people.clerk, announcement, copy, now=LATER)


def test_only_who_may_air_and_only_what_is_there(database: Database, people: Cast) -> None:
    announcement, copy = failed(database, people)
    with database.transaction() as session:
        for actor in (people.technician, people.village_head, people.stranger):
            with pytest.raises(NotAllowed):
                retrying.again(session, actor, announcement, copy, now=NOW)
        with pytest.raises(NotFound):
            retrying.again(session, people.clerk, announcement, "none", now=NOW)
        with pytest.raises(NotFound):
            retrying.again(session, Actor("x", "x", (Grant(Role.OWNER, COMMUNE),), ""), "none", copy, now=NOW)
