"""A commune whose loudspeakers are silent or not, and what its people do about it; one sentence each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcaster.domain.stand_in import State
from broadcaster.services.actor import SYSTEM
from broadcaster.services.airtime import airings
from broadcaster.services.alarms import drills, emergencies, stand_in_answers, standing_in
from broadcaster.services.alarms.drills import Practice
from broadcaster.services.alarms.emergencies import Alert
from broadcaster.services.alarms.stand_in_answers import Answer
from broadcaster.services.outlets import reaching, stand_in_queue
from broadcaster.services.outlets.claiming import Work
from broadcaster.services.writing.drafts import AudienceChoice, DraftVersion
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Announcement, AuditEntry, Delivery, StandIn, StandInMessage
from tests import cast as places
from tests.cast import NOW, SPEAKERS, VILLAGES, Cast

SLOTS = {"place": "xã Yên Châu", "time": "từ bây giờ", "action": "Lên chỗ cao."}
WHOLE = [AudienceChoice("unit", places.COMMUNE)]
HOME = VILLAGES[0]
"""The village with a head."""
SAID, COULD_NOT = Answer(said=True), Answer(said=False, reason="Đường lở, chưa vào được.")


@dataclass
class Commune:
    """Time moves only when a test says so."""

    database: Database
    cast: Cast
    now: datetime = NOW

    def later(self, **by: float) -> None:
        """Let time go by."""
        self.now += timedelta(**by)

    def alert(self) -> str:
        """An alert to the whole commune, sent; the airing."""
        with self.database.transaction() as session:
            made = emergencies.draft(
                session, self.cast.clerk, Alert("flash_flood", 4, places.COMMUNE, WHOLE, {"vi": SLOTS}), now=self.now
            )
            self.approve(session, made)
            return emergencies.send(session, self.cast.clerk, made.id, place="Xã Yên Châu", now=self.now).id

    def drill(self) -> str:
        """A drill in the whole commune, begun; the airing."""
        with self.database.transaction() as session:
            wanted = Practice("flash_flood", places.COMMUNE, WHOLE, {"vi": SLOTS})
            made = drills.draft(session, self.cast.clerk, wanted, now=self.now)
            self.approve(session, made)
            return drills.start(session, self.cast.clerk, made.id, now=self.now).id

    def notice(self, klass: str = "priority", *, supersedes: str | None = None) -> str:
        """An announcement of a class to the whole commune, on the air now; the airing."""
        said = [DraftVersion("en", "Come to the hall."), DraftVersion("vi", "Mời bà con đến nhà văn hoá.")]
        with self.database.transaction() as session:
            made = places.approved(session, self.cast, now=self.now, klass=klass, versions=said, supersedes=supersedes)
            return airings.air(session, self.cast.clerk, made.id, at=None, now=self.now).id

    def approve(self, session: Session, made: Announcement) -> None:
        """By two people, with the sound made."""
        places.give_clips(session, made)
        sent = places.submit(session, self.cast.clerk, made.id, now=self.now)
        places.approve(session, self.cast.approver, sent, now=self.now)

    def tell(self, airing: str, state: str, *speakers: str, reason: str = "") -> None:
        """What the loudspeakers said; all of them when none is named."""
        with self.database.transaction() as session:
            mine = (Delivery.airing_id == airing, Delivery.speaker_id.in_(speakers or SPEAKERS))
            session.execute(update(Delivery).where(*mine).values(state=state, reason=reason))

    def call_up(self, airing: str, part: str) -> str:
        """The correction or the all-clear of an alert; its airing."""
        with self.database.transaction() as session:
            alert = session.get_one(Airing, airing).announcement_id
            return emergencies.call_up(session, self.cast.approver, alert, part, now=self.now).id

    def look(self) -> set[str]:
        """The tick."""
        with self.database.transaction() as session:
            return standing_in.look(session, now=self.now)

    def asked(self, unit: str = "", airing: str = "") -> list[StandIn]:
        """The requests, oldest first."""
        with self.database.read() as session:
            rows = session.scalars(select(StandIn).order_by(StandIn.opened_at, StandIn.unit_id)).all()
            return [row for row in rows if unit in {"", row.unit_id} and airing in {"", row.airing_id}]

    def states(self, unit: str = HOME) -> list[str]:
        """How the requests to a village stand."""
        return [row.state for row in self.asked(unit)]

    def link(self, unit: str = HOME) -> str:
        """A new link to the newest request of a village."""
        with self.database.transaction() as session:
            return stand_in_answers.hand_over(session, self.cast.clerk, self.asked(unit)[-1].id, now=self.now)

    def answer(self, answer: Answer = SAID, unit: str = HOME) -> None:
        """By a link."""
        secret = self.link(unit)
        with self.database.transaction() as session:
            stand_in_answers.answer_by_link(session, secret, answer, now=self.now)

    def chat(self, base_url: str = "http://127.0.0.1:9", chat_id: str = "u-truong-ban") -> None:
        """The village head gets a chat of his own."""
        with self.database.transaction() as session:
            head = self.cast.village_head.person_id
            settings = {"chat_id": chat_id, "base_url": base_url}
            reaching.set_channel(session, SYSTEM, head, kind="zalo_bot", settings=settings, secret="1:x", now=self.now)

    def messages(self) -> list[tuple[str, str]]:
        """What people were owed: what about, and how far it got."""
        with self.database.read() as session:
            rows = session.scalars(select(StandInMessage).order_by(StandInMessage.created_at, StandInMessage.action))
            return [(row.action, row.state) for row in rows]

    def take(self) -> Sequence[Work]:
        """What a worker takes to send."""
        with self.database.transaction() as session:
            stand_in_queue.tidy(session, now=self.now)
            rows = stand_in_queue.due(session, now=self.now, limit=10)
            return stand_in_queue.claim(session, rows, now=self.now, public_url="https://loa.example.vn")

    def audited(self) -> list[tuple[str, str]]:
        """What stands in the audit about requests: what, and by whom."""
        with self.database.read() as session:
            rows = session.scalars(
                select(AuditEntry).where(AuditEntry.subject_kind == "stand_in").order_by(AuditEntry.seq)
            )
            return [(row.action, row.person_name) for row in rows]

    def deliveries(self, airing: str) -> dict[str, tuple[str, bool]]:
        """Each loudspeaker's own state, and whether a person said it instead."""
        with self.database.read() as session:
            rows = session.scalars(select(Delivery).where(Delivery.airing_id == airing))
            return {row.speaker_id: (row.state, row.by_person_at is not None) for row in rows}


OPEN, ESCALATED, DONE = State.OPEN.value, State.ESCALATED.value, State.DONE.value
