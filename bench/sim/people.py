"""What people want to be heard in one world, by seed, and what the oracle must remember of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.sim.ground import Ground, Words
from bench.sim.kernel import Kernel
from bench.sim.station import Station
from broadcaster.domain.errors import LoaError
from broadcaster.services.airtime import airings, schedules
from broadcaster.services.alarms import emergencies
from broadcaster.services.moments import millis, moment
from broadcaster.services.writing import announcements
from broadcaster.store.tables import Airing
from firmware_config.protocol import Klass, Millis

MINUTE: Millis = 60_000
RETRY_MS = 4_000
PLACE = "Xã Yên Châu"
VILLAGE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass
class Wanted:
    """One airing that somebody was told will be heard."""

    airing: str
    words: Words
    start: Millis
    known: Millis
    """When it was decided."""
    unwanted: Millis | None = None
    """When somebody took it back, or something newer took its place."""
    lost: bool = False
    """It was decided after the last backup, and the database does not know it any more."""
    speakers: frozenset[str] = frozenset()


@dataclass
class Book:
    """All of it, by airing."""

    wanted: dict[str, Wanted] = field(default_factory=dict)
    unplanned: list[str] = field(default_factory=list)
    refused: int = 0

    def note(self, airing: Airing, words: Words, now: Millis) -> None:
        """This will be heard."""
        start = max(millis(airing.planned_at), now)
        self.wanted[airing.id] = Wanted(airing.id, words, start, now, speakers=words.speakers)

    def take_back(self, now: Millis, *, airing: str = "", words: str = "") -> None:
        """This will not, unless it is over."""
        for one in self.wanted.values():
            if one.unwanted is None and (one.airing == airing or one.words.id == words):
                one.unwanted = now


Act = Callable[[Session, Millis], None]


class People:
    """They write nothing new today; they choose from what was approved this morning."""

    def __init__(self, kernel: Kernel, ground: Ground, station: Station, *, minutes: int) -> None:
        self.book = Book()
        self._kernel, self._ground, self._station = kernel, ground, station
        self._chance: Random = kernel.chance("people")
        self._until = kernel.now + minutes * MINUTE
        self._alert: str | None = None

    def begin(self) -> None:
        """Lay their day out."""
        chance, library = self._chance, list(self._ground.words[:-1])
        chance.shuffle(library)
        span = self._until - self._kernel.now
        for words in library[: chance.randint(4, 8)]:
            when = self._kernel.now + chance.randrange(round(span * 0.65))
            self._do(when, chance.choice([self._at, self._at, self._soon, self._daily])(words))
        if chance.random() < 0.6:
            sent = self._kernel.now + chance.randrange(span // 6, round(span * 0.65))
            self._do(sent, self._alarm)
            if chance.random() < 0.6:
                self._do(sent + chance.randrange(20_000, 8 * MINUTE), self._correct)
        for _ in range(chance.randint(0, 2)):
            act = chance.choice([self._stop, self._withdraw])
            self._do(self._kernel.now + chance.randrange(span // 5, round(span * 0.9)), act)

    def _do(self, when: Millis, act: Act) -> None:
        self._kernel.at(when, lambda: self._try(act))

    def _try(self, act: Act) -> None:
        now, station = self._kernel.now, self._station
        if not station.running:
            self._kernel.after(RETRY_MS, lambda: self._try(act))
            return
        self._kernel.note("people", getattr(act, "__name__", "act"))
        try:
            station.transact(lambda session: act(session, now))
        except LoaError as refused:
            self.book.refused += 1
            self._kernel.note("refused", refused.code)

    def _at(self, words: Words) -> Act:
        ahead = self._chance.randrange(1, 22) * MINUTE + self._chance.randrange(MINUTE)

        def act(session: Session, now: Millis) -> None:
            at = moment(min(now + ahead, self._until - 18 * MINUTE))
            found = airings.air(session, self._ground.cast.clerk, words.id, at=at, now=moment(now))
            self.book.note(found, words, now)

        return act

    def _soon(self, words: Words) -> Act:
        def act(session: Session, now: Millis) -> None:
            found = airings.air(session, self._ground.cast.clerk, words.id, at=None, now=moment(now))
            self.book.note(found, words, now)

        return act

    def _daily(self, words: Words) -> Act:
        ahead = sorted(self._chance.sample(range(2, 30), self._chance.randint(1, 3)))

        def act(session: Session, now: Millis) -> None:
            whole = now - now % MINUTE
            times = [whole + minutes * MINUTE for minutes in ahead if whole + minutes * MINUTE < self._until]
            said = [moment(at).astimezone(VILLAGE).strftime("%H:%M") for at in times]
            rule = {"rrule": "FREQ=DAILY", "times": said}
            made = schedules.add(session, self._ground.cast.clerk, words.id, rule, now=moment(now))
            session.flush()
            rows = session.scalars(select(Airing).where(Airing.schedule_id == made.id).order_by(Airing.planned_at))
            today = {millis(row.planned_at): row for row in rows if millis(row.planned_at) < self._until}
            for at in times:
                row = today.get(at)
                if row is None:
                    self.book.unplanned.append(f"{words.id} at {at}")
                elif row.state == "planned":
                    self.book.note(row, words, now)

        return act

    def _alarm(self, session: Session, now: Millis) -> None:
        alert, cast = self._ground.alert, self._ground.cast
        found = emergencies.send(session, cast.clerk, alert.id, place=PLACE, now=moment(now))
        self._alert = found.id
        self.book.note(found, alert, now)

    def _correct(self, session: Session, now: Millis) -> None:
        if self._alert is None:
            return
        alert, part = self._ground.alert, self._chance.choice(["correction", "all_clear"])
        called = emergencies.call_up(session, self._ground.cast.approver, alert.id, part, now=moment(now))
        self.book.take_back(now, words=alert.id)
        words = Words(alert.parts[part], Klass.EMERGENCY, alert.ms, alert.speakers, ())
        self.book.note(called, words, now)

    def _stop(self, session: Session, now: Millis) -> None:
        waiting = sorted(
            one.airing
            for one in self.book.wanted.values()
            if one.unwanted is None and now - MINUTE < one.start and one.words.klass is not Klass.EMERGENCY
        )
        if waiting:
            airing = self._chance.choice(waiting)
            airings.stop(session, self._ground.cast.approver, airing, reason="Thôi.", now=moment(now))
            self.book.take_back(now, airing=airing)

    def _withdraw(self, session: Session, now: Millis) -> None:
        words = self._chance.choice([one for one in self._ground.words if one.klass is not Klass.EMERGENCY])
        announcements.withdraw(session, self._ground.cast.approver, words.id, reason="Nhầm.", now=moment(now))
        self.book.take_back(now, words=words.id)
