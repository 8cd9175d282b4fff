"""What was not believed becomes a draft only by somebody who answers for it, and never sounds by itself."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.domain.cap.incoming import State
from broadcaster.domain.cap.message import MsgType, Scope, Status
from broadcaster.domain.cap.refusal import Refusal
from broadcaster.domain.errors import CapNoDraft, CapNotLive, CapOver, LoaError, NotAllowed, NotFound
from broadcaster.services.alarms import cap_airing, cap_by_hand, cap_in
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Announcement, AuditEntry, CapMessage, CapSource
from tests.cap.senders import SENDER, Sender, known, order, storm
from tests.cast import COMMUNE, NOW, Cast
from tests.studios import QuietStudio
from tests.web.house import House

pytestmark = pytest.mark.database

SOON = NOW + timedelta(seconds=30)
OTHER = "tinh@example.vn"


def refused(session: Session, source: CapSource, hand: Sender, **changes: object) -> str:
    usual: dict[str, object] = {"sender": OTHER}
    raw = hand.signed(hand.message(**(usual | changes)))  # type: ignore[arg-type]
    return cap_in.receive(session, source, raw, pinned=False, now=SOON).id


def test_whoever_writes_makes_a_draft_of_it_and_the_log_book_says_who(sqlite_database: Database, cast: Cast) -> None:
    with sqlite_database.transaction() as session:
        source = known(session, cast)
        message = refused(session, source, Sender())
        made = cap_by_hand.take_up(session, cast.clerk, source, message, now=SOON)
        clerk = cast.clerk.person_id
        assert (made.state, made.klass, made.hazard, made.author_id) == ("draft", "emergency", "storm", clerk)
        assert [each.ref for each in made.audience] == [COMMUNE]
        assert made.expires == NOW + timedelta(hours=3)
        with pytest.raises(CapNoDraft):
            cap_by_hand.take_up(session, cast.clerk, source, message, now=SOON)
    with sqlite_database.read() as session:
        told = session.scalars(select(AuditEntry).where(AuditEntry.action == "cap_by_hand")).one()
    assert (told.person_id, told.details["believed"], told.details["made"]) == (clerk, False, made.id)
    assert told.details["code"] == Refusal.WRONG_SENDER


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"status": Status.EXERCISE, "sender": SENDER}, CapNotLive),
        ({"status": Status.TEST}, CapNotLive),
        ({"status": Status.SYSTEM}, CapNotLive),
        ({"msg_type": MsgType.ACK}, CapNotLive),
        ({"infos": (storm(expires=NOW),)}, CapOver),
        ({"infos": ()}, CapNoDraft),
        ({"msg_type": MsgType.CANCEL}, CapNoDraft),
        ({"sender": SENDER}, CapNoDraft),
    ],
)
def test_of_what_is_no_live_alert_nobody_makes_one(
    session: Session, cast: Cast, changes: dict[str, object], error: type[LoaError]
) -> None:
    source = known(session, cast)
    message = refused(session, source, Sender(), **changes)
    before = session.scalar(select(func.count()).select_from(Announcement))
    with pytest.raises(error):
        cap_by_hand.take_up(session, cast.clerk, source, message, now=SOON)
    assert session.scalar(select(func.count()).select_from(Announcement)) == before


def test_nor_of_what_its_sender_took_back(session: Session, cast: Cast) -> None:
    source, sender = known(session, cast), Sender()
    first = sender.message(scope=Scope.PRIVATE)
    message = cap_in.receive(session, source, sender.signed(first), pinned=False, now=SOON).id
    raw = sender.signed(sender.message(MsgType.CANCEL, first))
    cap_in.receive(session, source, raw, pinned=False, now=SOON)
    with pytest.raises(CapOver):
        cap_by_hand.take_up(session, cast.clerk, source, message, now=SOON)


def test_only_who_writes_there_and_only_out_of_its_own_source(session: Session, cast: Cast) -> None:
    source, other = known(session, cast), known(session, cast)
    message = refused(session, source, Sender())
    for who in (cast.technician, cast.monitor, cast.village_head, cast.stranger):
        with pytest.raises(NotAllowed):
            cap_by_hand.take_up(session, who, source, message, now=SOON)
    with pytest.raises(NotFound):
        cap_by_hand.take_up(session, cast.clerk, other, message, now=SOON)


def test_under_an_order_of_two_it_waits_all_the_same_and_ends_as_the_alert_does(
    sqlite_database: Database, cast: Cast
) -> None:
    with sqlite_database.transaction() as session:
        source = known(session, cast)
        order(session, source, cast.approver, cast.second_approver)
        message = refused(session, source, Sender(), sender=SENDER, scope=Scope.PRIVATE)
        cap_by_hand.take_up(session, cast.clerk, source, message, now=SOON)
    for step in (0, 5, 20):
        assert cap_airing.work(sqlite_database, QuietStudio(), now=SOON + timedelta(seconds=step)) == set()
    with sqlite_database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Airing)) == 0
        assert cap_in.sweep(session, now=NOW + timedelta(hours=3)) != set()
        assert [row.state for row in session.scalars(select(CapMessage))] == [State.EXPIRED]


def test_one_button_on_the_page_of_its_source(house: House) -> None:
    sender = Sender()
    with house.database.transaction() as session:
        source = known(session, house.cast)
        page, message = f"/cap-sources/{source.id}", refused(session, source, sender)
        refused(session, source, sender, status=Status.TEST, sender=SENDER)
    clerk = house.browser(house.cast.clerk)
    shown = clerk.get(page).text
    assert shown.count("Soạn nháp từ bản tin này") == 1
    assert "Đây là bản tin diễn tập" in shown
    assert "Soạn nháp từ bản tin này" not in house.browser(house.cast.technician).get(page).text
    made = clerk.send(page, f"{page}/messages/{message}", {})
    assert "/announcements/" in str(made.url)
    assert "đã soạn nháp từ bản tin" in house.browser(house.cast.owner).get("/audit").text
    assert "Soạn nháp từ bản tin này" not in clerk.get(page).text
