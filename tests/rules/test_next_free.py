"""The next free time is really free, and nothing earlier is; the day's stretches agree with the rules themselves."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.rules.free import Listener, laid_out, next_free, queued
from broadcaster.domain.rules.instants import edges, whole_minute
from broadcaster.domain.rules.stretches import stretches
from broadcaster.domain.rules_of_the_air import parse
from firmware_config.protocol import Exempt, Kind, Klass, Played, Rules, Sound, barred
from tests.rules.strategies import BEGIN, DAY_MS, chains, exempts, lengths, plays, sounds

pytestmark = pytest.mark.pure
MINUTE = 60_000


@st.composite
def listeners(draw: st.DrawFn) -> Listener:
    late = draw(st.sampled_from((0, 1, 1373, 9999)))
    return Listener(draw(chains()), late, laid_out(draw(plays())), draw(exempts()))


@settings(max_examples=60)
@given(st.lists(listeners(), min_size=1, max_size=2), sounds)
def test_the_next_free_time_is_free_and_no_minute_before_it_is(them: list[Listener], sound: Sound) -> None:
    until = sound.start + DAY_MS // 2
    found = next_free(them, sound, until)

    def is_free(start: int) -> bool:
        return all(one.bars(replace(sound, start=start)) is None for one in them)

    assert found is None or (sound.start <= found < until and is_free(found) and found % MINUTE == 0)
    last = until if found is None else found
    assert not [start for start in range(whole_minute(sound.start), last, MINUTE) if is_free(start)]


@given(chains(), lengths)
def test_stretches_cover_the_day_and_agree_with_the_rules(chain: tuple[Rules, ...], ms: int) -> None:
    found = stretches(chain, BEGIN, BEGIN + DAY_MS)
    assert (found[0].start, found[-1].end) == (BEGIN, BEGIN + DAY_MS)
    assert all(one.end == other.start for one, other in itertools.pairwise(found))
    clocks = tuple(replace(rules, categories=()) for rules in chain)
    for one in found:
        assert (one.bar is None) == (one.unit == "")
        for at in {one.start, (one.start + one.end) // 2, one.end - 1}:
            assert barred(clocks, sound_at(at, 1)) == one.bar


@given(chains(), st.integers(0, DAY_MS - 1), st.integers(0, DAY_MS - 1))
def test_nothing_changes_between_two_edges(chain: tuple[Rules, ...], one: int, other: int) -> None:
    clocks = tuple(replace(rules, categories=()) for rules in chain)
    first, second = sorted((BEGIN + one, BEGIN + other))
    if [edge for edge in edges(clocks, BEGIN, BEGIN + DAY_MS) if first < edge <= second]:
        return
    assert barred(clocks, sound_at(first, 1)) == barred(clocks, sound_at(second, 1))


@given(plays())
def test_plays_are_laid_out_one_after_the_other(some: tuple[Played, ...]) -> None:
    found = laid_out(some)
    assert sorted(one.end - one.start for one in found) == sorted(one.end - one.start for one in some)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))
    assert laid_out(found) == found
    for one in found:
        assert queued(one.start, found) >= one.end


def test_a_sound_that_must_wait_is_judged_where_it_begins_too() -> None:
    """05:30–06:00 is open; another plays from 05:50 to 05:59:30, so what is planned for 05:55 would run past six."""
    (chain, six) = window(330, 360)
    listener = Listener(chain, 0, (Played(six - 10 * MINUTE, six - MINUTE // 2),))
    waiting = sound_at(six - 5 * MINUTE, MINUTE)
    assert listener.bars(waiting) == "outside_hours"
    assert replace(listener, heard=()).bars(waiting) is None


def test_a_late_start_is_judged_where_it_is_heard() -> None:
    (chain, six) = window(330, 360)
    exact = sound_at(six - MINUTE, MINUTE)
    assert Listener(chain).bars(exact) is None
    assert Listener(chain, 1).bars(exact) == "outside_hours"
    exempt = (Exempt("tin-mau", six - MINUTE, six + MINUTE),)
    assert Listener(chain, 1, (), exempt).bars(exact) is None


def window(start: int, end: int) -> tuple[tuple[Rules, ...], int]:
    """Rules with one window a day, and the millisecond at which it ends tomorrow."""
    rules = parse({"hours": [{"days": list(range(7)), "start": start, "end": end}], "pause_minutes": 0})
    midnight = BEGIN - 10 * 3_600_000 + DAY_MS
    return (rules,), midnight + end * MINUTE


def sound_at(start: int, ms: int) -> Sound:
    return Sound(Klass.NORMAL, Kind.LIVE, "general", "tin-mau", start, ms)
