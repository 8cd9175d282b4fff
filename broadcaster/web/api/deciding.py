"""Who decides in a unit: the rules of approval, and deputies."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, Field, StringConstraints
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.deputy import Term
from broadcaster.services.people import deputies
from broadcaster.services.writing import policies
from broadcaster.web.api.models import Given, Kind, Klass, Ref, Shown, Text
from broadcaster.web.api.writes import PREFIX, PROBLEMS, Writes
from broadcaster.web.asking import Caller, Web
from broadcaster.web.shown.sight import sight, within

router = APIRouter(prefix=f"{PREFIX}/units", tags=["deciding"], responses=PROBLEMS)
Role = Annotated[str, StringConstraints(max_length=40)]


class PolicyRow(Given):
    """Announcements it names need so many approvals, by people in these roles; the first row that holds counts."""

    klass: Klass | None = Field(None, alias="class", description="null = every class")
    kind: Kind | None = None
    up_to_speakers: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    approvals: Annotated[int, Field(ge=1, le=5)] = 1
    roles: Annotated[list[Role], Field(max_length=10)] = ["approver", "owner"]  # noqa: RUF012  (pydantic copies it)


class NewPolicy(Given):
    """All rows of a unit; none = only what the units above ask for."""

    rows: Annotated[list[PolicyRow], Field(max_length=20)]


class Above(Shown):
    """What a unit above asks for."""

    unit: str
    rows: list[dict[str, object]]


class Policy(Shown):
    """A unit's own rows, and those above it, the nearest first; all of them hold together."""

    rows: list[dict[str, object]]
    above: list[Above]


class NewDeputy(Given):
    """`person` acts in the stead of `deputy_for`, in one role, from one moment to another."""

    person: Ref
    deputy_for: Ref
    role: Role
    starts: AwareDatetime
    ends: AwareDatetime
    reason: Annotated[Text, Field(max_length=200)] = ""


class Deputy(Shown):
    """One deputy, now or later."""

    id: str
    person_id: str
    deputy_for: str
    role: str
    unit_id: str
    starts: datetime
    ends: datetime
    ended_at: datetime | None
    reason: str


class Deputies(Shown):
    """Who stands in for whom in a unit."""

    items: list[Deputy]


@router.get("/{unit_id}/policy")
def read_policy(context: Web, caller: Caller, unit_id: str) -> Policy:
    """Who approves what here."""
    with context.database.read() as session:
        within(sight(session, caller), unit_id)
        return _policy(session, unit_id)


@router.put("/{unit_id}/policy", response_model=Policy)
def change_policy(write: Writes, unit_id: str, given: NewPolicy) -> Response:
    """Put other rows in force; a live emergency needs two people and two second factors all the same."""
    rows = [_row(row) for row in given.rows]

    def work(session: Session) -> Policy:
        within(sight(session, write.caller), unit_id)
        policies.change(session, write.caller, unit_id, rows, now=write.context.now())
        return _policy(session, unit_id)

    return write.answer(given, work)


@router.get("/{unit_id}/deputies")
def list_deputies(context: Web, caller: Caller, unit_id: str) -> Deputies:
    """Who stands in for whom, now or later."""
    with context.database.read() as session:
        within(sight(session, caller), unit_id)
        found = deputies.of_unit(session, caller, unit_id, now=context.now())
        return Deputies(items=[Deputy.model_validate(each) for each in found])


@router.post("/{unit_id}/deputies", status_code=201, response_model=Deputy)
def appoint_deputy(write: Writes, unit_id: str, given: NewDeputy) -> Response:
    """For oneself, or whoever looks after the people of the unit."""

    def work(session: Session) -> Deputy:
        within(sight(session, write.caller), unit_id)
        made = deputies.appoint(
            session,
            write.caller,
            unit_id,
            person_id=given.person,
            deputy_for=given.deputy_for,
            role=given.role,
            term=Term(given.starts, given.ends),
            reason=given.reason,
            now=write.context.now(),
        )
        return Deputy.model_validate(made)

    return write.answer(given, work, 201)


@router.post("/{unit_id}/deputies/{deputy_id}/end", response_model=Deputy)
def end_deputy(write: Writes, unit_id: str, deputy_id: str) -> Response:
    """Before its time."""

    def work(session: Session) -> Deputy:
        within(sight(session, write.caller), unit_id)
        return Deputy.model_validate(deputies.end(session, write.caller, deputy_id, now=write.context.now()))

    return write.answer("", work)


def _policy(session: Session, unit_id: str) -> Policy:
    own, above = policies.of_unit(session, unit_id)
    return Policy(
        rows=[row.to_json() for row in own],
        above=[Above(unit=name, rows=[row.to_json() for row in rows]) for name, rows in above],
    )


def _row(given: PolicyRow) -> dict[str, object]:
    return {
        "class": given.klass or "",
        "kind": given.kind or "",
        "up_to_speakers": given.up_to_speakers,
        "approvals": given.approvals,
        "roles": list(given.roles),
    }
