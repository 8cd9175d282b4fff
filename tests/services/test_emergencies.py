"""An alert leaves with its correction on the speakers, by two people and the right name; one tap calls it back."""

import inspect
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcaster.domain.corrections import Part
from broadcaster.domain.errors import (
    AlreadySent,
    LoaError,
    Malformed,
    NotADrill,
    NotAllowed,
    NotAnEmergency,
    NotApproved,
    NotFound,
    NotReady,
    NotSent,
    SlotEmpty,
    TwoPersonsNeeded,
    UseEmergency,
    WrongPlace,
)
from broadcaster.services.airtime import airings, cancelling
from broadcaster.services.alarms import drills, emergencies
from broadcaster.services.alarms.drills import Practice
from broadcaster.services.alarms.emergencies import Alert, Repeat
from broadcaster.services.alarms.readiness import reach, readiness
from broadcaster.services.outlets import listen_again, mirrors
from broadcaster.services.outlets.mirror_words import Words
from broadcaster.services.writing import announcements, assertions
from broadcaster.services.writing.drafts import AudienceChoice
from broadcaster.store.database import Database
from broadcaster.store.tables import (
    Airing,
    Announcement,
    AuditEntry,
    Delivery,
    MirrorCopy,
    OutboxEntry,
    Schedule,
    Speaker,
    Unit,
)
from tests import cast as places
from tests.cast import NOW, Cast

pytestmark = pytest.mark.database

SLOTS = {"place": "xã Yên Châu", "time": "từ bây giờ", "action": "Lên chỗ cao."}
PLACE = "Xã Yên Châu"
WHOLE = [AudienceChoice("unit", places.COMMUNE)]
DONE = timedelta(seconds=15)


def alert(**changes: object) -> Alert:
    usual = {"hazard": "flash_flood", "level": 4, "unit_id": places.COMMUNE, "audience": WHOLE, "slots": {"vi": SLOTS}}
    return Alert(**(usual | changes))  # type: ignore[arg-type]


def written(session: Session, cast: Cast, **changes: object) -> Announcement:
    made = emergencies.draft(session, cast.clerk, alert(**changes), now=NOW)
    places.give_clips(session, made)
    return made


def approved(session: Session, cast: Cast, **changes: object) -> Announcement:
    made = written(session, cast, **changes)
    return places.approve(session, cast.approver, places.submit(session, cast.clerk, made.id))


def practice(session: Session, cast: Cast) -> Announcement:
    wanted = Practice("flash_flood", places.COMMUNE, WHOLE, {"vi": SLOTS})
    made = drills.draft(session, cast.clerk, wanted, now=NOW)
    places.give_clips(session, made)
    return places.approve(session, cast.approver, places.submit(session, cast.clerk, made.id))


def connect(session: Session, *speakers: str) -> None:
    session.execute(update(Speaker).where(Speaker.id.in_(speakers)).values(online=True))


def store(session: Session, alert_id: str, *speakers: str) -> None:
    """These speakers say that they hold both parts."""
    parts = select(Airing.id).join(Announcement).where(Announcement.part_of_id == alert_id)
    mine = (Delivery.airing_id.in_(parts), Delivery.speaker_id.in_(speakers))
    session.execute(update(Delivery).where(*mine).values(state="stored", stored_at=NOW))


def outbox(database: Database, kind: str) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(OutboxEntry.ref).where(OutboxEntry.kind == kind)))


