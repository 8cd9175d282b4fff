"""What must not go wrong where people stand in for loudspeakers although much else does."""

import threading

import pytest
from sqlalchemy import select

from broadcaster.domain.errors import LoaError
from broadcaster.services.alarms import stand_in_answers
from broadcaster.services.outlets import claiming, mirrors, reaching, stand_in_queue
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, StandInMessage
from tests.cast import COMMUNE, NOW, Cast
from tests.services.stood_in import DONE, HOME, OPEN, SAID, Commune

pytestmark = pytest.mark.database


@pytest.fixture
def commune(database: Database, cast: Cast) -> Commune:
    return Commune(database, cast)


def announcement_of(commune: Commune, airing: str) -> str:
    with commune.database.read() as session:
        return session.get_one(Airing, airing).announcement_id


def test_what_takes_a_spoken_announcement_back_may_be_of_an_ordinary_class(commune: Commune) -> None:
    first = commune.notice()
    commune.later(minutes=15)
    commune.look()
    commune.answer()
    airing = commune.notice("normal", supersedes=announcement_of(commune, first))
    commune.look()
    assert [row.unit_id for row in commune.asked(airing=airing)] == [HOME]
    commune.later(minutes=30)
    commune.look()
    assert [row.state for row in commune.asked(airing=airing)] == ["escalated"]


def test_a_correction_of_a_correction_reaches_who_said_the_first(commune: Commune) -> None:
    first = commune.notice()
    commune.later(minutes=15)
    commune.look()
    commune.answer()
    second = commune.notice(supersedes=announcement_of(commune, first))
    commune.look()
    assert commune.states() == [DONE, OPEN]
    third = commune.notice(supersedes=announcement_of(commune, second))
    commune.look()
    assert commune.states() == [DONE, "withdrawn", OPEN]
    assert [row.unit_id for row in commune.asked(airing=third)] == [HOME]


def test_who_said_it_before_it_was_taken_back_can_tell_and_takes_it_back(commune: Commune) -> None:
    airing = commune.alert()
    commune.later(minutes=3)
    commune.look()
    secret = commune.link()
    correction = commune.call_up(airing, "correction")
    commune.look()
    assert commune.states() == ["withdrawn"]
    with commune.database.transaction() as session:
        stand_in_answers.answer_by_link(session, secret, SAID, now=commune.now)
    commune.look()
    assert [row.state for row in commune.asked(HOME, airing)] == [DONE]
    assert [(row.cause, row.state) for row in commune.asked(HOME, correction)] == [("spoken", OPEN)]


def test_an_answer_and_the_message_about_it_do_not_hold_each_other_up(commune: Commune) -> None:
    if commune.database.engine.dialect.name != "postgresql":
        pytest.skip("one writer at a time")
    commune.chat()
    commune.alert()
    commune.later(minutes=3)
    commune.look()
    secret = commune.link()
    failures: list[LoaError] = []

    def answer() -> None:
        try:
            with commune.database.transaction() as session:
                stand_in_answers.answer_by_link(session, secret, SAID, now=commune.now)
        except LoaError as failure:
            failures.append(failure)

    answering = threading.Thread(target=answer)
    with commune.database.transaction() as session:
        row = session.scalars(select(StandInMessage)).one()
        assert claiming.claimed(session, row, now=commune.now)
        answering.start()
        answering.join(0.5)
        stand_in_queue._work(session, row, commune.now, "https://loa.example.vn")
    answering.join(10)
    assert failures == []
    assert commune.states() == [DONE]


def test_a_chat_that_is_set_again_gets_the_key_its_bot_has_now(commune: Commune) -> None:
    owner, head = commune.cast.owner, commune.cast.village_head.person_id
    with commune.database.transaction() as session:
        bot = mirrors.add_channel(
            session, owner, unit_id=COMMUNE, kind="zalo_bot", name="Bot", settings={}, secret="1:old", now=NOW
        )
        reaching.set_chat(session, owner, head, "u-truong-ban", now=NOW)
        bot.secret = "1:new"
        reaching.set_chat(session, owner, head, "u-truong-ban", now=NOW)
    commune.alert()
    commune.later(minutes=3)
    commune.look()
    assert [work.secret for work in commune.take()] == ["1:new"]
