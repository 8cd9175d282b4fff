"""What a monitoring system asks: is it alive, how much is on its way."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from starlette.responses import JSONResponse, Response

from broadcaster.services.places.speakers import lagging
from broadcaster.store.tables import Airing, Announcement, Delivery, MirrorCopy, OutboxEntry, Speaker
from broadcaster.web.asking import Web

router = APIRouter(tags=["operation"])
STATES: tuple[tuple[str, str, InstrumentedAttribute[str]], ...] = (
    ("loa_announcements", "Announcements by state", Announcement.state),
    ("loa_airings", "Airings by state", Airing.state),
    ("loa_deliveries", "Deliveries by state", Delivery.state),
    ("loa_mirror_copies", "Copies in chat groups by state", MirrorCopy.state),
)


@router.get("/healthz")
def healthz(context: Web) -> Response:
    """200 when the database answers; otherwise a problem with status 503."""
    context.database.check()
    return JSONResponse({"status": "ok"})


@router.get("/metrics", response_class=Response)
def metrics(context: Web) -> Response:
    """Counts in Prometheus' text format; no names, no words."""
    registry = CollectorRegistry()
    with context.database.read() as session:
        for name, meaning, column in STATES:
            gauge = Gauge(name, meaning, ["state"], registry=registry)
            for state, count in _by(session, column):
                gauge.labels(state).set(count)
        _speakers(session, registry, context.now())
        waiting = session.scalar(select(func.count()).select_from(OutboxEntry)) or 0
    Gauge("loa_outbox", "Intentions not yet told to the outside", registry=registry).set(waiting)
    Gauge("loa_pages_live", "Pages that watch something live", registry=registry).set(context.live.open())
    received = Gauge(
        "loa_received", "Messages of loudspeakers since the start, by outcome", ["outcome"], registry=registry
    )
    for outcome, count in list(context.received.items()):
        received.labels(outcome).set(count)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _by(session: Session, column: InstrumentedAttribute[Any]) -> list[tuple[Any, int]]:
    return [(state, count) for state, count in session.execute(select(column, func.count()).group_by(column))]


def _speakers(session: Session, registry: CollectorRegistry, now: datetime) -> None:
    gauge = Gauge("loa_speakers", "Loudspeakers in service", ["online"], registry=registry)
    counted = select(Speaker.online, func.count()).where(Speaker.revoked_at.is_(None), Speaker.pretend.is_(False))
    counted = counted.group_by(Speaker.online)
    for online, count in session.execute(counted):
        gauge.labels("yes" if online else "no").set(count)
    behind = Gauge("loa_speakers_lagging", "Loudspeakers slow to take their newest manifest", registry=registry)
    behind.set(len(lagging(session, now=now)))
