"""The audit chain: whatever is done to it, the first bad row is named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.chain import GENESIS, Head, Row, check

pytestmark = pytest.mark.pure

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def chain(length: int, *, note: str = "") -> list[Row]:
    rows: list[Row] = []
    for seq in range(1, length + 1):
        previous = rows[-1].hash if rows else GENESIS
        at = NOON + timedelta(seconds=seq)
        row = Row(seq, at, "p", "Cán bộ", "127.0.0.1", "write", "announcement", f"a{seq}", "xa", {"n": note}, previous)
        rows.append(replace(row, hash=row.sealed()))
    return rows


def head(rows: list[Row]) -> Head:
    return Head(rows[-1].seq, rows[-1].hash) if rows else Head(0, GENESIS)


lengths = st.integers(2, 12)


@given(st.integers(0, 12))
def test_an_untouched_chain_is_sound(length: int) -> None:
    rows = chain(length)
    verdict = check(rows, stored=head(rows), saved=head(rows))
    assert verdict.sound
    assert verdict.head == head(rows)


CHANGES = [
    {"at": NOON},
    {"person_id": "q"},
    {"person_name": "Người khác"},
    {"origin": ""},
    {"action": "approve"},
    {"subject_kind": "unit"},
    {"subject_id": "a0"},
    {"unit_id": None},
    {"details": {}},
    {"hash": "f" * 64},
    {"previous": "f" * 64},
]


@given(lengths, st.data(), st.sampled_from(CHANGES))
def test_an_edited_row_is_named(length: int, data: st.DataObject, change: dict[str, object]) -> None:
    rows = chain(length)
    place = data.draw(st.integers(0, length - 1))
    good = head(rows)
    rows[place] = replace(rows[place], **change)  # type: ignore[arg-type]
    assert check(rows, stored=good).bad == place + 1


@given(lengths, st.data())
def test_a_deleted_row_is_named(length: int, data: st.DataObject) -> None:
    rows = chain(length)
    good = head(rows)
    place = data.draw(st.integers(0, length - 1))
    del rows[place]
    assert check(rows, stored=good).bad == place + 1


@given(lengths, st.data())
def test_of_two_rows_that_changed_places_the_first_is_named(length: int, data: st.DataObject) -> None:
    rows = chain(length)
    one, other = sorted(data.draw(st.sets(st.integers(0, length - 1), min_size=2, max_size=2)))
    good = head(rows)
    rows[one], rows[other] = replace(rows[other], seq=one + 1), replace(rows[one], seq=other + 1)
    assert check(rows, stored=good).bad == one + 1


@given(lengths, st.data())
def test_a_tail_cut_off_with_its_head_is_caught_by_a_saved_head(length: int, data: st.DataObject) -> None:
    rows = chain(length)
    kept = rows[: data.draw(st.integers(0, length - 1))]
    assert check(kept, stored=head(rows)).bad == len(kept) + 1
    assert check(kept, stored=head(kept)).sound
    assert check(kept, stored=head(kept), saved=head(rows)).bad == len(kept) + 1


@given(lengths)
def test_a_chain_written_anew_is_caught_by_a_saved_head(length: int) -> None:
    saved, forged = head(chain(length)), chain(length + 1, note="forged")
    assert check(forged, stored=head(forged)).sound
    assert check(forged, stored=head(forged), saved=saved).bad == length
