"""A live emergency: two different people, each with a second factor, within five minutes; and its parts go with it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from broadcaster.domain import errors
from broadcaster.domain.permissions import Role
from broadcaster.services.writing import announcements, assertions
from broadcaster.store.database import Database
from broadcaster.store.tables import Announcement
from tests.cast import COMMUNE, NOW, VAULT, Cast, approve, draft, give_clips, person, second, submit, submitted

pytestmark = pytest.mark.database
MINUTE = timedelta(minutes=1)


def require(session: Session, alert: Announcement, later: timedelta = timedelta()) -> bool:
    try:
        assertions.require_two(session, alert, now=NOW + later)
    except errors.TwoPersonsNeeded:
        return False
    return True


def test_neither_step_works_without_a_second_factor(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        alert = announcements.write(session, cast.clerk, draft(klass="emergency"), now=NOW)
        give_clips(session, alert)
        alert_id = alert.id
    with pytest.raises(errors.SecondFactorNeeded), database.transaction() as session:
        announcements.submit(session, cast.clerk, alert_id, now=NOW, vault=VAULT)
    with database.transaction() as session:
        content = submit(session, cast.clerk, alert_id).content_sha256 or ""
    with pytest.raises(errors.SecondFactorNeeded), database.transaction() as session:
        announcements.approve(session, cast.approver, alert_id, content_sha256=content, now=NOW, vault=VAULT)
    with database.transaction() as session:
        assert session.get_one(Announcement, alert_id).state == "submitted"
        assert not require(session, session.get_one(Announcement, alert_id))


def test_two_answers_count_for_five_minutes(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        alert = submitted(session, cast, klass="emergency")
        approve(session, cast.approver, alert, now=NOW + 2 * MINUTE)
        assert not require(session, alert, 1 * MINUTE)
        assert require(session, alert, 2 * MINUTE)
        assert require(session, alert, 5 * MINUTE - timedelta(seconds=1))
        assert not require(session, alert, 5 * MINUTE)


def test_both_may_answer_once_more_and_one_alone_twice_is_one(database: Database, cast: Cast) -> None:
    later = NOW + 20 * MINUTE
    with database.transaction() as session:
        alert = approve(session, cast.approver, submitted(session, cast, klass="emergency"))
        for actor, enough in ((cast.clerk, False), (cast.clerk, False), (cast.approver, True)):
            code = second(session, actor, later)
            announcements.renew(session, actor, alert.id, code, VAULT, now=later)
            assert require(session, alert, 20 * MINUTE) is enough


def test_two_writers_are_not_enough_and_another_clerk_cannot_answer(database: Database, cast: Cast) -> None:
    later = NOW + 20 * MINUTE
    with database.transaction() as session:
        helper = person(session, "giup-viec", "Người giúp việc", {COMMUNE: [Role.CLERK]})
        alert = approve(session, cast.approver, submitted(session, cast, klass="emergency"))
        alert.writers = [*alert.writers, helper.person_id]
        for actor in (cast.clerk, helper):
            announcements.renew(session, actor, alert.id, second(session, actor, later), VAULT, now=later)
        assert not require(session, alert, 20 * MINUTE)
        alert.writers = [cast.clerk.person_id]
        with pytest.raises(errors.NotAllowed):
            announcements.renew(session, helper, alert.id, second(session, helper, later), VAULT, now=later)


def test_an_answer_is_for_exact_words(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        alert = approve(session, cast.approver, submitted(session, cast, klass="emergency"))
        changed = draft(klass="emergency", title="Lũ quét")
        announcements.edit(session, cast.clerk, alert.id, changed, revision=1, now=NOW)
        assert not require(session, alert)
        give_clips(session, alert)
        submit(session, cast.clerk, alert.id)
        assert not require(session, alert)


def test_what_is_no_emergency_needs_and_takes_no_answer(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        notice = submitted(session, cast)
        assert not notice.assertions
        with pytest.raises(errors.NotAnEmergency):
            announcements.renew(session, cast.clerk, notice.id, None, VAULT, now=NOW)


def states(alert: Announcement) -> set[str]:
    return {alert.state, *(part.state for part in alert.parts)}


def test_the_correction_and_the_all_clear_take_every_step_with_the_alert(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        alert = announcements.write(session, cast.clerk, draft(klass="emergency"), now=NOW)
        assert [part.part for part in alert.parts] == ["all_clear", "correction"]
        assert all("Họp bản" in part.versions[0].text for part in alert.parts)
        assert {part.supersedes_id for part in alert.parts} == {alert.id}
        give_clips(session, alert)
        submit(session, cast.clerk, alert.id)
        assert states(alert) == {"submitted"}
        announcements.reject(session, cast.approver, alert.id, reason="Chưa rõ", now=NOW)
        assert states(alert) == {"rejected"}
        changed = draft(klass="emergency", title="Cháy rừng")
        announcements.edit(session, cast.clerk, alert.id, changed, revision=1, now=NOW)
        assert states(alert) == {"draft"}
        assert {part.revision for part in alert.parts} == {2}
        assert all("Cháy rừng" in part.versions[0].text for part in alert.parts)
        give_clips(session, alert)
        approve(session, cast.approver, submit(session, cast.clerk, alert.id))
        assert states(alert) == {"approved"}
        announcements.withdraw(session, cast.clerk, alert.id, reason="", now=NOW)
        assert states(alert) == {"withdrawn"}


def test_other_words_in_the_correction_are_another_content(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        alert = submitted(session, cast, klass="emergency")
        alert.parts[0].versions[0].text = "Không có gì đâu."
        session.flush()
        with pytest.raises(errors.EditedSince):
            approve(session, cast.approver, alert)


def test_a_part_is_not_decided_on_alone(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        alert = submitted(session, cast, klass="emergency")
        part = alert.parts[0]
        alone: list[Callable[[], object]] = [
            lambda: approve(session, cast.approver, part),
            lambda: submit(session, cast.clerk, part.id),
            lambda: announcements.reject(session, cast.approver, part.id, reason="Không", now=NOW),
            lambda: announcements.withdraw(session, cast.clerk, part.id, reason="", now=NOW),
            lambda: announcements.edit(session, cast.clerk, part.id, draft(), revision=1, now=NOW),
        ]
        for act in alone:
            with pytest.raises(errors.PartOfAlert):
                act()


def test_a_kind_never_changes_and_an_emergency_is_never_a_drill(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        notice = announcements.write(session, cast.clerk, draft(), now=NOW)
        with pytest.raises(errors.KindFixed):
            announcements.edit(session, cast.clerk, notice.id, draft(kind="drill"), revision=1, now=NOW)
        with pytest.raises(errors.DrillNotEmergency):
            announcements.write(session, cast.clerk, draft(kind="drill", klass="emergency"), now=NOW)


def test_what_becomes_an_ordinary_notice_loses_its_parts(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        alert = announcements.write(session, cast.clerk, draft(klass="emergency"), now=NOW)
        announcements.edit(session, cast.clerk, alert.id, draft(), revision=1, now=NOW)
        assert {part.state for part in alert.parts} == {"withdrawn"}
        announcements.edit(session, cast.clerk, alert.id, draft(klass="emergency"), revision=2, now=NOW)
        assert sorted(part.state for part in alert.parts) == ["draft", "draft", "withdrawn", "withdrawn"]
