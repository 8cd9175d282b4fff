"""The log book reads as sentences: each action there is has one, in every language."""

import re

import pytest

from broadcaster.store.tables import AuditEntry
from broadcaster.web.i18n import LANGUAGES, say
from broadcaster.web.shown.history import SENTENCES
from tests import cast
from tests.web.audited import everything
from tests.web.house import House

pytestmark = pytest.mark.pages


def test_the_source_is_read_well() -> None:
    found = everything()
    assert {("announcement", "approve"), ("announcement", "reject"), ("clip", "refuse"), ("group", "members")} <= found
    assert len(found) > 50


def test_every_action_has_its_sentence_and_no_sentence_is_left_over() -> None:
    assert everything() - set(SENTENCES) == set()
    assert set(SENTENCES) - everything() == set()


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_sentence_loses_what_it_must_say(language: str) -> None:
    for sentence in SENTENCES.values():
        assert set(re.findall(r"{\w+}", say(language, sentence))) == set(re.findall(r"{\w+}", sentence))


def test_an_approval_is_told_with_who_when_whence_and_which_words(house: House) -> None:
    with house.database.transaction() as session:
        content = cast.approved(session, house.cast, klass="emergency", now=house.clock()).content_sha256 or ""
    page = house.browser(house.cast.owner).get("/audit").text
    assert "Phó chủ tịch phê duyệt “Họp bản”." in page
    assert f"số {content[:8]}" in page
    assert "127.0.0.1" in page
    assert "bằng mã" in page


def test_a_word_for_every_row_in_the_book(house: House) -> None:
    with house.database.transaction() as session:
        cast.approved(session, house.cast, now=house.clock())
        rows = [(row.subject_kind, row.action.rpartition(".")[2]) for row in session.query(AuditEntry)]
    assert set(rows) <= set(SENTENCES)
