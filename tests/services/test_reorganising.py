"""Five communes become one with 57 villages: what is heard, who may do what, and what loudspeakers are told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.domain import errors
from broadcaster.domain.audience import Choice, ChoiceKind
from broadcaster.domain.land import leads_to, leaves, search
from broadcaster.domain.permissions import Action, Role
from broadcaster.domain.wishes import END, Kind, Part, Trouble, Wish
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.airtime import planning
from broadcaster.services.hours.book import Book
from broadcaster.services.people import people
from broadcaster.services.places import audiences, reorganising
from broadcaster.services.speaking import manifests
from broadcaster.services.speaking.signing import Signing, make_keys
from broadcaster.store import places
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, AuditEntry, Delivery, Grant, OutboxEntry, Person, Speaker, Unit, UnitChange
from tests.cast import NOW
from tests.five_communes import COMMUNES, MERGE, TOP, VILLAGES, WHOLE, Five, daily, gather, village

pytestmark = pytest.mark.database

DAY = timedelta(days=1)
PAN = [f"loa-pan-{number}" for number in range(VILLAGES["pan"])]


@pytest.fixture
def five(database: Database) -> Five:
    return gather(database)


@pytest.fixture
def signing(tmp_path: Path) -> Signing:
    return make_keys(tmp_path / "keys", now=NOW)


def grants(session: Session, *roles: Role) -> dict[str, str]:
    """Every role of these kinds in the five communes, by unit, as its id."""
    rows = session.execute(select(Grant.id, Grant.unit_id).where(Grant.role.in_(roles), Grant.unit_id.in_(COMMUNES)))
    return {row.id: row.unit_id for row in rows}


def answered(database: Database, **changes: Any) -> Wish:
    """The merger, with the owner of the first commune as owner of the whole and all others keeping their part."""
    with database.read() as session:
        deciding = grants(session, Role.OWNER, Role.APPROVER)
        whole = grants(session, Role.OWNER)
    answers = {grant: WHOLE if whole.get(grant) == "pan" else "" for grant in deciding}
    return replace(MERGE, **({"answers": answers} | changes))


def merge(database: Database, five: Five, **changes: Any) -> UnitChange:
    with database.transaction() as session:
        return reorganising.decide(session, five.governor, answered(database, **changes), now=NOW)


def rows(database: Database, table: Any) -> list[Mapping[str, Any]]:
    with database.read() as session:
        return [dict(row) for row in session.execute(table.__table__.select().order_by(table.id)).mappings()]


def wanted(database: Database) -> set[str]:
    with database.read() as session:
        return {key.partition(":")[2] for key in session.scalars(select(OutboxEntry.key)) if key.startswith("manifest")}


def told(database: Database, signing: Signing, speakers: list[str]) -> dict[str, int]:
    with database.transaction() as session:
        found = manifests.sealed_many(session, speakers, signing=signing, now=NOW)
        return {speaker: one.version for speaker, one in found.items()}


def test_five_communes_become_one_with_57_villages(database: Database, five: Five) -> None:
    before = rows(database, Speaker)
    merge(database, five)
    assert rows(database, Speaker) == before
    with database.read() as session:
        land = places.land(session)
        assert len(leaves(land, WHOLE)) == 57
        assert leaves(land, TOP) == {WHOLE}
        assert session.get_one(Unit, WHOLE).former_names == list(COMMUNES.values())
        for commune, name in COMMUNES.items():
            assert leads_to(land, commune) == (WHOLE,)
            assert search(land, name.lower()) == {WHOLE: name}
            assert session.get_one(Unit, commune).successor_id == WHOLE
        assert places.path(session, village("pan", 3)) == (TOP, WHOLE, "pan", village("pan", 3))


def test_what_was_planned_is_heard_at_the_same_times_by_the_same_loudspeakers(database: Database, five: Five) -> None:
    with database.transaction() as session:
        announcement = daily(session, five).id
    planned = [(row["id"], row["planned_at"], row["state"]) for row in rows(database, Airing)]
    assert len(planned) >= 5
    merge(database, five)
    assert [(row["id"], row["planned_at"], row["state"]) for row in rows(database, Airing)] == planned
    with database.transaction() as session:
        planning.plan(session, now=NOW + 2 * DAY)
    with database.read() as session:
        times = {at.astimezone(NOW.tzinfo).strftime("%H:%M") for at in session.scalars(select(Airing.planned_at))}
        heard = select(Delivery.airing_id, func.count()).group_by(Delivery.airing_id)
        assert {count for _, count in session.execute(heard)} == {len(PAN)}
        assert times == {"22:30", "10:00"}
        assert session.scalar(select(func.count(Airing.id))) == len(planned) + 4
        mine = audiences.resolve(session, [Choice(ChoiceKind.UNIT, "pan")])
        assert {place.speaker for place in mine} == set(PAN)
        assert len(audiences.resolve(session, [Choice(ChoiceKind.UNIT, WHOLE)])) == 57
    assert announcement


def test_each_part_keeps_its_rules_until_somebody_writes_others(database: Database, five: Five) -> None:
    with database.read() as session:
        before = {unit: Book(session, NOW).sets(unit) for unit in COMMUNES}
    merge(database, five)
    with database.read() as session:
        book = Book(session, NOW)
        assert {unit: book.sets(unit) for unit in COMMUNES} == before
        assert book.sets(WHOLE) == ()


def test_or_all_take_those_of_one_part_and_are_judged_by_them(database: Database, five: Five) -> None:
    with database.transaction() as session:
        daily(session, five, "pan")
        session.get_one(Unit, "ban").languages = ["vi", "hmn"]
    merge(database, five, as_in="ban")
    later = NOW + timedelta(minutes=1)
    with database.read() as session:
        book = Book(session, later)
        # The last commune begins at six, the first began at five: 05:30 is heard no more.
        assert {each.hours[0].start for each in book.sets(WHOLE)} == {360}
        early = {row.state for row in session.scalars(select(Airing)) if row.planned_at.hour == 22}
        assert early == {"refused"}
        assert {row.state for row in session.scalars(select(Airing)) if row.planned_at.hour == 10} == {"planned"}
        assert session.get_one(Unit, WHOLE).languages == ["vi", "hmn"]
        assert session.get_one(Unit, "ban").languages == []


def test_people_keep_their_part_unless_something_else_was_answered(database: Database, five: Five) -> None:
    merge(database, five)
    with database.read() as session:

        def may(actor: Actor, unit: str) -> bool:
            now = people.actor_of(session, actor.person_id, origin="")
            return now.may(Action.WRITE, places.path(session, unit))

        assert may(five.owners["pan"], WHOLE)
        assert may(five.owners["pan"], village("lan", 0))
        assert may(five.owners["lan"], village("lan", 0))
        assert not may(five.owners["lan"], WHOLE)
        assert not may(five.owners["lan"], village("pan", 0))
        assert may(five.clerk, village("pan", 0))
        assert not may(five.clerk, WHOLE)


def test_a_role_that_is_over_is_over(database: Database, five: Five) -> None:
    wish = answered(database)
    with database.transaction() as session:
        lan = next(grant for grant, unit in grants(session, Role.OWNER).items() if unit == "lan")
        over = replace(wish, answers={**wish.answers, lan: END})
        reorganising.decide(session, five.governor, over, now=NOW)
    with database.read() as session:
        assert people.actor_of(session, five.owners["lan"].person_id, origin="").grants == ()


def test_each_owner_together_or_who_tends_the_whole_and_nobody_else_may_merge(database: Database, five: Five) -> None:
    wish = answered(database)
    for actor in (five.owners["pan"], five.clerk):
        with pytest.raises(errors.NotAllowed), database.transaction() as session:
            reorganising.decide(session, actor, wish, now=NOW)
    with database.transaction() as session:
        for commune in COMMUNES:
            people.grant(session, SYSTEM, five.owners["pan"].person_id, Role.OWNER, commune, now=NOW)
        all_five = people.actor_of(session, five.owners["pan"].person_id, origin="")
        more = dict.fromkeys(grants(session, Role.OWNER), WHOLE)
        reorganising.decide(session, all_five, replace(wish, answers={**wish.answers, **more}), now=NOW)


def test_only_loudspeakers_whose_units_changed_are_told(database: Database, five: Five, signing: Signing) -> None:
    everywhere = [row["id"] for row in rows(database, Speaker)]
    before = told(database, signing, everywhere)
    with database.transaction() as session:
        session.execute(OutboxEntry.__table__.delete())  # type: ignore[attr-defined]
    with database.read() as session:
        keeping = dict.fromkeys(grants(session, Role.OWNER, Role.APPROVER), "")
    merge(database, five, id="", into="pan", answers=keeping)
    with_others = {speaker for speaker in everywhere if speaker not in PAN}
    assert wanted(database) == with_others
    after = told(database, signing, everywhere)
    assert {speaker for speaker in everywhere if after[speaker] != before[speaker]} == with_others


def test_a_new_name_is_no_news_to_loudspeakers(database: Database, five: Five, signing: Signing) -> None:
    before = told(database, signing, PAN)
    with database.transaction() as session:
        session.execute(OutboxEntry.__table__.delete())  # type: ignore[attr-defined]
        wish = Wish(Kind.RENAME, ("pan",), name="Xã Chiềng Pằn Mới")
        reorganising.decide(session, five.owners["pan"], wish, now=NOW)
    assert wanted(database) == set()
    assert told(database, signing, PAN) == before
    with database.read() as session:
        assert session.get_one(Unit, "pan").former_names == ["Xã Chiềng Pằn"]


def test_a_later_change_waits_for_midnight_there_and_can_be_called_off(database: Database, five: Five) -> None:
    wish, day = answered(database), date(2026, 12, 1)
    with database.transaction() as session:
        change = reorganising.decide(session, five.governor, wish, day=day, now=NOW)
        midnight = change.effective_at
        assert midnight.isoformat() == "2026-11-30T17:00:00+00:00"
    assert reorganising.carry_out_due(database, now=midnight - timedelta(seconds=1)) == 0
    with database.transaction() as session:
        again = reorganising.decide(
            session,
            five.governor,
            replace(
                wish,
                id="xa-khac",
                answers={grant: "xa-khac" if unit == WHOLE else unit for grant, unit in wish.answers.items()},
            ),
            day=day + DAY,
            now=NOW,
        )
        assert [row.id for row in reorganising.waiting(session)] == [change.id, again.id]
        reorganising.call_off(session, five.governor, again.id, now=NOW)
        assert [row.id for row in reorganising.waiting(session, {"pan"})] == [change.id]
        with pytest.raises(errors.NotAllowed):
            reorganising.call_off(session, five.owners["pan"], change.id, now=NOW)
    assert reorganising.carry_out_due(database, now=midnight) == 1
    assert reorganising.carry_out_due(database, now=midnight) == 0
    with database.transaction() as session:
        assert session.get_one(Unit, "pan").closed_at == midnight
        assert session.get_one(UnitChange, change.id).applied_at == midnight
        with pytest.raises(errors.ChangeIsOver):
            reorganising.call_off(session, five.governor, change.id, now=NOW)


@pytest.mark.parametrize("why", ["merged before", "owner gone"])
def test_what_no_longer_fits_on_its_day_changes_nothing_and_says_why(database: Database, five: Five, why: str) -> None:
    with database.transaction() as session:
        planned = reorganising.decide(session, five.governor, answered(database), day=date(2026, 12, 1), now=NOW).id
    with database.transaction() as session:
        if why == "owner gone":
            session.get_one(Person, five.governor.person_id).disabled_at = NOW
        else:
            pair = Wish(
                Kind.MERGE,
                ("pan", "lan"),
                into="pan",
                answers={grant: "" for grant, unit in grants(session, Role.OWNER).items() if unit == "lan"},
            )
            reorganising.decide(session, five.governor, pair, now=NOW)
    before = rows(database, Unit)
    assert reorganising.carry_out_due(database, now=NOW + 10 * DAY) == 0
    assert rows(database, Unit) == before
    with database.read() as session:
        problem = Trouble.NOT_ALLOWED if why == "owner gone" else Trouble.CLOSED
        assert session.get_one(UnitChange, planned).problem == problem
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
        assert last is not None
        assert (last.action, last.details["problem"]) == ("change_failed", problem)


def test_a_day_that_is_over_and_a_wish_that_does_not_fit_are_refused(database: Database, five: Five) -> None:
    with pytest.raises(errors.InThePast), database.transaction() as session:
        reorganising.decide(session, five.governor, answered(database), day=date(2026, 11, 24), now=NOW)
    with pytest.raises(errors.ChangeDoesNotFit), database.transaction() as session:
        reorganising.decide(session, five.governor, MERGE, now=NOW)


def test_villages_are_merged_over_the_heads_of_their_loudspeakers(database: Database, five: Five) -> None:
    before = rows(database, Speaker)
    with database.transaction() as session:
        two = (village("pan", 0), village("pan", 1))
        wish = Wish(Kind.MERGE, two, id="ban-moi", name="Bản Mới", level="village")
        reorganising.decide(session, five.owners["pan"], wish, now=NOW)
    assert rows(database, Speaker) == before
    with database.read() as session:
        heard = audiences.resolve(session, [Choice(ChoiceKind.UNIT, "ban-moi")])
        assert [place.speaker for place in heard] == ["loa-pan-0", "loa-pan-1"]
        assert len(audiences.resolve(session, [Choice(ChoiceKind.UNIT, "pan")])) == len(PAN)
        assert len(leaves(places.land(session), "pan")) == len(PAN) - 1


def test_a_commune_is_split_and_what_was_written_for_it_goes_on(database: Database, five: Five) -> None:
    with database.transaction() as session:
        daily(session, five)
    planned = rows(database, Airing)
    villages = [village("pan", number) for number in range(VILLAGES["pan"])]
    parts = (
        Part("xa-tren", "Xã Pằn Trên", "commune", tuple(villages[:5])),
        Part("xa-duoi", "Xã Pằn Dưới", "commune", tuple(villages[5:])),
    )
    with database.transaction() as session:
        reorganising.decide(session, five.owners["pan"], Wish(Kind.SPLIT, ("pan",), parts=parts), now=NOW)
    assert rows(database, Airing) == planned
    with database.read() as session:
        assert len(audiences.resolve(session, [Choice(ChoiceKind.UNIT, "pan")])) == len(PAN)
        assert len(audiences.resolve(session, [Choice(ChoiceKind.UNIT, "xa-tren")])) == 5
        assert set(search(places.land(session), "chieng pan")) == {"xa-tren", "xa-duoi"}


def test_a_village_is_moved_by_who_tends_both_ends(database: Database, five: Five) -> None:
    wish = Wish(Kind.MOVE, (village("pan", 0),), parent="lan")
    with pytest.raises(errors.NotAllowed), database.transaction() as session:
        reorganising.decide(session, five.owners["pan"], wish, now=NOW)
    with database.transaction() as session:
        reorganising.decide(session, five.governor, wish, now=NOW)
        assert places.path(session, village("pan", 0)) == (TOP, "lan", village("pan", 0))
        assert "loa-pan-0" not in {
            place.speaker for place in audiences.resolve(session, [Choice(ChoiceKind.UNIT, "pan")])
        }


def test_the_log_book_tells_it_in_the_history_of_every_unit(database: Database, five: Five) -> None:
    merge(database, five)
    with database.read() as session:
        told_of = {row.subject_id: row.action for row in session.scalars(select(AuditEntry)) if "change" in row.details}
    assert told_of == dict.fromkeys(COMMUNES, "became_part") | {WHOLE: "merge"}


def test_a_village_that_moves_hears_what_is_planned_where_it_comes(database: Database, five: Five) -> None:
    with database.transaction() as session:
        daily(session, five, "pan")
        reorganising.decide(session, five.governor, Wish(Kind.MOVE, (village("pan", 0),), parent="lan"), now=NOW)
        reorganising.decide(session, five.governor, Wish(Kind.MOVE, (village("lan", 3),), parent="pan"), now=NOW)
    with database.read() as session:
        open_ = select(Delivery.speaker_id).where(Delivery.state == "planned").distinct()
        assert set(session.scalars(open_)) == {*PAN[1:], "loa-lan-3"}
