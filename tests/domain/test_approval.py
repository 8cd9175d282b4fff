"""What the content hash covers, and who cannot approve."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.approval import Content, Heard, check_approver, check_same
from broadcaster.domain.audience import Choice, ChoiceKind
from broadcaster.domain.errors import EditedSince, OwnAnnouncement

pytestmark = pytest.mark.pure

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
CONTENT = Content(
    unit="xa",
    title="Họp bản",
    klass="normal",
    category="general",
    kind="live",
    repeat=2,
    not_before=None,
    expires=NOON,
    supersedes=None,
    versions=(Heard("vi", "Kính mời", "a" * 64), Heard("en", "Welcome", "b" * 64)),
    audience=(Choice(ChoiceKind.UNIT, "xa"), Choice(ChoiceKind.UNIT, "ban", include=False)),
)
CHANGES = {
    "unit": "xa-khac",
    "title": "Họp bản.",
    "klass": "priority",
    "category": "health",
    "kind": "drill",
    "repeat": 3,
    "not_before": NOON,
    "expires": NOON + timedelta(seconds=1),
    "supersedes": "x" * 32,
    "versions": (Heard("vi", "Kính mời!", "a" * 64), Heard("en", "Welcome", "b" * 64)),
    "audience": (Choice(ChoiceKind.UNIT, "xa"), Choice(ChoiceKind.GROUP, "ban", include=False)),
    "chime": "c" * 64,
    "hazard": "storm",
    "level": 3,
    "slots": {"place": "Bản Nà Pản"},
    "parts": ("d" * 64, "e" * 64),
}


@pytest.mark.parametrize("field", CHANGES)
def test_any_change_is_another_content(field: str) -> None:
    assert replace(CONTENT, **{field: CHANGES[field]}).sha256() != CONTENT.sha256()  # type: ignore[arg-type]


def test_no_field_is_forgotten() -> None:
    assert set(CHANGES) == set(Content.__slots__)


@pytest.mark.parametrize(
    "versions",
    [
        CONTENT.versions[::-1],
        CONTENT.versions[:1],
        (Heard("vi", "Kính mời", "c" * 64), CONTENT.versions[1]),
        (Heard("en", "Kính mời", "a" * 64), CONTENT.versions[1]),
        (Heard("vi", "Kính mời", "a" * 64, {"pattern": "hop"}), CONTENT.versions[1]),
    ],
)
def test_what_is_heard_counts_with_its_order(versions: tuple[Heard, ...]) -> None:
    assert replace(CONTENT, versions=versions).sha256() != CONTENT.sha256()


def test_the_same_content_written_otherwise_is_the_same() -> None:
    hanoi = timezone(timedelta(hours=7))
    same = replace(CONTENT, audience=list(CONTENT.audience)[::-1] * 2, expires=NOON.astimezone(hanoi))
    assert same.sha256() == CONTENT.sha256()


@given(st.text(), st.text(), st.text(), st.text())
def test_words_cannot_slip_from_one_field_into_the_next(title: str, text: str, title2: str, text2: str) -> None:
    one = replace(CONTENT, title=title, versions=(Heard("vi", text, None),))
    other = replace(CONTENT, title=title2, versions=(Heard("vi", text2, None),))
    assert (one.canonical() == other.canonical()) == ((title, text) == (title2, text2))


@given(st.text(), st.lists(st.text()))
def test_a_writer_is_never_the_approver(person: str, others: list[str]) -> None:
    with pytest.raises(OwnAnnouncement):
        check_approver(person, [*others, person])
    check_approver(person, [other for other in others if other != person])


def test_what_was_read_must_be_what_is_there() -> None:
    check_same("a", "a")
    for now in ("b", None):
        with pytest.raises(EditedSince):
            check_same("a", now)
