"""Groups of an Official Account: every kind of answer, through real request code against the stand-in."""

import unicodedata
from collections.abc import Iterator, Mapping

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.errors import StorageUnavailable, ZaloRefused, ZaloSilent
from broadcaster.domain.mirror import Action, CopyState, Outcome, Text
from broadcaster.domain.zalo import ERRORS, Then
from broadcaster.mirrors import zalo_oa
from broadcaster.mirrors.base import NotNow, NoToken
from broadcaster.mirrors.keeping import Keeping, Nobody, silent
from broadcaster.mirrors.outgoing import client
from broadcaster.mirrors.registry import build
from broadcaster.mirrors.zalo_desk import ZaloDesk
from broadcaster.mirrors.zalo_oa import OUTCOMES, ZaloOaChannel
from broadcaster.services.outlets import official_accounts
from broadcaster.services.outlets.official_accounts import ZaloGroup
from broadcaster.store.database import Database
from tests.mirrors.accounts import Account
from tests.mirrors.casts import copy
from tests.mirrors.stand_ins.zalo_oa import Desk, served
from tests.mirrors.village import NOW, OWNER

pytestmark = pytest.mark.database


@pytest.fixture
def desk() -> Desk:
    return Desk(groups={"g-1": "Loa bản dong-1"})


@pytest.fixture
def account(sqlite_database: Database, desk: Desk) -> Iterator[Account]:
    with served(desk) as zalo:
        yield Account.opened(sqlite_database, zalo.url)


@pytest.fixture
def channel(account: Account) -> ZaloOaChannel:
    return of(account)


def of(account: Account, group: str = "g-1") -> ZaloOaChannel:
    means = Keeping(silent, account.tokens(), Nobody()).means(account.client, private=True)
    settings = {"account": account.id, "group_id": group, "base_url": account.row().api_url}
    made = build("zalo_oa", settings, means)
    assert isinstance(made, ZaloOaChannel)
    return made


def desk_of(account: Account) -> ZaloDesk:
    return ZaloDesk(account.database, account.client, account.tokens(), lambda: account.now)


def test_a_copy_stands_in_the_group_as_plain_text_and_its_name_is_kept(channel: ZaloOaChannel, desk: Desk) -> None:
    result = channel.send(copy())
    assert result == Outcome(CopyState.ACCEPTED, remote_id=desk.received[0]["message_id"], provider_code="0")
    assert desk.received[0]["text"].startswith("📢 Lịch cắt điện")


def test_a_long_text_is_cut_on_composed_letters_with_its_link_whole_and_no_mention(
    channel: ZaloOaChannel, desk: Desk
) -> None:
    words = unicodedata.normalize("NFD", "[@all] Bà con chú ý đề phòng ngập lụt. ") * 300
    assert channel.send(copy(texts=(Text("vi", words),))).state is CopyState.ACCEPTED
    text = desk.received[0]["text"]
    assert 1_800 < len(text) <= 2_000
    assert unicodedata.is_normalized("NFC", text)
    assert text.endswith(copy().link)
    assert "[@" not in text


def test_a_correction_and_a_withdrawal_are_marked_messages_of_their_own(channel: ZaloOaChannel, desk: Desk) -> None:
    channel.send(copy(action=Action.CORRECT, earlier=("705e",)))
    channel.send(copy(action=Action.WITHDRAW, earlier=("705e",)))
    assert "ĐÍNH CHÍNH" in desk.received[0]["text"]
    assert "THU HỒI" in desk.received[1]["text"]


@pytest.mark.parametrize("code", sorted(code for code, (then, _) in ERRORS.items() if then is not Then.RENEW))
def test_each_error_of_the_table_has_its_outcome(channel: ZaloOaChannel, desk: Desk, code: int) -> None:
    desk.errors["g-1"] = [code]
    then, meaning = ERRORS[code]
    result = channel.send(copy())
    expected = OUTCOMES[then]
    assert (result.state, result.permanent) == (expected.state, expected.permanent)
    assert (result.retry_after, result.provider_code) == (expected.retry_after, str(code))
    assert result.shut_out is (code == -237)
    assert result.detail == f"{meaning}: Not so"
    assert desk.received == []


@pytest.mark.parametrize("code", [-216, -220])
def test_a_token_that_is_taken_no_more_is_renewed_and_the_copy_goes_out(
    account: Account, channel: ZaloOaChannel, desk: Desk, code: int
) -> None:
    channel.send(copy())
    account.now = account.now.replace(hour=account.now.hour + 1)
    desk.errors["g-1"] = [code]
    assert channel.send(copy()).state is CopyState.ACCEPTED
    assert (desk.spent, len(desk.received)) == (["refresh-0", "refresh-1"], 2)
    account.now = account.now.replace(hour=account.now.hour + 1)
    desk.errors["g-1"] = [code, code]
    result = channel.send(copy())
    assert (result.state, result.permanent, result.provider_code) == (CopyState.FAILED, False, str(code))
    assert len(desk.spent) == 3


def test_a_revoked_account_leaves_the_copy_waiting_for_a_person(
    account: Account, channel: ZaloOaChannel, desk: Desk
) -> None:
    desk.refresh = "another integrator took it"
    result = channel.send(copy())
    assert (result.state, result.permanent, result.provider_code) == (CopyState.FAILED, False, "no_token")
    assert "a person must agree again" in result.detail
    account.paste("another integrator took it")
    assert channel.send(copy()).state is CopyState.ACCEPTED


