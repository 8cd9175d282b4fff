"""A night of flood: the loudspeaker is dead, the village head's phone rings, and he speaks. Real tick, real chat."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from broadcaster.demo.stand_in_chat import TOKEN, Desk, StandInChat
from broadcaster.links.alarm import Alarm, Tick
from broadcaster.mirrors.worker import STAND_INS, MirrorWorker
from broadcaster.services.actor import SYSTEM
from broadcaster.services.alarms import standing_in
from broadcaster.services.outlets import reaching
from broadcaster.store.database import Database
from broadcaster.store.tables import StandInMessage
from tests.browser.conftest import listening
from tests.cast import SPEAKERS
from tests.services.stood_in import HOME, Commune
from tests.web.house import House, build

pytestmark = pytest.mark.whole

CHAT = "u-truong-ban"
PATIENCE = 30.0


class Night:
    """Everything that runs, on a clock that the test turns."""

    def __init__(self, house: House, chat: StandInChat, url: str) -> None:
        self.house, self.chat, self.url = house, chat, url
        self.commune = Commune(house.database, house.cast, house.clock())

    def later(self, **by: float) -> None:
        self.commune.later(**by)
        self.house.clock.at = self.commune.now

    def refused(self) -> bool:
        """Whether the provider did not take it the first time."""
        with self.house.database.read() as session:
            return session.scalars(select(StandInMessage.provider_code)).all() == ["429"]

    def message(self, number: int) -> str:
        """The text of the n-th message on the head's phone, once it is there."""
        wait_until(lambda: len(self.chat.received) >= number)
        return self.chat.received[number - 1].text

    def link(self, number: int) -> str:
        """The link in it, at the address of this test's server."""
        return f"{self.url}/say/{self.message(number).rpartition('/say/')[2]}"


def wait_until(done: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)


def fatal(name: str, error: BaseException) -> None:
    raise AssertionError(f"{name}: {error!r}")


@pytest.fixture
def night(sqlite_database: Database, tmp_path: Path) -> Iterator[Night]:
    house = build(sqlite_database, tmp_path)
    desk = Desk(groups={CHAT: "Trưởng bản"})

    def look() -> None:
        with house.database.transaction() as session:
            standing_in.look(session, now=house.clock())

    with ExitStack() as stack:
        chat = stack.enter_context(StandInChat(desk))
        url = stack.enter_context(listening(house))
        settings = {"chat_id": CHAT, "base_url": chat.url}
        with house.database.transaction() as session:
            head = house.cast.village_head.person_id
            reaching.set_channel(
                session, SYSTEM, head, kind="zalo_bot", settings=settings, secret=TOKEN, now=house.clock()
            )
        worker = MirrorWorker(
            house.database, public_url=url, now=house.clock, on_fatal=fatal, private=True, queue=STAND_INS, name="heads"
        )
        # Two broadcasters on one database.
        alarms = [Alarm([Tick("ask people", 0.2, look)]) for _ in range(2)]
        worker.start()
        stack.callback(worker.stop)
        for alarm in alarms:
            alarm.start()
            stack.callback(alarm.stop)
        yield Night(house, chat, url)


def test_the_village_is_told_by_a_person_and_told_again_by_a_person_when_it_was_wrong(night: Night) -> None:
    night.chat.desk.behaviour[CHAT] = "busy"
    alert = night.commune.alert()
    night.commune.tell(alert, "started", *SPEAKERS[1:])
    night.later(minutes=3)
    wait_until(lambda: night.commune.states() == ["open"])
    # The provider asks to be left alone for seven seconds.
    wait_until(night.refused)
    night.chat.desk.behaviour.clear()
    night.later(seconds=10)
    assert "Lên chỗ cao." in night.message(1)

    bot = httpx.get(night.link(1), headers={"user-agent": "ZaloLinkPreview"})
    assert (bot.status_code, "Lên chỗ cao." in bot.text) == (200, True)
    night.later(minutes=5)
    wait_until(lambda: night.commune.states() == ["escalated"])
    said = httpx.post(night.link(1), data={"did": "done"}, follow_redirects=True)
    assert "Đã ghi: bà con đã được nghe." in said.text
    assert night.commune.deliveries(alert)[SPEAKERS[0]] == ("planned", True)
    assert night.commune.asked(HOME)[0].answered_by == night.house.cast.village_head.person_id

    correction = night.commune.call_up(alert, "correction")
    night.commune.tell(correction, "finished", *SPEAKERS)
    text = night.message(2)
    assert "CẦN NÓI THAY LOA" in text
    assert "đính chính" in text.lower() or "nhầm" in text.lower()
    assert httpx.post(night.link(2), data={"did": "done"}, follow_redirects=True).status_code == 200
    assert night.commune.states() == ["done", "done"]
    assert httpx.post(night.link(1), data={"did": "could_not"}).status_code == 409
    assert len(night.chat.received) == 2


def test_whoever_was_asked_is_told_when_the_loudspeaker_wakes_up(night: Night) -> None:
    alert = night.commune.alert()
    night.later(minutes=3)
    night.message(1)
    night.commune.tell(alert, "started", *SPEAKERS)
    assert "không cần đọc nữa" in night.message(2)
    assert night.commune.states() == ["not_needed"]
    gone = httpx.get(night.link(1))
    assert (gone.status_code, "Lên chỗ cao." in gone.text) == (200, False)
