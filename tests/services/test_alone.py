"""What one person might try around the second one: each way is closed, and a false alarm can always be corrected."""

from dataclasses import replace
from datetime import timedelta

import pytest

from broadcaster.domain import errors
from broadcaster.domain.corrections import Part
from broadcaster.domain.deputy import Term
from broadcaster.domain.permissions import Role
from broadcaster.services.actor import Actor
from broadcaster.services.airtime import airings, schedules
from broadcaster.services.alarms import drills, emergencies
from broadcaster.services.hours import overrides
from broadcaster.services.people import deputies, people
from broadcaster.services.writing import announcements
from broadcaster.store.database import Database
from broadcaster.store.tables import Announcement
from tests import cast as places
from tests import databases
from tests.cast import COMMUNE, NOW, VILLAGES, Cast, approved, draft
from tests.services import test_emergencies as alarms
from tests.services.test_overrides import asked

pytestmark = pytest.mark.database

LATER = NOW + timedelta(seconds=20)
DAY = timedelta(days=1)


def sent(database: Database, cast: Cast) -> str:
    with database.transaction() as session:
        made = alarms.approved(session, cast)
        emergencies.send(session, cast.approver, made.id, place=alarms.PLACE, now=LATER)
        return made.id


def standing_in(database: Database, person: Actor, away: Actor) -> Actor:
    """The person with the other's role as approver, besides their own."""
    with database.transaction() as session:
        system = people.actor_of(session, away.person_id, origin="")
        term = Term(NOW, NOW + DAY)
        deputies.appoint(
            session,
            system,
            COMMUNE,
            person_id=person.person_id,
            deputy_for=away.person_id,
            role=Role.APPROVER,
            term=term,
            now=NOW,
        )
    with database.read() as session:
        return people.actor_of(session, person.person_id, origin="", now=NOW)


