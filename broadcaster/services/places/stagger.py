"""The start offsets of all loudspeakers, worked out anew whenever one of them is hung elsewhere."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import stagger
from broadcaster.domain.stagger import Plan, Post
from broadcaster.store import outbox
from broadcaster.store.tables import Speaker
from broadcaster.store.upsert import update_many


def plan(session: Session) -> Plan:
    """The plan as the places entered now ask for it; a post's name counts within its unit."""
    rows = session.execute(
        select(Speaker.id, Speaker.unit_id, Speaker.latitude, Speaker.longitude, Speaker.post).where(
            Speaker.revoked_at.is_(None)
        )
    )
    return stagger.plan(
        Post(row.id, row.latitude, row.longitude, f"{row.unit_id} {row.post}" if row.post else "") for row in rows
    )


def hold(session: Session) -> None:
    """Before a place is changed: whoever changes another one waits, and then plans with both."""
    held = select(Speaker.id).where(Speaker.revoked_at.is_(None)).order_by(Speaker.id)
    session.scalars(held.with_for_update(key_share=True)).all()


def replan(session: Session, *, now: datetime) -> list[str]:
    """Store what changed, and ask for manifests of those loudspeakers alone; their ids."""
    session.flush()
    found = plan(session).offsets
    stored = session.execute(select(Speaker.id, Speaker.stagger_ms).where(Speaker.id.in_(found)).order_by(Speaker.id))
    rows = [{"id": row.id, "stagger_ms": found[row.id]} for row in stored if row.stagger_ms != found[row.id]]
    update_many(session, Speaker, rows, key=("id",))
    session.expire_all()
    changed = [str(row["id"]) for row in rows]
    outbox.want(session, "manifest", changed, now=now)
    return changed
