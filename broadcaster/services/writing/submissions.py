"""What was handed to the approvers, revision by revision: what an approver compares the new words with."""

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.services.ids import new_id
from broadcaster.services.writing.contents import content_of
from broadcaster.store.tables import Announcement, Submission


def keep(session: Session, announcement: Announcement, *, now: datetime) -> None:
    """Keep what is submitted now, and of an alert its correction and all-clear as well."""
    for each in (announcement, *announcement.parts):
        content = content_of(each)
        session.add(
            Submission(
                id=new_id(now),
                announcement_id=each.id,
                revision=each.revision,
                content_sha256=content.sha256(),
                content=json.loads(content.canonical()),
                submitted_by=announcement.submitted_by or announcement.author_id,
                submitted_at=now,
            )
        )


def before(session: Session, announcement: Announcement) -> Submission | None:
    """What the approvers were given before the present revision; None where this is the first."""
    earlier = select(Submission).where(
        Submission.announcement_id == announcement.id, Submission.revision < announcement.revision
    )
    return session.scalars(earlier.order_by(Submission.revision.desc(), Submission.id.desc()).limit(1)).first()
