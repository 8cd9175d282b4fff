"""What speakers sign is believed once, in order, and never takes a delivery back."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from broadcaster.services import audit
from broadcaster.services.places import speakers
from broadcaster.services.speaking import receipts
from broadcaster.services.speaking.receipts import TakenIn
from broadcaster.store.tables import AuditEntry, Delivery, ReceiptBatch, Speaker, StoredReceipt
from firmware_config.protocol import GENESIS, Batch, Event, Refusal
from tests.speakers.world import APPROVER, LADDER, World

pytestmark = pytest.mark.database


def take(world: World, *batches: tuple[str, bytes]) -> list[TakenIn]:
    with world.database.transaction() as session:
        return receipts.take_in(session, batches, now=world.now)


def row(world: World, speaker: str) -> Speaker:
    with world.database.read() as session:
        return session.get_one(Speaker, speaker)


def delivery_of(world: World, airing: str, speaker: str) -> Delivery:
    with world.database.read() as session:
        return session.get_one(Delivery, (airing, speaker))


def stored(world: World) -> int:
    with world.database.read() as session:
        return session.scalar(select(func.count()).select_from(StoredReceipt)) or 0


def test_one_batch_climbs_the_whole_ladder(world: World) -> None:
    speaker = world.speaker()
    airing = world.air(world.approved())
    ledger = world.ledger(speaker)
    [answer] = take(world, (speaker, ledger.say(*((event, airing) for event in LADDER))))
    assert (answer.through, answer.refused, answer.changed_airings) == (5, None, {airing})
    found = delivery_of(world, airing, speaker)
    assert (found.state, found.attempt, found.level, found.ms) == ("heard", 1, -1650, 3000)
    assert (found.proof, found.seconds, found.late_ms, found.loop) == ("loop", "zzz", 4, -2_400)
    assert None not in {found.stored_at, found.armed_at, found.started_at, found.finished_at, found.heard_at}
    assert (row(world, speaker).receipts_through, row(world, speaker).receipts_hash) == (5, ledger.head)


def test_a_double_changes_nothing_and_is_confirmed_again(world: World) -> None:
    speaker = world.speaker()
    airing = world.air(world.approved())
    raw = world.ledger(speaker).say((Event.STORED, airing), (Event.STARTED, airing))
    take(world, (speaker, raw))
    [again] = take(world, (speaker, raw))
    assert (again.through, again.refused, again.changed_airings) == (2, None, set())
    assert stored(world) == 2
    assert row(world, speaker).chain_problem == ""


def test_a_late_report_never_takes_a_delivery_back(world: World) -> None:
    speaker = world.speaker()
    airing = world.air(world.approved())
    ledger = world.ledger(speaker)
    early = ledger.say((Event.STORED, airing), (Event.ARMED, airing))
    late = ledger.say((Event.STARTED, airing), (Event.FINISHED, airing))
    take(world, (speaker, late))
    take(world, (speaker, early))
    assert delivery_of(world, airing, speaker).state == "finished"


def test_a_gap_is_kept_marked_and_healed_when_the_missing_come(world: World) -> None:
    speaker = world.speaker()
    airing = world.air(world.approved())
    ledger = world.ledger(speaker)
    first = ledger.say((Event.STORED, airing))
    second = ledger.say((Event.STARTED, airing))
    [answer] = take(world, (speaker, second))
    assert answer.through == 0
    assert row(world, speaker).chain_problem == "gap"
    assert delivery_of(world, airing, speaker).state == "started"
    assert stored(world) == 1
    answers = take(world, (speaker, first), (speaker, second))
    assert [one.through for one in answers] == [2, 2]
    assert row(world, speaker).chain_problem == ""
    assert stored(world) == 2


def test_a_speaker_that_lost_its_journal_says_so_and_is_believed_from_there_on(world: World) -> None:
    speaker = world.speaker()
    ledger = world.ledger(speaker)
    take(world, (speaker, ledger.say((Event.BOOTED, ""))))
    ledger.seq, ledger.head = 1_700_000_000, GENESIS
    [lost] = take(world, (speaker, ledger.say((Event.GAP, ""), (Event.BOOTED, ""))))
    assert lost.through == ledger.seq
    assert row(world, speaker).chain_problem == "gap"
    [after] = take(world, (speaker, ledger.say((Event.SELF_TEST, ""))))
    assert after.through == ledger.seq
    assert row(world, speaker).chain_problem == ""


def test_a_chain_that_does_not_join_is_kept_marked_and_audited(world: World) -> None:
    speaker = world.speaker()
    ledger = world.ledger(speaker)
    take(world, (speaker, ledger.say((Event.BOOTED, ""))))
    ledger.head = GENESIS
    [answer] = take(world, (speaker, ledger.say((Event.GAP, ""))))
    assert answer.through == 2
    assert row(world, speaker).chain_problem == "broken"
    take(world, (speaker, ledger.say((Event.SELF_TEST, ""))))
    assert row(world, speaker).chain_problem == "broken"
    with world.database.read() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.action == "chain_problem")).all()
        assert [entry.details for entry in rows] == [{"problem": "broken"}]
        assert audit.verify(session).sound


def test_a_journal_that_began_again_is_noticed_and_what_we_hold_is_not_overwritten(world: World) -> None:
    speaker = world.speaker()
    airing = world.air(world.approved())
    ledger = world.ledger(speaker)
    take(world, (speaker, ledger.say((Event.STORED, airing), (Event.ARMED, airing))))
    before = stored(world)
    fresh = world.ledger(speaker)
    take(world, (speaker, fresh.say((Event.BOOTED, ""), (Event.SELF_TEST, ""), (Event.SELF_TEST, ""))))
    assert row(world, speaker).chain_problem == "broken"
    assert stored(world) == before + 1


def test_refusals_have_their_codes_and_store_nothing(world: World) -> None:
    one, two = world.speaker("Loa 1"), world.speaker("Loa 2")
    mine, theirs = world.ledger(one), world.ledger(two)
    good = mine.say((Event.BOOTED, ""))
    forged = replace(theirs, device=one).say((Event.BOOTED, ""))
    answers = take(world, (two, good), (one, forged), ("nobody-here", good), (one, good[:-2]), (one, b"x" * 300_000))
    assert [answer.refused for answer in answers] == [
        Refusal.UNKNOWN_KEY,
        Refusal.UNKNOWN_KEY,
        Refusal.UNKNOWN_KEY,
        Refusal.SHAPE,
        Refusal.OVERSIZE,
    ]
    assert stored(world) == 0


def test_a_signature_that_does_not_fit_is_refused(world: World) -> None:
    one = world.speaker()
    ledger = world.ledger(one)
    stranger = world.ledger(one)
    stranger.signer = replace(stranger.signer, key=world.signing.director.key)
    [answer] = take(world, (one, stranger.say((Event.BOOTED, ""))))
    assert answer.refused == Refusal.BAD_SIGNATURE
    [answer] = take(world, (one, ledger.say((Event.BOOTED, ""))))
    assert answer.refused is None


def test_a_revoked_speaker_is_not_listened_to(world: World) -> None:
    speaker = world.speaker()
    airing = world.air(world.approved())
    with world.database.transaction() as session:
        speakers.revoke(session, APPROVER, speaker, reason="stolen", now=world.now)
    [answer] = take(world, (speaker, world.ledger(speaker).say((Event.STORED, airing))))
    assert answer.refused == receipts.REVOKED
    assert stored(world) == 0
    assert delivery_of(world, airing, speaker).state == "planned"


def test_t22_a_recording_of_everything_played_again_changes_nothing(world: World) -> None:
    speaker, other = world.speaker("Loa 1"), world.speaker("Loa 2")
    airing = world.air(world.approved())
    ledger = world.ledger(speaker)
    recording = [ledger.say((event, airing)) for event in LADDER]
    take(world, *((speaker, raw) for raw in recording))
    before = delivery_of(world, airing, speaker).updated_at
    answers = take(world, *((speaker, raw) for raw in recording), *((other, raw) for raw in recording))
    assert not any(answer.changed_airings for answer in answers)
    assert stored(world) == 5
    assert delivery_of(world, airing, speaker).updated_at == before
    assert delivery_of(world, airing, other).state == "planned"


def test_many_speakers_many_batches_one_transaction(world: World) -> None:
    ledgers = world.many_speakers(40)
    airing = world.air(world.approved())
    batches = [(one.device, one.say((event, airing))) for event in LADDER for one in ledgers]
    answers = take(world, *batches)
    assert {answer.through for answer in answers} == {5}
    with world.database.read() as session:
        states = session.scalars(select(Delivery.state).where(Delivery.airing_id == airing)).all()
        assert states == ["heard"] * 40
        assert session.scalar(select(func.count()).select_from(ReceiptBatch)) == 200


def test_an_airing_a_restored_database_has_forgotten_is_stored_all_the_same(world: World) -> None:
    speaker = world.speaker()
    [answer] = take(world, (speaker, world.ledger(speaker).say((Event.HEARD, "an-airing-of-yesterday"))))
    assert (answer.through, answer.changed_airings) == (1, set())
    assert stored(world) == 1


def test_a_signed_batch_of_nothing_is_refused(world: World) -> None:
    speaker = world.speaker()
    ledger = world.ledger(speaker)
    [answer] = take(world, (speaker, ledger.seal(Batch(speaker, GENESIS, ()))))
    assert answer.refused == Refusal.FIELDS
