"""Several approvals, and people who stand in for others."""

from datetime import datetime, timedelta

import pytest

from broadcaster.domain import errors
from broadcaster.domain.deputy import Term
from broadcaster.domain.permissions import Action, Role
from broadcaster.services.actor import Actor
from broadcaster.services.people import deputies, people
from broadcaster.services.writing import announcements, policies
from broadcaster.store.database import Database
from broadcaster.store.tables import Announcement, AuditEntry
from tests.cast import (
    COMMUNE,
    NOW,
    PROVINCE,
    VILLAGES,
    Cast,
    approve,
    approved,
    draft,
    give_clips,
    person,
    submit,
    submitted,
)

pytestmark = pytest.mark.database
DAY = timedelta(days=1)
TERM = Term(NOW, NOW + 14 * DAY)


def actor(database: Database, who: Actor, at: datetime = NOW) -> Actor:
    with database.read() as session:
        return people.actor_of(session, who.person_id, origin="127.0.0.1", now=at)


def test_two_approvals_are_two_people(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        policies.change(session, cast.owner, COMMUNE, [{"class": "normal", "approvals": 2}], now=NOW)
        notice = submitted(session, cast)
        assert approve(session, cast.approver, notice).state == "submitted"
        with pytest.raises(errors.AlreadyApproved):
            approve(session, cast.approver, notice)
        assert approve(session, cast.second_approver, notice).state == "approved"
        assert approved(session, cast, klass="priority").state == "approved"


def test_an_edit_forgets_the_first_of_two(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        policies.change(session, cast.owner, COMMUNE, [{"approvals": 2}], now=NOW)
        notice = submitted(session, cast)
        approve(session, cast.approver, notice)
        announcements.edit(session, cast.clerk, notice.id, draft(title="Khác"), revision=1, now=NOW)
        give_clips(session, notice)
        submit(session, cast.clerk, notice.id)
        assert approve(session, cast.second_approver, notice).state == "submitted"


def test_the_role_and_the_size_of_the_audience_decide(database: Database, cast: Cast) -> None:
    rows = [{"up_to_speakers": 2}, {"roles": ["owner"]}]
    with database.transaction() as session:
        policies.change(session, cast.owner, COMMUNE, rows, now=NOW)
        large = submitted(session, cast)
        with pytest.raises(errors.PolicyForbids):
            approve(session, cast.approver, large)
        assert approve(session, cast.owner, large).state == "approved"
        small = draft().audience[0].__class__("unit", VILLAGES[0])
        assert approved(session, cast, audience=[small]).state == "approved"


def test_the_province_cannot_be_undercut(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        head = person(session, "chu-tich-tinh", "Chủ tịch tỉnh", {PROVINCE: [Role.OWNER]})
        policies.change(session, head, PROVINCE, [{"approvals": 2}], now=NOW)
        policies.change(session, cast.owner, COMMUNE, [{"approvals": 1}], now=NOW)
        assert approve(session, cast.approver, submitted(session, cast)).state == "submitted"


def test_rules_nobody_could_meet_are_refused(database: Database, cast: Cast) -> None:
    with pytest.raises(errors.PolicyUnreachable), database.transaction() as session:
        policies.change(session, cast.owner, COMMUNE, [{"approvals": 2, "roles": ["owner"]}], now=NOW)
    for nobody in (cast.clerk, cast.approver, cast.stranger):
        with pytest.raises(errors.NotAllowed), database.transaction() as session:
            policies.change(session, nobody, COMMUNE, [], now=NOW)


def appoint(database: Database, by: Actor, who: Actor, away: Actor, role: str = "approver", term: Term = TERM) -> str:
    with database.transaction() as session:
        made = deputies.appoint(
            session, by, COMMUNE, person_id=who.person_id, deputy_for=away.person_id, role=role, term=term, now=NOW
        )
        return made.id


@pytest.mark.parametrize("by", ["owner", "approver"])
def test_a_deputy_acts_between_two_dates(database: Database, cast: Cast, by: str) -> None:
    appoint(database, getattr(cast, by), cast.technician, cast.approver, term=Term(NOW + DAY, NOW + 3 * DAY))
    may = [actor(database, cast.technician, NOW + days * DAY).may(Action.APPROVE, (COMMUNE,)) for days in (0, 1, 2, 3)]
    assert may == [False, True, True, False]


def test_what_a_deputy_does_says_in_whose_stead(database: Database, cast: Cast) -> None:
    appoint(database, cast.owner, cast.technician, cast.approver)
    deputy = actor(database, cast.technician)
    with database.transaction() as session:
        notice = submitted(session, cast)
        done = announcements.approve(session, deputy, notice.id, content_sha256=notice.content_sha256 or "", now=NOW)
        assert [(each.person_name, each.deputy_for) for each in done.approvals] == [("Cán bộ kỹ thuật", "Phó chủ tịch")]
    with database.read() as session:
        row = session.query(AuditEntry).filter_by(action="approve").one()
        assert row.details["deputy_for"] == "Phó chủ tịch"


def test_nobody_approves_in_the_stead_of_a_writer(database: Database, cast: Cast) -> None:
    appoint(database, cast.owner, cast.technician, cast.approver)
    deputy = actor(database, cast.technician)
    with database.transaction() as session:
        notice = announcements.write(session, cast.approver, draft(), now=NOW)
        give_clips(session, notice)
        submit(session, cast.approver, notice.id)
        with pytest.raises(errors.OwnAnnouncement):
            approve(session, deputy, notice)


@pytest.mark.parametrize("deputy_first", [True, False])
def test_a_person_and_their_deputy_are_one_voice(database: Database, cast: Cast, deputy_first: bool) -> None:
    appoint(database, cast.owner, cast.technician, cast.approver)
    two = [actor(database, cast.technician), cast.approver]
    first, second = two if deputy_first else two[::-1]
    with database.transaction() as session:
        policies.change(session, cast.owner, COMMUNE, [{"approvals": 2}], now=NOW)
        notice_id = submitted(session, cast).id
    with database.transaction() as session:
        notice = session.get_one(Announcement, notice_id)
        content = notice.content_sha256 or ""
        announcements.approve(session, first, notice_id, content_sha256=content, now=NOW)
        with pytest.raises(errors.AlreadyApproved):
            announcements.approve(session, second, notice_id, content_sha256=content, now=NOW)


def test_it_ends_early_and_with_the_role_it_stood_in_for(database: Database, cast: Cast) -> None:
    ended = appoint(database, cast.owner, cast.technician, cast.approver)
    with pytest.raises(errors.NotAllowed), database.transaction() as session:
        deputies.end(session, cast.clerk, ended, now=NOW)
    with database.transaction() as session:
        deputies.end(session, cast.approver, ended, now=NOW)
    assert not actor(database, cast.technician, NOW + DAY).may(Action.APPROVE, (COMMUNE,))
    appoint(database, cast.owner, cast.technician, cast.approver)
    assert actor(database, cast.technician).may(Action.APPROVE, (COMMUNE,))
    with database.transaction() as session:
        people.take_back(session, cast.owner, cast.approver.person_id, "approver", COMMUNE, now=NOW)
    assert not actor(database, cast.technician).may(Action.APPROVE, (COMMUNE,))


def test_what_cannot_be_appointed(database: Database, cast: Cast) -> None:
    with pytest.raises(errors.DeputySelf):
        appoint(database, cast.owner, cast.approver, cast.approver)
    with pytest.raises(errors.DeputyWithoutRole):
        appoint(database, cast.owner, cast.technician, cast.clerk)
    with pytest.raises(errors.Malformed):
        appoint(database, cast.owner, cast.technician, cast.clerk, role="king")
    for by in (cast.clerk, cast.technician, cast.stranger):
        with pytest.raises(errors.NotAllowed):
            appoint(database, by, cast.technician, cast.approver)
    for term in (Term(NOW, NOW), Term(NOW - DAY, NOW), Term(NOW, NOW + 400 * DAY), Term(NOW + 2 * DAY, NOW + DAY)):
        with pytest.raises(errors.DeputyDates):
            appoint(database, cast.owner, cast.technician, cast.approver, term=term)


def test_a_deputy_has_no_deputy(database: Database, cast: Cast) -> None:
    appoint(database, cast.owner, cast.technician, cast.approver)
    with pytest.raises(errors.DeputyWithoutRole):
        appoint(database, cast.owner, cast.clerk, cast.technician)
