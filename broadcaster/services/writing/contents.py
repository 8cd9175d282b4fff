"""The content an approval is for, read from an announcement's rows."""

from broadcaster.domain.approval import Content, Heard
from broadcaster.services.places import audiences
from broadcaster.store.tables import Announcement


def content_hash(announcement: Announcement) -> str:
    """The hash of everything that is heard, seen, and where, with the correction and the all-clear of an alert."""
    return content_of(announcement).sha256()


def content_of(announcement: Announcement) -> Content:
    """Everything that is heard, seen, and where."""
    return Content(
        unit=announcement.unit_id,
        title=announcement.title,
        klass=announcement.klass,
        category=announcement.category,
        kind=announcement.kind,
        repeat=announcement.repeat,
        not_before=announcement.not_before,
        expires=announcement.expires,
        supersedes=announcement.supersedes_id,
        versions=[
            Heard(each.language, each.text, each.clip_sha256, each.script, each.voice, each.speed)
            for each in announcement.versions
        ],
        audience=audiences.as_approved(announcement),
        chime=announcement.chime_sha256,
        hazard=announcement.hazard,
        level=announcement.level,
        slots=announcement.slots or {},
        parts=[content_hash(part) for part in announcement.parts],
    )
