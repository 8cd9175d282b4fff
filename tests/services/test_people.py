"""Tokens, links and sessions: each recognises its person for as long as it should, and nobody acts as another."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcaster.domain import errors
from broadcaster.domain.permissions import Action, Role
from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM
from broadcaster.services.people import people
from broadcaster.store.database import Database
from broadcaster.store.tables import AuditEntry, Base, Grant, Person, Token, WebSession
from tests.cast import COMMUNE, NOW, OTHER_COMMUNE, PROVINCE, Cast

pytestmark = pytest.mark.database

DAY = timedelta(days=1)


def test_a_token_stands_for_its_person_and_is_kept_only_as_its_hash(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        secret = people.create_token(session, cast.clerk, cast.clerk.person_id, name="máy ở xã", now=NOW)
    with database.read() as session:
        found = people.actor_for_token(session, secret, now=NOW, origin="10.0.0.9")
        assert (found.person_id, found.grants, found.origin) == (cast.clerk.person_id, cast.clerk.grants, "10.0.0.9")
        kept = [str(list(row)) for table in Base.metadata.sorted_tables for row in session.execute(select(table))]
        assert not any(secret in row for row in kept)


@pytest.mark.parametrize("spoil", ["wrong", "revoked", "expired", "disabled", "empty"])
def test_a_token_that_is_none_is_refused(database: Database, cast: Cast, spoil: str) -> None:
    clerk = cast.clerk.person_id
    with database.transaction() as session:
        secret = people.create_token(session, cast.clerk, clerk, name="máy", now=NOW, expires=NOW + DAY)
        token_id = session.scalars(select(Token.id)).one()
        if spoil == "revoked":
            people.revoke_token(session, cast.clerk, token_id, now=NOW)
        if spoil == "disabled":
            people.disable(session, cast.owner, clerk, now=NOW)
    shown = {"wrong": secret[:-1] + "!", "empty": ""}.get(spoil, secret)
    with database.read() as session, pytest.raises(errors.BadToken):
        people.actor_for_token(session, shown, now=NOW + (DAY if spoil == "expired" else timedelta()))


def test_nobody_gets_a_token_or_a_link_of_somebody_else(database: Database, cast: Cast) -> None:
    """The owner included: who can act as two people could approve what he wrote."""
    other = cast.approver.person_id
    with database.transaction() as session:
        people.create_token(session, cast.approver, other, name="máy", now=NOW)
        token_id = session.scalars(select(Token.id)).one()
    for actor in (cast.clerk, cast.owner, cast.stranger):
        with pytest.raises(errors.NotAllowed), database.transaction() as session:
            people.create_token(session, actor, other, name="máy", now=NOW)
        with pytest.raises(errors.NotAllowed), database.transaction() as session:
            people.one_time_link(session, actor, other, now=NOW)
        with pytest.raises(errors.NotAllowed), database.transaction() as session:
            people.revoke_token(session, actor, token_id, now=NOW)


def test_a_link_signs_in_once(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        link = people.one_time_link(session, SYSTEM, cast.clerk.person_id, now=NOW)
        assert people.owner_of_link(session, link, now=NOW).name == "Cán bộ văn hoá"
        signed_in = people.redeem_link(session, link, now=NOW, origin="10.0.0.9")
    with database.read() as session:
        found = people.session_of(session, signed_in.secret, now=NOW)
        assert found is not None
        assert (found.actor.person_id, found.csrf, found.since) == (cast.clerk.person_id, signed_in.csrf, NOW)
        assert signed_in.secret not in set(session.scalars(select(WebSession.id_sha256)))
    for secret in (link, "", "khong-co"):
        with pytest.raises(errors.LinkSpent), database.transaction() as session:
            people.redeem_link(session, secret, now=NOW)
        with pytest.raises(errors.LinkSpent), database.read() as session:
            people.owner_of_link(session, secret, now=NOW)


def test_a_link_grows_old(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        link = people.one_time_link(session, SYSTEM, cast.clerk.person_id, now=NOW)
    with pytest.raises(errors.LinkSpent), database.transaction() as session:
        people.redeem_link(session, link, now=NOW + people.LINK_LIFE)


def test_a_session_ends_by_itself_by_signing_out_and_with_its_person(database: Database, cast: Cast) -> None:
    signed_in = []
    with database.transaction() as session:
        for actor in (cast.clerk, cast.approver, cast.clerk):
            link = people.one_time_link(session, SYSTEM, actor.person_id, now=NOW)
            signed_in.append(people.redeem_link(session, link, now=NOW))
    with database.transaction() as session:
        people.sign_out(session, signed_in[0].secret, now=NOW)
        people.sign_out(session, "khong-co", now=NOW)
        people.disable(session, cast.owner, cast.approver.person_id, now=NOW)
    with database.read() as session:
        alive = [people.session_of(session, each.secret, now=NOW) is not None for each in signed_in]
        assert alive == [False, False, True]
        assert people.session_of(session, signed_in[2].secret, now=NOW + people.SESSION_LIFE) is None


def test_grants_take_effect_at_once_and_can_be_taken_back(database: Database, cast: Cast) -> None:
    head, path = cast.village_head.person_id, (PROVINCE, COMMUNE)
    with database.transaction() as session:
        for _ in range(2):
            people.grant(session, cast.owner, head, "clerk", COMMUNE, now=NOW)
        assert people.actor_of(session, head, origin="").may(Action.WRITE, path)
        people.take_back(session, cast.owner, head, "clerk", COMMUNE, now=NOW)
        assert not people.actor_of(session, head, origin="").may(Action.WRITE, path)
    with pytest.raises(errors.NotFound), database.transaction() as session:
        people.take_back(session, cast.owner, head, "clerk", COMMUNE, now=NOW)


def test_a_commune_keeps_its_last_owner(database: Database, cast: Cast) -> None:
    with pytest.raises(errors.LastOwner), database.transaction() as session:
        people.take_back(session, cast.owner, cast.owner.person_id, "owner", COMMUNE, now=NOW)


def test_only_who_tends_people_there_makes_and_grants(database: Database, cast: Cast) -> None:
    clerk = cast.clerk.person_id
    with pytest.raises(errors.NotAllowed), database.transaction() as session:
        people.create_person(session, cast.clerk, login="nguoi-moi", name="Người mới", unit_id=COMMUNE, now=NOW)
    for actor, unit_id in ((cast.clerk, COMMUNE), (cast.owner, PROVINCE), (cast.owner, OTHER_COMMUNE)):
        with pytest.raises(errors.NotAllowed), database.transaction() as session:
            people.grant(session, actor, clerk, "owner", unit_id, now=NOW)
    with pytest.raises(errors.NotAllowed), database.transaction() as session:
        people.disable(session, cast.stranger, clerk, now=NOW)
    with database.read() as session:
        assert session.scalars(select(Grant.role).where(Grant.person_id == clerk)).all() == ["clerk"]


@pytest.mark.parametrize(
    ("change", "code"),
    [({"login": "can-bo-van-hoa"}, "already_exists"), ({"login": "Ông"}, "malformed"), ({"name": " "}, "malformed")],
)
def test_a_person_needs_a_name_and_a_login_of_their_own(
    database: Database, cast: Cast, change: dict[str, str], code: str
) -> None:
    wanted = {"login": "nguoi-moi", "name": "Người mới", **change}
    with pytest.raises(errors.LoaError) as caught, database.transaction() as session:
        people.create_person(session, cast.owner, unit_id=COMMUNE, now=NOW, **wanted)
    assert caught.value.code == code


def test_a_role_that_is_none(database: Database, cast: Cast) -> None:
    with pytest.raises(errors.Malformed), database.transaction() as session:
        people.grant(session, cast.owner, cast.clerk.person_id, "king", COMMUNE, now=NOW)


def test_the_language_one_reads_is_remembered(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        people.set_locale(session, cast.clerk, "fr", now=NOW)
    with database.read() as session:
        assert people.actor_of(session, cast.clerk.person_id, origin="").locale == "fr"
        with pytest.raises(errors.Malformed):
            people.set_locale(session, cast.clerk, "tlh", now=NOW)


def test_the_audit_tells_who_came_and_holds_no_secret(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        secrets = [
            people.create_token(session, cast.clerk, cast.clerk.person_id, name="máy", now=NOW),
            people.one_time_link(session, SYSTEM, cast.clerk.person_id, now=NOW),
        ]
        secrets.append(people.redeem_link(session, secrets[1], now=NOW, origin="10.0.0.9").secret)
    with database.read() as session:
        entries = session.scalars(select(AuditEntry)).all()
        assert ("sign_in", "10.0.0.9") in {(entry.action, entry.origin) for entry in entries}
        assert not any(secret in str(vars(entry)) for secret in secrets for entry in entries)
        assert audit.verify(session).sound
        assert len(session.scalars(select(Person)).all()) == len(Role) + 2
