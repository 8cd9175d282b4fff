"""From the first word to the approval: each refusal, and that nothing accepted is lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from broadcaster.domain import errors
from broadcaster.services import audit
from broadcaster.services.airtime import airings
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice, Draft, DraftVersion
from broadcaster.store.database import Database
from broadcaster.store.tables import Announcement, AuditEntry, Version
from tests.cast import (
    COMMUNE,
    GROUP,
    NOW,
    OTHER_COMMUNE,
    OTHER_SPEAKER,
    OTHER_VILLAGE,
    SPEAKERS,
    VILLAGES,
    Cast,
    approved,
    draft,
    everyone,
    give_clips,
    submitted,
)

pytestmark = pytest.mark.database

VI = DraftVersion("vi", "Kính mời bà con.")


def state(database: Database, announcement_id: str) -> str:
    with database.read() as session:
        return session.get_one(Announcement, announcement_id).state


def test_from_draft_to_approved(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        written = announcements.write(session, cast.clerk, draft(title=" Họp\n bản "), now=NOW)
        give_clips(session, written)
    with database.transaction() as session:
        read = announcements.submit(session, cast.clerk, written.id, now=NOW).content_sha256
    with database.transaction() as session:
        announcements.approve(session, cast.approver, written.id, content_sha256=read or "", now=NOW)
    with database.read() as session:
        found = session.get_one(Announcement, written.id)
        assert (found.title, found.state, found.revision) == ("Họp bản", "approved", 1)
        assert [(each.person_name, each.approved, each.content_sha256) for each in found.approvals] == [
            ("Phó chủ tịch", True, read)
        ]
        assert audit.verify(session).sound
        done = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == written.id)).all()
        assert sorted(done) == ["approve", "submit", "write"]


BAD_DRAFTS = {
    "unknown_unit": draft(unit_id="khong-co"),
    "title_empty": draft(title=" \n"),
    "versions_missing": draft(versions=[]),
    "version_empty": draft(versions=[DraftVersion("vi")]),
    "text_empty": draft(versions=[DraftVersion("vi", "\u0000 ")]),
    "text_too_long": draft(versions=[DraftVersion("vi", "a" * 5_001)]),
    "language_twice": draft(versions=[VI, VI]),
    "empty_audience": draft(audience=[]),
    "malformed": draft(klass="urgent"),
    "in_the_past": draft(expires=NOW),
    "unknown_clip": draft(versions=[DraftVersion("vi", recording="f" * 64)]),
    "unknown_group": draft(audience=[AudienceChoice("group", "khong-co")]),
    "unknown_speaker": draft(audience=[AudienceChoice("speaker", "khong-co")]),
    "not_allowed": draft(unit_id=OTHER_COMMUNE),
}


@pytest.mark.parametrize("code", BAD_DRAFTS)
def test_a_bad_draft_has_its_own_refusal_and_leaves_nothing_behind(database: Database, cast: Cast, code: str) -> None:
    with pytest.raises(errors.LoaError) as caught, database.transaction() as session:
        announcements.write(session, cast.clerk, BAD_DRAFTS[code], now=NOW)
    assert caught.value.code == code
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Announcement)) == 0
        assert session.scalar(select(func.count()).select_from(Version)) == 0


@pytest.mark.parametrize("code", sorted(set(BAD_DRAFTS) - {"not_allowed", "unknown_unit"}))
def test_a_bad_edit_loses_nothing_of_what_was_there(database: Database, cast: Cast, code: str) -> None:
    with database.transaction() as session:
        before = submitted(session, cast)
    with pytest.raises(errors.LoaError) as caught, database.transaction() as session:
        announcements.edit(session, cast.clerk, before.id, BAD_DRAFTS[code], revision=1, now=NOW)
    assert caught.value.code == code
    with database.read() as session:
        after = session.get_one(Announcement, before.id)
        assert (after.state, after.revision, after.content_sha256) == ("submitted", 1, before.content_sha256)
        assert announcements.content_hash(after) == before.content_sha256


@pytest.mark.parametrize(
    "choice",
    [
        AudienceChoice("unit", OTHER_VILLAGE),
        AudienceChoice("unit", "tinh-son-la"),
        AudienceChoice("speaker", OTHER_SPEAKER),
    ],
)
def test_nobody_speaks_to_places_that_are_not_theirs(database: Database, cast: Cast, choice: AudienceChoice) -> None:
    with pytest.raises(errors.NotAllowed), database.transaction() as session:
        announcements.write(session, cast.clerk, draft(audience=[choice]), now=NOW)


def test_an_audience_that_holds_no_speaker_cannot_be_submitted(database: Database, cast: Cast) -> None:
    nobody = [AudienceChoice("unit", VILLAGES[0]), AudienceChoice("speaker", SPEAKERS[0], include=False)]
    with database.transaction() as session:
        written = announcements.write(session, cast.clerk, draft(audience=nobody), now=NOW)
        give_clips(session, written)
    with pytest.raises(errors.EmptyAudience), database.transaction() as session:
        announcements.submit(session, cast.clerk, written.id, now=NOW)
    assert state(database, written.id) == "draft"


def test_what_has_no_sound_yet_cannot_be_submitted(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        written = announcements.write(session, cast.clerk, draft(), now=NOW)
    with pytest.raises(errors.ClipMissing, match="vi"), database.transaction() as session:
        announcements.submit(session, cast.clerk, written.id, now=NOW)


def test_nobody_who_wrote_it_can_approve_it(database: Database, cast: Cast) -> None:
    """Also an approver who only corrected a word, and also the owner."""
    for writer, other in ((cast.approver, cast.second_approver), (cast.owner, cast.approver)):
        with database.transaction() as session:
            written = announcements.write(session, cast.clerk, draft(), now=NOW)
            announcements.edit(session, writer, written.id, draft(title="Họp"), revision=1, now=NOW)
            give_clips(session, written)
            read = announcements.submit(session, cast.clerk, written.id, now=NOW).content_sha256 or ""
        with pytest.raises(errors.OwnAnnouncement), database.transaction() as session:
            announcements.approve(session, writer, written.id, content_sha256=read, now=NOW)
        assert state(database, written.id) == "submitted"
        with database.transaction() as session:
            announcements.approve(session, other, written.id, content_sha256=read, now=NOW)


def test_an_approval_is_for_what_was_read(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = submitted(session, cast)
        read = first.content_sha256 or ""
        announcements.edit(session, cast.clerk, first.id, draft(title="Họp khác"), revision=1, now=NOW)
        give_clips(session, first)
        announcements.submit(session, cast.clerk, first.id, now=NOW)
    with pytest.raises(errors.EditedSince), database.transaction() as session:
        announcements.approve(session, cast.approver, first.id, content_sha256=read, now=NOW)
    assert state(database, first.id) == "submitted"


def test_words_changed_in_the_database_itself_are_not_approved(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = submitted(session, cast)
        first.versions[0].text = "Lời khác."
    with pytest.raises(errors.EditedSince), database.transaction() as session:
        announcements.approve(session, cast.approver, first.id, content_sha256=first.content_sha256 or "", now=NOW)


def test_an_edit_needs_the_newest_revision(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = announcements.write(session, cast.clerk, draft(), now=NOW)
        announcements.edit(session, cast.clerk, first.id, draft(title="Một"), revision=1, now=NOW)
    with pytest.raises(errors.EditedSince), database.transaction() as session:
        announcements.edit(session, cast.clerk, first.id, draft(title="Hai"), revision=1, now=NOW)
    with database.read() as session:
        assert session.get_one(Announcement, first.id).title == "Một"


def test_an_edit_takes_the_approval_away(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
        announcements.edit(session, cast.clerk, first.id, draft(title="Họp khác"), revision=1, now=NOW)
    assert state(database, first.id) == "draft"
    with pytest.raises(errors.NotApproved), database.transaction() as session:
        airings.air(session, cast.clerk, first.id, at=None, now=NOW)


def test_a_rejection_says_why(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = submitted(session, cast)
    with pytest.raises(errors.Malformed), database.transaction() as session:
        announcements.reject(session, cast.approver, first.id, reason=" ", now=NOW)
    with database.transaction() as session:
        announcements.reject(session, cast.approver, first.id, reason="Sai giờ", now=NOW)
    with database.read() as session:
        found = session.get_one(Announcement, first.id)
        assert (found.state, found.reason, found.approvals[0].approved) == ("rejected", "Sai giờ", False)


def test_each_role_may_do_what_the_table_says_and_no_more(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        waiting = submitted(session, cast)
    may_approve, may_write = set(), set()
    for actor in everyone(cast):
        with database.read() as session:
            if allowed(announcements.write, session, actor, draft(), now=NOW):
                may_write.add(actor.name)
            session.rollback()
            if allowed(announcements.reject, session, actor, waiting.id, reason="Không", now=NOW):
                may_approve.add(actor.name)
    assert may_write == {"Cán bộ văn hoá", "Phó chủ tịch", "Chủ tịch", "Quản trị xã"}
    assert may_approve == {"Phó chủ tịch", "Chủ tịch", "Quản trị xã"}


def allowed(act: Callable[..., object], *given: object, **named: object) -> bool:
    try:
        act(*given, **named)
    except errors.NotAllowed:
        return False
    return True


def test_a_stranger_sees_nothing(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
    with database.read() as session:
        for actor in (cast.stranger, cast.village_head):
            with pytest.raises(errors.NotAllowed):
                announcements.get(session, actor, first.id)
        assert announcements.get(session, cast.monitor, first.id).id == first.id
        with pytest.raises(errors.NotFound):
            announcements.get(session, cast.clerk, "khong-co")


def test_what_is_valid_no_longer_closes(database: Database, cast: Cast) -> None:
    until = NOW + timedelta(hours=1)
    with database.transaction() as session:
        first = approved(session, cast, expires=until)
        assert announcements.expire(session, now=until - timedelta(seconds=1)) == 0
        assert announcements.expire(session, now=until) == 1
        assert announcements.expire(session, now=until) == 0
    assert state(database, first.id) == "expired"
    with pytest.raises(errors.IllegalStep), database.transaction() as session:
        announcements.edit(session, cast.clerk, first.id, draft(), revision=1, now=until)


def test_the_audience_may_be_units_groups_and_speakers_minus_exceptions(database: Database, cast: Cast) -> None:
    chosen = Draft(
        title="Chợ phiên",
        unit_id=COMMUNE,
        versions=[VI, DraftVersion("en", "Market day.")],
        audience=[
            AudienceChoice("group", GROUP),
            AudienceChoice("speaker", SPEAKERS[2]),
            AudienceChoice("unit", VILLAGES[1], include=False),
        ],
    )
    with database.transaction() as session:
        first = announcements.write(session, cast.clerk, chosen, now=NOW)
        give_clips(session, first)
        read = announcements.submit(session, cast.clerk, first.id, now=NOW).content_sha256 or ""
        announcements.approve(session, cast.approver, first.id, content_sha256=read, now=NOW)
        airing = airings.air(session, cast.clerk, first.id, at=None, now=NOW)
        page = airings.deliveries(session, airing.id)
        assert {each.speaker_id for each in page.items} == {SPEAKERS[0], SPEAKERS[2]}
