"""Nobody reads an alert after its all-clear, whatever kept the alert from going out before."""

from typing import Any

import pytest
from sqlalchemy import update

from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.services.outlets import mirror_queue
from broadcaster.services.outlets.claiming import Work
from broadcaster.store.tables import Airing, Announcement
from tests.mirrors.village import NOW, Village

pytestmark = pytest.mark.database

ACCEPTED = Outcome(CopyState.ACCEPTED, remote_id="m1")
LATER = Outcome(CopyState.FAILED, provider_code="503")
UNKNOWN = Outcome(CopyState.UNKNOWN)


def take(village: Village) -> list[Work]:
    with village.database.transaction() as session:
        mirror_queue.tidy(session, now=village.now)
        rows = mirror_queue.due(session, now=village.now, limit=50)
        return mirror_queue.claim(session, rows, now=village.now, public_url="https://loa.example.vn")


def send(village: Village, outcome: Outcome) -> list[str]:
    """The announcements of which something went out now."""
    works = take(village)
    with village.database.transaction() as session:
        for work in works:
            mirror_queue.noted(session, work.copy.id, outcome, now=village.now)
    return [work.copy.announcement for work in works]


def part(village: Village, alert: str, which: str) -> str:
    name = village.announcement(klass="emergency", text="Đã hết nguy hiểm.")
    with village.database.transaction() as session:
        found = session.get_one(Announcement, name)
        found.part_of_id, found.part = alert, which
    return name


@pytest.mark.parametrize(("outcome", "left"), [(LATER, ["failed", "accepted"]), (UNKNOWN, ["unknown", "accepted"])])
def test_an_alert_is_not_sent_after_its_all_clear(village: Village, outcome: Outcome, left: list[str]) -> None:
    village.channel()
    alert = village.announcement(klass="emergency")
    village.air(alert)
    assert send(village, outcome) == [alert[-10:]]
    village.pass_time(seconds=1)
    over = part(village, alert, "all_clear")
    village.air(over)
    assert send(village, ACCEPTED) == [over[-10:]]
    village.pass_time(minutes=5)
    assert send(village, ACCEPTED) == []
    assert [state for _, _, state in village.copies()] == left


def test_a_correction_is_not_sent_after_the_all_clear_that_was_called_up_later(village: Village) -> None:
    village.channel()
    alert = village.announcement(klass="emergency")
    village.air(alert)
    send(village, ACCEPTED)
    correction, over = part(village, alert, "correction"), part(village, alert, "all_clear")
    village.pass_time(minutes=1)
    village.air(correction)
    assert send(village, LATER) == [correction[-10:]]
    village.pass_time(seconds=1)
    village.air(over)
    assert send(village, ACCEPTED) == [over[-10:]]
    village.pass_time(minutes=5)
    assert send(village, ACCEPTED) == []


def test_what_is_called_up_last_is_sent(village: Village) -> None:
    village.channel()
    alert = village.announcement(klass="emergency")
    over, correction = part(village, alert, "all_clear"), part(village, alert, "correction")
    for name in (alert, over, correction):
        village.pass_time(minutes=1)
        village.air(name)
    assert send(village, ACCEPTED) == [correction[-10:]]
    assert send(village, ACCEPTED) == []


@pytest.mark.parametrize("silent", [{"standby": True}, {"cancelled_at": NOW}, {"state": "refused"}])
def test_a_part_that_nobody_called_up_overtakes_nothing(village: Village, silent: dict[str, Any]) -> None:
    village.channel()
    alert = village.announcement(klass="emergency")
    village.air(alert)
    village.pass_time(seconds=1)
    over = part(village, alert, "all_clear")
    village.air(over)
    with village.database.transaction() as session:
        session.execute(update(Airing).where(Airing.announcement_id == over).values(**silent))
    assert send(village, ACCEPTED) == [alert[-10:]]


def test_a_part_that_begins_later_overtakes_nothing_yet(village: Village) -> None:
    village.channel()
    alert = village.announcement(klass="emergency")
    village.air(alert)
    village.air(part(village, alert, "all_clear"), after=village.now - village.now.replace(minute=0))
    assert send(village, ACCEPTED) == [alert[-10:]]
