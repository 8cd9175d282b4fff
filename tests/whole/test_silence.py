"""The button that stops everything: how long after it is a loudspeaker still heard, by what its card was given."""

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broadcaster.demo.commune import COMMUNE
from tests.whole.test_one_announcement import approved, on_air
from tests.whole.town import RATE, Town, town

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("town")]

LONG = " ".join(["Đây là một thông báo rất dài về lịch cấp nước của các bản."] * 12)
HEADER = 44
QUIET = 40
"""Below this a sample is silence."""
PROMISED_S = 2.0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as found:
        yield found


def written(place: Town) -> dict[str, int]:
    """How many samples each loudspeaker's card was given so far."""
    return {one.id: (wav(one.sound).stat().st_size - HEADER) // 2 for one in place.speakers}


def wav(folder: Path) -> Path:
    (file,) = folder.glob("*.wav")
    return file


def last_loud(folder: Path) -> int:
    """The place of the last sample that can be heard."""
    sound = array("h")
    raw = wav(folder).read_bytes()[HEADER:]
    sound.frombytes(raw[: len(raw) // 2 * 2])
    return next((at for at in range(len(sound) - 1, -1, -1) if abs(sound[at]) > QUIET), 0)


def stopped(place: Town) -> dict[str, Any]:
    return place.clerk.post(f"/units/{COMMUNE}/stop", {"reason": "Phát nhầm"})


def test_every_reachable_loudspeaker_is_silent_within_two_seconds(place: Town) -> None:
    airing = on_air(place, approved(place, "Lịch cấp nước", text=LONG))
    place.wait_for(airing, "started")
    soon = {one: count + RATE for one, count in written(place).items()}
    place.household.wait_until(lambda: all(written(place)[one] > soon[one] for one in soon), "a second of sound", 20.0)
    before = written(place)
    order = stopped(place)

    def all_signed() -> bool:
        order.update(place.clerk.get(f"/silences/{order['id']}"))
        return bool(order["counts"]["silent"] == len(place.speakers))

    place.household.wait_until(all_signed, f"the word of every loudspeaker ({order})", 20.0)
    heard_for = {one.id: (last_loud(one.sound) - before[one.id]) / RATE for one in place.speakers}
    assert all(seconds < PROMISED_S for seconds in heard_for.values()), heard_for
    assert order["due"] == [airing]
    assert place.clerk.get(f"/airings/{airing}")["state"] == "cancelled"
    assert {one["state"] for one in place.deliveries(airing).values()} == {"cancelled"}


def test_the_next_announcement_is_heard_again(place: Town) -> None:
    airing = on_air(place, approved(place, "Họp bản", text="Mời bà con họp bản."))
    place.wait_for(airing, "heard")
