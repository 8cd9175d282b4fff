"""What people do in the console, by chance: each act is a transaction and returns what to remember once it stands."""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.sim.rules.books import facts, window
from bench.sim.rules.chronicle import Quiet
from bench.sim.rules.world import World
from broadcaster.domain.errors import LoaError, NotFound
from broadcaster.services.actor import SYSTEM
from broadcaster.services.airtime import airings, closing, planning, schedules
from broadcaster.services.alarms import emergencies
from broadcaster.services.alarms.emergencies import Repeat
from broadcaster.services.hours import overrides, rules, sites
from broadcaster.services.hours.overrides import Asked
from broadcaster.services.hours.sites import SiteFacts
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice, Draft, DraftVersion
from broadcaster.store.tables import Airing, Announcement, Clip
from firmware_config.protocol import Exempt, Klass
from tests.cast import COMMUNE, GROUP, PROVINCE, VILLAGES, approve, clip, draft, submit
from tests.protocol.rule_strategies import CATEGORIES

Remember = Collection[Callable[[], object]]
WORDS = {"vi": "Kính mời bà con.", "en": "You are invited.", "fr": "Vous êtes invités."}
AUDIENCES = (
    (AudienceChoice("unit", COMMUNE),),
    (AudienceChoice("unit", COMMUNE),),
    (AudienceChoice("unit", VILLAGES[0]),),
    (AudienceChoice("group", GROUP),),
    (AudienceChoice("unit", COMMUNE), AudienceChoice("unit", VILLAGES[1], include=False)),
    (AudienceChoice("unit", COMMUNE),),
)


def set_rules(world: World, session: Session) -> Remember:
    """New rules for one unit, now or from later on."""
    chance = world.chance
    unit = chance.choice([PROVINCE, COMMUNE, COMMUNE, *VILLAGES])
    path = {PROVINCE: (), COMMUNE: (PROVINCE,)}.get(unit, (PROVINCE, COMMUNE))
    made = facts(chance, world.chronicle.last_above(path), world.zones[unit])
    since = chance.choice([None, None, world.at + timedelta(minutes=chance.randrange(60 * 60))])
    row = rules.set(session, SYSTEM, unit, made.to_json(), now=world.at, since=since)
    begins = world.now if since is None else int(since.timestamp() * 1000)
    assert row.version
    return [lambda: world.chronicle.sets.append(replace(made, unit=unit, since=begins)), lambda: _changed(world)]


def write(world: World, session: Session) -> Remember:
    """An announcement, approved, with one or two schedules."""
    row = _approved(world, session)
    made = []
    for _ in range(world.chance.randint(1, 3)):
        # A rule whose times are all barred is refused and leaves nothing behind.
        with suppress(LoaError):
            made.append(_scheduled(world, session, row.id))
    return [lambda: world.announcements.append(row.id), lambda: world.schedules.extend(made)]


def write_for_now(world: World, session: Session) -> Remember:
    """One that is heard at once, or once."""
    row = _approved(world, session)
    at = world.chance.choice([None, world.at + timedelta(minutes=world.chance.randrange(1, 3_000))])
    airings.air(session, world.cast.clerk, row.id, at=at, now=world.at)
    return [lambda: world.announcements.append(row.id)]


def schedule(world: World, session: Session) -> Remember:
    """One more schedule of what is there."""
    made = _scheduled(world, session, _some(world, world.announcements))
    return [lambda: world.schedules.append(made)]


def reschedule(world: World, session: Session) -> Remember:
    """Another rule in a schedule's place."""
    old = _some(world, world.schedules)
    rule, starts = _rule(world)
    row = schedules.change(session, world.cast.clerk, old, rule, starts=starts, now=world.at)
    return [lambda: world.schedules.remove(old), lambda: world.schedules.append(row.id)]


def unschedule(world: World, session: Session) -> Remember:
    """A schedule less."""
    old = _some(world, world.schedules)
    schedules.end(session, world.cast.clerk, old, now=world.at)
    return [lambda: world.schedules.remove(old)]


