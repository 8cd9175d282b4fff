"""Which lists can be taken away as a file, by name."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from broadcaster.domain.permissions import Action
from broadcaster.store.tables import AuditEntry, Grant, Person
from broadcaster.web.labels import N_, ROLE
from broadcaster.web.sheets import Cell
from broadcaster.web.shown import exported
from broadcaster.web.shown.exported import AT_ONCE, Scope
from broadcaster.web.shown.history import told

Lines = Callable[[Scope], Iterator[Sequence[Cell]]]


@dataclass(frozen=True, slots=True)
class List:
    """One list that can be taken away."""

    name: str
    title: str
    about: str
    head: Sequence[str]
    lines: Lines
    action: Action = Action.SEE
    dated: bool = True


def people(it: Scope) -> Iterator[Sequence[Cell]]:
    """Whoever holds a role in these units."""
    roles: dict[str, list[str]] = {}
    for grant in it.session.scalars(select(Grant).where(Grant.unit_id.in_(it.units)).order_by(Grant.unit_id, Grant.id)):
        role = it.say(ROLE.get(grant.role, grant.role))
        roles.setdefault(grant.person_id, []).append(f"{role}: {it.seen.names_of(grant.unit_id)}")
    known = select(Grant.person_id).where(Grant.unit_id.in_(it.units))
    for row in it.session.scalars(select(Person).where(Person.id.in_(known)).order_by(Person.name, Person.id)):
        held, spoken = "; ".join(roles.get(row.id, [])), it.languages(row.languages)
        yield row.login, row.name, held, row.phone, spoken, it.local(row.created_at), it.local(row.disabled_at)


def audit(it: Scope) -> Iterator[Sequence[Cell]]:
    """The log book of these units and days."""
    wanted = select(AuditEntry).where(AuditEntry.unit_id.in_(it.units), AuditEntry.at >= it.since)
    wanted = wanted.where(AuditEntry.at < it.until).order_by(AuditEntry.seq)
    found = it.session.scalars(wanted.execution_options(yield_per=AT_ONCE))
    for some in found.partitions():
        for row, line in zip(some, told(it.session, it.language, list(some)), strict=True):
            yield row.seq, it.local(row.at), row.person_name, row.origin, line.text, it.unit(row.unit_id), row.hash


HEARD_ON = (
    N_("Airing"),
    N_("Announcement"),
    N_("Planned at"),
    N_("Loudspeaker id"),
    N_("Loudspeaker"),
    N_("Unit"),
    N_("State"),
    N_("Reason"),
    N_("Began"),
    N_("Ended"),
    N_("Heard at"),
    N_("Seconds"),
    N_("Level, dB"),
    N_("Languages"),
    N_("Said by a person at"),
)
LISTS: Mapping[str, List] = {
    one.name: one
    for one in (
        List(
            "speakers",
            N_("Loudspeakers"),
            N_("Every loudspeaker as it is now."),
            (
                N_("Loudspeaker id"),
                N_("Name"),
                N_("Unit"),
                N_("State"),
                N_("Trial"),
                N_("Last heard from"),
                N_("Volume"),
                N_("Languages"),
                N_("Latitude"),
                N_("Longitude"),
                N_("Software"),
                N_("In service since"),
                N_("Out of service since"),
            ),
            exported.speakers,
            dated=False,
        ),
        List(
            "alarms",
            N_("Loudspeakers to look at"),
            N_("What is wrong with which loudspeaker now, and what to do."),
            (N_("Loudspeaker id"), N_("Name"), N_("Unit"), N_("What is wrong"), N_("What to do")),
            exported.alarms,
            dated=False,
        ),
        List(
            "announcements",
            N_("Announcements"),
            N_("What was written in these days, with its words."),
            (
                N_("Announcement id"),
                N_("Name"),
                N_("Unit"),
                N_("Class"),
                N_("Subject"),
                N_("What for"),
                N_("State"),
                N_("Languages"),
                N_("Words"),
                N_("Written at"),
                N_("Sent for approval at"),
                N_("Decided at"),
                N_("Approved by"),
                N_("Reason"),
            ),
            exported.announcements,
        ),
        List(
            "airings",
            N_("Airings"),
            N_("What was planned in these days, and on how many loudspeakers it was heard."),
            (
                N_("Airing"),
                N_("Announcement"),
                N_("Unit"),
                N_("Class"),
                N_("Subject"),
                N_("What for"),
                N_("Planned at"),
                N_("State"),
                N_("Reason"),
                N_("Seconds"),
                N_("Languages"),
                N_("Loudspeakers"),
                N_("Heard"),
                N_("Sounded"),
            ),
            exported.airings,
        ),
        List(
            "deliveries",
            N_("Deliveries"),
            N_("Each airing on each loudspeaker: how far it got, when, how loud."),
            HEARD_ON,
            exported.deliveries,
        ),
        List(
            "failures",
            N_("Failures"),
            N_("Deliveries that were missed, cut short or refused, and why."),
            HEARD_ON,
            exported.failures,
        ),
        List(
            "overrides",
            N_("Exceptions"),
            N_("Airings outside the rules: who asked, who allowed it, and why."),
            (
                N_("Announcement"),
                N_("Unit"),
                N_("From"),
                N_("Until"),
                N_("Reason"),
                N_("Asked by"),
                N_("Asked for at"),
                N_("Answer"),
                N_("Answered by"),
                N_("Answered at"),
                N_("Taken back at"),
            ),
            exported.overrides,
        ),
        List(
            "drills",
            N_("Drills"),
            N_("When, and on how many loudspeakers each sounded."),
            (N_("Airing"), N_("Drill"), N_("Unit"), N_("Planned at"), N_("State"), N_("Loudspeakers"), N_("Sounded")),
            exported.drills,
        ),
        List(
            "people",
            N_("People"),
            N_("Accounts and their roles, for those who look after them."),
            (
                N_("Sign-in name"),
                N_("Name"),
                N_("Roles"),
                N_("Phone"),
                N_("Languages"),
                N_("Since"),
                N_("Account closed at"),
            ),
            people,
            Action.TEND_PEOPLE,
            dated=False,
        ),
        List(
            "audit",
            N_("Log book"),
            N_("Every line with the hash that ties it to the one before."),
            (N_("Line"), N_("When"), N_("Who"), N_("Where from"), N_("What happened"), N_("Unit"), N_("Hash")),
            audit,
            Action.SEE_AUDIT,
        ),
    )
}
