"""Versions turned into clips: what is asked of the studio, what is stored, and what a clerk reads when it fails."""

import errno
import io
import os
from pathlib import Path

import pytest
from sqlalchemy import select

from audio import errors as sound
from audio.score import Chime, Sound, Speech
from audio.script import spoken
from broadcaster.domain import errors
from broadcaster.services.sound import clips
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import DraftVersion
from broadcaster.store.database import Database
from broadcaster.store.tables import Announcement, Clip
from tests.cast import COMMUNE, NOW, Cast, clip, draft
from tests.studios import QuietStudio

pytestmark = pytest.mark.database

BOTH = [DraftVersion("vi", "UBND xã mời họp lúc 7h30."), DraftVersion("en", "Meeting at 7.30.")]


def written(database: Database, cast: Cast, **changes: object) -> str:
    with database.transaction() as session:
        return announcements.write(session, cast.clerk, draft(**changes), now=NOW).id


def test_each_version_gets_its_clip_and_then_it_can_be_submitted(database: Database, cast: Cast) -> None:
    studio = QuietStudio()
    shares: list[float] = []
    first = written(database, cast, versions=BOTH, klass="priority", repeat=3)
    assert clips.prepare(database, studio, first, now=NOW, progress=shares.append) == 3
    assert shares == pytest.approx([1 / 3, 2 / 3, 1.0])
    with database.transaction() as session:
        found = announcements.submit(session, cast.clerk, first, now=NOW)
        stored = [version.clip for version in found.versions]
        assert [(each.level, each.peak, each.voice, each.language) for each in stored if each] == [
            (-1604, -162, "quiet", "vi"),
            (-1604, -162, "quiet", "en"),
        ]
    said = [part.text for part in studio.scores[0].parts if isinstance(part, Speech)]
    assert sum("bảy giờ ba mươi" in text for text in said) == 3
    assert clips.prepare(database, studio, first, now=NOW) == 0


def test_the_chime_is_a_clip_of_its_own_heard_once_before_all_versions(database: Database, cast: Cast) -> None:
    studio = QuietStudio()
    first, other = (written(database, cast, versions=BOTH, klass="priority") for _ in range(2))
    drill = written(database, cast, klass="priority", kind="drill")
    for each in (first, other, drill):
        clips.prepare(database, studio, each, now=NOW)
    alone = [made for made in studio.scores if any(isinstance(part, Chime) for part in made.parts)]
    assert [made.parts[0] for made in alone] == [Chime("priority"), Chime("priority"), Chime("drill")]
    asked = clips.chime(database, studio, klass="priority", kind="live", now=NOW)
    with database.read() as session:
        chimes = [session.get_one(Announcement, each).chime_sha256 for each in (first, other, drill)]
    assert asked.sha256 == chimes[0] == chimes[1] != chimes[2]


def test_the_chime_follows_the_class_through_an_edit_and_never_changes_after_submitting(
    database: Database, cast: Cast
) -> None:
    studio = QuietStudio()
    first = written(database, cast)
    clips.prepare(database, studio, first, now=NOW)
    with database.transaction() as session:
        announcements.edit(session, cast.clerk, first, draft(klass="priority"), revision=1, now=NOW)
        assert session.get_one(Announcement, first).chime_sha256 is None
    clips.prepare(database, studio, first, now=NOW)
    asked = clips.chime(database, studio, klass="priority", kind="live", now=NOW)
    with database.transaction() as session:
        found = announcements.submit(session, cast.clerk, first, now=NOW)
        assert found.chime_sha256 == asked.sha256
        found.chime_sha256 = None
    assert clips.prepare(database, studio, first, now=NOW) == 0


def test_a_drill_says_so_around_its_words_and_around_a_recording(database: Database, cast: Cast) -> None:
    studio = QuietStudio()
    with database.transaction() as session:
        session.add(clip("b" * 64, language="hmn"))
    versions = [DraftVersion("vi", "Diễn tập sơ tán."), DraftVersion("hmn", recording="b" * 64)]
    first = written(database, cast, versions=versions, kind="drill", klass="priority")
    clips.prepare(database, studio, first, now=NOW)
    for made in studio.scores[:2]:
        assert made.parts[0] == made.parts[-1] == Speech("Đây là diễn tập.", "vi")


def test_what_was_heard_before_writing_is_the_same_clip(database: Database, cast: Cast) -> None:
    studio = QuietStudio()
    heard = clips.preview(database, studio, "Kính mời họp.", "vi", klass="normal", repeat=2, now=NOW)
    first = written(database, cast, versions=[DraftVersion("vi", "Kính mời họp.")])
    clips.prepare(database, studio, first, now=NOW)
    with database.read() as session:
        assert session.get_one(Announcement, first).versions[0].clip_sha256 == heard.sha256
        assert clips.get(session, heard.sha256).voice == "quiet"
        with pytest.raises(errors.UnknownClip):
            clips.get(session, "f" * 64)