def edit(world: World, session: Session) -> Remember:
    """Other words, approved anew; schedules go on."""
    found = session.get_one(Announcement, _some(world, world.announcements))
    other = _draft(world, found.klass, found.kind)
    announcements.edit(session, world.cast.clerk, found.id, other, revision=found.revision, now=world.at)
    _give_clips(world, session, found)
    submit(session, world.cast.clerk, found.id, now=world.at)
    approve(session, world.cast.approver, found, now=world.at)
    return []


def withdraw(world: World, session: Session) -> Remember:
    """It shall not be heard any more."""
    gone = _some(world, world.announcements)
    announcements.withdraw(session, world.cast.approver, gone, reason="Nhầm.", now=world.at)
    return [lambda: world.announcements.remove(gone), lambda: _changed(world)]


def stop(world: World, session: Session) -> Remember:
    """One airing is cut or taken back."""
    open_ = select(Airing.id).where(Airing.state.in_(["planned", "on_air"]), Airing.klass != Klass.EMERGENCY)
    found = session.scalars(open_.order_by(Airing.planned_at, Airing.id)).all()
    airing = _some(world, list(found[:8]))
    airings.stop(session, world.cast.approver, airing, reason="Thôi.", now=world.at)
    return [partial(each.stop, airing) for each in world.speakers.values() if each.online]


def add_site(world: World, session: Session) -> Remember:
    """A school or a clinic, somewhere or all about."""
    chance = world.chance
    unit = chance.choice([COMMUNE, *VILLAGES])
    latitude, longitude, radius = chance.choice([(None, None, None), (21.01, 104.01, chance.choice([300, 900, 2_000]))])
    windows = (window(chance, 1, 3),)
    made = SiteFacts("Trường", "school", [one.to_json() for one in windows], latitude, longitude, radius)
    row = sites.add(session, world.cast.owner, unit, made, now=world.at)
    quiet = Quiet(unit, windows, latitude, longitude, radius)
    return [lambda: world.chronicle.sites.update({row.id: quiet}), lambda: _changed(world)]


def remove_site(world: World, session: Session) -> Remember:
    """Its hours are free again."""
    gone = _some(world, list(world.chronicle.sites))
    sites.remove(session, world.cast.owner, gone, now=world.at)
    return [lambda: world.chronicle.sites.pop(gone), lambda: _changed(world)]


def override(world: World, session: Session) -> Remember:
    """Two persons let one announcement be heard outside the rules."""
    chance, cast = world.chance, world.cast
    words, unit = _some(world, world.announcements), chance.choice([COMMUNE, *VILLAGES])
    starts = world.at + timedelta(minutes=chance.randrange(-30, 30 * 60))
    asked = Asked(unit, words, starts, starts + timedelta(minutes=chance.randrange(10, 720)), "Lễ hội của xã.")
    row = overrides.ask(session, cast.clerk, asked, now=world.at)
    overrides.grant(session, cast.approver, row.id, now=world.at)
    one = Exempt(words, int(starts.timestamp() * 1000), int(asked.ends.timestamp() * 1000))
    return [lambda: world.chronicle.exempts.update({row.id: (unit, one)}), lambda: _changed(world)]


def take_back(world: World, session: Session) -> Remember:
    """The exception ends before its time."""
    gone = _some(world, list(world.chronicle.exempts))
    overrides.take_back(session, world.cast.approver, gone, now=world.at)
    return [lambda: world.chronicle.exempts.pop(gone), lambda: _changed(world)]


def alarm(world: World, session: Session) -> Remember:
    """A live emergency, perhaps repeated."""
    alert = _approved(world, session, Klass.EMERGENCY)
    sent = world.at + timedelta(seconds=20)
    repeat = world.chance.choice([None, Repeat(5, 3)])
    emergencies.send(session, world.cast.clerk, alert.id, place="Xã Yên Châu", repeat=repeat, now=sent)
    return [lambda: _changed(world)]


def plan(world: World, session: Session) -> Remember:
    """The planner's tick, and the closing of what is over."""
    planning.plan(session, now=world.at)
    closing.close(session, now=world.at)
    return []


