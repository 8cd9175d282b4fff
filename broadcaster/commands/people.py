"""`loa person …`, `loa token …`: who may do what, and how they are recognised."""

from datetime import timedelta
from typing import Annotated

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.app import utc_now
from broadcaster.commands.ground import ground, out
from broadcaster.domain.errors import NotFound
from broadcaster.domain.permissions import Role
from broadcaster.services.actor import SYSTEM
from broadcaster.services.people import factors, people
from broadcaster.store.tables import Person

persons = typer.Typer(no_args_is_help=True, add_completion=False, help="People and their roles.")
tokens = typer.Typer(no_args_is_help=True, add_completion=False, help="Bearer tokens for programs.")


@persons.command("add")
def add_person(
    login: str,
    name: Annotated[str, typer.Option(help="As it stands in the audit.")],
    unit: Annotated[str, typer.Option(help="Where the role holds, with everything below.")],
    role: Annotated[list[Role], typer.Option(help="May be repeated.")],
) -> None:
    """Add a person with roles in a unit, and print a one-time sign-in link."""
    with ground() as here, here.database.transaction() as session:
        now = utc_now()
        person = people.create_person(session, SYSTEM, login=login, name=name, unit_id=unit, now=now)
        for one in role:
            people.grant(session, SYSTEM, person.id, one, unit, now=now)
        secret = people.one_time_link(session, SYSTEM, person.id, now=now)
        link = f"{here.settings.console_url}/sign-in/{secret}"
    out.print(link, soft_wrap=True)


@persons.command("link")
def sign_in_link(login: str) -> None:
    """Print a link that signs this person in, once, within half an hour."""
    with ground() as here, here.database.transaction() as session:
        secret = people.one_time_link(session, SYSTEM, person_id(session, login), now=utc_now())
        link = f"{here.settings.console_url}/sign-in/{secret}"
    out.print(link, soft_wrap=True)


@persons.command("factor-reset")
def reset_factors(login: str) -> None:
    """Remove every second factor of a person who lost their phone; only they can add another, signed in anew."""
    with ground() as here, here.database.transaction() as session:
        removed = factors.reset(session, SYSTEM, person_id(session, login), now=utc_now())
    out.print(removed)


@tokens.command("create")
def create_token(
    login: Annotated[str, typer.Argument(help="In whose name the program acts.")],
    name: Annotated[str, typer.Option(help="What the token is for.")] = "loa token create",
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it is valid.")] = 365,
) -> None:
    """Make a bearer token for the API; it is shown this once."""
    with ground() as here, here.database.transaction() as session:
        now = utc_now()
        person = person_id(session, login)
        secret = people.create_token(session, SYSTEM, person, name=name, now=now, expires=now + timedelta(days=days))
    print(secret)


def person_id(session: Session, login: str) -> str:
    """The id of a person by login name. Raises NotFound."""
    found = session.scalar(select(Person.id).where(Person.login == login))
    if found is None:
        raise NotFound(what="person", id=login)
    return found
