"""How long an announcement sounds."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from broadcaster.domain.audience import Place
from broadcaster.store import places
from broadcaster.store.tables import Announcement


def sound_ms(session: Session, announcement: Announcement, audience: Sequence[Place]) -> int:
    """The longest it can sound: the chime, then every language, with each speaker's silences around all of them."""
    chime = [announcement.chime.ms] if announcement.chime else []
    sounds = [version.clip.ms for version in announcement.versions if version.clip]
    silence = places.longest_silence(session, [place.speaker for place in audience])
    return sum(chime) + sum(sounds) + silence * max(1, len(chime) + len(sounds))