ACTS: dict[Callable[[World, Session], Remember], int] = {
    set_rules: 10,
    write: 12,
    write_for_now: 8,
    schedule: 8,
    reschedule: 5,
    unschedule: 2,
    edit: 4,
    withdraw: 2,
    stop: 2,
    add_site: 2,
    remove_site: 2,
    override: 4,
    take_back: 1,
    alarm: 1,
}


def _some(world: World, names: list[str]) -> str:
    if not names:
        raise NotFound(what="anything", id="-")
    return world.chance.choice(names)


def _draft(world: World, klass: str, kind: str = "live") -> Draft:
    chance = world.chance
    languages = ["vi", *(each for each in ("en", "fr") if chance.random() < 0.3)]
    return draft(
        klass=klass,
        kind=kind,
        category="general" if klass == Klass.EMERGENCY else chance.choice(CATEGORIES),
        versions=[DraftVersion(language, WORDS[language]) for language in languages],
        audience=list(AUDIENCES[0] if klass == Klass.EMERGENCY else chance.choice(AUDIENCES)),
        expires=chance.choice([None, world.at + timedelta(hours=chance.randrange(20, 200))]),
    )


def _approved(world: World, session: Session, klass: str = "") -> Announcement:
    chosen = klass or world.chance.choice([Klass.NORMAL, Klass.NORMAL, Klass.PRIORITY])
    row = announcements.write(session, world.cast.clerk, _draft(world, chosen), now=world.at)
    _give_clips(world, session, row)
    submit(session, world.cast.clerk, row.id, now=world.at)
    return approve(session, world.cast.approver, row, now=world.at)


def _give_clips(world: World, session: Session, announcement: Announcement) -> None:
    chance = world.chance
    chime = f"{2_000:064x}"
    if session.get(Clip, chime) is None:
        session.add(clip(chime, ms=2_000, now=world.at))
        session.flush()
    for row in (announcement, *announcement.parts):
        row.chime_sha256 = chance.choice([None, chime])
        for version in row.versions:
            ms = chance.choice([chance.randrange(4_000, 60_000), chance.randrange(4_000, 12 * 60_000)]) // 20 * 20
            made = clip(f"{chance.getrandbits(255):064x}", language=version.language, ms=ms, now=world.at)
            session.add(made)
            session.flush()
            version.clip_sha256 = made.sha256
    session.flush()
    session.expire(announcement)


def _scheduled(world: World, session: Session, announcement: str) -> str:
    rule, starts = _rule(world)
    return schedules.add(session, world.cast.clerk, announcement, rule, starts=starts, now=world.at).id


def _rule(world: World) -> tuple[dict[str, Any], Any]:
    chance = world.chance
    if chance.random() < 0.2:
        return {}, world.at + timedelta(minutes=chance.randrange(1, 70 * 60))
    hours = sorted(chance.sample(range(24), chance.choice([2, 6, 12, 12])))
    rule: dict[str, Any] = {
        "rrule": chance.choice(
            ["FREQ=DAILY", "FREQ=DAILY", "FREQ=DAILY;INTERVAL=2", "FREQ=WEEKLY;BYDAY=MO,WE,FR,SU", "FREQ=MONTHLY"]
        ),
        "times": [f"{hour:02d}:{chance.choice([0, 0, 15, 30, 55, 59]):02d}" for hour in hours],
        "holidays": chance.choice(["include", "include", "skip"]),
    }
    if chance.random() < 0.1:
        rule |= {"rrule": "", "lunar": ["1", "15", "29", "1-1"]}
    if chance.random() < 0.1:
        today = world.at.date()
        rule["except"] = [(today + timedelta(days=1)).isoformat()]
        rule["also"] = [(today + timedelta(days=2)).isoformat()]
    if chance.random() < 0.1:
        rule["seasons"] = [{"first": 401, "last": 930, "times": ["05:10", "17:20"]}]
    return rule, None


def _changed(world: World) -> None:
    for each in world.speakers.values():
        each.unsettle()
