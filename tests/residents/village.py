"""A commune that says things, and a resident of one of its villages who looks them up."""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from httpx import Response
from sqlalchemy import select, update

from audio import recordings
from audio.clip import clip_path
from audio.disk import put
from broadcaster.services.airtime import airings
from broadcaster.services.alarms import emergencies
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice, DraftVersion
from broadcaster.store.tables import Announcement, Clip, Speaker
from tests import cast
from tests.audio.fakes import tone
from tests.web.alarms import alarm
from tests.web.house import Browser, House

VILLAGE, SECOND, THIRD = cast.VILLAGES
WHOLE = [AudienceChoice("unit", cast.COMMUNE)]
DONE = cast.SOUND + timedelta(seconds=10)


@dataclass
class Home:
    """What a test does to the commune, and what a resident then sees."""

    house: House
    resident: Browser

    def wait(self, **time: float) -> None:
        """Let time pass; what changes by itself may be kept for some seconds."""
        self.house.clock.at += timedelta(**time)

    def write(self, text: str = "Mời bà con họp.", **changes: object) -> str:
        """An approved announcement; its public id."""
        usual = {"versions": [DraftVersion("vi", text)], "audience": WHOLE}
        with self.house.database.transaction() as session:
            made = cast.approved(session, self.house.cast, now=self.house.clock(), **(usual | changes))
            return made.public_id

    def say(self, text: str = "Mời bà con họp.", **changes: object) -> str:
        """The same, on the air now; the next one comes when its sound is over."""
        public_id = self.write(text, **changes)
        self.air(public_id)
        return public_id

    def air(self, public_id: str, **later: float) -> None:
        """Put it on the air now or later."""
        at = self.house.clock() + timedelta(**later) if later else None
        with self.house.database.transaction() as session:
            row = session.query(Announcement).filter_by(public_id=public_id).one()
            now, drill = self.house.clock(), row.kind == "drill"
            airings.air(session, self.house.cast.clerk, row.id, at=at, now=now, drill=drill)
        if not later:
            self.wait(seconds=DONE.total_seconds())

    def give_sound(self) -> bytes:
        """A real sound behind every clip there is."""
        clips = self.house.context.clips
        made = recordings.accept(BytesIO(tone(1.5).to_wav()), language="vi", clips=clips)
        sound = clip_path(clips, made.sha256).read_bytes()
        with self.house.database.read() as session:
            for sha256 in session.scalars(select(Clip.sha256)):
                put(clip_path(clips, sha256), sound)
        return sound

    def correct(self, public_id: str, text: str, *, approve: bool = True, **changes: object) -> None:
        """Write it anew, and approve that."""
        usual = {"versions": [DraftVersion("vi", text)], "audience": WHOLE}
        with self.house.database.transaction() as session:
            row = session.query(Announcement).filter_by(public_id=public_id).one()
            draft = cast.draft(title=changes.pop("title", row.title), **(usual | changes))
            now, people = self.house.clock(), self.house.cast
            announcements.edit(session, people.clerk, row.id, draft, revision=row.revision, now=now)
            cast.give_clips(session, row)
            if approve:
                cast.approve(session, people.approver, cast.submit(session, people.clerk, row.id, now=now), now=now)

    def withdraw(self, public_id: str, reason: str = "") -> None:
        """Take it back."""
        with self.house.database.transaction() as session:
            row = session.query(Announcement).filter_by(public_id=public_id).one()
            announcements.withdraw(session, self.house.cast.approver, row.id, reason=reason, now=self.house.clock())

    def alarm(self, state: str = "alert sent", unit: str = cast.COMMUNE) -> str:
        """An emergency, as far as `state` says; its id."""
        people = self.house.cast
        with self.house.database.transaction() as session:
            session.execute(update(Speaker).values(online=False))
            made = alarm(session, state, unit, people.clerk, people.approver, now=self.house.clock())
            found = made.id
        self.wait(seconds=1)
        return found

    def call_up(self, alert: str, part: str) -> None:
        """Say that it was wrong, or that it is over."""
        with self.house.database.transaction() as session:
            emergencies.call_up(session, self.house.cast.clerk, alert, part, now=self.house.clock())
        self.wait(seconds=1)

    def page(self, unit: str = VILLAGE, more: str = "") -> str:
        """What the resident reads."""
        answer = self.get(f"/{unit}{more}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def get(self, path: str, **headers: str) -> Response:
        """Whatever the resident asks for."""
        return self.resident.get(path, **headers)


def settled(house: House) -> Home:
    """Nobody signs in."""
    return Home(house, house.stranger_to_all())
