"""The harness of the faults: what is bad ends with 1, what cannot be run is never good, the page keeps its prose."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.faults import __main__ as faults
from bench.faults import needs, report
from bench.faults.fault import NEEDS, Fault, Outcome, Scale
from bench.report import NoPlace

pytestmark = pytest.mark.pure

GOOD = Fault(
    "X01", "nothing is done", "nothing breaks", lambda scale: Outcome(good=True, figure=f"{scale.of(10)} kills")
)
BAD = Fault("X02", "all is broken", "nothing breaks", lambda _: Outcome(good=False, figure="3 | 4 lost", details="who"))
PAGE = "# Faults\n\nBefore.\n\n<!-- figures: faults -->\n| number | … |\n| --- | --- |\n\n<!-- end -->\nAfter.\n"


def raising(_scale: Scale) -> Outcome:
    raise OSError("no such thing")


def run(*arguments: str, known: tuple[Fault, ...] = (GOOD, BAD)) -> int:
    return faults.main(arguments, {fault.number: fault for fault in known})


def test_what_is_good_ends_with_0_and_says_criterion_and_figure(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("X01", "--share", "0.3") == 0
    said = capsys.readouterr().out
    assert "criterion: nothing breaks" in said
    assert "good: 3 kills" in said


def test_one_that_is_bad_ends_all_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 1
    said = capsys.readouterr().out
    assert "NOT GOOD: 3 | 4 lost" in said
    assert "       who" in said


def test_an_exception_is_not_good_and_the_next_is_still_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(known=(replace(GOOD, number="X00", run=raising), GOOD)) == 1
    said = capsys.readouterr().out
    assert "NOT GOOD: ended by OSError('no such thing')" in said
    assert "good: 10 kills" in said


def test_what_cannot_be_run_is_named_and_never_good(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(needs.CHECKS, "tun", lambda: False)
    lacking = replace(GOOD, needs=frozenset({"tun"}))
    assert run(known=(lacking,)) == 1
    assert "not run: tun missing" in capsys.readouterr().out
    assert run("--json", known=(lacking,)) == 1
    assert json.loads(capsys.readouterr().out)[0]["outcome"] is None
    assert run(known=(lacking, replace(GOOD, number="X03"))) == 0


def test_a_fault_has_a_folder_of_its_own_that_is_gone_afterwards(tmp_path: Path) -> None:
    seen: list[Path] = []

    def note(scale: Scale) -> Outcome:
        (scale.folder / "file").write_text("here")
        seen.append(scale.folder)
        return Outcome(good=True, figure="")

    assert run(known=(replace(GOOD, run=note),)) == 0
    assert not seen[0].exists()


@pytest.mark.parametrize("wrong", [["X09"], ["--share", "0"], ["--share", "-1"], ["--share", "11"]])
def test_an_unknown_fault_or_share_is_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(*wrong)


def test_the_page_gets_a_row_for_each_run_and_keeps_its_prose(tmp_path: Path) -> None:
    page = tmp_path / "faults.md"
    page.write_text(PAGE)
    run("--write", "--page", str(page), "--share", "0.5")
    text = page.read_text()
    assert text.startswith("# Faults\n\nBefore.")
    assert text.endswith("After.\n")
    rows = report.rows(text)
    assert [row.number for row in rows] == ["X01", "X02"]
    assert "| 5 kills |" in rows[0].text
    assert "0.5 of it" in rows[0].text
    assert r"**not met**: 3 \| 4 lost" in rows[1].text


def test_a_later_run_takes_the_place_of_its_row_alone_and_not_run_takes_no_figure_away(tmp_path: Path) -> None:
    page = tmp_path / "faults.md"
    page.write_text(PAGE)
    run("--write", "--page", str(page))
    run("X01", "--write", "--page", str(page), "--share", "0.2")
    report.write(page, [], [report.Row.not_run(BAD, ["tun"]), report.Row.not_run(replace(BAD, number="X00"), ["tun"])])
    text = page.read_text()
    assert "2 kills" in text
    assert "4 lost" in text
    assert text.count("not run: tun missing") == 1
    assert [row.number for row in report.rows(text)] == ["X00", "X01", "X02"]


def test_a_page_without_the_place_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "faults.md"
    page.write_text("# Faults\n")
    with pytest.raises(NoPlace):
        report.write(page, [])


def test_every_fault_is_found_has_a_criterion_and_known_needs() -> None:
    found = faults.known()
    assert {"T02", "T03", "T04", "T05", "T06", "T13", "T20", "T21", "T22", "T23", "T26"} <= found.keys()
    for fault in found.values():
        assert fault.title
        assert fault.criterion
        assert fault.needs <= NEEDS
    assert needs.CHECKS.keys() == NEEDS


def test_the_page_of_the_project_has_its_place() -> None:
    report.rows(Path("docs/faults.md").read_text(encoding="utf-8"))
