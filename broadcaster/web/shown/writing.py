"""What the page on which an announcement is written knows besides its words: voices, lengths, times."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.pace import Pace, pace_of
from audio.score import Reader
from broadcaster.domain.schedule import zone_named
from broadcaster.services.actor import Actor
from broadcaster.services.airtime import schedules
from broadcaster.services.places import units
from broadcaster.services.writing import drafts
from broadcaster.store.tables import Announcement, AuditEntry, Schedule
from broadcaster.web.forms import VersionForm, WriteForm, form_of_announcement
from broadcaster.web.i18n import length
from broadcaster.web.labels import N_
from broadcaster.web.schedule_form import KEPT, LATER, PATTERNS, ScheduleForm, form_of_schedule
from broadcaster.web.shown import schedules as shown
from broadcaster.web.shown.schedules import Said
from firmware_config.protocol import Klass

SPEEDS = {80: N_("Slow"), 90: N_("A little slower"), 100: N_("Usual"), 110: N_("A little faster"), 120: N_("Fast")}
VOICES = {
    "gtts": N_("Natural voice, northern (needs the internet)"),
    "piper": N_("Natural voice of this server"),
    "piper-north": N_("Natural voice, northern"),
    "piper-central": N_("Natural voice, central"),
    "piper-south": N_("Natural voice, southern"),
    "espeak": N_("Machine voice"),
    "espeak-north": N_("Machine voice, northern"),
    "espeak-central": N_("Machine voice, central"),
    "espeak-south": N_("Machine voice, southern"),
}
BEST = N_("The best voice there is")


@dataclass(frozen=True, slots=True)
class Length:
    """How long a version will sound, roughly; the page counts it again while one types."""

    pace: Pace
    words: str
    """"1:05"; empty for no text."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """What somebody else saved meanwhile."""

    by: str
    at: datetime
    form: WriteForm


def voices(offers: Sequence[Reader], chosen: str) -> dict[str, str]:
    """Who may be chosen to read, by name; one that was chosen before stays in the list."""
    names = ["-".join(filter(None, (each.voice, each.region))) for each in offers]
    return {"": BEST} | {name: VOICES.get(name, name) for name in dict.fromkeys([*names, *filter(None, [chosen])])}


def length_of(form: WriteForm, version: VersionForm) -> Length:
    """The length of one version as it stands."""
    pace = pace_of(version.language, form.klass)
    seconds = pace.seconds(version.text, repeat=form.repeat, speed=version.speed)
    return Length(pace, length(seconds * 1000) if seconds else "")


def when_of(session: Session, row: Announcement, now: datetime) -> ScheduleForm:
    """Its only schedule as it is changed; where there is another number, or a rule no form can show, nothing."""
    running = schedules.running(session, row.id, now=now)
    form = form_of_schedule(running[0], zone_named(running[0].zone), now) if len(running) == 1 else LATER
    return LATER if form.pattern == KEPT else form


def foreseen(session: Session, me: Actor, form: WriteForm, language: str, now: datetime) -> Said | None:
    """When it would be heard; None where nothing is chosen yet. Raises what the schedule deserves."""
    if form.when.pattern not in PATTERNS:
        return None
    row = drafts.imagined(form.draft(), now)
    rule, starts, until = asked(session, row.unit_id, form.when)
    about = sum(
        length_of(form, version).pace.seconds(version.text, repeat=form.repeat, speed=version.speed)
        for version in form.versions
    )
    found = schedules.imagine(session, me, row, rule, starts=starts, until=until, now=now, about_ms=about * 1000)
    return shown.foreseen(found, language, now)


def asked(
    session: Session, unit_id: str, when: ScheduleForm
) -> tuple[dict[str, Any], datetime | None, datetime | None]:
    """What a form asks for, on the clock of its unit. Raises Malformed."""
    zone = zone_named(units.zone_of(session, unit_id))
    return when.rule(), when.starts(zone), when.until(zone)


def plan(session: Session, me: Actor, row: Announcement, form: WriteForm, *, now: datetime) -> Schedule | None:
    """Write the schedule the form asks for, in the place of the one it showed. Raises as services/airtime."""
    if row.klass == Klass.EMERGENCY or not form.when.pattern:
        return None
    running = schedules.running(session, row.id, now=now)
    # What was edited has its schedules anew under other names, so the one that was shown is known by being alone.
    before = running if when_of(session, row, now).schedule else []
    if form.when.pattern == LATER.pattern:
        return schedules.end(session, me, before[0].id, now=now) if before else None
    wanted = asked(session, row.unit_id, form.when)
    if any(_same(session, one, wanted, now) for one in running):
        return None
    rule, starts, until = wanted
    if before:
        return schedules.change(session, me, before[0].id, rule, starts=starts, until=until, now=now)
    return schedules.add(session, me, row.id, rule, starts=starts, until=until, now=now)


def _same(session: Session, one: Schedule, wanted: object, now: datetime) -> bool:
    form = form_of_schedule(one, zone_named(one.zone), now)
    unit = session.get_one(Announcement, one.announcement_id).unit_id
    return form.pattern != KEPT and asked(session, unit, form) == wanted


def theirs(session: Session, row: Announcement) -> Theirs:
    """What is stored, and who stored it."""
    about = (AuditEntry.subject_kind == "announcement", AuditEntry.subject_id == row.id)
    saved = select(AuditEntry.person_name).where(*about, AuditEntry.action.in_(["write", "edit"]))
    by = session.scalars(saved.order_by(AuditEntry.seq.desc()).limit(1)).first()
    return Theirs(by or "", row.updated_at, form_of_announcement(row))


def afresh(form: WriteForm) -> WriteForm:
    """The words and places of an announcement as the beginning of another one."""
    ordinary = form.klass if form.klass != Klass.EMERGENCY else Klass.NORMAL.value
    return replace(form, announcement="", revision=0, klass=ordinary, kind="live", expires=None, when=LATER)
