"""The rules that the faults' ground follows."""

import random

import pytest

from bench.faults.ground.judging import Found, lost_rows
from bench.faults.ground.packets import clip_asked_for, first_acts, manifests_acknowledged
from bench.faults.ground.wire import MOBILE, PERFECT, Lane, Profile
from firmware_config.protocol import ClockState, Event, Receipt

pytestmark = pytest.mark.pure


def lane(profile: Profile, seed: int = 1) -> Lane:
    return Lane(profile, random.Random(seed))  # noqa: S311


def test_a_perfect_line_carries_everything_at_once() -> None:
    perfect = lane(PERFECT)
    assert [perfect.offer(float(second), 1_500) for second in range(3)] == [(0.0,), (1.0,), (2.0,)]


def test_the_mobile_line_loses_doubles_and_delays_as_much_as_it_says() -> None:
    mobile = lane(MOBILE)
    found = [(float(second), mobile.offer(float(second), 100)) for second in range(20_000)]
    assert sum(not times for _, times in found) == pytest.approx(1_000, rel=0.15)
    assert sum(len(times) == 2 for _, times in found) == pytest.approx(190, rel=0.3)
    delays = [times[0] - sent for sent, times in found if times]
    assert 0.060 <= min(delays) < 0.070
    assert 0.095 < max(delays) <= 0.107


def test_the_same_seed_gives_the_same_fates() -> None:
    one, other, third = lane(MOBILE, 7), lane(MOBILE, 7), lane(MOBILE, 8)
    fates = [[each.offer(second / 10, 900) for second in range(300)] for each in (one, other, third)]
    assert fates[0] == fates[1]
    assert fates[0] != fates[2]


def test_a_narrow_line_takes_its_time_and_drops_what_it_cannot_keep() -> None:
    narrow = lane(Profile(bytes_per_s=1_000, queue_bytes=3_000))
    assert [narrow.offer(0.0, 1_000) for _ in range(5)] == [(1.0,), (2.0,), (3.0,), (), ()]
    assert narrow.offer(2.5, 1_000) == (4.0,)


def test_packets_do_not_overtake_each_other() -> None:
    jittery = lane(Profile(delay_ms=(0, 1_000)))
    times = [jittery.offer(number / 1_000, 100)[0] for number in range(500)]
    assert times == sorted(times)


def test_a_black_hole_swallows_large_packets_only() -> None:
    hole = lane(Profile(largest=1_300))
    assert hole.offer(0.0, 1_301) == ()
    assert hole.offer(0.0, 1_300) == (0.0,)


def test_a_cut_line_swallows_everything_and_counts_it() -> None:
    dead = lane(PERFECT)
    dead.cut = True
    assert dead.offer(0.0, 40) == ()
    dead.cut = False
    assert dead.offer(1.0, 40) == (1.0,)
    assert (dead.lost, dead.carried, dead.bytes_carried) == (1, 1, 40)


def test_the_first_act_after_each_link_is_read_from_what_the_broker_wrote_down() -> None:
    log = """
1: Sending CONNACK to loa-1 (0, 0)
1: Received PUBLISH from loa-1 (d0, q1, r1, m2, 'vl/1/d/loa-1/presence', ... (30 bytes))
1: Received PUBLISH from loa-2 (d0, q1, r0, m9, 'vl/1/d/loa-2/receipts', ... (30 bytes))
1: Received PUBLISH from loa-1 (d0, q1, r0, m3, 'vl/1/d/loa-1/resync', ... (30 bytes))
1: Received PUBLISH from loa-1 (d0, q1, r0, m4, 'vl/1/d/loa-1/receipts', ... (30 bytes))
2: Sending CONNACK to loa-1 (0, 0)
2: Received PUBLISH from loa-1 (d0, q1, r0, m1, 'vl/1/d/loa-1/state', ... (30 bytes))
"""
    assert first_acts(log, "loa-1") == ["resync", "state"]


def test_a_request_for_a_clip_is_known_on_the_line_with_the_byte_it_begins_at() -> None:
    name = "a" * 64
    request = f"GET /device/v1/clips/{name} HTTP/1.1\r\nHost: x\r\n"
    assert clip_asked_for(f"......{request}\r\n".encode()) == (name, 0)
    assert clip_asked_for(f"......{request}Range: bytes=4711-\r\n\r\n".encode()) == (name, 4711)
    assert clip_asked_for(b"......GET /device/v1/manifest HTTP/1.1\r\n\r\n") is None


def test_acknowledged_manifests_are_counted_from_what_the_broker_wrote_down() -> None:
    log = """
1: Sending PUBLISH to loa-1 (d0, q1, r0, m1, 'vl/1/d/loa-1/command', ... (30 bytes))
1: Sending PUBLISH to loa-1 (d0, q1, r0, m2, 'vl/1/d/loa-1/manifest', ... (30 bytes))
1: Received PUBACK from loa-1 (Mid: 1, RC:0)
1: Received PUBACK from loa-1 (Mid: 2, RC:0)
2: Sending PUBLISH to loa-1 (d0, q1, r0, m3, 'vl/1/d/loa-1/manifest', ... (30 bytes))
2: Received PUBACK from loa-2 (Mid: 3, RC:0)
3: Sending PUBLISH to loa-1 (d0, q1, r1, m4, 'vl/1/d/loa-1/manifest', ... (30 bytes))
3: Received PUBACK from loa-1 (Mid: 4, RC:0)
"""
    assert manifests_acknowledged(log, "loa-1") == 1


def receipt(seq: int, event: Event = Event.STORED) -> Receipt:
    return Receipt(
        seq=seq,
        boot="boot-1",
        airing="airing-1",
        announcement=None,
        event=event,
        at=1,
        clock=ClockState.TRUSTED,
        attempt=0,
        reason="",
        evidence=None,
        fallback=False,
    )


def test_a_row_is_lost_when_it_was_told_and_is_neither_there_as_told_nor_confirmed() -> None:
    told = [receipt(seq) for seq in (1, 2, 3, 4)]
    kept = {3: receipt(3), 4: receipt(4, Event.ARMED), 5: receipt(5)}
    assert [one.seq for one in lost_rows(told, kept, through=1)] == [2, 4]
    assert lost_rows(told[:1], {}, through=1) == []


def test_an_image_is_well_only_when_nothing_is_wrong_with_it() -> None:
    assert Found().well
    assert not Found(lost_rows=1).well
    assert not Found(inconsistent=("twice",)).well
