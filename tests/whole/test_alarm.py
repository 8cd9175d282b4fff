"""An alert on real speakers: it takes the place of what plays, and is taken back by one tap before it can do harm."""

import itertools
import time
from collections.abc import Iterator
from typing import Any

import pytest

from broadcaster.demo import phones, proof
from broadcaster.demo.client import Refused
from broadcaster.demo.commune import COMMUNE
from tests.whole.town import Town, town

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("town")]

PLACE = "Xã Yên Châu"
RETRACTED_WITHIN_S = 30


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as found:
        yield found


def everywhere(place: Town) -> list[dict[str, str]]:
    return [{"kind": "speaker", "ref": one.id} for one in place.speakers]


def alert(place: Town) -> str:
    """A flash flood, approved, and ready on every speaker."""
    slots = {"place": "bản Nà Pản", "time": "từ bây giờ", "action": "Lên chỗ cao ngay."}
    body = {"hazard": "flash_flood", "level": 4, "unit": COMMUNE, "audience": everywhere(place)}
    draft = place.clerk.post("/emergencies", body | {"slots": {"vi": slots}, "repeat": 2})
    phones.approve(place.clerk, place.approver, str(draft["id"]), phones=place.phones)

    def ready() -> bool:
        found = place.clerk.get(f"/emergencies/{draft['id']}")
        return bool(found["ready"] and found["stored"] == found["reachable"] == len(place.speakers))

    place.household.wait_until(ready, "the correction on every speaker", 30.0)
    return str(draft["id"])


def notice(place: Town) -> str:
    """A long ordinary announcement that is playing everywhere."""
    long = " ".join(itertools.repeat("Đây là một thông báo dài về lịch cấp nước.", 8))
    body = {"title": "Lịch cấp nước", "class": "normal", "unit": COMMUNE, "audience": everywhere(place)}
    draft = place.clerk.post("/announcements", body | {"versions": [{"language": "vi", "text": long}]})
    phones.approve(place.clerk, place.approver, str(draft["id"]), phones=place.phones)
    airing = str(place.approver.post("/airings", {"announcement": draft["id"], "now": True})["id"])
    place.wait_for(airing, "started")
    return airing


def test_an_alert_takes_the_place_of_what_plays_and_one_tap_takes_it_back(place: Town) -> None:
    slow, made = notice(place), alert(place)
    with pytest.raises(Refused, match="wrong_place"):
        place.approver.post(f"/emergencies/{made}/send", {"place": "Bản Nà Pản"})
    with pytest.raises(Refused, match="use_emergency"):
        place.approver.post("/airings", {"announcement": made, "now": True})
    sent = place.approver.post(f"/emergencies/{made}/send", {"place": PLACE})
    place.wait_for(str(sent["id"]), "started")
    assert {one["state"] for one in place.deliveries(slow).values()} <= {"started", "armed"}

    tapped = time.monotonic()
    called = place.clerk.post(f"/emergencies/{made}/correction")
    deliveries = place.wait_for(str(called["id"]), "started")
    assert time.monotonic() - tapped <= RETRACTED_WITHIN_S
    assert len(deliveries) == len(place.speakers)
    silenced = place.deliveries(str(sent["id"]))
    assert {one["state"] for one in silenced.values()}.isdisjoint({"started", "heard"})
    place.wait_for(str(called["id"]), "heard", patience=90.0)
    messages: list[dict[str, Any]] = []

    def told() -> bool:
        messages[:] = [one for one in proof.chat_messages(place.chat_url) if "ĐÍNH CHÍNH KHẨN CẤP" in one["text"]]
        return bool(messages)

    place.household.wait_until(told, "the correction in the group", 20.0)
