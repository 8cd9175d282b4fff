"""The commune's dictionary: nearer wins, it is heard wherever words become sound, and what was approved stays."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from audio.score import Speech
from broadcaster.domain.errors import Malformed, NotAllowed, NotFound
from broadcaster.services.sound import clips
from broadcaster.services.writing import announcements, dictionary
from broadcaster.services.writing.announcements import DraftVersion
from broadcaster.store.database import Database
from broadcaster.store.tables import Announcement, AuditEntry
from tests.cast import COMMUNE, NOW, OTHER_COMMUNE, PROVINCE, VILLAGES, Cast, draft, gather
from tests.studios import QuietStudio

pytestmark = pytest.mark.database
TEXT = "Tải Zalo của UBND xã."


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


@pytest.fixture
def session(database: Database, cast: Cast) -> Iterator[Session]:
    assert cast.clerk
    with database.transaction() as opened:
        yield opened


def put(session: Session, cast: Cast, written: str, spoken: str, unit: str = COMMUNE) -> str:
    return dictionary.put(session, cast.clerk, unit, written, spoken, language="vi", now=NOW).id


def test_nearer_wins_in_whichever_case_it_is_written(session: Session, cast: Cast) -> None:
    put(session, cast, "Zalo", "da lô")
    put(session, cast, "ĐT", "điện thoại")
    put(session, cast, "ZALO", "za lo", VILLAGES[0])
    assert dictionary.of_unit(session, VILLAGES[0], "vi") == {"ZALO": "za lo", "ĐT": "điện thoại"}
    assert dictionary.of_unit(session, VILLAGES[1], "vi") == {"Zalo": "da lô", "ĐT": "điện thoại"}
    assert dictionary.of_unit(session, PROVINCE, "vi") == {}
    assert dictionary.of_unit(session, COMMUNE, "en") == {}


def test_a_word_said_anew_replaces_what_was_said_of_it(session: Session, cast: Cast) -> None:
    put(session, cast, "Zalo", "da lô")
    put(session, cast, "zalo", "za lô")
    assert [(row.written, row.spoken) for row in dictionary.entries(session, [COMMUNE])] == [("zalo", "za lô")]


def test_a_removed_word_is_read_by_the_rules_again(session: Session, cast: Cast) -> None:
    entry = put(session, cast, "UBND", "ủy ban")
    dictionary.remove(session, cast.clerk, entry, now=NOW)
    assert dictionary.of_unit(session, COMMUNE, "vi") == {}
    with pytest.raises(NotFound):
        dictionary.remove(session, cast.clerk, entry, now=NOW)


def test_only_who_writes_there_says_how_it_is_read(session: Session, cast: Cast) -> None:
    entry = put(session, cast, "UBND", "ủy ban")
    for act in (
        lambda: put(session, cast, "UBND", "ủy ban", OTHER_COMMUNE),
        lambda: dictionary.put(session, cast.technician, COMMUNE, "A", "a", language="vi", now=NOW).id,
        lambda: dictionary.remove(session, cast.stranger, entry, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            act()


@pytest.mark.parametrize(("written", "spoken"), [("", "a"), ("a", " "), ("…", "a"), ("a" * 61, "a"), ("a", "b" * 201)])
def test_what_cannot_be_found_or_read_is_refused(session: Session, cast: Cast, written: str, spoken: str) -> None:
    with pytest.raises(Malformed):
        put(session, cast, written, spoken)


def test_a_language_no_machine_reads_has_no_dictionary(session: Session, cast: Cast) -> None:
    with pytest.raises(Malformed):
        dictionary.put(session, cast.clerk, COMMUNE, "a", "b", language="hmn", now=NOW)


def test_both_changes_are_in_the_log_book(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        dictionary.remove(session, cast.clerk, put(session, cast, "Zalo", "da lô"), now=NOW)
    with database.read() as session:
        found = session.query(AuditEntry).filter(AuditEntry.action.like("dictionary%")).order_by(AuditEntry.seq)
        assert [(row.action, row.details["written"]) for row in found] == [
            ("dictionary", "Zalo"),
            ("dictionary_remove", "Zalo"),
        ]


def test_what_was_written_is_heard_with_it_and_what_was_submitted_stays(database: Database, cast: Cast) -> None:
    studio = QuietStudio()
    with database.transaction() as session:
        put(session, cast, "Zalo", "da lô")
        made = announcements.write(session, cast.clerk, draft(versions=[DraftVersion("vi", TEXT)]), now=NOW).id
    assert clips.prepare(database, studio, made, now=NOW) == 2
    assert "da lô" in said(studio)
    assert read_with(database, made) == {"Zalo": "da lô"}
    preview = clips.preview(database, studio, TEXT, "vi", klass="normal", repeat=2, unit_id=COMMUNE, now=NOW)
    with database.transaction() as session:
        assert session.get_one(Announcement, made).versions[0].clip_sha256 == preview.sha256
        put(session, cast, "Zalo", "za lô")
    # A draft is heard as the dictionary says when it is sent.
    assert clips.prepare(database, studio, made, now=NOW) == 1
    assert "za lô" in said(studio)
    with database.transaction() as session:
        content = announcements.submit(session, cast.clerk, made, now=NOW).content_sha256
        put(session, cast, "Zalo", "gia lô")
    assert clips.prepare(database, studio, made, now=NOW) == 0
    with database.transaction() as session:
        row = announcements.approve(session, cast.approver, made, content_sha256=content or "", now=NOW)
        assert announcements.content_hash(row) == content
    assert read_with(database, made) == {"Zalo": "za lô"}


def test_words_of_the_dictionary_that_are_not_in_the_text_make_no_new_sound(database: Database, cast: Cast) -> None:
    studio = QuietStudio()
    with database.transaction() as session:
        made = announcements.write(session, cast.clerk, draft(), now=NOW).id
    clips.prepare(database, studio, made, now=NOW)
    with database.transaction() as session:
        put(session, cast, "Zalo", "da lô")
    assert clips.prepare(database, studio, made, now=NOW) == 0


def said(studio: QuietStudio) -> str:
    return " ".join(part.text for score in studio.scores for part in score.parts if isinstance(part, Speech))


def read_with(database: Database, announcement: str) -> dict[str, str] | None:
    with database.read() as session:
        return session.get_one(Announcement, announcement).versions[0].read_with
