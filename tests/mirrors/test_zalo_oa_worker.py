"""The whole way into an account's groups: many groups share one token, which is renewed once under way."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcaster.mirrors.keeping import Keeping, Nobody, silent
from broadcaster.mirrors.worker import MirrorWorker
from broadcaster.services.outlets import official_accounts
from broadcaster.services.outlets.official_accounts import ZaloGroup
from broadcaster.store.database import Database
from broadcaster.store.tables import MirrorCopy
from tests.mirrors.accounts import Account
from tests.mirrors.stand_ins.zalo_oa import Desk, served
from tests.mirrors.village import OWNER, Village

pytestmark = pytest.mark.database

GROUPS = {f"g-{number}": f"Nhóm {number}" for number in range(12)}


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def states(database: Database) -> Counter[str]:
    with database.read() as session:
        return Counter(session.scalars(select(MirrorCopy.state)))


def test_words_and_their_correction_reach_every_group_with_one_renewal_each(sqlite_database: Database) -> None:
    desk, deaths = Desk(groups=dict(GROUPS), slow=0.3), list[str]()
    with served(desk) as zalo:
        account = Account.opened(sqlite_database, zalo.url)
        village = Village(sqlite_database)
        with sqlite_database.transaction() as session:
            chosen = [(ZaloGroup(group, name), "dong-1") for group, name in GROUPS.items()]
            official_accounts.make_channels(session, OWNER, account.id, chosen, now=village.now)
        worker = MirrorWorker(
            sqlite_database,
            public_url="https://loa.example.vn",
            now=lambda: village.now,
            on_fatal=lambda name, _error: deaths.append(name),
            private=True,
            keeping=Keeping(silent, account.tokens(), Nobody()),
        )
        worker.start()
        try:
            name = village.announcement()
            village.air(name)
            until(lambda: states(sqlite_database) == {"accepted": 12})
            # Zalo takes the token no more: every group meets the refusal at once.
            desk.access = "revoked"
            account.now += timedelta(hours=1)
            village.correct(name, "Họp lúc 20 giờ.")
            until(lambda: states(sqlite_database) == {"accepted": 24})
        finally:
            assert worker.stop()
    assert deaths == []
    assert (desk.spent, desk.refused) == (["refresh-0", "refresh-1"], [])
    assert Counter(message["group_id"] for message in desk.received) == dict.fromkeys(GROUPS, 2)
    assert sum("ĐÍNH CHÍNH" in message["text"] for message in desk.received) == 12