def test_whoever_submitted_it_does_not_approve_it(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        theirs = announcements.write(session, cast.clerk, draft(), now=NOW)
        places.give_clips(session, theirs)
        places.submit(session, cast.approver, theirs.id)
        with pytest.raises(errors.OwnAnnouncement):
            places.approve(session, cast.approver, theirs)
        assert places.approve(session, cast.second_approver, theirs).state == "approved"


def edited_while_approving(database: Database, cast: Cast, name: str, read: str) -> None:
    """What an approval does that waited for the row until an edit was stored."""
    with database.transaction() as approving:
        seen = approving.get_one(Announcement, name)
        assert [version.text for version in seen.versions]
        with database.transaction() as editing:
            announcements.edit(editing, cast.clerk, name, draft(title="Khác"), revision=1, now=NOW)
        announcements.approve(approving, cast.approver, name, content_sha256=read, now=NOW)


def test_words_that_were_edited_while_somebody_approved_are_not_approved(
    postgresql_server: databases.Server,
) -> None:
    with postgresql_server.database() as database:
        cast = places.gather(database)
        with database.transaction() as session:
            made = places.submitted(session, cast)
            read, name = made.content_sha256 or "", made.id
        with pytest.raises(errors.EditedSince):
            edited_while_approving(database, cast, name, read)
        with database.read() as session:
            assert session.get_one(Announcement, name).state == "draft"


@pytest.mark.parametrize("part", Part)
def test_what_stands_by_is_not_stopped_apart_from_its_alert(database: Database, cast: Cast, part: Part) -> None:
    alert = sent(database, cast)
    with database.transaction() as session:
        standing = emergencies.standing(session, alert, part)
        assert standing is not None
        with pytest.raises(errors.PartOfAlert):
            airings.stop(session, cast.clerk, standing.id, now=LATER)
        assert not emergencies.call_up(session, cast.clerk, alert, part, now=LATER).standby
        assert airings.stop(session, cast.clerk, standing.id, now=LATER).state == "cancelled"


@pytest.mark.parametrize("part", Part)
def test_a_false_alarm_that_was_withdrawn_is_corrected_all_the_same(database: Database, cast: Cast, part: Part) -> None:
    alert = sent(database, cast)
    with database.transaction() as session:
        announcements.withdraw(session, cast.clerk, alert, reason="Nhầm", now=LATER)
    with database.transaction() as session:
        called = emergencies.call_up(session, cast.clerk, alert, part, now=LATER)
        assert (called.standby, called.state) == (False, "planned")
        assert session.get_one(Announcement, called.announcement_id).state == "approved"


def test_an_alert_that_was_not_sent_is_withdrawn_whole(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        made = alarms.approved(session, cast)
        parts = [part.id for part in made.parts]
        announcements.withdraw(session, cast.clerk, made.id, reason="", now=NOW)
        assert {session.get_one(Announcement, part).state for part in parts} == {"withdrawn"}
        assert emergencies.standing(session, made.id, Part.CORRECTION) is None


def test_other_words_silence_no_alert_that_was_sent(database: Database, cast: Cast) -> None:
    alert = sent(database, cast)
    with database.transaction() as session:
        with pytest.raises(errors.AlreadySent):
            emergencies.change(session, cast.clerk, alert, alarms.alert(level=1), revision=1, now=LATER)
        words = replace(emergencies.draft_of(alarms.alert()), klass="normal", parts={})
        with pytest.raises(errors.AlreadySent):
            announcements.edit(session, cast.clerk, alert, words, revision=1, now=LATER)
        airing = emergencies.first_airing(session, alert)
        assert airing is not None
        assert airing.state == "planned"


def test_nobody_acknowledges_what_was_not_heard(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        made, usual = alarms.approved(session, cast), approved(session, cast)
        with pytest.raises(errors.NotSent):
            emergencies.acknowledge(session, cast.village_head, made.id, VILLAGES[0], now=NOW)
        with pytest.raises(errors.NotAnEmergency):
            emergencies.acknowledge(session, cast.village_head, usual.id, VILLAGES[0], now=NOW)


def test_an_exception_is_not_granted_in_the_stead_of_whoever_asked_or_wrote(database: Database, cast: Cast) -> None:
    for_asker = standing_in(database, cast.technician, cast.second_approver)
    for_writer = standing_in(database, cast.village_head, cast.approver)
    with database.transaction() as session:
        made = announcements.write(session, cast.approver, draft(), now=NOW)
        override = overrides.ask(session, cast.second_approver, asked(made.id), now=NOW)
        for stead in (for_asker, for_writer):
            with pytest.raises(errors.OwnOverride):
                overrides.grant(session, stead, override.id, now=NOW)
        assert overrides.grant(session, cast.owner, override.id, now=NOW).granted


def test_a_drill_is_held_from_its_own_page_and_no_other(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        drill = alarms.practice(session, cast)
        with pytest.raises(errors.UseDrill):
            airings.air(session, cast.approver, drill.id, at=None, now=NOW)
        with pytest.raises(errors.UseDrill):
            schedules.add(session, cast.approver, drill.id, {"rrule": "FREQ=DAILY", "times": ["11:00"]}, now=NOW)
        assert drills.start(session, cast.approver, drill.id, now=NOW).kind == "drill"


def test_an_alert_and_a_drill_are_changed_where_they_were_written(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        alert, drill = alarms.written(session, cast), alarms.practice(session, cast)
        plain = draft(klass="emergency"), draft(klass="priority", kind="drill")
        for made, words in zip((alert, drill), plain, strict=True):
            with pytest.raises(errors.WrittenFromTemplate):
                announcements.edit(session, cast.clerk, made.id, words, revision=1, now=NOW)
        higher = emergencies.change(session, cast.clerk, alert.id, alarms.alert(level=5), revision=1, now=NOW)
        assert (higher.level, higher.slots["vi"], higher.revision) == (5, alarms.SLOTS, 2)
        other = drills.Practice("fire", COMMUNE, alarms.WHOLE, {"vi": alarms.SLOTS})
        changed = drills.change(session, cast.clerk, drill.id, other, revision=1, now=NOW)
        assert (changed.state, changed.kind, "chữa cháy" in changed.title) == ("draft", "drill", True)
