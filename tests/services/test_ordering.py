"""The commune's order of priority airings that meet holds, also against the clock."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from broadcaster.domain import errors
from broadcaster.services.airtime import airings, collisions
from broadcaster.services.hours import rules
from broadcaster.services.moments import millis
from broadcaster.services.speaking import playing_list
from broadcaster.services.speaking.signing import make_keys
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, OutboxEntry, Speaker
from firmware_config.protocol import Item, Klass
from tests.agent.scenes import NOON, Scene, ref
from tests.cast import COMMUNE, NOW, SPEAKERS, VILLAGES, Cast, approved, told

pytestmark = pytest.mark.database

MINUTE = timedelta(minutes=1)
SOUND = 90_000


def planned(database: Database, cast: Cast, *minutes: float) -> list[str]:
    """Priority airings so many minutes from now, each a minute and a half long."""
    made = []
    with database.transaction() as session:
        for each in minutes:
            name = approved(session, cast, klass="priority").id
            airing = airings.air(session, cast.clerk, name, at=NOW + each * MINUTE, now=NOW)
            airing.sound_ms = SOUND
            made.append(airing.id)
    return made


def order(database: Database, cast: Cast, *wanted: str) -> None:
    with database.transaction() as session:
        airings.set_order(session, cast.clerk, wanted, now=NOW)


def holds(database: Database, *wanted: str) -> list[float | None]:
    """Until so many minutes from now."""
    with database.read() as session:
        found = [session.get_one(Airing, airing).hold_until for airing in wanted]
    return [None if until is None else (until - NOW) / MINUTE for until in found]


def heard(database: Database, speaker: str = SPEAKERS[0]) -> Iterator[tuple[str, datetime | None]]:
    with database.read() as session:
        listed = playing_list.expected(session, session.get_one(Speaker, speaker), now=NOW, length=timedelta(hours=4))
        yield from ((one.airing, one.start) for one in listed)


def test_what_is_put_later_waits_for_what_begins_later(database: Database, cast: Cast) -> None:
    early, late = planned(database, cast, 60, 61)
    assert [airing for airing, _ in heard(database)] == [early, late]
    order(database, cast, late, early)
    assert holds(database, late, early) == [None, 61]
    assert [airing for airing, _ in heard(database)] == [late, early]
    with database.read() as session:
        [met] = collisions.ahead(session, VILLAGES, now=NOW)
    assert [(slot.airing, slot.hold > 0) for slot in met.slots] == [(late, False), (early, True)]


def test_the_loudspeaker_itself_holds_it(database: Database, cast: Cast, tmp_path: Path) -> None:
    signing = make_keys(tmp_path, now=NOW)

    def items() -> list[Item]:
        """What the manifest says, with sounds that the core of the loudspeaker has, on the core's day."""
        with database.transaction() as session:
            items = told(session, SPEAKERS[0], signing=signing, now=NOW).items
        away = {name: NOON - millis(NOW) for name in ("start", "latest_start", "expires")}
        names = {airing: number for number, airing in enumerate(wanted)}
        return [
            replace(
                item,
                announcement=ref(names[item.airing]),
                **{field: getattr(item, field) + ms for field, ms in away.items()},
            )
            for item in items
        ]

    wanted = planned(database, cast, 60, 61)
    scene = Scene()
    for number in range(len(wanted)):
        scene.bring(number, Klass.PRIORITY)
    scene.plan(*items())
    scene.pass_time(59 * 60_000)
    order(database, cast, *wanted[::-1])
    scene.plan(*items())
    scene.pass_time(60_000 + 30_000)
    begun = [scene.playing]
    for _ in wanted:
        scene.pass_time(60_000)
        begun.append(scene.playing)
        scene.finish()
    assert begun == [None, *wanted[::-1]], "its own time has come, and it waits"


def test_another_order_releases_it(database: Database, cast: Cast) -> None:
    early, late, last = planned(database, cast, 60, 61, 62)
    order(database, cast, last, late, early)
    assert holds(database, last, late, early) == [None, 62, 62]
    order(database, cast, early, late)
    assert holds(database, early, late, last) == [None, None, None]


def test_the_end_of_what_was_waited_for_releases_it(database: Database, cast: Cast) -> None:
    early, late, last = planned(database, cast, 60, 61, 62)
    order(database, cast, last, late, early)
    with database.transaction() as session:
        session.execute(OutboxEntry.__table__.delete())  # type: ignore[attr-defined]
        airings.stop(session, cast.clerk, last, now=NOW)
    assert holds(database, late, early) == [None, 61]
    with database.transaction() as session:
        airings.stop(session, cast.clerk, late, now=NOW)
    assert holds(database, early) == [None]


def test_nothing_waits_longer_than_its_window(database: Database, cast: Cast) -> None:
    early, late, last = planned(database, cast, 60, 88, 89)
    order(database, cast, late, early)
    with pytest.raises(errors.OrderTooLate) as refused:
        order(database, cast, last, late, early)
    assert refused.value.params["minutes"] == 2
    assert holds(database, late, early, last) == [None, 88, None]


def test_what_begins_later_anyway_is_not_refused(database: Database, cast: Cast) -> None:
    first, second, third = planned(database, cast, 60, 60, 600)
    order(database, cast, second, first, third)
    assert holds(database, second, first, third) == [None, None, None]


def test_nothing_waits_until_the_rules_bar_it(database: Database, cast: Cast) -> None:
    early, late = planned(database, cast, 60, 70)
    closes = (NOW + 70 * MINUTE + timedelta(hours=7)).replace(second=0)
    window = {"days": list(range(7)), "start": 0, "end": closes.hour * 60 + closes.minute + 2}
    with database.transaction() as session:
        rules.set(session, cast.owner, COMMUNE, {"hours": [window]}, now=NOW)
    with pytest.raises(errors.OutsideHours):
        order(database, cast, late, early)
    assert holds(database, late, early) == [None, None]
