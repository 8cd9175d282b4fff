"""A village without a signal: a month of announcements is handed over, then nobody is reached for thirty days."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bench.sim.world import World
from broadcaster.services.airtime import schedules
from broadcaster.services.moments import moment
from broadcaster.store.tables import Airing, Speaker
from device_agent.effects import Record
from device_agent.settings import Pace
from firmware_config.protocol import Event, Millis

DAY: Millis = 86_400_000
MINUTE: Millis = 60_000
HOURS = ("06:00", "08:00", "10:00", "12:00", "14:00", "16:00", "18:00", "20:00")
RARELY = Pace(poll_s=6 * 3_600)


@dataclass
class Month(World):
    """One loudspeaker, no line, no time server, no broadcaster; and `receipts` to tell when it is all over."""

    days: int = 30
    receipts: int = 5_000
    amiss: Millis = 120_000
    """What a cheap quartz drifts in a month."""

    def __post_init__(self) -> None:
        super().__post_init__()
        del self.posts[1:]
        [post] = self.posts
        post.pace = RARELY
        # Without a battery it would not know the time after the first power cut, and would rightly be silent.
        post.clocks.battery = True

    def _live(self) -> None:
        kernel, [post] = self.kernel, self.posts
        self.station.start()
        post.power_on()
        self.station.transact(self._hand_over)
        kernel.run(kernel.now + 15 * MINUTE)
        self._lonely(kernel.now + self.days * DAY)
        self._top_up()
        post.radio, post.pace = True, Pace()
        post.clocks.find()
        post.restart()
        kernel.run(kernel.now + 40 * MINUTE)

    def _lonely(self, until: Millis) -> None:
        [post] = self.posts
        post.radio = False
        post.clocks.lose()
        post.open(https=False)
        post.restart()
        self.station.stop(until - self.kernel.now)
        self.kernel.run(until + MINUTE)
        post.open(https=True)

    def _hand_over(self, session: Session) -> None:
        now, [post] = self.kernel.now, self.posts
        session.execute(update(Speaker).where(Speaker.id == post.name).values(ahead_days=self.days))
        rule = {"rrule": "FREQ=DAILY", "times": list(HOURS)}
        words = self.ground.words[0]
        made = schedules.add(session, self.ground.cast.clerk, words.id, rule, now=moment(now))
        session.flush()
        for airing in session.scalars(select(Airing).where(Airing.schedule_id == made.id).order_by(Airing.planned_at)):
            self.people.book.note(airing, words, now)

    def _top_up(self) -> None:
        """It examines itself until it has so much to tell."""
        [post] = self.posts
        assert post.run is not None
        while len(post.written) < self.receipts:
            post.run.agent.desk.record(Record(Event.SELF_TEST, reason="ok"))