def test_more_than_an_account_may_do_in_a_minute_waits_for_the_next(channel: ZaloOaChannel, desk: Desk) -> None:
    desk.per_minute = 1
    assert channel.send(copy()).state is CopyState.ACCEPTED
    result = channel.send(copy())
    assert (result.state, result.permanent, result.retry_after) == (CopyState.FAILED, False, 60)
    assert result.provider_code == "-32"


@pytest.mark.parametrize(
    ("behaviour", "state"),
    [("page", CopyState.UNKNOWN), ("fault", CopyState.FAILED), ("busy", CopyState.FAILED)],
)
def test_a_bad_day_of_zalo_never_raises(channel: ZaloOaChannel, desk: Desk, behaviour: str, state: CopyState) -> None:
    desk.behaviour["g-1"] = behaviour  # type: ignore[assignment]
    result = channel.send(copy())
    assert (result.state, result.permanent) == (state, False)


def test_a_message_that_was_taken_without_an_answer_is_unknown(
    account: Account, channel: ZaloOaChannel, desk: Desk
) -> None:
    desk.behaviour["g-1"] = "take and drop"
    account.tokens().token(account.id)
    account.client.timeout = httpx.Timeout(0.3)
    assert channel.send(copy()).state is CopyState.UNKNOWN
    assert len(desk.received) == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["error", "data", "message", "message_id", "x"]), inner)
    ),
    max_leaves=10,
)


@given(json_values, st.sampled_from([200, 400, 500]))
def test_no_answer_raises_and_only_error_0_is_accepted(value: object, status: int) -> None:
    result = zalo_oa.read(httpx.Response(status, json=value)).outcome
    if result.state is CopyState.ACCEPTED:
        assert isinstance(value, dict)
        assert str(value["error"]) in {"0", "-0", "00", "-00", "000"}


class Without:
    """An account whose token is not to be had."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def token(self, account: str, *, refused: str = "") -> str:
        raise self._error


@pytest.mark.parametrize(
    ("error", "code", "seconds"),
    [
        (NoToken("spent"), "no_token", None),
        (NotNow("later", 7), "token_later", 7),
        (StorageUnavailable(), "storage_unavailable", None),
    ],
)
def test_without_a_token_nothing_is_sent_and_the_copy_waits(error: Exception, code: str, seconds: int | None) -> None:
    channel = ZaloOaChannel(zalo_oa.Account(Without(error), "a", client(private=True), base_url="http://x"), "g-1")
    result = channel.send(copy())
    assert (result.state, result.permanent, result.retry_after) == (CopyState.FAILED, False, seconds)
    assert result.provider_code == code


def test_the_test_asks_for_the_group_and_residents_see_nothing(account: Account, desk: Desk) -> None:
    tried = of(account).test()
    assert tried.works
    assert tried.params["group"] == "Loa bản dong-1"
    other = of(account, "g-2").test()
    assert not other.works
    assert "-201" in other.words % other.params
    assert desk.received == []


def test_all_groups_are_listed_however_few_come_at_a_time(account: Account, desk: Desk) -> None:
    desk.groups = {f"g-{number}": f"Nhóm {number}" for number in range(45)}
    found = desk_of(account).groups(account.id)
    assert [group.id for group in found] == list(desk.groups)
    assert found[0] == ZaloGroup("g-0", "Nhóm 0", 40)


def test_an_account_says_how_it_is(account: Account, desk: Desk) -> None:
    asked = desk_of(account)
    assert asked.about(account.id).works
    assert asked.about(account.id).params == {"name": "UBND xã Yên Châu", "package": "Growth", "until": "31/12/2026"}
    desk.verified = False
    assert not asked.about(account.id).works


def test_a_person_who_agrees_brings_tokens_that_are_kept_before_they_are_used(account: Account, desk: Desk) -> None:
    desk.codes["code-1"] = "challenge"
    asked = desk_of(account)
    asked.agree(OWNER, account.id, "code-1", "v" * 43)
    assert account.row().access_token == desk.access
    assert account.audited()[-1] == "renew"
    with pytest.raises(ZaloRefused, match="Invalid code"):
        asked.agree(OWNER, account.id, "code-1", "v" * 43)
    desk.behaviour["token"] = "fault"
    with pytest.raises(ZaloSilent):
        asked.agree(OWNER, account.id, "code-2", "v" * 43)
    assert account.row().access_token == desk.access


def test_a_refresh_token_that_was_pasted_wrong_is_refused_in_words(account: Account, desk: Desk) -> None:
    account.paste("wrong")
    with pytest.raises(ZaloRefused, match="Invalid refresh token"):
        desk_of(account).renew(account.id)
    desk.behaviour["token"] = "fault"
    account.paste(desk.refresh)
    with pytest.raises(ZaloSilent):
        desk_of(account).renew(account.id)


def test_groups_become_channels_once(account: Account) -> None:
    chosen = [(ZaloGroup("g-1", "Loa bản 1"), "dong-1"), (ZaloGroup("g-2", ""), "dong-2")]
    for made in (2, 0):
        with account.database.transaction() as session:
            assert official_accounts.make_channels(session, OWNER, account.id, chosen, now=NOW) == made
    with account.database.read() as session:
        found: Mapping[str, object] = official_accounts.channels_of(session, account.id)
        assert set(found) == {"g-1", "g-2"}
