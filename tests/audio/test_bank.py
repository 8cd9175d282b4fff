"""Sentences from pieces: the exact list of what is missing, or a score of accepted pieces alone."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.bank import GAP_MS, SLOTS, Missing, Need, Pattern, Phrase, PieceKind, Slot, assemble, needs, pattern_of
from audio.errors import SlotUnfilled
from audio.score import Piece, Score, Silence

pytestmark = pytest.mark.pure

KEYS = st.text(string.ascii_lowercase, min_size=1, max_size=3)
VALUES = {
    "time": st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59)),
    "date": st.dates().map(lambda day: day.isoformat()),
    "number": st.integers(0, 999).map(str),
    "place": KEYS,
    "hour": st.integers(0, 23).map(str),
    "day": st.integers(1, 31).map(str),
    "month": st.integers(1, 12).map(str),
}


@st.composite
def sentences(draw: st.DrawFn) -> tuple[Pattern, dict[str, str]]:
    """A pattern and what fills it."""
    kinds = draw(st.lists(st.sampled_from(["phrase", *SLOTS]), min_size=1, max_size=8))
    pattern: list[Phrase | Slot] = []
    slots: dict[str, str] = {}
    for place, kind in enumerate(kinds):
        if kind == "phrase":
            pattern.append(Phrase(draw(KEYS)))
        else:
            pattern.append(Slot(f"s{place}", kind))
            slots[f"s{place}"] = draw(VALUES[kind])
    return tuple(pattern), slots


def name(need: Need) -> str:
    return f"{need.kind}-{need.key}"


def test_every_kind_of_slot_is_drawn() -> None:
    assert set(VALUES) == set(SLOTS)


@given(sentences(), st.data())
def test_what_is_missing_is_listed_exactly_and_nothing_but_given_pieces_is_played(
    sentence: tuple[Pattern, dict[str, str]], data: st.DataObject
) -> None:
    pattern, slots = sentence
    wanted = needs(pattern, slots)
    lost = data.draw(st.sets(st.sampled_from(wanted)))
    accepted = {need: name(need) for need in wanted if need not in lost}
    made = assemble(pattern, slots, accepted, "hmn")
    if lost:
        assert isinstance(made, Missing)
        assert set(made.needs) == lost
        assert len(made.needs) == len(lost)
        assert list(made.needs) == sorted(lost, key=wanted.index)
    else:
        assert isinstance(made, Score)
        assert [part.sha256 for part in made.parts if isinstance(part, Piece)] == [name(need) for need in wanted]
        assert made.parts[1::2] == (Silence(GAP_MS),) * (len(wanted) - 1)


@given(sentences())
def test_a_slot_left_empty_is_refused_by_its_name(sentence: tuple[Pattern, dict[str, str]]) -> None:
    pattern, slots = sentence
    for left_out in slots:
        with pytest.raises(SlotUnfilled) as refused:
            needs(pattern, slots | {left_out: " "})
        assert refused.value.params["slot"] == left_out


@given(st.sampled_from(sorted(set(SLOTS) - {"place"})), st.text(max_size=12))
def test_any_text_in_a_slot_gives_pieces_within_their_ranges_or_none(kind: str, value: str) -> None:
    ranges = {"hour": (0, 23), "minute": (1, 59), "day": (1, 31), "month": (1, 12), "number": (0, 999)}
    for need in SLOTS[kind](value):
        least, most = ranges[need.kind]
        assert least <= int(need.key) <= most


HOUR, MINUTE, DAY, MONTH, NUMBER = (
    PieceKind.HOUR,
    PieceKind.MINUTE,
    PieceKind.DAY,
    PieceKind.MONTH,
    PieceKind.NUMBER,
)


@pytest.mark.parametrize(
    ("kind", "value", "pieces"),
    [
        ("time", "17:30", [(HOUR, "17"), (MINUTE, "30")]),
        ("time", "07:05", [(HOUR, "7"), (MINUTE, "5")]),
        ("time", "00:00", [(HOUR, "0")]),
        ("time", "24:00", []),
        ("time", "17:60", []),
        ("time", "17:5", []),
        ("time", "1730", []),
        ("date", "2026-11-04", [(DAY, "4"), (MONTH, "11")]),
        ("date", "2026-13-04", []),
        ("date", "4/11", []),
        ("number", "012", [(NUMBER, "12")]),
        ("number", "-1", []),
        ("number", "1000", []),
        ("number", "²", []),
    ],
)
def test_how_a_value_is_read(kind: str, value: str, pieces: list[tuple[PieceKind, str]]) -> None:
    assert SLOTS[kind](value) == [Need(*piece) for piece in pieces]


def test_a_pattern_is_read_strictly() -> None:
    assert pattern_of([{"phrase": "at"}, {"slot": "start", "kind": "time"}]) == (Phrase("at"), Slot("start", "time"))
    for wrong in ({}, {"phrase": ""}, {"slot": "a", "kind": "minutes"}, {"phrase": "a", "slot": "b"}, {"slot": "a"}):
        with pytest.raises(ValueError, match="neither"):
            pattern_of([wrong])
