"""Which airing sounds when several want to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent import playlist
from device_agent.ledger import Stage
from firmware_config.protocol import Item, Klass
from tests.agent.scenes import NOON, Scene
from tests.agent.station import item

pytestmark = pytest.mark.pure

ANY = "sha256:" + "0" * 64


def test_an_emergency_pushes_aside_at_once_and_what_it_pushed_plays_again_from_the_beginning() -> None:
    scene = Scene()
    normal = scene.ready(1)
    scene.sound()
    emergency = scene.ready(2, Klass.EMERGENCY)
    [stop] = scene.stops()
    assert (stop.airing, stop.fade_ms) == (normal, 30)
    scene.cut()
    assert scene.playing == emergency
    scene.finish()
    assert scene.playing == normal
    assert scene.plays[-1][1].attempt == 2
    scene.finish()
    assert scene.stage(normal) is Stage.HEARD


def test_what_was_pushed_aside_stays_partial_when_its_window_closes() -> None:
    scene = Scene()
    normal = scene.ready(1, latest_start=NOON + 1_000)
    scene.sound()
    scene.ready(2, Klass.EMERGENCY)
    scene.cut()
    scene.pass_time(10_000)
    scene.finish()
    assert scene.stage(normal) is Stage.PARTIAL


def test_an_item_stopped_before_its_first_sample_has_not_used_a_start() -> None:
    scene = Scene()
    normal = scene.ready(1, max_starts=1)
    scene.ready(2, Klass.EMERGENCY)
    scene.cut()
    scene.finish()
    assert scene.playing == normal
    assert scene.state.ledger[normal].starts == 1


@pytest.mark.parametrize("klass", [Klass.NORMAL, Klass.PRIORITY])
def test_only_an_emergency_interrupts(klass: Klass) -> None:
    scene = Scene()
    first = scene.ready(1)
    scene.sound()
    scene.ready(2, klass)
    assert scene.stops() == []
    assert scene.playing == first


def test_two_emergencies_do_not_interrupt_each_other() -> None:
    scene = Scene()
    first = scene.ready(1, Klass.EMERGENCY)
    scene.sound()
    second = scene.ready(2, Klass.EMERGENCY)
    assert scene.stops() == []
    scene.finish()
    assert scene.playing == second
    assert scene.stage(first) is Stage.HEARD


def test_priority_plays_before_normal_and_equals_keep_the_order_the_commune_chose() -> None:
    scene = Scene()
    scene.ready(1)
    for name, klass, order in ((2, Klass.NORMAL, 0), (3, Klass.PRIORITY, 2), (4, Klass.PRIORITY, 1)):
        scene.ready(name, klass, order=order)
    heard = []
    while scene.playing:
        heard.append(scene.playing)
        scene.finish()
    assert heard == ["airing-1", "airing-4", "airing-3", "airing-2"]


def test_a_second_item_waits_and_is_missed_only_when_its_window_closes() -> None:
    scene = Scene()
    scene.ready(1)
    scene.sound()
    patient, hasty = scene.ready(2), scene.ready(3, latest_start=NOON + 2_000)
    scene.pass_time(5_000)
    assert scene.stage(hasty) is Stage.MISSED
    assert scene.why(hasty) == "queued"
    scene.finish()
    assert scene.playing == patient


_items = st.builds(
    lambda nr, klass, order, start: replace(item(f"a-{nr}", ANY, start=start, klass=klass), order=order),
    st.integers(0, 50),
    st.sampled_from(Klass),
    st.integers(0, 3),
    st.integers(0, 3),
)


@given(st.lists(_items, unique_by=lambda one: one.airing))
def test_the_order_is_total_and_class_comes_first(items: list[Item]) -> None:
    ranked = sorted(items, key=playlist.rank)
    classes = [one.klass for one in ranked]
    assert classes == sorted(classes, key=[Klass.EMERGENCY, Klass.PRIORITY, Klass.NORMAL].index)
    assert len({playlist.rank(one) for one in items}) == len(items)
