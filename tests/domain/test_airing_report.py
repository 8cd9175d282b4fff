"""What is signed of an airing: the same facts give the same text, and no name can forge a line."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.airing_report import HEAD, Report, Spoken

pytestmark = pytest.mark.pure

AT = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
HEARD = Spoken("Bản Nà Pản", "loa-1", "Loa 1", "heard", AT, AT, -1650, "frames", "3-7", "ab" * 32)
SILENT = Spoken("Bản Khoóng", "loa-2", "Loa 2", "missed", None, None, None, "", "", "", by_person=AT)
REPORT = Report(
    airing="a1",
    announcement="n1",
    revision=2,
    title="Họp bản",
    klass="normal",
    kind="live",
    reference="sha256:" + "c" * 64,
    wall="2026-11-25T10:00",
    zone="Asia/Ho_Chi_Minh",
    planned=AT,
    state="done",
    approved_by=("Phó chủ tịch",),
    words=(("vi", "Mời bà con."),),
    speakers=(HEARD, SILENT),
)
TEXTS = st.text(max_size=40)


def test_it_can_be_read_by_a_person() -> None:
    lines = REPORT.text().splitlines()
    assert lines[0] == HEAD
    assert "announcement: n1 revision 2" in lines
    assert "planned: 2026-11-25T03:00:00Z (2026-11-25T10:00 Asia/Ho_Chi_Minh)" in lines
    assert ("loudspeakers: 2" in lines, "heard: 1" in lines) == (True, True)
    assert lines[-2].split("\t")[:6] == ["Bản Nà Pản", "loa-1", "Loa 1", "heard", *["2026-11-25T03:00:00Z"] * 2]
    assert lines[-1].split("\t")[3:] == ["missed", *["-"] * 6, "2026-11-25T03:00:00Z"]


@given(TEXTS, TEXTS, TEXTS)
def test_no_name_makes_a_line_or_a_column_of_its_own(title: str, unit: str, name: str) -> None:
    report = replace(REPORT, title=title, speakers=(replace(HEARD, unit=unit, name=name), SILENT))
    before, after = REPORT.text().split("\n"), report.text().split("\n")
    assert len(after) == len(before)
    assert [line.count("\t") for line in after] == [line.count("\t") for line in before]


@given(st.sampled_from(["state", "hash", "receipts", "speaker"]), st.text("abc", min_size=1, max_size=5))
def test_every_fact_about_a_loudspeaker_changes_the_text(field: str, value: str) -> None:
    changed = replace(REPORT, speakers=(replace(HEARD, **{field: value}), SILENT))  # type: ignore[arg-type]
    assert changed.text() != REPORT.text()
