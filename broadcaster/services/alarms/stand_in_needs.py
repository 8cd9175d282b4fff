"""Where a loudspeaker is still silent, and whether what it should have said must still be said."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import airing as airings
from broadcaster.domain import delivery, stand_in
from broadcaster.domain.announcement import State as Approval
from broadcaster.domain.stand_in import Cause, Facts, Limits
from broadcaster.store import places
from broadcaster.store.tables import Acknowledgement, Airing, Announcement, Delivery, Speaker, StandIn, Unit
from firmware_config.protocol import Klass

SOUNDING = (airings.State.PLANNED, airings.State.ON_AIR, airings.State.DONE, airings.State.MISSED)
"""Airings that nobody took back."""
ByUnit = Mapping[str, list[str]]


class Needs:
    """What is known in one pass; every question is put to the database once."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session, self._now = session, now
        self._tree = places.tree(session)
        self._silent: dict[str, ByUnit] = {}
        self._overtaken: dict[str, bool] = {}
        self._known: dict[str, frozenset[str]] = {}
        self._settings: dict[str, Mapping[str, Any] | None] | None = None

    def facts(self, row: StandIn) -> Facts:
        """How it stands with what somebody was asked to say."""
        airing = self._session.get_one(Airing, row.airing_id)
        announcement = self._session.get_one(Announcement, row.announcement_id)
        return Facts(
            silent=bool(self.silent(airing).get(row.unit_id)),
            taken_back=self._taken_back(row, airing, announcement),
            known=self.known(row.announcement_id, row.unit_id),
            expired=announcement.state == Approval.EXPIRED or self._now >= row.expires_at,
        )

    def silent(self, airing: Airing) -> ByUnit:
        """Unit → loudspeakers in service that have not begun; of an alert also none of its repeats."""
        if airing.id not in self._silent:
            self._silent[airing.id] = self._ask_silent(airing)
        return self._silent[airing.id]

    def known(self, announcement_id: str, unit_id: str) -> bool:
        """Whether somebody there, or above, acknowledged the alert."""
        if announcement_id not in self._known:
            said = select(Acknowledgement.unit_id).where(Acknowledgement.announcement_id == announcement_id)
            self._known[announcement_id] = frozenset(self._session.scalars(said))
        return not self._known[announcement_id].isdisjoint(self._tree.path(unit_id))

    def limits(self, unit_id: str, klass: str) -> Limits:
        """How long a loudspeaker there may be silent."""
        settings = self._all_settings()
        return stand_in.limits_of((settings.get(unit) for unit in reversed(self._tree.path(unit_id))), klass)

    def shortest(self, klass: str) -> Limits:
        """The least patience any unit has."""
        known = [stand_in.limits_of([own], klass) for own in (None, *self._all_settings().values())]
        return min(known, key=lambda limits: limits.ask)

    def _all_settings(self) -> Mapping[str, Mapping[str, Any] | None]:
        if self._settings is None:
            rows = self._session.execute(select(Unit.id, Unit.stand_in))
            # What a JSON column holds when nothing was said differs by how it was written.
            self._settings = {row.id: row.stand_in or None for row in rows}
        return self._settings

    def _ask_silent(self, airing: Airing) -> ByUnit:
        rows = select(Delivery).join(Speaker, Speaker.id == Delivery.speaker_id)
        real = (Speaker.revoked_at.is_(None), Speaker.pretend.is_(False))
        mine = (Delivery.airing_id == airing.id, Delivery.state.in_(stand_in.SILENT), *real)
        found: dict[str, list[str]] = defaultdict(list)
        began = self._began(airing) if airing.klass == Klass.EMERGENCY else frozenset()
        for row in self._session.scalars(rows.where(*mine).order_by(Delivery.speaker_id)):
            if stand_in.is_silent(row.state, row.reason) and row.speaker_id not in began:
                found[row.unit_id].append(row.speaker_id)
        return dict(found)

    def _began(self, airing: Airing) -> Collection[str]:
        same = (Airing.announcement_id == airing.announcement_id, Airing.revision == airing.revision)
        played = select(Delivery.speaker_id).join(Airing, Airing.id == Delivery.airing_id)
        return frozenset(self._session.scalars(played.where(*same, Delivery.state.in_(delivery.PLAYED)).distinct()))

    def _taken_back(self, row: StandIn, airing: Airing, announcement: Announcement) -> bool:
        stands = announcement.state in {Approval.APPROVED, Approval.EXPIRED} and announcement.revision == row.revision
        return (
            airing.state not in SOUNDING or not stands or self._was_overtaken(row) or self._stopped(airing, row.unit_id)
        )

    def _was_overtaken(self, row: StandIn) -> bool:
        if row.announcement_id not in self._overtaken:
            later = select(Airing.id).join(Announcement, Announcement.id == Airing.announcement_id)
            heard = (Airing.standby.is_(False), Airing.state.in_(SOUNDING), Airing.planned_at <= self._now)
            found = later.where(Announcement.supersedes_id == row.announcement_id, *heard).limit(1)
            self._overtaken[row.announcement_id] = self._session.scalar(found) is not None
        return self._overtaken[row.announcement_id]

    def _stopped(self, airing: Airing, unit_id: str) -> bool:
        states = select(Delivery.state).where(Delivery.airing_id == airing.id, Delivery.unit_id == unit_id).distinct()
        return set(self._session.scalars(states)) == {delivery.State.CANCELLED}


def is_needed(needs: Needs, row: StandIn) -> stand_in.Event | None:
    """What ends it now without an answer; None = a person is still needed."""
    return stand_in.told(Cause(row.cause), needs.facts(row))


def details_of(session: Session, row: StandIn) -> dict[str, Any]:
    """What the log book tells of a request, whatever became of it."""
    village = session.get_one(Unit, row.unit_id).name
    about = {"announcement": row.announcement_id, "airing": row.airing_id, "village": village}
    return about | {"cause": row.cause, "speakers": list(row.speakers)}
