"""What a resident's browser asks for when it wants to be told, and what it must not get away with."""

from dataclasses import replace

import pytest
from httpx import Response
from sqlalchemy import select

from broadcaster.services.airtime import airings
from broadcaster.services.outlets.vapid import Vapid, new_pem
from broadcaster.store.tables import PushMessage, PushSubscription
from broadcaster.web.application import create_app
from tests import cast
from tests.mirrors.stand_ins.push_service import Browser
from tests.web.client import TestClient
from tests.web.house import House

pytestmark = pytest.mark.pages

VAPID = Vapid(new_pem(), "https://loa.example")
ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/abc"


def visitor(house: House) -> TestClient:
    """Somebody with a browser and no account."""
    return TestClient(create_app(replace(house.context, vapid=VAPID)))


def ask(client: TestClient, browser: Browser, **changes: str | list[str]) -> Response:
    usual: dict[str, str | list[str]] = {
        "endpoint": browser.endpoint,
        "p256dh": browser.p256dh,
        "auth": browser.auth,
        "unit": cast.VILLAGES[0],
        "class": ["emergency", "normal"],
        "language": "fr",
    }
    answer: Response = client.post("/push/subscriptions", data=usual | changes)
    return answer


def kept(house: House) -> list[PushSubscription]:
    with house.database.read() as session:
        return list(session.scalars(select(PushSubscription)))


def test_a_browser_subscribes_and_leaves(house: House) -> None:
    client, browser = visitor(house), Browser(ENDPOINT)
    assert client.get("/push/key").text == VAPID.public
    assert ask(client, browser, quiet_from="21:00", quiet_until="05:00").status_code == 204
    (row,) = kept(house)
    assert (row.unit_id, row.classes, row.language) == (cast.VILLAGES[0], ["normal", "emergency"], "fr")
    assert (row.quiet_from, row.quiet_until, row.service) == ("21:00", "05:00", "mozilla")
    assert client.post("/push/leave", data={"endpoint": ENDPOINT}).status_code == 204
    assert kept(house) == []
    assert client.post("/push/leave", data={"endpoint": ENDPOINT}).status_code == 204


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"endpoint": "http://updates.push.services.mozilla.com/x"}, 422),
        ({"endpoint": "https://127.0.0.1/" + "x" * 1_000}, 422),
        ({"p256dh": "AAAA"}, 422),
        ({"auth": "AAAA"}, 422),
        ({"class": "everything"}, 422),
        ({"quiet_from": "9 giờ", "quiet_until": "10 giờ"}, 422),
        ({"unit": "nowhere"}, 404),
    ],
)
def test_what_makes_no_sense_is_refused(house: House, changes: dict[str, str], status: int) -> None:
    assert ask(visitor(house), Browser(ENDPOINT), **changes).status_code == status
    assert kept(house) == []


def test_a_browser_is_owed_a_notice_where_nobody_has_a_chat_group(house: House) -> None:
    ask(visitor(house), Browser(ENDPOINT))
    with house.database.transaction() as session:
        row = cast.approved(session, house.cast)
        airing = airings.air(session, house.cast.clerk, row.id, at=None, now=house.clock())
        message = session.scalars(select(PushMessage)).one()
        assert (message.announcement_id, message.due_at) == (row.id, airing.begins)


def test_another_site_cannot_subscribe_a_browser(house: House) -> None:
    client = visitor(house)
    client.headers["sec-fetch-site"] = "cross-site"
    assert ask(client, Browser(ENDPOINT)).status_code == 403


def test_one_address_cannot_fill_the_list(house: House) -> None:
    client = visitor(house)
    answers = [ask(client, Browser(f"{ENDPOINT}/{number}")).status_code for number in range(61)]
    assert set(answers[:60]) == {204}
    assert answers[60] == 429


def test_a_whole_network_counts_as_one_address(house: House) -> None:
    client = visitor(house)
    for number in range(61):
        client._transport.client = (f"2001:db8:1:2::{number:x}", 50000)
        answer = ask(client, Browser(f"{ENDPOINT}/{number}"))
    assert answer.status_code == 429
    client._transport.client = ("2001:db8:1:3::1", 50000)
    assert ask(client, Browser(ENDPOINT)).status_code == 204


def test_without_a_key_nothing_is_offered(house: House) -> None:
    client = TestClient(house.app)
    assert client.get("/push/key").status_code == 404
    assert ask(client, Browser(ENDPOINT)).status_code == 404


def test_the_script_that_shows_notices_comes_from_above_their_pages(house: House) -> None:
    answer = visitor(house).get("/listen-sw.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "showNotification" in answer.text
