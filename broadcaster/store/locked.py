"""Rows that are changed by one transaction at a time, as they stand once it is their turn."""

from sqlalchemy.orm import Session

from broadcaster.store.tables import Announcement


def announcement(session: Session, announcement_id: str) -> Announcement | None:
    """The announcement, held until the transaction ends; what was seen of it before is read anew."""
    session.flush()
    return session.get(Announcement, announcement_id, with_for_update={"of": Announcement}, populate_existing=True)
