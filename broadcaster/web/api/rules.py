"""Rules of the air: those that hold, writing and trying them, sites, exceptions, and a unit's next 24 hours."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.audience import Place
from broadcaster.services.hours import asking, overrides, rules, sites, trial
from broadcaster.services.hours.book import Book
from broadcaster.services.hours.overrides import Asked
from broadcaster.services.hours.sites import SiteFacts
from broadcaster.web.api.rules_models import (
    Binding,
    DayAhead,
    Effect,
    NewOverride,
    NewRules,
    NewSite,
    Override,
    RulesAhead,
    RuleSet,
    Site,
    Stretch,
)
from broadcaster.web.api.writes import PREFIX, PROBLEMS, Writes
from broadcaster.web.asking import Caller, Web
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.units import find_unit

router = APIRouter(prefix=PREFIX, tags=["rules of the air"], responses=PROBLEMS)


@router.get("/units/{unit_id}/rules")
def read_rules(context: Web, caller: Caller, unit_id: str) -> RulesAhead:
    """Every set that binds a unit now or will, from above too, and all versions of its own."""
    with context.database.read() as session:
        find_unit(session, sight(session, caller), unit_id)
        chain = rules.standing(session, unit_id, now=context.now())
        own = [RuleSet.model_validate(row) for row in rules.sets(session, caller, unit_id)]
    return RulesAhead(binding=[Binding(unit=unit, rules=one.to_json()) for unit, one in chain], own=own)


@router.post("/units/{unit_id}/rules", status_code=201, response_model=RuleSet)
def set_rules(write: Writes, unit_id: str, given: NewRules) -> Response:
    """Write the unit's next version; it may only tighten what the units above allow."""

    def work(session: Session) -> RuleSet:
        find_unit(session, sight(session, write.caller), unit_id)
        facts, now = given.rules.model_dump(exclude_unset=True), write.context.now()
        made = rules.set(session, write.caller, unit_id, facts, since=given.since, decision=given.decision, now=now)
        return RuleSet.model_validate(made)

    return write.answer(given, work, 201)


@router.post("/units/{unit_id}/rules/try")
def try_rules(context: Web, caller: Caller, unit_id: str, given: NewRules) -> Effect:
    """What these rules would refuse of all that is planned; nothing is changed."""
    with context.database.read() as session:
        find_unit(session, sight(session, caller), unit_id)
        facts = given.rules.model_dump(exclude_unset=True)
        found = trial.effect(session, caller, unit_id, facts, since=given.since, now=context.now())
    return Effect.model_validate(found)


@router.get("/units/{unit_id}/day")
def read_day(
    context: Web, caller: Caller, unit_id: str, speaker: Annotated[str, Query(max_length=63)] = ""
) -> DayAhead:
    """The next 24 hours of a unit, or of one of its loudspeakers: when it may be heard, and why not when it may not."""
    now = context.now()
    with context.database.read() as session:
        find_unit(session, sight(session, caller), unit_id)
        found = asking.day(Book(session, now), Place(speaker, unit_id), now)
    return DayAhead(stretches=[Stretch.of(one) for one in found], start=now, end=now + timedelta(hours=24))


@router.get("/units/{unit_id}/sites")
def list_sites(context: Web, caller: Caller, unit_id: str) -> list[Site]:
    """Schools and clinics of the unit and of the units above it."""
    with context.database.read() as session:
        find_unit(session, sight(session, caller), unit_id)
        return [Site.model_validate(row) for row in sites.of_unit(session, caller, unit_id)]


@router.post("/units/{unit_id}/sites", status_code=201, response_model=Site)
def add_site(write: Writes, unit_id: str, given: NewSite) -> Response:
    """A school or clinic whose quiet hours hold at once."""

    def work(session: Session) -> Site:
        find_unit(session, sight(session, write.caller), unit_id)
        return Site.model_validate(sites.add(session, write.caller, unit_id, _facts(given), now=write.context.now()))

    return write.answer(given, work, 201)


@router.put("/sites/{site_id}", response_model=Site)
def change_site(write: Writes, site_id: str, given: NewSite) -> Response:
    """The whole site again."""

    def work(session: Session) -> Site:
        sites.seen(session, sight(session, write.caller).units, site_id)
        return Site.model_validate(sites.change(session, write.caller, site_id, _facts(given), now=write.context.now()))

    return write.answer(given, work)


@router.post("/sites/{site_id}/remove", response_model=Site)
def remove_site(write: Writes, site_id: str) -> Response:
    """Its quiet hours hold no longer."""

    def work(session: Session) -> Site:
        sites.seen(session, sight(session, write.caller).units, site_id)
        return Site.model_validate(sites.remove(session, write.caller, site_id, now=write.context.now()))

    return write.answer("remove", work)


def _facts(given: NewSite) -> SiteFacts:
    hours = [window.model_dump() for window in given.hours]
    return SiteFacts(given.name, given.kind, hours, given.latitude, given.longitude, given.radius_m)


@router.get("/units/{unit_id}/overrides")
def list_overrides(context: Web, caller: Caller, unit_id: str) -> list[Override]:
    """The exceptions asked for, granted or running in the unit and in the units above it."""
    with context.database.read() as session:
        find_unit(session, sight(session, caller), unit_id)
        found = overrides.of_unit(session, caller, unit_id, now=context.now())
        return [Override.model_validate(row) for row in found]


@router.post("/units/{unit_id}/overrides", status_code=201, response_model=Override)
def ask_override(write: Writes, unit_id: str, given: NewOverride) -> Response:
    """Ask that one announcement may be heard outside the rules; somebody else must grant it."""

    def work(session: Session) -> Override:
        find_unit(session, sight(session, write.caller), unit_id)
        asked = Asked(unit_id, given.announcement, given.starts, given.ends, given.reason)
        return Override.model_validate(overrides.ask(session, write.caller, asked, now=write.context.now()))

    return write.answer(given, work, 201)


@router.post("/overrides/{override_id}/{step}", response_model=Override)
def decide_override(write: Writes, override_id: str, step: overrides.Step) -> Response:
    """Grant it, refuse it, or end it before its time."""

    def work(session: Session) -> Override:
        overrides.seen(session, sight(session, write.caller).units, override_id)
        act = overrides.STEPS[step]
        return Override.model_validate(act(session, write.caller, override_id, now=write.context.now()))

    return write.answer(step, work)
