"""Audit, idempotency and the outbox, with writers at the same time."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update

from broadcaster.domain import errors
from broadcaster.domain.chain import Head
from broadcaster.services import audit, idempotency
from broadcaster.services.idempotency import Answer
from broadcaster.store import outbox
from broadcaster.store.database import Database
from broadcaster.store.tables import AuditEntry, AuditHead, IdempotencyRecord, Meta, OutboxEntry
from tests.cast import COMMUNE, NOW, OTHER_COMMUNE, Cast

pytestmark = pytest.mark.database


def together(number: int, act: Callable[[int], None]) -> None:
    """Run it on so many threads at once; what one of them raises fails the test."""
    failed: list[BaseException] = []
    gate = threading.Barrier(number)

    def one(place: int) -> None:
        try:
            gate.wait()
            act(place)
        except BaseException as error:  # noqa: BLE001  (told below)
            failed.append(error)

    threads = [threading.Thread(target=one, args=(place,)) for place in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def note(database: Database, cast: Cast, name: str) -> None:
    with database.transaction() as session:
        audit.record(session, cast.clerk, "try", ("thing", name), now=NOW, unit=COMMUNE, details={"ghi chú": name})


def test_the_chain_stays_one_line_with_many_writers(database: Database, cast: Cast) -> None:
    with database.read() as session:
        before = audit.verify(session).head.seq

    def write(place: int) -> None:
        for number in range(8):
            with database.transaction() as session:
                for each in (1, 2):
                    subject = ("thing", f"{place}-{number}-{each}")
                    audit.record(session, cast.clerk, "try", subject, now=NOW)
                session.merge(Meta(key=f"{place}", value=f"{number}"))

    together(6, write)
    with database.read() as session:
        verdict = audit.verify(session)
        assert verdict.sound
        assert verdict.head.seq == before + 6 * 8 * 2


def test_what_was_not_stored_was_not_noted(database: Database, cast: Cast) -> None:
    with pytest.raises(errors.NotFound):
        note_and_fail(database, cast)
    note(database, cast, "hai")
    with database.read() as session:
        assert session.scalars(select(AuditEntry.subject_id).where(AuditEntry.action == "try")).all() == ["hai"]
        assert audit.verify(session).sound


def note_and_fail(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        audit.record(session, cast.clerk, "try", ("thing", "một"), now=NOW)
        outbox.want(session, "manifest", ["loa-ma"], now=NOW)
        raise errors.NotFound(what="thing", id="một")


SABOTAGE = {
    "edit": update(AuditEntry).where(AuditEntry.seq == 3).values(person_name="Người khác"),
    "details": update(AuditEntry).where(AuditEntry.seq == 3).values(details={}),
    "time": update(AuditEntry).where(AuditEntry.seq == 3).values(at=NOW - timedelta(days=1)),
    "delete": delete(AuditEntry).where(AuditEntry.seq == 3),
}


@pytest.mark.parametrize("how", SABOTAGE)
def test_a_row_altered_in_the_database_is_named(database: Database, cast: Cast, how: str) -> None:
    with database.transaction() as session:
        session.execute(SABOTAGE[how])
    with database.read() as session:
        assert audit.verify(session).bad == 3


def test_two_rows_exchanged_are_named_by_the_first(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        for old, new in ((3, -1), (5, 3), (-1, 5)):
            session.execute(update(AuditEntry).where(AuditEntry.seq == old).values(seq=new))
    with database.read() as session:
        assert audit.verify(session).bad == 3


def test_a_tail_cut_off_is_caught_by_a_head_kept_elsewhere(database: Database, cast: Cast) -> None:
    with database.read() as session:
        saved = audit.verify(session).head
    with database.transaction() as session:
        last = session.get_one(AuditEntry, saved.seq - 2)
        session.execute(delete(AuditEntry).where(AuditEntry.seq > last.seq))
        session.execute(update(AuditHead).values(seq=last.seq, hash=last.hash))
    with database.read() as session:
        assert audit.verify(session).sound
        assert audit.verify(session, saved).bad == saved.seq - 1
        assert audit.verify(session, Head(last.seq, "f" * 64)).bad == last.seq


def test_the_audit_is_read_by_unit_newest_first(database: Database, cast: Cast) -> None:
    for name in ("một", "hai", "ba"):
        note(database, cast, name)
    with database.read() as session:
        page = audit.entries(session, frozenset({COMMUNE}), limit=2)
        rest = audit.entries(session, frozenset({COMMUNE}), after=page.next, limit=1)
        assert [each.subject_id for each in page.items + rest.items] == ["ba", "hai", "một"]
        assert "ba" not in {each.subject_id for each in audit.entries(session, frozenset({OTHER_COMMUNE})).items}
        for after in ("x", "", "-1", "9" * 30, "١"):
            with pytest.raises(errors.Malformed):
                audit.entries(session, None, after=after)


def ask(database: Database, cast: Cast, key: str | None, request: str = "r", *, calls: list[int]) -> Answer:
    def run() -> tuple[int, bytes]:
        calls.append(1)
        return 201, f"kết quả {len(calls)}".encode()

    with database.transaction() as session:
        return idempotency.replay_or_run(session, cast.clerk, key, request, run, now=NOW)


def test_the_same_request_is_done_once_and_answered_alike(database: Database, cast: Cast) -> None:
    calls: list[int] = []
    first, second = (ask(database, cast, "k1", calls=calls) for _ in range(2))
    assert (first.status, first.body, first.replayed) == (201, "kết quả 1".encode(), False)
    assert (second.status, second.body, second.replayed) == (201, "kết quả 1".encode(), True)
    assert ask(database, cast, "k2", calls=calls).body == "kết quả 2".encode()
    with pytest.raises(errors.IdempotencyConflict):
        ask(database, cast, "k1", "another", calls=calls)
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("key", "code"), [(None, "idempotency_key_missing"), ("", "idempotency_key_missing"), ("k" * 201, "malformed")]
)
def test_a_key_that_is_none(database: Database, cast: Cast, key: str | None, code: str) -> None:
    with pytest.raises(errors.LoaError) as caught:
        ask(database, cast, key, calls=[])
    assert caught.value.code == code


def test_a_request_sent_many_times_at_once_is_done_once(database: Database, cast: Cast) -> None:
    calls: list[int] = []
    answers: list[bytes] = []
    together(5, lambda _place: answers.append(ask(database, cast, "k1", calls=calls).body))
    assert (len(calls), set(answers)) == (1, {"kết quả 1".encode()})


def test_a_refusal_may_be_tried_again(database: Database, cast: Cast) -> None:
    def refuse() -> tuple[int, bytes]:
        raise errors.NotApproved

    with pytest.raises(errors.NotApproved), database.transaction() as session:
        idempotency.replay_or_run(session, cast.clerk, "k1", "r", refuse, now=NOW)
    assert ask(database, cast, "k1", calls=[]).replayed is False


def test_old_answers_are_forgotten(database: Database, cast: Cast) -> None:
    ask(database, cast, "k1", calls=[])
    with database.transaction() as session:
        idempotency.tidy(session, now=NOW + idempotency.KEPT)
        assert len(session.scalars(select(IdempotencyRecord)).all()) == 1
        idempotency.tidy(session, now=NOW + idempotency.KEPT + timedelta(seconds=1))
        assert session.scalars(select(IdempotencyRecord)).all() == []


def test_the_same_wish_is_one_row_of_a_newer_generation(database: Database, cast: Cast) -> None:
    for seconds in (0, 5):
        with database.transaction() as session:
            for _ in range(2):
                outbox.want(session, "mirror", ["b", "a", "a"], now=NOW + timedelta(seconds=seconds))
    with database.read() as session:
        rows = session.scalars(select(OutboxEntry).where(OutboxEntry.kind == "mirror").order_by(OutboxEntry.key)).all()
        assert [(row.key, row.generation, row.due_at) for row in rows] == [
            ("mirror:a", 2, NOW + timedelta(seconds=5)),
            ("mirror:b", 2, NOW + timedelta(seconds=5)),
        ]


def test_a_wish_that_failed_before_is_due_at_once(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        outbox.want(session, "mirror", ["a"], now=NOW)
    with database.transaction() as session:
        session.execute(update(OutboxEntry).values(due_at=NOW + timedelta(days=1), attempts=9, error="no answer"))
        outbox.want(session, "mirror", ["a"], now=NOW)
    with database.read() as session:
        row = session.scalars(select(OutboxEntry).where(OutboxEntry.key == "mirror:a")).one()
        assert (row.due_at, row.attempts, row.error) == (NOW, 0, "")


def test_writers_that_want_the_same_things_do_not_wait_for_each_other_for_ever(database: Database, cast: Cast) -> None:
    names = [f"loa-{number}" for number in range(40)]

    def wish(place: int) -> None:
        for _ in range(5):
            with database.transaction() as session:
                outbox.want(session, "manifest", names if place % 2 else reversed(names), now=NOW)
                session.execute(text("SELECT 1"))
                audit.record(session, cast.clerk, "try", ("thing", str(place)), now=NOW)

    together(4, wish)
    with database.read() as session:
        assert set(session.scalars(select(OutboxEntry.generation).where(OutboxEntry.ref.in_(names)))) == {20}
