"""What a provider's answer means for the channel itself, and not only for the copy it answers."""

from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.domain.mirror import Outcome
from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM
from broadcaster.store.tables import Channel


def follow(session: Session, channel: Channel, outcome: Outcome, *, now: datetime) -> None:
    """Keep what the provider changed; switch the channel off where it shut us out. Both stand in the log book."""
    if outcome.changed:
        channel.settings = {**channel.settings, **dict(outcome.changed)}
        _say(session, channel, "change", now)
    if outcome.shut_out and channel.enabled:
        channel.enabled = False
        _say(session, channel, "switch_off", now)


def _say(session: Session, channel: Channel, action: str, now: datetime) -> None:
    said = {"name": channel.name, "kind": channel.kind}
    audit.record(session, SYSTEM, action, ("channel", channel.id), now=now, unit=channel.unit_id, details=said)
