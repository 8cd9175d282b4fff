"""T26: a broker in hostile hands drops, doubles, delays, swaps and replays messages, and lies about itself."""

from __future__ import annotations

import math
import time

from sqlalchemy import select

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.hostile import Hostile
from bench.faults.stage import Setting, Stage, stage, until
from bench.faults.verdict import Watch, all_ended, judge
from broadcaster.app import utc_now
from broadcaster.domain.wellbeing import LAGGING
from broadcaster.links.tls import TlsFiles
from broadcaster.services.places.health import standings
from broadcaster.store.tables import Speaker
from device_agent.problems import Problem

ANNOUNCEMENTS = 120
EVERY_S = 8.0
SPEAKERS = 3
ALARM_S = 120.0
SETTLE_S = 300.0
ALARMS = {LAGGING, Problem.BROKER_DEAF}


def hostile(place: Stage, seed: int) -> Hostile:
    """The hostile broker in front of a stage's own."""

    def identity(name: str) -> TlsFiles:
        for one in place.speakers:
            if one.id == name:
                tls = one.folder / "tls"
                return TlsFiles(tls / "ca.pem", tls / "speaker.pem", tls / "speaker.key")
        return place.ground.home.tls(name)

    assert place.broker is not None
    server = place.ground.home.tls("server")
    return Hostile(server, identity, port=place.settings.broker_port, behind=place.broker.port, seed=seed)


def run(scale: Scale) -> Outcome:
    """Announcements through a broker that cannot be trusted; then it swallows everything, and somebody must notice."""
    fronts: list[Hostile] = []

    def front(place: Stage) -> Hostile:
        fronts.append(hostile(place, scale.seed))
        return fronts[0]

    count = scale.of(ANNOUNCEMENTS, 5)
    with stage(scale.folder, Setting(speakers=SPEAKERS, outside_broker=True, front=front)) as place:
        watch, recording = Watch(place), place.recording(0.7)
        fronts[0].manners.bad = True
        for number in range(count):
            began = time.monotonic()
            watch.add(place.said(recording=recording))
            watch.look_for(EVERY_S - (time.monotonic() - began))
            progress(f"T26 {number + 1} of {count} announcements {dict(fronts[0].done)}")
        until(lambda: watch.look() and all_ended(place, watch.begun), SETTLE_S, every=1.0)
        fronts[0].manners.deaf = True
        watch.add(place.said(recording=recording))
        alarm = until(lambda: noticed(place), ALARM_S + 60)
        until(lambda: watch.look() and all_ended(place, watch.begun), SETTLE_S, every=1.0)
        verdict = judge(place, watch.begun)
    lost = verdict.deliveries - verdict.heard
    good = verdict.clean and not lost and verdict.deliveries == SPEAKERS * (count + 1) and (alarm or 999) <= ALARM_S
    misdeeds = ", ".join(f"{number} {what}" for what, number in sorted(fronts[0].done.items()))
    figure = (
        f"{misdeeds}; {verdict.words}, {lost} lost, known of after at most {watch.slowest:.0f} s; "
        f"alarm {alarm or math.inf:.0f} s after the broker had swallowed everything"
    )
    return Outcome(good, figure, verdict.details)


def noticed(place: Stage) -> bool:
    """Whether every speaker has an alarm: it has not told of its newest manifest, or says that nobody answers it."""
    with place.ground.database.read() as session:
        villages = session.scalars(select(Speaker.unit_id)).all()
        found = {one.id: set(one.codes) for one in standings(session, villages, now=utc_now())}
    return all(found[one.id] & ALARMS for one in place.speakers)


FAULT = Fault(
    "T26",
    "a hostile broker drops, doubles, delays, swaps and replays, and lies about its age; then swallows everything",
    "while HTTPS lives: 0 lost, every delivery ends, none twice; an alarm within 120 s",
    run,
)