def test_all_three_are_written_and_named_together(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        made = written(session, cast, slots={"vi": SLOTS, "en": SLOTS})
        assert (made.klass, made.kind, made.hazard, made.level) == ("emergency", "live", "flash_flood", 4)
        assert made.title == "Cảnh báo lũ quét, sạt lở đất, cấp 4, xã Yên Châu"
        assert {part.part for part in made.parts} == set(Part)
        for part in made.parts:
            assert [version.language for version in part.versions] == ["vi", "en"]
            assert "Flash flood and landslide warning" in part.versions[1].text


def test_an_empty_slot_writes_nothing(database: Database, cast: Cast) -> None:
    with pytest.raises(SlotEmpty), database.transaction() as session:
        emergencies.draft(session, cast.clerk, alert(slots={"vi": SLOTS | {"time": ""}}), now=NOW)
    with database.read() as session:
        assert session.scalars(select(Announcement.id)).all() == []


def test_no_language_is_refused(database: Database, cast: Cast) -> None:
    with pytest.raises(Malformed), database.transaction() as session:
        emergencies.draft(session, cast.clerk, alert(slots={}), now=NOW)


def test_it_waits_until_every_connected_speaker_holds_both_parts(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        connect(session, *places.SPEAKERS[:2])
        made = approved(session, cast)
        store(session, made.id, places.SPEAKERS[0])
        found = readiness(session, made, now=NOW)
        assert (found.total, found.reachable, found.stored, found.ready) == (3, 2, 1, False)
        assert (found.waiting, found.absent) == (("Loa ban-khoong",), ("Loa ban-huoi-hoc",))
        with pytest.raises(NotReady):
            emergencies.send(session, cast.approver, made.id, place=PLACE, now=NOW)
        store(session, made.id, *places.SPEAKERS[:2])
        assert readiness(session, made, now=NOW).ready


def test_after_fifteen_seconds_it_waits_for_nobody(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        connect(session, places.SPEAKERS[0])
        made = approved(session, cast)
        assert not readiness(session, made, now=NOW + DONE - timedelta(milliseconds=1)).ready
        assert readiness(session, made, now=NOW + DONE).ready


def test_without_its_parts_it_never_leaves(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        made = approved(session, cast)
        for part in made.parts:
            cancelling.cancel_airings(session, part, reason="lost", now=NOW)
        assert not readiness(session, made, now=NOW + DONE).ready
        with pytest.raises(NotReady):
            emergencies.send(session, cast.approver, made.id, place=PLACE, now=NOW + DONE)


@pytest.mark.parametrize("typed", ["", " ", "Bản Nà Pản", "Xã bên cạnh", "Xã", "Xã Yên Châu 2"])
def test_the_wrong_place_stops_it(database: Database, cast: Cast, typed: str) -> None:
    with database.transaction() as session:
        made = approved(session, cast)
        with pytest.raises(WrongPlace):
            emergencies.send(session, cast.approver, made.id, place=typed, now=NOW + DONE)
        assert emergencies.first_airing(session, made.id) is None


@pytest.mark.parametrize("typed", ["Xã Yên Châu", "xa yen chau", " XÃ  YÊN CHÂU "])
def test_the_name_is_compared_as_people_type_it(database: Database, cast: Cast, typed: str) -> None:
    with database.transaction() as session:
        sent = emergencies.send(session, cast.approver, approved(session, cast).id, place=typed, now=NOW + DONE).id
    assert outbox(database, "live") == {sent}


def test_one_village_is_called_by_its_own_name(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        made = approved(session, cast, audience=[AudienceChoice("unit", places.VILLAGES[0])])
        assert reach(session, made).place == "Bản Nà Pản"
        with pytest.raises(WrongPlace):
            emergencies.send(session, cast.approver, made.id, place=PLACE, now=NOW + DONE)


def test_it_counts_the_people_who_will_hear_it(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        for village, people in zip(places.VILLAGES, (500, 300, None), strict=True):
            session.get_one(Unit, village).people = people
        assert reach(session, written(session, cast)).people == 800
        except_one = [*WHOLE, AudienceChoice("unit", places.VILLAGES[1], include=False)]
        found = reach(session, written(session, cast, audience=except_one))
        assert (found.people, found.speakers, found.villages) == (500, 2, 2)
        session.get_one(Unit, places.COMMUNE).people = 33_000
        assert reach(session, written(session, cast)).people == 33_000


def test_two_people_must_have_answered_within_five_minutes(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        made = approved(session, cast)
        late = NOW + assertions.FRESH
        with pytest.raises(TwoPersonsNeeded):
            emergencies.send(session, cast.approver, made.id, place=PLACE, now=late)


def test_what_was_not_approved_is_not_sent(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        made = written(session, cast)
        with pytest.raises((NotApproved, TwoPersonsNeeded)):
            emergencies.send(session, cast.clerk, made.id, place=PLACE, now=NOW + DONE)


def test_a_second_click_or_tab_sends_nothing(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        made = approved(session, cast)
        emergencies.send(session, cast.approver, made.id, place=PLACE, now=NOW + DONE)
        with pytest.raises(AlreadySent, match="10:00"):
            emergencies.send(session, cast.clerk, made.id, place=PLACE, now=NOW + DONE)
        assert len(session.scalars(select(Airing.id).where(Airing.announcement_id == made.id)).all()) == 1


def test_it_repeats_until_a_limit(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        made = approved(session, cast)
        emergencies.send(session, cast.approver, made.id, place=PLACE, repeat=Repeat(5, 3), now=NOW + DONE)
        mine = select(Airing.planned_at).where(Airing.announcement_id == made.id).order_by(Airing.planned_at)
        gaps = [at - (NOW + DONE) for at in session.scalars(mine)]
        assert gaps == [timedelta(minutes=5) * number for number in range(4)]


@pytest.mark.parametrize("repeat", [Repeat(0, 3), Repeat(1, 3), Repeat(5, 0), Repeat(5, 1000)])
def test_endless_repeats_are_refused(database: Database, cast: Cast, repeat: Repeat) -> None:
    with database.transaction() as session:
        made = approved(session, cast)
        with pytest.raises(Malformed):
            emergencies.send(session, cast.approver, made.id, place=PLACE, repeat=repeat, now=NOW + DONE)


def test_an_acknowledged_village_hears_no_more_repeats(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        made = approved(session, cast)
        emergencies.send(session, cast.approver, made.id, place=PLACE, repeat=Repeat(5, 2), now=NOW + DONE)
        emergencies.acknowledge(session, cast.village_head, made.id, places.VILLAGES[0], now=NOW + DONE)
        coming = select(Delivery.speaker_id).join(Airing).where(Airing.announcement_id == made.id)
        coming = coming.where(Airing.planned_at > NOW + DONE, Delivery.state == "planned")
        assert set(session.scalars(coming)) == set(places.SPEAKERS[1:])
        with pytest.raises(NotAllowed):
            emergencies.acknowledge(session, cast.village_head, made.id, places.VILLAGES[1], now=NOW)


@pytest.mark.parametrize("part", Part)
def test_one_tap_of_one_person_calls_it_back_everywhere(database: Database, cast: Cast, part: Part) -> None:
    with database.transaction() as session:
        made = approved(session, cast)
        sent = emergencies.send(session, cast.approver, made.id, place=PLACE, repeat=Repeat(5, 3), now=NOW + DONE)
        alert_id, sent_id = made.id, sent.id
    with database.transaction() as session:
        made = session.get_one(Announcement, alert_id)
        later = NOW + timedelta(hours=1)
        called = emergencies.call_up(session, cast.clerk, made.id, part, now=later)
        assert (called.planned_at, called.standby, called.klass) == (later, False, "emergency")
        assert {each.speaker_id for each in session.scalars(select(Delivery).filter_by(airing_id=called.id))} == set(
            places.SPEAKERS
        )
        states = session.scalars(select(Airing.state).where(Airing.announcement_id == made.id)).all()
        assert set(states) == {"cancelled"}
        running = select(Schedule.id).where(Schedule.announcement_id == made.id, Schedule.ended_at.is_(None))
        assert session.scalars(running).all() == []
        assert emergencies.call_up(session, cast.clerk, made.id, part, now=later).id == called.id
        called_id = called.id
    with database.read() as session:
        told = select(AuditEntry.action).where(AuditEntry.subject_id == alert_id)
        assert session.scalars(told).all().count(part.value) == 1
    assert outbox(database, "live") == {called_id}
    assert sent_id in outbox(database, "stop")


def test_nothing_is_corrected_that_was_not_sent(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        made = approved(session, cast)
        with pytest.raises(NotSent):
            emergencies.call_up(session, cast.clerk, made.id, Part.CORRECTION, now=NOW)


def test_who_may_not_take_back_may_not_correct(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        made = approved(session, cast)
        emergencies.send(session, cast.approver, made.id, place=PLACE, now=NOW + DONE)
        for person in (cast.village_head, cast.technician, cast.monitor, cast.stranger):
            with pytest.raises(NotAllowed):
                emergencies.call_up(session, person, made.id, Part.CORRECTION, now=NOW + DONE)


def test_neither_an_alert_nor_its_correction_goes_on_air_by_another_way(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        made = approved(session, cast)
        for row in (made, *made.parts):
            with pytest.raises(UseEmergency):
                airings.air(session, cast.approver, row.id, at=None, now=NOW)


def test_a_drill_is_never_sent_and_an_alert_never_held(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        drill, made = practice(session, cast), approved(session, cast)
        with pytest.raises(NotAnEmergency):
            emergencies.send(session, cast.approver, drill.id, place=PLACE, now=NOW + DONE)
        with pytest.raises(NotAnEmergency):
            emergencies.call_up(session, cast.approver, drill.id, Part.CORRECTION, now=NOW)
        with pytest.raises(NotAnEmergency):
            emergencies.change(session, cast.clerk, drill.id, alert(), revision=1, now=NOW)
        with pytest.raises(NotADrill):
            drills.start(session, cast.approver, made.id, now=NOW)


def test_no_edit_turns_one_into_the_other(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        drill, made = practice(session, cast), approved(session, cast)
        swapped = [(drill, emergencies.draft_of(alert())), (made, places.draft(kind="drill", klass="priority"))]
        for row, draft in swapped:
            kind = row.kind
            with pytest.raises(LoaError):
                announcements.edit(session, cast.clerk, row.id, draft, revision=row.revision, now=NOW)
            assert row.kind == kind


def test_no_argument_of_either_service_names_a_kind() -> None:
    public = [found for module in (emergencies, drills) for found in vars(module).values()]
    mine = [f for f in public if inspect.isfunction(f) and f.__module__ in {emergencies.__name__, drills.__name__}]
    named = {name for function in mine for name in inspect.signature(function).parameters}
    named |= set(Alert.__slots__) | set(Practice.__slots__)
    assert named.isdisjoint({"kind", "klass", "live", "test"})


def test_residents_read_the_correction_once_it_is_said_and_not_before(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        owner, unit = cast.owner, places.COMMUNE
        settings = {"chat_id": "g", "base_url": "http://127.0.0.1"}
        mirrors.add_channel(
            session, owner, unit_id=unit, kind="zalo_bot", name="g", settings=settings, secret="x", now=NOW
        )
        made = approved(session, cast)
        part = next(each for each in made.parts if each.part == Part.CORRECTION)
        assert session.scalars(select(MirrorCopy.id)).all() == []
        with pytest.raises(NotFound):
            listen_again.page(session, part.public_id)
        emergencies.send(session, cast.approver, made.id, place=PLACE, now=NOW + DONE)
        emergencies.call_up(session, cast.clerk, made.id, Part.CORRECTION, now=NOW + 2 * DONE)
        owed = [Words.read(each.text or "") for each in session.scalars(select(MirrorCopy).order_by(MirrorCopy.id))]
        assert [words.part for words in owed] == ["", "correction"]
        assert "phát nhầm" in owed[1].texts[0].text
        told = listen_again.page(session, made.public_id).called
        assert [(each.part, each.public_id) for each in told] == [("correction", part.public_id)]
