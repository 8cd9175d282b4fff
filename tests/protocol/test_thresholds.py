"""The table of bounds, and the sentences that go with each problem."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent.problems import Problem
from firmware_config import thresholds
from firmware_config.alarms import LANGUAGES, alarm, alarms, worst_first
from firmware_config.protocol import Health
from firmware_config.protocol.reports import FIGURES
from firmware_config.thresholds import NEWS, THRESHOLDS, Threshold, ailments, moved
from tests.protocol.strategies import documents

pytestmark = pytest.mark.pure

DOCS = (Path(__file__).parents[2] / "docs/agent.md").read_text(encoding="utf-8")
healths = documents(Health).map(lambda found: found if isinstance(found, Health) else Health())


def test_the_table_speaks_of_figures_and_problems_that_are() -> None:
    assert {one.figure for one in THRESHOLDS} <= set(FIGURES)
    assert set(NEWS) <= set(FIGURES)
    assert {one.code for one in THRESHOLDS} <= {problem.value for problem in Problem}
    assert len({one.figure for one in THRESHOLDS}) == len(THRESHOLDS)


@pytest.mark.parametrize("one", THRESHOLDS, ids=lambda one: one.figure)
def test_at_its_bound_a_figure_is_ill_until_it_is_back_at_clear(one: Threshold) -> None:
    between = (one.bound + one.clear) // 2
    assert one.ill(one.bound)
    assert one.ill(one.bound, already=True)
    assert not one.ill(one.clear)
    assert not one.ill(one.clear, already=True)
    if between not in {one.bound, one.clear}:
        assert (one.ill(between), one.ill(between, already=True)) == (False, True)


@given(healths, st.sets(st.sampled_from([one.code for one in THRESHOLDS])))
def test_who_was_well_is_ill_only_beyond_the_bound(health: Health, before: set[str]) -> None:
    fresh, after = set(ailments(health)), set(ailments(health, before))
    assert fresh - {"under_voltage_seen"} <= after
    assert after - fresh <= before
    assert not {"under_voltage", "under_voltage_seen"} <= after
    assert ailments(Health()) == ()


@pytest.mark.parametrize(
    ("health", "found"),
    [
        (Health(centigrade=79), ()),
        (Health(centigrade=80), ("too_hot",)),
        (Health(under_voltage=True, under_voltage_seen=True), ("under_voltage",)),
        (Health(under_voltage=False, under_voltage_seen=True), ("under_voltage_seen",)),
        (Health(free_disk_mb=50, free_memory_mb=31), ("disk_nearly_full",)),
        (Health(clock_offset_ms=-120_000), ("clock_wrong",)),
        (Health(clock_offset_ms=119_999, disk_errors=1, read_only=True), ("disk_errors", "disk_read_only")),
    ],
)
def test_what_is_ill(health: Health, found: tuple[str, ...]) -> None:
    assert ailments(health) == found


@given(healths, healths)
def test_news_is_what_came_went_or_moved_far(told: Health, now: Health) -> None:
    def far(name: str, step: int) -> bool:
        one, two = getattr(told, name), getattr(now, name)
        return (one is None) != (two is None) or (one is not None and abs(one - two) >= step)

    assert moved(told, now) == any(far(name, step) for name, step in thresholds.NEWS.items())
    assert not moved(told, told)


@pytest.mark.parametrize("problem", Problem)
def test_each_problem_has_its_sentences_and_its_heading(problem: Problem) -> None:
    assert problem.value in alarms()
    assert re.search(rf"^## {problem.value}$", DOCS, flags=re.MULTILINE)


@pytest.mark.parametrize("code", sorted(alarms()))
def test_each_alarm_says_in_each_language_what_is_wrong_and_what_to_do(code: str) -> None:
    found = alarm(code)
    assert found.weight in {1, 2, 3}
    texts = [text for language in LANGUAGES for text in (found.says(language), found.cure(language))]
    assert len(set(texts)) == 2 * len(LANGUAGES)
    assert all(text[-1] in ".?" and text[0].isupper() and len(text) < 160 for text in texts)


def test_the_heaviest_comes_first_and_a_new_code_is_named() -> None:
    found = worst_first(["disk_worn", "no_sound_card", "from_tomorrow", "too_hot", "disk_worn"])
    assert [one.code for one in found] == ["no_sound_card", "too_hot", "disk_worn", "from_tomorrow"]
    assert "from_tomorrow" in alarm("from_tomorrow").says("vi")