def test_a_recording_is_played_as_often_as_wanted(database: Database, cast: Cast) -> None:
    studio, recording = QuietStudio(), "b" * 64
    with database.transaction() as session:
        session.add(clip(recording, language="hmn"))
    first = written(database, cast, versions=[DraftVersion("hmn", recording=recording)], repeat=2)
    clips.prepare(database, studio, first, now=NOW)
    parts = studio.scores[0].parts
    assert [part for part in parts if isinstance(part, Sound)] == [Sound(recording)] * 2
    assert not any(isinstance(part, Speech) for part in parts)


FAILURES = {
    "no_voice": sound.NoVoice(),
    "no_ffmpeg": sound.NoFfmpeg(),
    "disk_full": sound.DiskFull(),
    "text_empty": sound.NothingToSay(),
    "unknown_clip": sound.NoSuchClip(sha256="f" * 64),
    "sound_failed": sound.FfmpegFailed(),
    "recording_silent": sound.RecordingSilent(),
}


def test_a_disk_that_is_full_anywhere_is_named(database: Database, cast: Cast) -> None:
    studio = QuietStudio()

    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    studio.before = full
    first = written(database, cast)
    with pytest.raises(errors.DiskFull):
        clips.prepare(database, studio, first, now=NOW)


@pytest.mark.parametrize("code", FAILURES)
def test_what_fails_is_said_and_what_was_made_stays(database: Database, cast: Cast, code: str) -> None:
    studio = QuietStudio()
    studio.failures["en"] = FAILURES[code]
    first = written(database, cast, versions=BOTH)
    with pytest.raises(errors.LoaError) as caught:
        clips.prepare(database, studio, first, now=NOW)
    assert caught.value.code == code
    with database.read() as session:
        made = session.get_one(Announcement, first).versions
        assert [version.clip_sha256 is not None for version in made] == [True, False]
    studio.failures.clear()
    assert clips.prepare(database, studio, first, now=NOW) == 2


def test_every_failure_of_sound_has_words_for_a_clerk() -> None:
    raised = [kind for kind in vars(sound).values() if isinstance(kind, type) and issubclass(kind, sound.AudioError)]
    assert len(raised) > 10
    for kind in raised:
        assert clips.in_our_words(kind(), "vi").code in errors.ERRORS


def test_an_edit_while_the_sound_is_made_keeps_the_old_sound_from_the_new_words(database: Database, cast: Cast) -> None:
    studio = QuietStudio()
    first = written(database, cast)

    def edit() -> None:
        studio.before = lambda: None
        with database.transaction() as session:
            announcements.edit(session, cast.clerk, first, draft(title="Khác"), revision=1, now=NOW)

    studio.before = edit
    clips.prepare(database, studio, first, now=NOW)
    with database.read() as session:
        found = session.get_one(Announcement, first)
        assert [found.chime_sha256, *(version.clip_sha256 for version in found.versions)] == [None, None]


def test_what_is_not_there_has_no_clips(database: Database, cast: Cast) -> None:
    with pytest.raises(errors.NotFound):
        clips.prepare(database, QuietStudio(), "khong-co", now=NOW)


def test_a_line_of_signs_cannot_be_spoken(database: Database, cast: Cast) -> None:
    with pytest.raises(errors.TextEmpty):
        clips.preview(database, QuietStudio(), " ", "vi", klass="normal", repeat=1, now=NOW)


def test_a_recording_is_taken_only_from_who_may_write_there(database: Database, cast: Cast, tmp_path: Path) -> None:
    refusals = ((cast.technician, errors.NotAllowed), (cast.stranger, errors.NotAllowed))
    for actor, refusal in (*refusals, (cast.clerk, errors.RecordingRefused)):
        with pytest.raises(refusal):
            clips.take_recording(database, tmp_path, actor, io.BytesIO(b"#EXTM3U"), "vi", unit_id=COMMUNE, now=NOW)
    with database.read() as session:
        assert session.scalars(select(Clip)).all() == []


@pytest.mark.parametrize("language", ["vi", "en", "fr"])
def test_nobody_is_told_to_act_at_once_when_an_alert_is_taken_back(language: str) -> None:
    said = {"klass": "emergency", "kind": "live", "repeat": 1, "recording": None}
    urgent = clips.score_of("Hết lũ.", language, **said, calm=False)  # type: ignore[arg-type]
    calm = clips.score_of("Hết lũ.", language, **said, calm=clips.is_calm("all_clear", "flood"))  # type: ignore[arg-type]
    assert len([part for part in urgent.parts if isinstance(part, Speech)]) == 3
    assert [part.text for part in calm.parts if isinstance(part, Speech)] == [spoken("Hết lũ.", language=language)]
