"""An alert from outside becomes a draft with our template and its places filled in; everything else is no alert."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.domain.cap import incoming, placing
from broadcaster.domain.cap.incoming import State
from broadcaster.domain.cap.message import Area, Message, MsgType, Scope, Status
from broadcaster.domain.cap.refusal import Refusal, Refused
from broadcaster.domain.cap.writing import to_xml
from broadcaster.services.alarms import cap_forgetting, cap_in, emergencies
from broadcaster.services.alarms.cap_in import MOST_IN_AN_HOUR
from broadcaster.services.outlets import standing_orders
from broadcaster.services.outlets.cap_seal import Seal
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Announcement, AuditEntry, CapMessage, CapSource, Unit
from tests import cast as places
from tests.cap.senders import HERE, SENDER, Sender, known, storm
from tests.cast import COMMUNE, NOW, VILLAGES, Cast
from tests.web.house import AUTHORITY

pytestmark = pytest.mark.database

SOON = NOW + timedelta(minutes=1)
SHAPE = {"type": "MultiPolygon", "coordinates": [[[[104.0, 21.0], [104.2, 21.0], [104.2, 21.2], [104.0, 21.0]]]]}
AROUND = ((20.9, 103.9), (20.9, 104.3), (21.3, 104.3), (21.3, 103.9), (20.9, 103.9))
FAR = ((10.0, 106.0), (10.0, 107.0), (11.0, 107.0), (10.0, 106.0))
WITHIN = ((21.02, 104.1), (21.02, 104.12), (21.04, 104.12), (21.02, 104.1))


def received(session: Session, source: CapSource, message: Message, sender: Sender | None = None) -> CapMessage:
    raw = (sender or Sender()).signed(message)
    return cap_in.receive(session, source, raw, pinned=False, now=SOON)


def drafted(session: Session, row: CapMessage) -> Announcement:
    assert row.state == State.DRAFTED
    return session.get_one(Announcement, row.announcement_id)


def test_it_becomes_a_draft_in_our_words_for_its_places(session: Session, cast: Cast) -> None:
    made = drafted(session, received(session, known(session, cast), Sender().message()))
    assert (made.klass, made.kind, made.state, made.hazard, made.level) == ("emergency", "live", "draft", "storm", 3)
    assert made.title == "Cảnh báo bão, cấp 3, Xã Yên Châu"
    assert [(each.kind, each.ref) for each in made.audience] == [("unit", COMMUNE)]
    assert made.slots["vi"]["action"] == "Bà con vào nơi trú ẩn ngay."
    assert made.slots["vi"]["time"] == "từ bây giờ đến 13:00 ngày 25/11/2026"
    assert made.expires == NOW + timedelta(hours=3)
    assert {part.part for part in made.parts} == {"correction", "all_clear"}
    assert session.scalar(select(func.count()).select_from(Airing)) == 0


def test_two_people_send_it_as_any_other(session: Session, cast: Cast) -> None:
    made = drafted(session, received(session, known(session, cast), Sender().message()))
    places.give_clips(session, made)
    places.approve(session, cast.approver, places.submit(session, cast.clerk, made.id))
    later = NOW + timedelta(seconds=20)
    assert emergencies.send(session, cast.clerk, made.id, place="Xã Yên Châu", now=later).planned_at == later


@pytest.mark.parametrize("status", [Status.EXERCISE, Status.TEST, Status.SYSTEM, Status.DRAFT])
def test_what_is_not_meant_is_only_noted(session: Session, cast: Cast, status: Status) -> None:
    row = received(session, known(session, cast), Sender().message(status=status))
    assert (row.state, row.announcement_id) == (State.NOTED, None)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"sender": "other@example.vn"}, Refusal.WRONG_SENDER),
        ({"scope": Scope.RESTRICTED}, Refusal.NOT_PUBLIC),
        ({"sent": NOW + timedelta(hours=1)}, Refusal.FROM_FUTURE),
        ({"infos": (storm(expires=NOW),)}, Refusal.EXPIRED),
        ({"infos": (storm(expires=None),), "sent": NOW - timedelta(hours=7)}, Refusal.EXPIRED),
        ({"infos": (storm(expires=NOW + timedelta(days=300)),), "sent": NOW - timedelta(days=8)}, Refusal.EXPIRED),
        ({"infos": ()}, Refusal.BAD_CAP),
    ],
)
def test_what_is_not_believed_is_written_down_with_its_reason(
    session: Session, cast: Cast, changes: dict[str, object], refusal: Refusal
) -> None:
    row = received(session, known(session, cast), Sender().message(**changes))  # type: ignore[arg-type]
    assert (row.state, row.code, row.announcement_id) == (State.REFUSED, refusal, None)


def test_what_is_not_signed_by_the_one_we_know_leaves_nothing(session: Session, cast: Cast) -> None:
    source, message = known(session, cast), Sender().message()
    issued = AUTHORITY.issue("kttv", now=NOW)
    forger = Sender(Seal(issued.key_pem, issued.certificate_pem))
    for raw in (to_xml(message), forger.signed(message), Sender().signed(message).replace(b"Severe", b"Minor")):
        with pytest.raises(Refused, match="unsigned"):
            cap_in.receive(session, source, raw, pinned=True, now=SOON)
    assert session.scalar(select(func.count()).select_from(CapMessage)) == 0


def test_over_a_pinned_connection_it_needs_no_signature_and_posted_it_does(session: Session, cast: Cast) -> None:
    source = known(session, cast, trust="pinned", url="https://alerts.example/feed")
    message = Sender().message()
    with pytest.raises(Refused, match="unsigned"):
        cap_in.receive(session, source, to_xml(message), pinned=False, now=SOON)
    assert cap_in.receive(session, source, to_xml(message), pinned=True, now=SOON).state == State.DRAFTED


def test_the_same_message_again_changes_nothing(session: Session, cast: Cast) -> None:
    source, message = known(session, cast), Sender().message()
    first = received(session, source, message)
    assert received(session, source, message) is first
    assert len(session.scalars(select(Announcement).where(Announcement.part_of_id.is_(None))).all()) == 1


def test_an_identifier_used_twice_is_refused(session: Session, cast: Cast) -> None:
    source, message = known(session, cast), Sender().message(status=Status.TEST)
    received(session, source, message)
    again = replace(message, status=Status.ACTUAL, sent=message.sent + timedelta(seconds=1))
    assert received(session, source, again).code == Refusal.IDENTIFIER_USED


def test_an_update_takes_the_place_of_a_draft(session: Session, cast: Cast) -> None:
    source, sender = known(session, cast), Sender()
    first = sender.message()
    old = received(session, source, first)
    new = received(session, source, sender.message(MsgType.UPDATE, first))
    assert (old.state, new.state) == (State.SUPERSEDED, State.DRAFTED)
    assert session.get_one(Announcement, old.announcement_id).state == "withdrawn"


def test_a_cancel_takes_back_the_alert_and_its_updates(session: Session, cast: Cast) -> None:
    source, sender = known(session, cast), Sender()
    first = sender.message()
    old = received(session, source, first)
    update = received(session, source, sender.message(MsgType.UPDATE, first))
    row = received(session, source, sender.message(MsgType.CANCEL, first))
    assert [old.state, update.state, row.state] == [State.CANCELLED, State.CANCELLED, State.NOTED]
    assert session.get_one(Announcement, update.announcement_id).state == "withdrawn"


def test_what_was_cancelled_before_it_came_never_becomes_a_draft(session: Session, cast: Cast) -> None:
    source, sender = known(session, cast), Sender()
    first, second = sender.message(), sender.message()
    received(session, source, sender.message(MsgType.CANCEL, first))
    received(session, source, sender.message(MsgType.UPDATE, second))
    assert received(session, source, first).state == State.CANCELLED
    assert received(session, source, second).state == State.SUPERSEDED


@pytest.mark.parametrize("changes", [{"status": Status.TEST}, {"status": Status.EXERCISE}, {"sender": "o@example.vn"}])
def test_only_the_sender_itself_and_in_earnest_takes_anything_back(
    session: Session, cast: Cast, changes: dict[str, object]
) -> None:
    source, sender = known(session, cast), Sender()
    source.senders = [SENDER, "o@example.vn"]
    first = sender.message()
    row = received(session, source, first)
    received(session, source, sender.message(MsgType.CANCEL, first, **changes))
    assert row.state == State.DRAFTED


def test_another_source_cannot_take_it_back(session: Session, cast: Cast) -> None:
    source, other, sender = known(session, cast), known(session, cast), Sender()
    first = sender.message()
    row = received(session, source, first)
    received(session, other, sender.message(MsgType.CANCEL, first))
    assert row.state == State.DRAFTED


def test_it_ends_when_it_says(session: Session, cast: Cast) -> None:
    row = received(session, known(session, cast), Sender().message())
    assert cap_in.sweep(session, now=NOW + timedelta(hours=3) - timedelta(seconds=1)) == set()
    assert cap_in.sweep(session, now=NOW + timedelta(hours=3)) == {row.announcement_id}
    assert row.state == State.EXPIRED


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        (Area("x", polygons=(AROUND,)), [VILLAGES[0]]),
        (Area("x", polygons=(WITHIN,)), [VILLAGES[0]]),
        (Area("Các bản: Nà Pản, Khoóng"), sorted(VILLAGES[:2])),
        (Area("Bản Nà Pản, Xã Yên Châu, tỉnh Sơn La"), [VILLAGES[0]]),
        (Area("Bản Nà Pản; bản khoong"), sorted(VILLAGES[:2])),
        (Area("Tỉnh Sơn La"), [COMMUNE]),
        (Area("x", geocodes=(("code", VILLAGES[2]), ("code", VILLAGES[1]))), sorted(VILLAGES[1:])),
        (Area("Nơi nào đó"), []),
    ],
)
def test_its_area_is_found_among_our_units(session: Session, cast: Cast, area: Area, expected: list[str]) -> None:
    session.get_one(Unit, VILLAGES[0]).boundary = SHAPE
    made = drafted(session, received(session, known(session, cast), Sender().message(infos=(storm(areas=(area,)),))))
    assert [each.ref for each in made.audience] == expected


def test_what_its_area_leaves_open_is_kept_for_whoever_completes_it(session: Session, cast: Cast) -> None:
    session.get_one(Unit, places.OTHER_VILLAGE).name = "Bản Nà Pản"
    area = Area(f"Bản Nà Pản, bản Khoóng và xã Nào Đó{'.' * 200}")
    row = received(session, known(session, cast), Sender().message(infos=(storm(areas=(area,)),)))
    assert [each.ref for each in drafted(session, row).audience] == [VILLAGES[1]]
    assert row.unclear == {"several": ["Bản Nà Pản"], "unknown": ["xã Nào Đó"]}


def test_an_alert_for_elsewhere_disturbs_nobody(session: Session, cast: Cast) -> None:
    session.get_one(Unit, VILLAGES[0]).boundary = SHAPE
    message = Sender().message(infos=(storm(areas=(Area("Xa", polygons=(FAR,)),)),))
    assert received(session, known(session, cast), message).state == State.ELSEWHERE


def test_what_is_too_much_to_look_up_is_for_people(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "MOST_SHAPES", 0)
    session.get_one(Unit, VILLAGES[0]).boundary = SHAPE
    message = Sender().message(infos=(storm(areas=(Area("Nhiều nơi", polygons=(AROUND,)),)),))
    row = received(session, known(session, cast), message)
    assert drafted(session, row).audience == []
    assert row.unclear == {"several": ["Nhiều nơi"]}


def test_words_without_a_template_stay_as_they_came(session: Session, cast: Cast) -> None:
    message = Sender().message(infos=(storm(event="Rò rỉ hoá chất", headline="Rò rỉ hoá chất tại kho"),))
    made = drafted(session, received(session, known(session, cast), message))
    assert (made.hazard, made.title) == (None, "Rò rỉ hoá chất tại kho")
    assert "trú ẩn" in made.versions[0].text


def test_only_what_may_concern_it_is_read_again(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    source, sender, again = known(session, cast), Sender(), list[str]()
    first = sender.message()
    received(session, source, first)
    received(session, source, sender.message())
    read_again = standing_orders.message_of

    def noted(row: CapMessage) -> Message:
        again.append(row.identifier)
        return read_again(row)

    monkeypatch.setattr(standing_orders, "message_of", noted)
    received(session, source, sender.message())
    assert again == []
    received(session, source, sender.message(MsgType.UPDATE, first))
    assert again == [first.identifier]


def test_a_flood_of_alerts_ends(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cap_in, "MOST_IN_AN_HOUR", 3)
    source, sender = known(session, cast), Sender()
    for changes in ({}, {"scope": Scope.PRIVATE}, {"status": Status.TEST}, {"infos": (storm(event="Rò rỉ"),)}):
        received(session, source, sender.message(**changes))
    with pytest.raises(Refused, match="too_many"):
        received(session, source, sender.message())
    assert MOST_IN_AN_HOUR == 200


def test_a_cancel_comes_through_a_flood(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cap_in, "MOST_IN_AN_HOUR", 1)
    source, sender = known(session, cast), Sender()
    first = sender.message()
    row = received(session, source, first)
    received(session, source, sender.message(MsgType.CANCEL, first))
    assert row.state == State.CANCELLED


def test_all_of_it_is_in_the_log_book(sqlite_database: Database, cast: Cast) -> None:
    with sqlite_database.transaction() as session:
        received(session, known(session, cast), Sender().message(infos=(storm(areas=(HERE,)),)))
    with sqlite_database.read() as session:
        mine = select(AuditEntry.action).where(AuditEntry.subject_kind == "cap_source").order_by(AuditEntry.seq)
        assert session.scalars(mine).all() == ["cap_add", "cap_in"]


def test_what_nothing_can_ask_for_is_forgotten_in_batches(
    sqlite_database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cap_forgetting, "BATCH", 2)
    sender, since = Sender(), SOON + cap_in.REMEMBERED
    with sqlite_database.transaction() as session:
        source = known(session, cast)
        kept = received(session, source, sender.message()).id
        for _ in range(5):
            received(session, source, sender.message(status=Status.TEST))
        late = received(session, source, sender.message(scope=Scope.PRIVATE))
        late.received_at += timedelta(seconds=1)
        young = late.id
    assert cap_forgetting.forget(sqlite_database, now=since) == 0
    assert cap_forgetting.forget(sqlite_database, now=since + timedelta(seconds=1)) == 5
    with sqlite_database.read() as session:
        assert set(session.scalars(select(CapMessage.id))) == {kept, young}
        assert len(session.scalars(select(AuditEntry.seq).where(AuditEntry.action == "cap_in")).all()) == 7
    monkeypatch.setattr(cap_forgetting, "MOST_BATCHES", 0)
    assert cap_forgetting.forget(sqlite_database, now=since + timedelta(days=9)) == 0


def test_what_is_sent_once_more_after_that_is_over(session: Session, cast: Cast) -> None:
    """Else it could be heard twice."""
    message = Sender().message(infos=(storm(expires=NOW + timedelta(days=300)),), sent=SOON + incoming.AHEAD)
    assert incoming.ends(message) < SOON + cap_in.REMEMBERED
    raw, later = Sender().signed(message), SOON + cap_in.REMEMBERED
    assert cap_in.receive(session, known(session, cast), raw, pinned=False, now=later).code == Refusal.EXPIRED
