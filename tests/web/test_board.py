"""What the board says of a loudspeaker."""

import pytest

from broadcaster.domain.delivery import LADDER, State
from broadcaster.services.airtime import airings
from broadcaster.store.tables import Delivery
from broadcaster.web.labels import AIRING, ANNOUNCEMENT, COPY, DELIVERY, label
from broadcaster.web.shown.board_row import reached
from tests.cast import NOW, SPEAKERS, approved
from tests.web.house import House

pytestmark = pytest.mark.pages


def delivery(state: State, **times: object) -> Delivery:
    unsaid = dict.fromkeys(f"{step}_at" for step in LADDER if step is not State.PLANNED)
    return Delivery(state=state, **(unsaid | times))


@pytest.mark.parametrize(("state", "rungs"), [(state, place + 1) for place, state in enumerate(LADDER)])
def test_the_ladder_is_filled_up_to_where_the_speaker_is(state: State, rungs: int) -> None:
    assert list(reached(delivery(state))) == [True] * rungs + [False] * (6 - rungs)


def test_a_speaker_that_fell_off_keeps_the_steps_it_reached() -> None:
    fallen = delivery(State.PARTIAL, stored_at=NOW, armed_at=NOW, started_at=NOW)
    assert list(reached(fallen)) == [True, True, True, True, False, False]


def test_every_state_has_its_word_and_drawing() -> None:
    from broadcaster.domain import airing, announcement, mirror  # noqa: PLC0415

    for table, states in (
        (ANNOUNCEMENT, announcement.State),
        (AIRING, airing.State),
        (DELIVERY, State),
        (COPY, mirror.CopyState),
    ):
        assert set(table) == set(states)
    assert label(DELIVERY, "never heard of").text == "Unknown"


def test_a_reason_is_said_in_words_and_an_unknown_one_as_it_is(house: House) -> None:
    with house.database.transaction() as session:
        announcement = approved(session, house.cast).id
        airing = airings.air(session, house.cast.clerk, announcement, at=None, now=NOW).id
        for speaker, reason in zip(SPEAKERS, ("starts_used", "100 % <b>new</b> %s %(x)s", ""), strict=True):
            row = session.get_one(Delivery, (airing, speaker))
            row.state, row.reason, row.ended_at = "partial", reason, NOW
    text = house.browser(house.cast.clerk).get(f"/airings/{airing}").text
    assert "đã thử đủ số lần cho phép" in text
    assert "100 % &lt;b&gt;new&lt;/b&gt; %s %(x)s" in text
