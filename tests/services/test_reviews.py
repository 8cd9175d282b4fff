"""Whole recordings where no machine speaks: not submitted before a second native speaker accepted them."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from audio.bank import Missing
from broadcaster.domain import errors
from broadcaster.services.actor import SYSTEM
from broadcaster.services.people import native_speakers
from broadcaster.services.sound import reviews, takes, voice_bank
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import DraftVersion
from broadcaster.store.database import Database
from broadcaster.store.tables import Announcement, Clip
from tests.bank import TAG, begun, filled, taken
from tests.cast import NOW, VILLAGES, Cast, clip, draft, give_clips

pytestmark = pytest.mark.database

SHA = "b" * 64
VERSIONS = [DraftVersion("vi", "Họp."), DraftVersion(TAG, recording=SHA)]


def recorded(session: Session, cast: Cast, *, by: str | None = None, language: str = TAG) -> Announcement:
    """A draft in two languages, one of them the village head's recording, with all its sounds."""
    begun(session, cast)
    row: Clip = clip(SHA, language=language)
    row.source, row.made_by = "recording", by or cast.village_head.person_id
    session.add(row)
    session.flush()
    made = announcements.write(session, cast.clerk, draft(versions=VERSIONS), now=NOW)
    give_clips(session, made)
    return made


def submit(session: Session, cast: Cast, made: Announcement) -> None:
    announcements.submit(session, cast.clerk, made.id, now=NOW)


def nothing(session: Session, cast: Cast) -> None:
    """Nobody listens."""


def refusal(session: Session, cast: Cast) -> None:
    reviews.review(session, cast.approver, SHA, accept=False, now=NOW, note="nói nhỏ quá")


def second_thoughts(session: Session, cast: Cast) -> None:
    reviews.review(session, cast.approver, SHA, accept=True, now=NOW)
    refusal(session, cast)


@pytest.mark.parametrize("happens", [nothing, refusal, second_thoughts])
def test_a_recording_nobody_accepted_last_is_not_submitted(
    database: Database, cast: Cast, happens: Callable[[Session, Cast], None]
) -> None:
    with database.transaction() as session:
        made = recorded(session, cast)
        happens(session, cast)
        with pytest.raises(errors.RecordingUnreviewed) as refused:
            submit(session, cast, made)
        assert refused.value.params == {"language": TAG}


def test_a_recording_a_second_speaker_accepted_is_submitted(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        made = recorded(session, cast)
        assert [row.sha256 for row, _ in reviews.waiting(session, TAG)] == [SHA]
        reviews.review(session, cast.approver, SHA, accept=True, now=NOW)
        assert reviews.waiting(session, TAG) == []
        submit(session, cast, made)
        assert made.state == "submitted"


def test_nobody_reviews_their_own_nor_a_language_they_do_not_speak(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        recorded(session, cast)
        for actor, refused in (
            (cast.village_head, errors.OwnRecording),
            (cast.clerk, errors.LanguageNotYours),
            (cast.second_approver, errors.LanguageNotYours),
        ):
            with pytest.raises(refused):
                reviews.review(session, actor, SHA, accept=True, now=NOW)
        for sha256 in ("c" * 64, ""):
            with pytest.raises(errors.UnknownClip):
                reviews.review(session, cast.approver, sha256, accept=True, now=NOW)


def test_a_recording_accepted_in_one_language_does_not_pass_for_another(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        made = recorded(session, cast, language="ium")
        native_speakers.declare(session, SYSTEM, cast.approver.person_id, "ium", able=True, now=NOW)
        reviews.review(session, cast.approver, SHA, accept=True, now=NOW)
        with pytest.raises(errors.RecordingUnreviewed):
            submit(session, cast, made)


def test_vietnamese_recordings_need_no_second_listener(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        row = clip(SHA)
        row.source, row.made_by = "recording", cast.clerk.person_id
        session.add(row)
        session.flush()
        made = announcements.write(session, cast.clerk, draft(versions=[DraftVersion("vi", "A.", SHA)]), now=NOW)
        give_clips(session, made)
        submit(session, cast, made)


def test_a_sentence_of_the_bank_is_submitted_only_while_every_piece_is_accepted(database: Database, cast: Cast) -> None:
    script = {"pattern": "storm", "slots": {}}
    with database.transaction() as session:
        begun(session, cast)
        versions = [DraftVersion("vi", "Bão."), DraftVersion(TAG, script=script)]
        made = announcements.write(session, cast.clerk, draft(versions=versions), now=NOW)
        give_clips(session, made)
        with pytest.raises(errors.PiecesMissing):
            submit(session, cast, made)
        wanted = voice_bank.assemble(session, TAG, "storm", {})
        assert isinstance(wanted, Missing)
        filled(session, cast, wanted.needs)
        submit(session, cast, made)


@pytest.mark.parametrize(
    ("script", "refused"),
    [
        ({"pattern": "khong-co", "slots": {}}, errors.NotFound),
        (
            {"pattern": "meeting", "slots": {"place": VILLAGES[0], "time": "25:00", "date": "2026-11-26"}},
            errors.SlotUnfilled,
        ),
        ({"pattern": "meeting", "slots": {}}, errors.SlotUnfilled),
        ({"pattern": "meeting"}, errors.Malformed),
    ],
    ids=["no such sentence", "no such hour", "nothing filled in", "no slots"],
)
def test_a_script_of_which_no_sentence_can_be_made_is_refused_when_it_is_written(
    database: Database, cast: Cast, script: dict[str, object], refused: type[errors.LoaError]
) -> None:
    with database.transaction() as session:
        begun(session, cast)
        with pytest.raises(refused):
            announcements.write(session, cast.clerk, draft(versions=[DraftVersion(TAG, script=script)]), now=NOW)


def test_a_rejected_take_leaves_the_accepted_one_in_the_air(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        begun(session, cast)
        phrase = voice_bank.phrases(session, TAG)[0]
        good = taken(session, cast.village_head, phrase.id)
        takes.review(session, cast.approver, good.id, accept=True, now=NOW)
        worse = taken(session, cast.village_head, phrase.id, mark="2")
        takes.review(session, cast.approver, worse.id, accept=False, now=NOW)
        assert list(voice_bank.accepted(session, TAG).values()) == [good.clip_sha256]
