"""Inviting by link and by list; sessions and access ended and given again; nobody gets into somebody else's account."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcaster.domain import errors
from broadcaster.domain.permissions import Role
from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM
from broadcaster.services.people import access, factors, invitations, passwords, people, proving, roster, sessions
from broadcaster.services.people.invitations import Invited, Wish
from broadcaster.services.people.proving import Here
from broadcaster.services.people.roster import Fate, Frame
from broadcaster.store.database import Database
from broadcaster.store.tables import Grant, Person, WebSession
from tests.cast import COMMUNE, NAMES, NOW, OTHER_COMMUNE, PROVINCE, VAULT, VILLAGES, Cast, person, second

pytestmark = pytest.mark.database
RIGHT = "sông Đà mùa nước đỏ"
MINUTE = timedelta(minutes=1)
FRAME = Frame({each: NAMES[each] for each in (COMMUNE, *VILLAGES)}, {}, COMMUNE, Role.VILLAGE_HEAD)


def invite(database: Database, cast: Cast, name: str = "Lò Thị Mai", **how: str) -> Invited:
    with database.transaction() as session:
        return invitations.invite(session, cast.owner, Wish(name, COMMUNE, Role.CLERK, **how), now=NOW)


def test_who_is_invited_chooses_a_password_and_is_in(database: Database, cast: Cast) -> None:
    it = invite(database, cast)
    with database.transaction() as session:
        begun = invitations.accept(session, it.secret, RIGHT, now=NOW + 6 * timedelta(days=1), origin="10.0.0.9")
        assert (begun.actor.name, [grant.role for grant in begun.actor.grants]) == ("Lò Thị Mai", ["clerk"])
        assert passwords.check(session, "lo-thi-mai", RIGHT, now=NOW, origin="10.0.0.9").secret
    with pytest.raises(errors.LinkSpent), database.transaction() as session:
        invitations.accept(session, it.secret, RIGHT, now=NOW)


def test_a_bad_password_does_not_use_the_invitation_up(database: Database, cast: Cast) -> None:
    it = invite(database, cast)
    with pytest.raises(errors.PasswordTooShort), database.transaction() as session:
        invitations.accept(session, it.secret, "ngắn", now=NOW)
    with database.transaction() as session:
        assert invitations.accept(session, it.secret, RIGHT, now=NOW).secret


def test_an_invitation_lasts_seven_days_and_the_last_one_counts(database: Database, cast: Cast) -> None:
    first = invite(database, cast)
    with database.transaction() as session:
        last = invitations.again(session, cast.owner, first.person_id, now=NOW)
    for secret, later in ((first.secret, timedelta()), (last.secret, invitations.LIFE)):
        with pytest.raises(errors.LinkSpent), database.transaction() as session:
            invitations.accept(session, secret, RIGHT, now=NOW + later)
    with database.transaction() as session:
        assert invitations.accept(session, last.secret, RIGHT, now=NOW).secret


def test_nobody_is_given_a_key_to_the_account_of_who_was_here(database: Database, cast: Cast) -> None:
    """Who can act as two people could approve what he wrote."""
    it = invite(database, cast)
    with database.transaction() as session:
        invitations.accept(session, it.secret, RIGHT, now=NOW)
        people.create_token(session, SYSTEM, cast.technician.person_id, name="máy", now=NOW)
        link = people.one_time_link(session, SYSTEM, cast.village_head.person_id, now=NOW)
        people.redeem_link(session, link, now=NOW)
    for person_id in (it.person_id, cast.technician.person_id, cast.village_head.person_id):
        with pytest.raises(errors.WasHereBefore), database.transaction() as session:
            invitations.again(session, cast.owner, person_id, now=NOW)
    with database.transaction() as session:
        assert invitations.links_for(session, cast.owner, [it.person_id], now=NOW) == []


@pytest.mark.parametrize("who", ["clerk", "approver", "technician", "stranger"])
def test_only_who_looks_after_the_people_there_invites(database: Database, cast: Cast, who: str) -> None:
    it, actor = invite(database, cast), getattr(cast, who)
    with pytest.raises(errors.NotAllowed), database.transaction() as session:
        invitations.invite(session, actor, Wish("Ai đó", COMMUNE, Role.CLERK), now=NOW)
    for work in (invitations.again, people.disable, access.enable, access.sign_out_everywhere):
        with pytest.raises(errors.NotAllowed), database.transaction() as session:
            work(session, actor, it.person_id, now=NOW)
    with pytest.raises(errors.NotAllowed), database.transaction() as session:
        invitations.links_for(session, actor, [it.person_id], now=NOW)


def test_an_owner_gives_no_role_above_their_own_place(database: Database, cast: Cast) -> None:
    for unit in (PROVINCE, OTHER_COMMUNE):
        with pytest.raises(errors.NotAllowed), database.transaction() as session:
            invitations.invite(session, cast.owner, Wish("Ai đó", unit, Role.OWNER), now=NOW)
        frame = Frame({unit: NAMES[unit]}, {}, unit, Role.OWNER)
        with pytest.raises(errors.NotAllowed), database.transaction() as session:
            roster.take(session, cast.owner, [["Ai đó"]], frame, now=NOW)


def test_a_list_is_looked_at_then_made_and_made_once(database: Database, cast: Cast) -> None:
    head = ["Họ tên", "Tên đăng nhập", "Đơn vị", "Vai trò"]
    rows = [head, ["Lò Văn An", "", "Bản Nà Pản", ""], ["Cán bộ văn hoá", "can-bo-van-hoa", "", "approver"]]
    rows += [["Trưởng bản", "", "Bản Nà Pản", ""], ["Ai đó", "", "Nơi khác", ""], ["Lò Văn An", "", "Bản Nà Pản", ""]]
    with database.read() as session:
        fates = [line.fate for line in roster.preview(session, rows, FRAME)]
        assert fates == [Fate.NEW, Fate.ROLE, Fate.THERE, Fate.WRONG, Fate.WRONG]
        before = len(session.scalars(select(Person)).all())
    with database.transaction() as session:
        made = roster.take(session, cast.owner, rows, FRAME, now=NOW)
        assert len(made) == 1
    with database.transaction() as session:
        assert roster.take(session, cast.owner, rows, FRAME, now=NOW) == []
        roles = session.scalars(select(Grant.role).where(Grant.person_id == cast.clerk.person_id)).all()
        assert sorted(roles) == ["approver", "clerk"]
        assert len(session.scalars(select(Person)).all()) == before + 1
        links = invitations.links_for(session, cast.owner, made, now=NOW)
        assert [(it.name, it.login) for it in links] == [("Lò Văn An", "lo-van-an")]
        assert audit.verify(session).sound
    with database.transaction() as session:
        assert invitations.accept(session, links[0].secret, RIGHT, now=NOW).actor.name == "Lò Văn An"


def test_an_empty_list_and_a_longer_one_than_is_read(database: Database) -> None:
    with database.read() as session:
        with pytest.raises(errors.NobodyListed):
            roster.preview(session, [["", ""]], FRAME)
        with pytest.raises(errors.LoaError, match="2000 rows"):
            roster.preview(session, [[f"Người {n}"] for n in range(2_001)], FRAME)


def come(database: Database, person_id: str, **how: str) -> str:
    with database.transaction() as session:
        link = people.one_time_link(session, SYSTEM, person_id, now=NOW)
        return people.redeem_link(session, link, now=NOW, **how).secret


def alive(database: Database, secret: str) -> bool:
    with database.read() as session:
        return people.session_of(session, secret, now=NOW) is not None


def test_browsers_are_listed_and_ended_one_by_one_or_all_others(database: Database, cast: Cast) -> None:
    me = cast.clerk
    here, phone, office = (come(database, me.person_id, agent=name) for name in ("here", "phone", "office"))
    other = come(database, cast.approver.person_id)
    with database.transaction() as session:
        listed = {row.agent: row.id_sha256 for row in sessions.of(session, me.person_id, now=NOW)}
        assert listed.keys() == {"here", "phone", "office"}
        sessions.end(session, me, listed["phone"], now=NOW)
        with pytest.raises(errors.NotFound):
            sessions.end(session, cast.approver, listed["office"], now=NOW)
    assert [alive(database, each) for each in (here, phone, office, other)] == [True, False, True, True]
    with database.transaction() as session:
        assert sessions.end_others(session, me, here, now=NOW) == 1
    assert [alive(database, each) for each in (here, office, other)] == [True, False, True]


def test_a_closed_account_is_out_at_once_and_comes_back_without_its_old_sessions(
    database: Database, cast: Cast
) -> None:
    head = cast.village_head.person_id
    secret = come(database, head)
    with database.transaction() as session:
        passwords.set_password(session, SYSTEM, head, RIGHT, now=NOW)
        people.disable(session, cast.owner, head, now=NOW)
    assert not alive(database, secret)
    with pytest.raises(errors.WrongPassword), database.transaction() as session:
        passwords.check(session, "truong-ban", RIGHT, now=NOW, origin="10.0.0.9")
    with database.transaction() as session:
        access.enable(session, cast.owner, head, now=NOW)
        assert passwords.check(session, "truong-ban", RIGHT, now=NOW, origin="10.0.0.9").actor.grants
    assert not alive(database, secret)


def test_nobody_closes_their_own_account_nor_that_of_the_last_owner(database: Database, cast: Cast) -> None:
    with pytest.raises(errors.NotYourself), database.transaction() as session:
        people.disable(session, cast.owner, cast.owner.person_id, now=NOW)
    with pytest.raises(errors.LastOwner), database.transaction() as session:
        people.disable(session, SYSTEM, cast.owner.person_id, now=NOW)
    with database.transaction() as session:
        second_owner = person(session, "quan-tri-hai", "Quản trị hai", {COMMUNE: [Role.OWNER]})
        people.disable(session, second_owner, cast.owner.person_id, now=NOW)
    # One who is away is no owner any more: the other now is the last.
    with pytest.raises(errors.LastOwner), database.transaction() as session:
        people.take_back(session, second_owner, second_owner.person_id, "owner", COMMUNE, now=NOW)


def test_a_second_factor_counts_for_ten_minutes_where_it_was_given(database: Database, cast: Cast) -> None:
    here, elsewhere = (Here(cast.owner, come(database, cast.owner.person_id), VAULT) for _ in range(2))
    with pytest.raises(errors.ProofNeeded), database.transaction() as session:
        proving.require(session, here, None, now=NOW)
    with database.transaction() as session:
        proving.require(session, here, second(session, cast.owner), now=NOW)
    with database.transaction() as session:
        proving.require(session, here, None, now=NOW + factors.FRESH_SIGN_IN - MINUTE)
        with pytest.raises(errors.ProofNeeded):
            proving.require(session, here, None, now=NOW + factors.FRESH_SIGN_IN)
        with pytest.raises(errors.ProofNeeded):
            proving.require(session, elsewhere, None, now=NOW)


def test_who_has_none_is_let_through(database: Database, cast: Cast) -> None:
    head = Here(cast.village_head, come(database, cast.village_head.person_id), VAULT)
    with database.transaction() as session:
        proving.require(session, head, None, now=NOW)


def test_half_a_session_becomes_a_whole_one_with_another_secret(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        passwords.set_password(session, SYSTEM, cast.clerk.person_id, RIGHT, now=NOW)
        half = passwords.check(session, "can-bo-van-hoa", RIGHT, now=NOW, origin="10.0.0.9")
    with pytest.raises(errors.SecondFactorNeeded), database.transaction() as session:
        sessions.complete(session, half.secret, None, VAULT, now=NOW)
    with pytest.raises(errors.NotSignedIn), database.transaction() as session:
        sessions.complete(session, half.secret, second(session, cast.clerk), VAULT, now=NOW + people.HALF_LIFE)
    with database.transaction() as session:
        whole = sessions.complete(session, half.secret, second(session, cast.clerk), VAULT, now=NOW)
    assert whole.secret != half.secret
    assert (alive(database, half.secret), alive(database, whole.secret)) == (False, True)
    with pytest.raises(errors.NotSignedIn), database.transaction() as session:
        sessions.complete(session, half.secret, second(session, cast.clerk), VAULT, now=NOW)
    with database.read() as session:
        assert session.scalars(select(WebSession).where(WebSession.half, WebSession.ended_at.is_(None))).all() == []
