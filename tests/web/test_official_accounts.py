"""Official Accounts in the console: entered, agreed to, made into channels; and what Zalo tells of them."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import Response
from sqlalchemy import select

from broadcaster.demo.stand_in_chat import TOKEN, StandInChat
from broadcaster.domain.mirror import CopyState
from broadcaster.services.actor import SYSTEM
from broadcaster.services.outlets import channels, official_accounts, official_tokens, zalo_events
from broadcaster.services.outlets.channels import Typed as TypedChannel
from broadcaster.store.tables import AuditEntry, Channel, MirrorCopy, OfficialAccount, SeenEvent
from tests import cast
from tests.cast import COMMUNE
from tests.mirrors.accounts import typed
from tests.mirrors.stand_ins.zalo_oa import APP_ID, APP_SECRET, OA_ID, Desk, served
from tests.web.house import Browser, House

pytestmark = pytest.mark.pages
WEBHOOK_SECRET = "oa-secret-key"


@pytest.fixture
def desk() -> Desk:
    return Desk(groups={"g-1": "Loa bản Nà Pản", "g-2": "Bản Khoóng – thông báo", "g-3": "Đội bóng"})


@pytest.fixture
def url(desk: Desk) -> Iterator[str]:
    with served(desk) as zalo:
        yield zalo.url


def entered(house: House, url: str, *, refresh: str = "refresh-0", secret: str = WEBHOOK_SECRET) -> str:
    """An account of the commune; somebody has pasted a refresh token, unless it is empty."""
    with house.database.transaction() as session:
        filled = typed(url, webhook_secret=secret)
        made = official_accounts.add(session, SYSTEM, COMMUNE, filled, now=house.clock()).id
        if refresh:
            official_tokens.bring(session, SYSTEM, made, refresh, now=house.clock())
    return made


def row(house: House, account: str) -> OfficialAccount:
    with house.database.read() as session:
        return session.get_one(OfficialAccount, account)


def made_channels(house: House) -> dict[str, tuple[str, bool]]:
    """Group → unit and whether it is on."""
    with house.database.read() as session:
        rows = session.scalars(select(Channel).where(Channel.kind == "zalo_oa"))
        return {str(each.settings["group_id"]): (each.unit_id, each.enabled) for each in rows}


def test_an_account_is_entered_and_a_pasted_token_is_used_at_once(house: House, desk: Desk, url: str) -> None:
    owner = house.browser(house.cast.owner)
    assert "Chưa có tài khoản OA" in owner.get("/official-accounts").text
    filled = {"name": "UBND xã", "app_id": APP_ID, "oa_id": OA_ID, "app_secret": APP_SECRET, "unit": COMMUNE}
    filled |= {"oauth_url": url, "api_url": url}
    page = owner.send("/official-accounts/new", "/official-accounts/new", filled)
    assert "Cần người đồng ý trên Zalo" in page.text
    assert "http://testserver/official-accounts/back" in page.text
    address = str(page.url.path)
    pasted = owner.send(address, address, {"do": "paste", "refresh_token": "refresh-0"})
    assert "Gửi được tin vào nhóm" in pasted.text
    assert desk.spent == ["refresh-0"]
    asked = owner.send(address, address, {"do": "ask"})
    assert "gói Growth đến 31/12/2026" in asked.text
    for secret in (APP_SECRET, desk.access, desk.refresh):
        assert secret not in asked.text
    with house.database.read() as session:
        book = json.dumps([entry.details for entry in session.scalars(select(AuditEntry))])
        assert not any(secret in book for secret in (APP_SECRET, desk.access, "refresh-"))


def test_a_pasted_token_that_is_wrong_is_refused_in_words(house: House, desk: Desk, url: str) -> None:
    account = entered(house, url, refresh="")
    owner, address = house.browser(house.cast.owner), f"/official-accounts/{account}"
    answer = owner.send(address, address, {"do": "paste", "refresh_token": "wrong"})
    assert answer.status_code == 409
    assert "Zalo từ chối: Invalid refresh token (-14014)" in answer.text
    assert "Cần người đồng ý lại trên Zalo" in answer.text
    today = owner.get("/").text
    assert f'href="/official-accounts/{account}"' in today
    assert "Cần người đồng ý lại trên Zalo" in today
    assert "Cần người đồng ý" not in house.browser(house.cast.clerk).get("/").text


def sent_away(browser: Browser, account: str) -> dict[str, str]:
    """Press the button that leads to Zalo; what goes along."""
    page = browser.get(f"/official-accounts/{account}").text
    found = re.search(r'href="(/official-accounts/[^"]+/agree\?csrf=[^"]+)"', page)
    assert found
    answer: Response = browser.client.get(found[1], follow_redirects=False)
    assert answer.status_code == 303
    away = urlsplit(answer.headers["location"])
    assert away.path == "/v4/oa/permission"
    return {name: values[0] for name, values in parse_qs(away.query).items()}


def test_somebody_agrees_at_zalo_and_comes_back_once(house: House, desk: Desk, url: str) -> None:
    account = entered(house, url, refresh="")
    owner = house.browser(house.cast.owner)
    sent = sent_away(owner, account)
    assert sent["app_id"] == APP_ID
    assert sent["redirect_uri"] == "http://testserver/official-accounts/back"
    assert len(sent["code_challenge"]) == 43
    desk.codes["code-1"] = sent["code_challenge"]
    back = f"/official-accounts/back?code=code-1&oa_id={OA_ID}&state={sent['state']}"
    assert house.browser(house.cast.stranger).get(back).status_code == 409
    assert "Zalo đã cấp mã truy cập" in owner.get(back).text
    assert row(house, account).access_token == desk.access
    assert owner.get(back).status_code == 409
    assert desk.spent == ["code-1"]


@pytest.mark.parametrize("wrong", ["oa_id", "state", "late"])
def test_a_way_back_that_is_not_right_changes_nothing(house: House, desk: Desk, url: str, wrong: str) -> None:
    account = entered(house, url, refresh="")
    owner = house.browser(house.cast.owner)
    sent = sent_away(owner, account)
    desk.codes["code-1"] = sent["code_challenge"]
    if wrong == "late":
        house.clock.at += timedelta(minutes=16)
    state = "x" if wrong == "state" else sent["state"]
    oa_id = "816" if wrong == "oa_id" else OA_ID
    answer = owner.get(f"/official-accounts/back?code=code-1&oa_id={oa_id}&state={state}")
    assert answer.status_code == 409
    assert desk.spent == []
    assert row(house, account).access_token == ""
    if wrong == "oa_id":
        # It was used up by trying.
        right = owner.get(f"/official-accounts/back?code=code-1&oa_id={OA_ID}&state={state}")
        assert (right.status_code, desk.spent) == (409, [])


def test_another_page_cannot_send_somebody_to_agree(house: House, url: str) -> None:
    account = entered(house, url)
    assert house.browser(house.cast.owner).get(f"/official-accounts/{account}/agree?csrf=x").status_code == 403


def test_groups_are_matched_to_villages_and_made_into_channels_by_one_press(house: House, url: str) -> None:
    account = entered(house, url)
    owner, address = house.browser(house.cast.owner), f"/official-accounts/{account}/groups"
    page = owner.get(address).text
    assert "Nhận cả 2 nhóm đã khớp" in page
    assert "Đội bóng" in page
    done = owner.send(address, address, {"do": "all"})
    assert "Đã nhận" in done.text
    assert made_channels(house) == {"g-1": ("ban-na-pan", True), "g-2": ("ban-khoong", True)}
    again = owner.send(address, address, {"do": "placed", "unit-g-1": "ban-khoong", "unit-g-3": COMMUNE})
    assert again.status_code == 200
    assert made_channels(house)["g-1"] == ("ban-na-pan", True)
    assert made_channels(house)["g-3"] == (COMMUNE, True)


def test_a_group_is_not_placed_where_one_may_not_tend_channels(house: House, url: str) -> None:
    account = entered(house, url)
    owner, address = house.browser(house.cast.owner), f"/official-accounts/{account}/groups"
    assert owner.send(address, address, {"do": "placed", "unit-g-3": cast.OTHER_COMMUNE}).status_code == 404
    assert made_channels(house) == {}


def test_nobody_posts_with_an_account_of_others(house: House, url: str) -> None:
    account = entered(house, url)
    stranger = house.browser(house.cast.stranger)
    form = {"outlet": "zalo_oa", "name": "Nhóm", "unit": cast.OTHER_COMMUNE, "setting-account": account}
    answer = stranger.send("/channels/new?kind=zalo_oa", "/channels/new", form | {"setting-group_id": "g-1"})
    assert answer.status_code in {403, 404}
    assert made_channels(house) == {}


def test_many_groups_come_in_pages(house: House, desk: Desk, url: str) -> None:
    desk.groups = {f"g-{number:03d}": f"Nhóm số {number}" for number in range(120)}
    account = entered(house, url)
    owner = house.browser(house.cast.owner)
    first = owner.get(f"/official-accounts/{account}/groups").text
    assert first.count('name="unit-g-') == 50
    assert "groups?start=50" in first
    last = owner.get(f"/official-accounts/{account}/groups?start=100").text
    assert last.count('name="unit-g-') == 20


def tell(house: House, account: str, body: object, *, first: str = APP_ID, header_time: str = "") -> Response:
    """An event as Zalo signs it, the timestamp in the body or in the header."""
    raw = json.dumps(body, separators=(",", ":")).encode()
    moment = header_time or (str(body.get("timestamp", "")) if isinstance(body, dict) else "")
    mac = hashlib.sha256(first.encode() + raw + moment.encode() + WEBHOOK_SECRET.encode()).hexdigest()
    headers = {
        "x-zevent-signature": f"mac={mac}",
        "x-zevent-timestamp": header_time,
        "content-type": "application/json",
    }
    answer: Response = house.stranger_to_all().client.post(f"/zalo/{account}", content=raw, headers=headers)
    return answer


def stamp(house: House, **late: float) -> str:
    return str(int((house.clock() - timedelta(**late)).timestamp() * 1000))


def with_channel(house: House, url: str) -> str:
    account = entered(house, url)
    owner = house.browser(house.cast.owner)
    owner.send(f"/official-accounts/{account}/groups", f"/official-accounts/{account}/groups", {"do": "all"})
    return account


@pytest.mark.parametrize(
    ("first", "place", "where"),
    [
        (APP_ID, "body", "recipient.id"),
        (OA_ID, "header", "recipient.group_id"),
        (APP_ID, "header", "message.conversation_id"),
    ],
)
def test_a_group_that_was_deleted_is_switched_off_however_zalo_says_it(
    house: House, url: str, first: str, place: str, where: str
) -> None:
    account = with_channel(house, url)
    outer, inner = where.split(".")
    body: dict[str, object] = {"event_name": "delete_group", "app_id": APP_ID, outer: {inner: "g-1"}}
    moment = stamp(house)
    if place == "body":
        body["timestamp"] = moment
    assert tell(house, account, body, first=first, header_time=moment if place == "header" else "").status_code == 200
    assert made_channels(house) == {"g-1": ("ban-na-pan", False), "g-2": ("ban-khoong", True)}
    assert "đã bị xóa trên Zalo" in house.browser(house.cast.owner).get("/audit").text


def test_what_is_not_signed_by_zalo_does_nothing(house: House, url: str) -> None:
    account = with_channel(house, url)
    body = {"event_name": "delete_group", "recipient": {"id": "g-1"}, "timestamp": stamp(house)}
    client = house.stranger_to_all().client
    assert client.post(f"/zalo/{account}", json=body).status_code == 401
    forged = {"x-zevent-signature": "mac=" + "0" * 64}
    assert client.post(f"/zalo/{account}", json=body, headers=forged).status_code == 401
    assert tell(house, "no-such-account", body).status_code == 401
    assert client.post(f"/zalo/{account}", content=b"<html>").status_code == 401
    assert client.post(f"/zalo/{account}", content=b"x" * 300_000).status_code == 413
    assert made_channels(house)["g-1"] == ("ban-na-pan", True)


def test_an_account_without_the_secret_believes_nobody(house: House, url: str) -> None:
    account = entered(house, url, secret="")
    body = {"event_name": "delete_group", "recipient": {"id": "g-1"}, "timestamp": stamp(house)}
    raw = json.dumps(body).encode()
    mac = hashlib.sha256(APP_ID.encode() + raw + str(body["timestamp"]).encode()).hexdigest()
    headers = {"x-zevent-signature": f"mac={mac}"}
    answer = house.stranger_to_all().client.post(f"/zalo/{account}", content=raw, headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize("raw", [b"", b"{}", b" {} \n"])
def test_the_empty_probe_of_the_console_is_answered(house: House, url: str, raw: bytes) -> None:
    account = entered(house, url)
    assert house.stranger_to_all().client.post(f"/zalo/{account}", content=raw).status_code == 200


def test_an_event_is_taken_once_and_not_when_it_is_old(house: House, url: str) -> None:
    account = with_channel(house, url)
    body = {"event_name": "delete_group", "recipient": {"id": "g-1"}, "timestamp": stamp(house)}
    body["message"] = {"msg_id": "m-1"}
    assert tell(house, account, body).status_code == 200
    with house.database.transaction() as session:
        for each in session.scalars(select(Channel)):
            each.enabled = True
    assert tell(house, account, body | {"num_retry": 1}).status_code == 200
    old = body | {"message": {"msg_id": "m-2"}, "timestamp": stamp(house, hours=25)}
    assert tell(house, account, old).status_code == 200
    assert made_channels(house)["g-1"] == ("ban-na-pan", True)
    house.clock.at += timedelta(days=3)
    with house.database.transaction() as session:
        zalo_events.forget(session, now=house.clock())
        assert session.scalars(select(SeenEvent)).all() == []


def test_a_copy_that_zalo_shows_in_its_group_is_delivered(house: House, url: str) -> None:
    account = with_channel(house, url)
    with house.database.transaction() as session:
        announcement = cast.approved(session, house.cast)
        channel = session.scalars(select(Channel).where(Channel.kind == "zalo_oa").order_by(Channel.id)).first()
        assert channel is not None
        session.add(
            MirrorCopy(
                id="c-1",
                announcement_id=announcement.id,
                channel_id=channel.id,
                revision=1,
                action="post",
                state=CopyState.ACCEPTED,
                remote_id="705e",
                due_at=house.clock(),
                created_at=house.clock(),
                updated_at=house.clock(),
            )
        )
    body = {"event_name": "oa_send_group_text", "message": {"msg_id": "705e"}, "timestamp": stamp(house)}
    assert tell(house, account, body).status_code == 200
    with house.database.read() as session:
        assert session.get_one(MirrorCopy, "c-1").state == CopyState.DELIVERED


def test_the_id_of_a_bots_group_is_found_on_its_page(house: House) -> None:
    with StandInChat() as chat:
        with house.database.transaction() as session:
            new = TypedChannel("Nhóm bot", "zalo_bot", {"base_url": chat.url}, TOKEN)
            made = channels.add(session, SYSTEM, COMMUNE, new, house.context.outlets, now=house.clock()).id
        owner, address = house.browser(house.cast.owner), f"/channels/{made}/chats"
        assert address in owner.get(f"/channels/{made}").text
        assert "Chưa thấy ai nhắn cho bot" in owner.send(address, address).text
        chat.desk.wrote("g-77", "Trưởng bản", "@Bot xin chào")
        assert "@Bot xin chào".replace("@", "＠") in owner.send(address, address).text
        assert "g-77" in owner.send(address, address, {"group": "g-77"}).text
        assert TOKEN not in owner.get(address).text
    with house.database.read() as session:
        assert session.get_one(Channel, made).settings == {"base_url": chat.url, "chat_id": "g-77"}
        assert session.get_one(Channel, made).secret == TOKEN


def test_what_zalo_refuses_is_said_with_what_to_do(house: House, desk: Desk, url: str) -> None:
    with_channel(house, url)
    owner = house.browser(house.cast.owner)
    page = owner.get("/channels").text
    found = re.search(r'href="(/channels/[0-9a-f]{32})"', page)
    assert found
    desk.errors = {"g-1": [-221], "g-2": [-221]}
    answer = owner.send(found[1], found[1], {"do": "post"})
    assert "Tài khoản OA chưa được xác thực; hãy xác thực trong trang quản lý OA: Not so" in answer.text
    assert "1 nhóm không nhận được tin" in owner.get("/").text
