"""A plan that fills its window, its session and its day to the last millisecond is heard on the loudspeaker."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.sim.rules.chronicle import Chronicle, Spot
from bench.sim.rules.loudspeaker import IDEAL, Loudspeaker
from bench.sim.rules.story import signing_keys
from broadcaster.services.airtime import planning, schedules
from broadcaster.services.hours import rules
from broadcaster.services.moments import millis
from broadcaster.services.speaking.signing import Signing
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import DraftVersion
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Announcement, SignedDocument, Speaker
from firmware_config.protocol import Event, accept_announcement
from tests.cast import COMMUNE, NOW, PROVINCE, SPEAKERS, VILLAGES, approve, clip, draft, gather, submit, told

pytestmark = pytest.mark.database

THREE = 180_000
LENGTHS = {"vi": 100_000, "en": THREE - 100_000 - 2_000 - 2 * 600}
"""With a chime of two seconds and two pauses exactly three minutes."""
DAWN = {
    "hours": [{"days": [0, 1, 2, 3, 4, 5, 6], "start": 360, "end": 363}],
    "session_minutes": 3,
    "day_minutes": 3,
}


@pytest.fixture
def signing(tmp_path_factory: pytest.TempPathFactory) -> Signing:
    return signing_keys(tmp_path_factory.mktemp("keys"))


def full(session: Session, announcement: Announcement, more_ms: int) -> None:
    """Give it clips of these lengths."""
    session.add_all([clip("c" * 64, ms=2_000), clip("a" * 64, ms=LENGTHS["vi"] + more_ms)])
    session.add(clip("b" * 64, language="en", ms=LENGTHS["en"]))
    session.flush()
    announcement.chime_sha256 = "c" * 64
    for version in announcement.versions:
        version.clip_sha256 = ("a" if version.language == "vi" else "b") * 64
    session.flush()
    session.expire(announcement)


@pytest.mark.parametrize(("more_ms", "state"), [(0, "planned"), (20, "refused")])
def test_to_the_last_millisecond_and_not_one_frame_more(
    sqlite_database: Database, signing: Signing, more_ms: int, state: str
) -> None:
    cast = gather(sqlite_database)
    with sqlite_database.transaction() as session:
        versions = [DraftVersion("vi", "Kính mời bà con."), DraftVersion("en", "You are invited.")]
        words = announcements.write(session, cast.clerk, draft(versions=versions), now=NOW)
        full(session, words, more_ms)
        submit(session, cast.clerk, words.id)
        approve(session, cast.approver, words)
        schedules.add(session, cast.clerk, words.id, {"rrule": "FREQ=DAILY", "times": ["06:00"]}, now=NOW)
        rules.set(session, cast.owner, COMMUNE, DAWN, now=NOW)
        planning.plan(session, now=NOW)
        assert set(session.scalars(select(Airing.state))) == {state}
        if state == "planned":
            tally = heard(session, signing)
            assert set(tally) == {Event.HEARD}
            assert tally.total() == 3


def heard(session: Session, signing: Signing) -> Counter[str]:
    """How the airings of the next days end on a loudspeaker to which nothing happens."""
    faults: list[str] = []
    found = told(session, SPEAKERS[0], signing=signing)
    spot = Spot((PROVINCE, COMMUNE, VILLAGES[0]), "Asia/Ho_Chi_Minh")
    assert session.get_one(Speaker, SPEAKERS[0]).lead_ms == 0
    start, tally, chance = millis(NOW), Counter[str](), Random(1)  # noqa: S311
    each = Loudspeaker(
        SPEAKERS[0],
        spot,
        chance,
        start,
        IDEAL,
        0,
        lambda kind, text: faults.append(kind + text),
        tally,
    )
    for name in {item.announcement for item in found.items}:
        raw = session.get_one(SignedDocument, name.removeprefix("sha256:")).raw
        each.learn(name, accept_announcement(raw, expected=name, keys=signing.keys.ring(), now=start))
    each.told(found, Chronicle().view(spot))
    each.live_until(start + timedelta(hours=80) // timedelta(milliseconds=1))
    # The usual hours of the empty chronicle are wider than three minutes, and nothing else is asked of it here.
    assert faults == []
    return Counter(event for event, _, _ in each.fates.values())
