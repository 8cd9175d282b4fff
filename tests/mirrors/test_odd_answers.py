"""One odd answer, or one copy that cannot be read, concerns nobody but its own group."""

import pytest
from sqlalchemy import select, update

from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.mirrors.rounds import UNFIT
from broadcaster.mirrors.worker import MirrorWorker
from broadcaster.services.outlets import mirror_queue
from broadcaster.services.outlets.claiming import UNREADABLE, Work
from broadcaster.store.tables import MirrorCopy
from tests.mirrors.village import Village

pytestmark = pytest.mark.database

ODD = "\x00 \ud83d"


def take(village: Village) -> list[Work]:
    with village.database.transaction() as session:
        rows = mirror_queue.due(session, now=village.now, limit=50)
        return mirror_queue.claim(session, rows, now=village.now, public_url="https://loa.example.vn")


def owed(village: Village, *units: str) -> None:
    for unit in units:
        village.channel(unit)
    village.air(village.announcement(*units))


def states(village: Village) -> dict[str, tuple[str, str]]:
    with village.database.read() as session:
        rows = session.scalars(select(MirrorCopy)).all()
        return {village.channels[row.channel_id]: (row.state, row.provider_code) for row in rows}


def test_what_no_database_takes_is_left_out_of_an_answer(village: Village) -> None:
    owed(village, "dong-1")
    (work,) = take(village)
    answer = Outcome(
        CopyState.ACCEPTED, f"{ODD}{'m' * 300}", provider_code=ODD, detail=ODD, changed=((f"chat_id{ODD[0]}", ODD),)
    )
    with village.database.transaction() as session:
        mirror_queue.noted(session, work.copy.id, answer, now=village.now)
    row = village.row()
    assert (row.state, row.remote_id, row.error) == ("accepted", " " + "m" * 199, " ")
    assert village.channel_row(work.channel_id).settings == {"chat_id": " "}


def test_an_outcome_that_cannot_be_noted_holds_back_no_other(village: Village) -> None:
    owed(village, "dong-1", "dong-2")
    worker = MirrorWorker(
        village.database, public_url="https://loa.example.vn", now=lambda: village.now, on_fatal=lambda *_: None
    )
    # What no channel should say; one day one does.
    senseless = Outcome(CopyState.FAILED, retry_after="soon")  # type: ignore[arg-type]
    for work in take(village):
        odd = village.channels[work.channel_id] == "g-dong-1"
        worker.answered(work, senseless if odd else Outcome(CopyState.ACCEPTED, provider_code="ok"))
    worker.note_outcomes()
    assert states(village) == {"g-dong-1": ("unknown", UNFIT), "g-dong-2": ("accepted", "ok")}


@pytest.mark.parametrize("words", ["", "[]", "null", '{"class": "odd"}'])
def test_a_copy_that_cannot_be_read_fails_by_itself(village: Village, words: str) -> None:
    owed(village, "dong-1", "dong-2")
    spoiled = village.row()
    with village.database.transaction() as session:
        session.execute(update(MirrorCopy).where(MirrorCopy.id == spoiled.id).values(text=words))
    (other,) = take(village)
    assert other.copy.id != spoiled.id
    assert states(village)[village.channels[spoiled.channel_id]] == ("failed", UNREADABLE)
    assert village.channel_row(other.channel_id).enabled
    with village.database.read() as session:
        assert session.get_one(MirrorCopy, spoiled.id).claimed_until is None
