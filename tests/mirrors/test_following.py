"""What a provider says of the channel itself: a new id is kept, a closed door switches it off."""

from datetime import datetime

import pytest
from sqlalchemy import select

from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.services.outlets.following import follow
from broadcaster.store.tables import AuditEntry
from tests.mirrors.village import NOW, Village

pytestmark = pytest.mark.database

MOVED = Outcome(CopyState.ACCEPTED, remote_id="77", changed=(("chat_id", "-100200"),))
KICKED = Outcome(CopyState.FAILED, permanent=True, provider_code="403", shut_out=True)


def told(village: Village, channel: str, outcome: Outcome, now: datetime = NOW) -> list[str]:
    """What the log book holds of the channel once an outcome was followed."""
    with village.database.transaction() as session:
        row = village.channel_row(channel)
        follow(session, session.merge(row), outcome, now=now)
    with village.database.read() as session:
        mine = (AuditEntry.subject_id == channel, AuditEntry.person_id == "system")
        return list(session.scalars(select(AuditEntry.action).where(*mine).order_by(AuditEntry.seq)))


def test_a_new_id_is_kept_beside_the_other_settings(small_village: Village) -> None:
    channel = small_village.channel(chat_id="-5", base_url="https://t.example")
    assert told(small_village, channel, MOVED) == ["change"]
    assert small_village.channel_row(channel).settings == {"chat_id": "-100200", "base_url": "https://t.example"}


def test_who_is_shut_out_is_switched_off_once(small_village: Village) -> None:
    channel = small_village.channel()
    assert told(small_village, channel, KICKED) == ["switch_off"]
    assert not small_village.channel_row(channel).enabled
    assert told(small_village, channel, KICKED) == ["switch_off"]


def test_an_ordinary_outcome_leaves_the_channel_alone(small_village: Village) -> None:
    channel = small_village.channel()
    assert told(small_village, channel, Outcome(CopyState.FAILED, permanent=True, provider_code="400")) == []
    assert small_village.channel_row(channel).enabled
