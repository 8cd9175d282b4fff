"""A browser in a loudspeaker's place: it plays what is due, signs what it can know, and is counted nowhere."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from broadcaster.domain import delivery
from broadcaster.domain.errors import NotAllowed, UnknownSpeaker
from broadcaster.domain.errors.setting_up import NotDueThere
from broadcaster.services.airtime import airings, cancelling
from broadcaster.services.alarms.stand_in_needs import Needs
from broadcaster.services.places.health import in_need
from broadcaster.services.speaking import manifests, pretending, receipts
from broadcaster.services.speaking.pretending import Said
from broadcaster.services.writing.announcements import AudienceChoice
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Delivery, Meta, Speaker, StoredReceipt
from firmware_config.protocol import Event
from tests.cast import COMMUNE, NOW, SPEAKERS, VAULT, VILLAGES, Cast, approved

pytestmark = pytest.mark.database

LATER = NOW + timedelta(days=2)


def made(database: Database, cast: Cast) -> str:
    with database.transaction() as session:
        return pretending.make(session, cast.owner, VILLAGES[0], VAULT, now=NOW).id


def aired(database: Database, cast: Cast, speaker: str) -> str:
    with database.transaction() as session:
        wanted = approved(session, cast, audience=[AudienceChoice("speaker", speaker)])
        return airings.air(session, cast.clerk, wanted.id, at=None, now=NOW).id


def say(database: Database, cast: Cast, speaker: str, airing: str, said: str, *, now: datetime = NOW) -> set[str]:
    with database.transaction() as session:
        return pretending.say(session, cast.owner, Said(speaker, airing, said), VAULT, now=now)


def look(database: Database, speaker: str, *, now: datetime = NOW) -> pretending.Now:
    with database.transaction() as session:
        return pretending.look(session, pretending.find(session, speaker), now=now)


def test_a_unit_has_one_and_its_key_lies_sealed(database: Database, cast: Cast) -> None:
    first = made(database, cast)
    assert made(database, cast) == first
    with database.read() as session:
        row = session.get_one(Speaker, first)
        kept = session.scalars(select(Meta.value).where(Meta.key.startswith("pretends_"))).one()
        assert (row.pretend, row.unit_id) == (True, VILLAGES[0])
        assert "PRIVATE KEY" not in kept
        assert "PRIVATE KEY" in VAULT.unseal(kept.encode())


def test_it_plays_what_is_due_and_its_signed_word_takes_the_airing_along(database: Database, cast: Cast) -> None:
    speaker = made(database, cast)
    airing = aired(database, cast, speaker)
    due = look(database, speaker).due
    assert due is not None
    assert (due.airing, len(due.clips)) == (airing, 1)
    assert say(database, cast, speaker, airing, "started") == {airing}
    assert look(database, speaker).playing == airing
    assert look(database, speaker).due is None
    assert say(database, cast, speaker, airing, "finished", now=NOW + timedelta(seconds=30)) == {airing}
    with database.read() as session:
        row = session.get_one(Delivery, (airing, speaker))
        assert (row.state, row.proof, row.frames, row.heard_at) == ("finished", None, None, None)
        assert session.get_one(Airing, airing).state == "done"
        stored = session.scalars(select(StoredReceipt).where(StoredReceipt.speaker_id == speaker)).all()
        assert [(one.seq, one.event, one.evidence) for one in stored] == [(1, "started", None), (2, "finished", None)]
        assert session.get_one(Speaker, speaker).chain_problem == ""


def test_nothing_it_may_say_is_that_it_was_heard(database: Database, cast: Cast) -> None:
    speaker = made(database, cast)
    airing = aired(database, cast, speaker)
    assert Event.HEARD not in pretending.MAY_SAY.values()
    for said in ("heard", "stored", "", "finished", "partial"):
        with pytest.raises(NotDueThere):
            say(database, cast, speaker, airing, said)


def test_what_ends_sooner_than_it_sounds_did_not_sound(database: Database, cast: Cast) -> None:
    speaker = made(database, cast)
    airing = aired(database, cast, speaker)
    say(database, cast, speaker, airing, "started")
    with pytest.raises(NotDueThere):
        say(database, cast, speaker, airing, "finished", now=NOW + timedelta(seconds=3))
    say(database, cast, speaker, airing, "partial", now=NOW + timedelta(seconds=3))
    with database.read() as session:
        row = session.get_one(Delivery, (airing, speaker))
        assert (row.state, row.reason) == ("partial", "interrupted")


def test_what_is_not_due_or_was_taken_back_is_not_begun(database: Database, cast: Cast) -> None:
    speaker = made(database, cast)
    airing = aired(database, cast, speaker)
    with pytest.raises(NotDueThere):
        say(database, cast, speaker, airing, "started", now=LATER)
    with database.transaction() as session:
        cancelling.cancel_airing(session, session.get_one(Airing, airing), reason="stopped", now=NOW)
    with pytest.raises(NotDueThere):
        say(database, cast, speaker, airing, "started")
    assert look(database, speaker).due is None


def test_it_falls_silent_where_its_airing_is_stopped(database: Database, cast: Cast) -> None:
    speaker = made(database, cast)
    airing = aired(database, cast, speaker)
    say(database, cast, speaker, airing, "started")
    with database.transaction() as session:
        cancelling.cancel_airing(session, session.get_one(Airing, airing), reason="stopped", now=NOW)
    assert look(database, speaker).playing == ""


def test_only_whoever_tends_loudspeakers_makes_one_or_speaks_for_it(database: Database, cast: Cast) -> None:
    speaker = made(database, cast)
    airing = aired(database, cast, speaker)
    for someone in (cast.clerk, cast.approver, cast.stranger):
        with database.transaction() as session, pytest.raises(NotAllowed):
            pretending.make(session, someone, COMMUNE, VAULT, now=NOW)
        with database.transaction() as session, pytest.raises(NotAllowed):
            pretending.say(session, someone, Said(speaker, airing, "started"), VAULT, now=NOW)


def test_nobody_speaks_for_a_real_one(database: Database, cast: Cast) -> None:
    airing = aired(database, cast, SPEAKERS[0])
    with pytest.raises(UnknownSpeaker):
        say(database, cast, SPEAKERS[0], airing, "started")


def test_it_is_told_nothing_and_missed_by_nobody(database: Database, cast: Cast) -> None:
    speaker = made(database, cast)
    airing = aired(database, cast, speaker)
    with database.transaction() as session:
        session.get_one(Delivery, (airing, speaker)).state = delivery.State.MISSED
        session.flush()
        assert Needs(session, LATER).silent(session.get_one(Airing, airing)) == {}
        assert speaker not in {one.id for one in in_need(session, {VILLAGES[0]}, now=LATER)}
        assert speaker not in manifests.due_for_renewal(session, now=LATER)


def test_a_forged_word_is_refused_like_anybodys(database: Database, cast: Cast) -> None:
    speaker = made(database, cast)
    with database.transaction() as session:
        (answer,) = receipts.take_in(session, [(speaker, b"{}")], now=NOW)
    assert answer.refused
