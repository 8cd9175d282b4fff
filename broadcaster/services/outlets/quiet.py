"""Which channels are quiet now, each on the clock of its unit."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from broadcaster.domain.mirror import CopyState
from broadcaster.domain.mirror_terms import clock, quiet_end
from broadcaster.store import places
from broadcaster.store.tables import Channel, MirrorCopy


def quiet(session: Session, *, now: datetime) -> dict[str, datetime]:
    """Channels in whose quiet hours a copy waits at this moment, with the end of these hours."""
    waiting = exists().where(MirrorCopy.channel_id == Channel.id, MirrorCopy.state == CopyState.QUEUED)
    columns = (Channel.id, Channel.unit_id, Channel.quiet_from, Channel.quiet_until)
    rows = session.execute(select(*columns).where(Channel.quiet_from != "", waiting)).all()
    zones = _zones(session, {row.unit_id for row in rows}) if rows else {}
    ends = {row.id: quiet_end(now, zones[row.unit_id], row.quiet_from, row.quiet_until) for row in rows}
    return {channel: end for channel, end in ends.items() if end}


def _zones(session: Session, units: Iterable[str]) -> dict[str, ZoneInfo]:
    said, tree = places.standings(session), places.tree(session)
    return {unit: clock(said[each].zone for each in reversed(tree.path(unit))) for unit in units}
