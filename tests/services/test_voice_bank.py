"""The voice bank: what is to be recorded, who may record and review it, and sentences of accepted pieces alone."""

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from audio.bank import Missing, Need, PieceKind, needs, pattern_of
from audio.score import Piece, Score
from broadcaster.domain import errors
from broadcaster.domain.starting_phrases import PATTERNS, PHRASES, parts
from broadcaster.services.actor import SYSTEM
from broadcaster.services.people import native_speakers
from broadcaster.services.sound import clips, takes, voice_bank
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import DraftVersion
from broadcaster.store.database import Database
from broadcaster.store.tables import Announcement, Phrase, Take
from tests.audio.fakes import tone
from tests.bank import TAG, begun, filled, taken
from tests.cast import COMMUNE, NOW, VILLAGES, Cast, draft
from tests.studios import QuietStudio

pytestmark = pytest.mark.database

SLOTS = {"place": VILLAGES[0], "time": "19:30", "date": "2026-11-26"}
MEETING = needs(pattern_of(parts(PATTERNS["meeting"][1])), SLOTS)


def test_a_language_begins_with_all_it_needs_once(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        assert voice_bank.start(session, cast.clerk, "hmn", now=NOW) == 98 + len(PHRASES) + len(VILLAGES) + 1
        assert voice_bank.start(session, cast.clerk, "hmn", now=NOW) == 0
        found = voice_bank.phrases(session, "hmn")
        assert [row.key for row in found[: len(PHRASES)]] == list(PHRASES)
        assert [row.key for row in voice_bank.patterns(session, "hmn")] == list(PATTERNS)
        hours = [row.meaning for row in found if row.kind == "hour"]
        assert (len(hours), hours[17]) == (24, "17 giờ")
        assert {row.key for row in found if row.kind == "place"} >= set(VILLAGES)
        assert COMMUNE not in {row.key for row in found}
        assert voice_bank.phrases(session, "ium") == []


@pytest.mark.parametrize("tag", ["xx", "tai", "", "VI", "hmn;"])
def test_a_language_nobody_declared_is_refused_everywhere(database: Database, cast: Cast, tag: str) -> None:
    with database.transaction() as session:
        for ask in (
            lambda: voice_bank.start(session, SYSTEM, tag, now=NOW),
            lambda: voice_bank.assemble(session, tag, "meeting", SLOTS),
            lambda: native_speakers.declare(session, SYSTEM, cast.clerk.person_id, tag, able=True, now=NOW),
        ):
            with pytest.raises(errors.UnknownLanguage):
                ask()
    with pytest.raises(errors.UnknownLanguage):
        clips.take_recording(database, Path(), cast.clerk, io.BytesIO(), tag, unit_id=COMMUNE, now=NOW)


def test_only_who_writes_somewhere_changes_the_list(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        for actor in (cast.village_head, cast.technician, cast.monitor):
            with pytest.raises(errors.NotAllowed):
                voice_bank.start(session, actor, "hmn", now=NOW)
        voice_bank.start(session, cast.clerk, "hmn", now=NOW)
        with pytest.raises(errors.NotAllowed):
            voice_bank.add_phrase(session, cast.village_head, "hmn", key="x", meaning="X", now=NOW)


def test_the_usual_sentences_are_made_of_the_usual_phrases_and_slots(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        begun(session, cast)
        for key, (title, order) in PATTERNS.items():
            made = voice_bank.add_pattern(
                session, cast.clerk, TAG, key=f"own-{key}", meaning=title, parts=parts(order), now=NOW
            )
            assert made.parts == {"parts": parts(order)}


@pytest.mark.parametrize(
    "wrong",
    [
        [{"phrase": "khong-co"}],
        [{"slot": "a", "kind": "weekday"}],
        [{"slot": "a", "kind": "time"}, {"slot": "a", "kind": "time"}],
        [{}],
    ],
    ids=str,
)
def test_a_sentence_of_anything_else_is_refused(database: Database, cast: Cast, wrong: list[dict[str, str]]) -> None:
    with database.transaction() as session:
        begun(session, cast)
        with pytest.raises(errors.PatternWrong):
            voice_bank.add_pattern(session, cast.clerk, TAG, key="own", meaning="X", parts=wrong, now=NOW)


def test_only_native_speakers_record_and_another_one_reviews_once(
    database: Database, cast: Cast, tmp_path: Path
) -> None:
    with database.transaction() as session:
        begun(session, cast)
        phrase = voice_bank.phrases(session, TAG)[0].id
    sound = tone(1.2).to_wav()
    with pytest.raises(errors.LanguageNotYours):
        takes.record(database, tmp_path, cast.clerk, phrase, io.BytesIO(sound), now=NOW)
    with pytest.raises(errors.RecordingRefused):
        takes.record(database, tmp_path, cast.village_head, phrase, io.BytesIO(b"no sound"), now=NOW)
    with pytest.raises(errors.NotFound):
        takes.record(database, tmp_path, cast.village_head, "khong-co", io.BytesIO(sound), now=NOW)
    take = takes.record(database, tmp_path, cast.village_head, phrase, io.BytesIO(sound), now=NOW).id
    with database.transaction() as session:
        assert voice_bank.accepted(session, TAG) == {}
        for actor, refusal in (
            (cast.clerk, errors.LanguageNotYours),
            (cast.owner, errors.LanguageNotYours),
            (cast.village_head, errors.OwnRecording),
        ):
            with pytest.raises(refusal):
                takes.review(session, actor, take, accept=True, now=NOW)
        takes.review(session, cast.approver, take, accept=True, now=NOW, note="rõ")
        with pytest.raises(errors.TakeDecided):
            takes.review(session, cast.approver, take, accept=False, now=NOW)
        assert set(voice_bank.accepted(session, TAG)) == {Need(PieceKind.PHRASE, "attention")}


def test_a_person_who_lost_every_role_reviews_nothing(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        begun(session, cast)
        take = taken(session, cast.village_head, voice_bank.phrases(session, TAG)[0].id)
        with pytest.raises(errors.NotAllowed):
            takes.review(session, type(cast.approver)(cast.approver.person_id, "x"), take.id, accept=True, now=NOW)


def test_whoever_tends_people_notes_what_they_speak(database: Database, cast: Cast) -> None:
    head = cast.village_head.person_id
    with database.transaction() as session:
        for actor in (cast.village_head, cast.clerk, cast.stranger):
            with pytest.raises(errors.NotAllowed):
                native_speakers.declare(session, actor, head, TAG, able=True, now=NOW)
        assert native_speakers.declare(session, cast.owner, head, TAG, able=True, now=NOW).languages == [TAG]
        assert native_speakers.declare(session, cast.owner, head, TAG, able=False, now=NOW).languages == []


# Most pieces accepted, so that a whole sentence is met as well.
FATES = ["accepted"] * 9 + ["again", "none", "waiting", "refused"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_never_a_piece_nobody_accepted_and_exactly_what_is_missing(
    database: Database, cast: Cast, data: st.DataObject
) -> None:
    fates = {need: data.draw(st.sampled_from(FATES)) for need in dict.fromkeys(MEETING)}
    try:
        with database.transaction() as session:
            begun(session, cast)
            sounds = {need: sound_of(session, cast, need, fate) for need, fate in fates.items()}
            made = voice_bank.assemble(session, TAG, "meeting", SLOTS)
            lost = [need for need in dict.fromkeys(MEETING) if sounds[need] is None]
            if lost:
                assert made == Missing(tuple(lost))
            else:
                assert isinstance(made, Score)
                played = [part.sha256 for part in made.parts if isinstance(part, Piece)]
                assert played == [sounds[need] for need in MEETING]
            raise Undo
    except Undo:
        pass


class Undo(Exception):
    """So that the next example begins with an empty bank."""


def sound_of(session: object, cast: Cast, need: Need, fate: str) -> str | None:
    """Let a piece meet its fate; the clip that may be heard afterwards."""
    [phrase] = voice_bank.ask_for(session, cast.clerk, TAG, [need], now=NOW)  # type: ignore[arg-type]
    if fate == "none":
        return None
    first = taken(session, cast.village_head, phrase.id)  # type: ignore[arg-type]
    if fate != "waiting":
        takes.review(session, cast.approver, first.id, accept=fate != "refused", now=NOW)  # type: ignore[arg-type]
    if fate == "again":
        taken(session, cast.approver, phrase.id, mark="again")  # type: ignore[arg-type]
    return first.clip_sha256 if fate in {"accepted", "again"} else None


def test_progress_counts_pieces_once(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        begun(session, cast)
        filled(session, cast, MEETING)
        first = voice_bank.phrases(session, TAG)[0].id
        taken(session, cast.village_head, first, mark="2")
        taken(session, cast.village_head, first, mark="3")
        far = takes.progress(session)[TAG]
        whole = len(voice_bank.phrases(session, TAG))
        assert (far.pieces, far.accepted, far.waiting) == (whole, len(set(MEETING)), 1)
        states = [task.state for task in takes.tasks(session, TAG)]
        assert (states.count("accepted"), states.count("missing")) == (len(set(MEETING)), whole - len(set(MEETING)))
        assert len(takes.waiting(session, TAG)) == 2


def test_what_is_missing_is_put_on_the_list_by_its_meaning(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        begun(session, cast)
        made = voice_bank.assemble(session, TAG, "meeting", SLOTS | {"time": "19:37"})
        assert isinstance(made, Missing)
        minute = Need(PieceKind.MINUTE, "37")
        assert minute in made.needs
        assert "37 phút" in voice_bank.named(session, TAG, made.needs)
        [row] = voice_bank.ask_for(session, cast.clerk, TAG, [minute], now=NOW)
        assert (row.meaning, row.kind) == ("37 phút", "minute")
        assert voice_bank.ask_for(session, cast.village_head, TAG, [minute], now=NOW) == [row]
        assert session.scalars(select(Phrase).where(Phrase.key == "37")).all() == [row]
        assert session.scalars(select(Take)).all() == []


SCRIPT = {"pattern": "meeting", "slots": SLOTS}


def test_a_version_can_be_put_together_from_the_bank_or_says_what_it_lacks(database: Database, cast: Cast) -> None:
    studio = QuietStudio()
    with database.transaction() as session:
        begun(session, cast)
        versions = [DraftVersion("vi", "Họp."), DraftVersion(TAG, script=SCRIPT)]
        first = announcements.write(session, cast.clerk, draft(versions=versions), now=NOW).id
    with pytest.raises(errors.PiecesMissing) as refused:
        clips.prepare(database, studio, first, now=NOW)
    assert "19 giờ" in str(refused.value)
    with database.transaction() as session:
        pieces = filled(session, cast, MEETING)
    clips.prepare(database, studio, first, now=NOW)
    played = [part.sha256 for part in studio.scores[1].parts if isinstance(part, Piece)]
    assert played == [pieces[need] for need in MEETING] * 2
    with database.read() as session:
        assert all(version.clip_sha256 for version in session.get_one(Announcement, first).versions)


@pytest.mark.parametrize(
    "wrong", [{}, {"pattern": "meeting"}, {"pattern": 1, "slots": {}}, SCRIPT | {"more": 1}], ids=str
)
def test_a_script_is_read_strictly(wrong: dict[str, object]) -> None:
    with pytest.raises(errors.Malformed):
        voice_bank.script_of(wrong)
