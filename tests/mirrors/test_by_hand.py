"""Copies a person carries over: they wait, they are taken down with a name, and what follows waits there too."""

import pytest

from broadcaster.domain.errors import CopyNotNeeded, NotAllowed, NotFound
from broadcaster.domain.mirror import CopyState
from broadcaster.domain.permissions import Grant, Role
from broadcaster.mirrors.keeping import NOTHING
from broadcaster.mirrors.outgoing import client
from broadcaster.mirrors.registry import build
from broadcaster.services.actor import Actor
from broadcaster.services.outlets import by_hand
from broadcaster.store.tables import AuditEntry, MirrorCopy
from tests.mirrors.casts import copy
from tests.mirrors.village import OWNER, Village

pytestmark = pytest.mark.database

HEAD = Actor("head", "Trưởng bản", (Grant(Role.VILLAGE_HEAD, "dong-1"),), "test")
OTHER_HEAD = Actor("other", "Trưởng bản khác", (Grant(Role.VILLAGE_HEAD, "dong-2"),), "test")
TECHNICIAN = Actor("tech", "Kỹ thuật viên", (Grant(Role.TECHNICIAN, "yen-chau"),), "test")


@pytest.fixture
def pack(village: Village) -> str:
    """An announcement on the air in a village whose group is reached by hand."""
    village.channel(kind="share_pack")
    name = village.announcement()
    village.air(name)
    return name


def waiting(village: Village) -> list[str]:
    with village.database.read() as session:
        rows = session.scalars(by_hand.waiting(["dong-1"], now=village.now).order_by(MirrorCopy.id))
        return [row.action for row in rows]


def forward(village: Village, copy_id: str = "", by: Actor = HEAD) -> None:
    copy_id = copy_id or village.row().id
    with village.database.transaction() as session:
        by_hand.forwarded(session, by, copy_id, now=village.now)


def test_it_waits_for_a_person_and_is_taken_down_with_a_name(village: Village, pack: str) -> None:
    assert waiting(village) == ["post"]
    forward(village)
    row = village.row()
    assert (row.state, row.person_id, row.delivered_at) == ("delivered", "head", village.now)
    assert waiting(village) == []
    with village.database.read() as session:
        (entry,) = session.query(AuditEntry).filter_by(action="forward")
        assert (entry.subject_id, entry.details["group"]) == (pack, "g-dong-1")


def test_once_is_enough(village: Village, pack: str) -> None:
    assert pack
    forward(village)
    with pytest.raises(CopyNotNeeded):
        forward(village)


def test_a_correction_and_a_withdrawal_wait_there_too(village: Village, pack: str) -> None:
    forward(village)
    village.correct(pack, "Họp lúc 8 giờ.")
    assert waiting(village) == ["correct"]
    forward(village)
    village.withdraw(pack)
    assert waiting(village) == ["withdraw"]
    forward(village)
    assert [state for _, _, state in village.copies()] == ["delivered"] * 3


def test_what_nobody_carried_over_needs_no_withdrawal(village: Village, pack: str) -> None:
    village.withdraw(pack)
    assert waiting(village) == []


def test_what_was_withdrawn_while_somebody_carried_it_over_is_taken_back_there(village: Village, pack: str) -> None:
    shown = village.row().id
    village.withdraw(pack)
    forward(village, shown)
    assert waiting(village) == ["withdraw"]


def test_what_was_corrected_while_somebody_carried_it_over_is_corrected_there(village: Village, pack: str) -> None:
    shown = village.row().id
    village.correct(pack, "Họp lúc 8 giờ.")
    forward(village, shown)
    assert waiting(village) == ["correct"]


def test_before_it_is_heard_nobody_is_asked(village: Village) -> None:
    village.channel(kind="share_pack")
    village.air(village.announcement(), after=village.now - village.now.replace(hour=0))
    assert waiting(village) == []


@pytest.mark.parametrize(("who", "error"), [(OTHER_HEAD, NotFound), (TECHNICIAN, NotAllowed)])
def test_only_whoever_answers_for_the_village_carries_it(
    village: Village, pack: str, who: Actor, error: type[Exception]
) -> None:
    assert pack
    with pytest.raises(error):
        forward(village, by=who)
    forward(village, by=OWNER)


def test_a_copy_of_a_group_that_is_reached_is_none_to_carry(village: Village) -> None:
    village.channel()
    village.air(village.announcement())
    with pytest.raises(NotFound):
        forward(village)


def test_the_kind_itself_sends_nothing() -> None:
    with client() as outside:
        made = build("share_pack", {}, NOTHING.means(outside, private=False))
        assert made.test().works
        assert (made.send(copy()).state, made.send(copy()).permanent) == (CopyState.FAILED, True)
