"""What must follow when the rules that hold in some units have changed."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.services.airtime.rejudging import recheck
from broadcaster.store import outbox, places


def rules_changed(session: Session, unit_ids: Collection[str], *, now: datetime) -> None:
    """Judge again what is planned in these units and under them, and send their speakers new manifests."""
    tree = places.tree(session)
    inside = frozenset(unit for each in unit_ids for unit in tree.under(each))
    recheck(session, sorted(inside), now=now)
    speakers = [place.speaker for place in places.speakers_in_service(session) if place.unit in inside]
    outbox.want(session, "manifest", speakers, now=now)
