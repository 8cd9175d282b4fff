"""Whatever happens to an emergency, its messages are one valid chain."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.cap.message import Area, MsgType, Status, Urgency
from broadcaster.domain.cap.outgoing import TABLE, Emergency, Happened, Said, Stage, Told, messages
from broadcaster.domain.cap.writing import to_xml
from tests.cap.schema import problems
from tests.cast import NOW

pytestmark = pytest.mark.pure

HISTORIES = st.lists(st.sampled_from(Happened), max_size=8)


def emergency(*, exercise: bool = False) -> Emergency:
    return Emergency("abc", "xa@loa.example", "Xã", "https://loa.example/n/abc", exercise, "flood", 3)


def told(place: int, what: Happened) -> Told:
    said = (Said("vi", "Lũ", "Cảnh báo lũ", "Nước lên."), Said("en", "Flood", "Flood warning", "Rising."))
    return Told(NOW + timedelta(minutes=place), what, said, (Area("Xã"),))


@given(HISTORIES, st.booleans())
def test_every_history_is_a_valid_chain(history: list[Happened], exercise: bool) -> None:
    made = messages(emergency(exercise=exercise), [told(place, what) for place, what in enumerate(history)])
    for place, message in enumerate(made):
        assert problems(to_xml(message)) == []
        assert message.identifier == f"abc-{place + 1}"
        assert message.references == tuple(each.reference for each in made[:place])
        assert (message.msg_type is MsgType.ALERT) == (place == 0)
        assert message.status is (Status.EXERCISE if exercise else Status.ACTUAL)
        assert len(message.infos) == 2
    assert bool(made) == (Happened.SENT in history)
    # Nobody who was told that it was taken back is told anything after it.
    assert all(each.msg_type is not MsgType.CANCEL for each in made[:-1])


def test_what_is_over_can_still_be_found_to_have_been_wrong() -> None:
    history = [Happened.SENT, Happened.ENDED, Happened.CORRECTED, Happened.WITHDRAWN]
    made = messages(emergency(), [told(place, what) for place, what in enumerate(history)])
    assert [each.msg_type for each in made] == [MsgType.ALERT, MsgType.UPDATE, MsgType.CANCEL]
    assert made[1].infos[0].urgency is Urgency.PAST


def test_a_history_is_told_in_its_order_in_time() -> None:
    made = messages(emergency(), [told(5, Happened.CORRECTED), told(1, Happened.SENT)])
    assert [each.msg_type for each in made] == [MsgType.ALERT, MsgType.CANCEL]


def test_the_table_is_complete_in_its_words() -> None:
    assert {stage for stage, _ in TABLE} | set(TABLE.values()) == set(Stage)
    assert {what for _, what in TABLE} == set(Happened)
