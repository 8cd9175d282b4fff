"""The pages: a phone with a link and no account, and the commune that calls. What is hostile changes nothing."""

import re

import pytest
from sqlalchemy import Delete, Update, delete, select, update

from broadcaster.services.actor import SYSTEM
from broadcaster.services.outlets import mirrors, reaching
from broadcaster.store.tables import AuditEntry, Delivery, Grant, Person, StandIn, StandInLink
from tests.cast import COMMUNE, SPEAKERS, VILLAGES
from tests.services.stood_in import COULD_NOT, HOME, Commune
from tests.web.house import Browser, House, hidden_fields

pytestmark = pytest.mark.pages

WORDS = "Mời bà con đến nhà văn hoá."
NASTY = "<script>alert(1)</script>\n\u202e[@all] " + "x" * 500


@pytest.fixture
def commune(house: House) -> Commune:
    """Its clock is the console's."""
    return Commune(house.database, house.cast, house.clock())


def pass_time(house: House, commune: Commune, **by: float) -> None:
    commune.later(**by)
    house.clock.at = commune.now


@pytest.fixture
def airing(house: House, commune: Commune) -> str:
    """Something of priority that no loudspeaker began."""
    made = commune.notice()
    pass_time(house, commune, minutes=15)
    commune.look()
    return made


def link(commune: Commune, unit: str = HOME) -> str:
    return f"/say/{commune.link(unit)}"


def rows(house: House) -> list[tuple[object, ...]]:
    """Everything a look at a page could have changed."""
    with house.database.read() as session:
        asked = [(row.id, row.state, row.answered_at) for row in session.scalars(select(StandIn).order_by(StandIn.id))]
        links = [(row.secret_sha256, row.expires_at) for row in session.scalars(select(StandInLink))]
        audited = [(row.seq,) for row in session.scalars(select(AuditEntry))]
        return [*asked, *sorted(links), *audited]


def test_a_phone_reads_the_very_words_without_signing_in(house: House, commune: Commune, airing: str) -> None:
    answer = house.stranger_to_all().get(link(commune))
    assert answer.status_code == 200
    assert WORDS in answer.text
    assert "Bản Nà Pản" in answer.text
    assert "Loa ban-na-pan" in answer.text
    for other in (VILLAGES[1], "Bản Khoóng", commune.cast.village_head.name, "/announcements", "/airings"):
        assert other not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src" not in answer.headers["content-security-policy"]


def test_programs_that_open_links_by_themselves_use_nothing_up(house: House, commune: Commune, airing: str) -> None:
    path, phone = link(commune), house.stranger_to_all()
    before = rows(house)
    for _ in range(5):
        assert phone.get(path, user_agent="facebookexternalhit/1.1").status_code == 200
        assert phone.client.head(path).status_code == 200
    assert rows(house) == before
    assert commune.states() == ["open"]


def test_done_is_taken_once_however_often_it_is_pressed(house: House, commune: Commune, airing: str) -> None:
    path, phone = link(commune), house.stranger_to_all()
    tab, other_tab = phone.get(path), phone.get(path)
    assert tab.text == other_tab.text
    first = phone.client.post(path, data={"did": "done", "name": "Bác Hoa"}, follow_redirects=False)
    assert (first.status_code, first.headers["location"]) == (303, path)
    for did in ("done", "could_not"):
        again = phone.client.post(path, data={"did": did, "reason": "khác"}, follow_redirects=False)
        assert again.status_code == 409
        assert "Đã ghi: bà con đã được nghe." in again.text
    assert commune.states() == ["done"]
    page = phone.get(path).text
    assert "Bác Hoa" in page
    assert WORDS not in page
    assert [what for what, _ in commune.audited()].count("done") == 1
    assert commune.audited()[-1] == ("done", "Bác Hoa")
    assert commune.deliveries(airing)[SPEAKERS[0]] == ("planned", True)


def test_another_link_to_the_same_request_finds_it_answered(house: House, commune: Commune, airing: str) -> None:
    first, second, phone = link(commune), link(commune), house.stranger_to_all()
    phone.client.post(first, data={"did": "could_not", "reason": "Đường lở"})
    assert phone.client.post(second, data={"did": "done"}).status_code == 409
    assert commune.states() == ["could_not"]


def test_a_link_answers_for_its_own_village_only(house: House, commune: Commune, airing: str) -> None:
    house.stranger_to_all().client.post(link(commune), data={"did": "done", "unit": VILLAGES[1], "stand_in_id": "x"})
    assert commune.states() == ["done"]
    assert commune.states(VILLAGES[1]) == ["open"]


@pytest.mark.parametrize("secret", ["", "x", "a" * 43, "%2e%2e", "0" * 4000, "Đ"])
def test_a_forged_link_says_the_same_as_one_that_is_over(
    house: House, commune: Commune, airing: str, secret: str
) -> None:
    phone = house.stranger_to_all()
    for answer in (phone.get(f"/say/{secret}"), phone.client.post(f"/say/{secret}", data={"did": "done"})):
        assert answer.status_code == 404
        assert WORDS not in answer.text
    path = link(commune)
    pass_time(house, commune, days=2)
    over = phone.get(path)
    assert over.status_code == 404
    assert WORDS not in over.text


def test_who_guesses_is_stopped_and_who_knows_is_not(house: House, commune: Commune, airing: str) -> None:
    phone, path = house.stranger_to_all(), link(commune)
    answers = [phone.get(f"/say/guess-{number}").status_code for number in range(35)]
    assert answers == [404] * 30 + [429] * 5
    assert phone.get(path).status_code == 200
    assert [phone.get(path).status_code for _ in range(60)][-1] == 429


def test_a_form_of_another_site_is_refused(house: House, commune: Commune, airing: str) -> None:
    client, path = house.stranger_to_all().client, link(commune)
    assert client.post(path, data={"did": "done"}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.post(path, data={"did": "everything"}).status_code == 403
    assert commune.states() == ["open"]


def test_only_the_hash_of_a_link_is_stored(house: House, commune: Commune, airing: str) -> None:
    secret = commune.link()
    assert len(secret) * 6 >= 128
    with house.database.read() as session:
        kept = " ".join(
            str(vars(row)) for row in (*session.scalars(select(StandInLink)), *session.scalars(select(AuditEntry)))
        )
    assert secret not in kept


def test_after_a_correction_the_words_are_gone_and_who_said_them_can_tell(house: House, commune: Commune) -> None:
    sent = commune.alert()
    pass_time(house, commune, minutes=3)
    commune.look()
    path, phone = link(commune), house.stranger_to_all()
    assert "Lên chỗ cao." in phone.get(path).text
    commune.call_up(sent, "correction")
    # Also before the tick has been there.
    page = phone.get(path)
    assert "Không đọc thông báo này nữa" in page.text
    assert "Lên chỗ cao." not in page.text
    assert phone.client.post(path, data={"did": "could_not"}).status_code == 409
    commune.look()
    assert commune.states() == ["withdrawn"]
    assert phone.client.post(path, data={"did": "done"}).status_code == 200
    commune.look()
    assert commune.states() == ["done", "open"]


def test_a_reason_is_text_and_nothing_else(house: House, commune: Commune, airing: str) -> None:
    house.stranger_to_all().client.post(link(commune), data={"did": "could_not", "reason": NASTY})
    assert len(commune.asked(HOME)[0].reason) <= 200
    owner = house.browser(house.cast.owner)
    for path in ("/standing-in", f"/standing-in/{commune.asked(HOME)[0].id}", f"/airings/{airing}", "/", "/audit"):
        page = owner.get(path).text
        assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in owner.get("/standing-in").text


def test_a_drill_cannot_be_taken_for_anything_else(house: House, commune: Commune) -> None:
    commune.drill()
    pass_time(house, commune, minutes=15)
    commune.look()
    page = house.stranger_to_all().get(link(commune)).text
    assert '<body class="drill">' in page
    assert "DIỄN TẬP – không có thật" in page
    assert "KHẨN CẤP" not in page
    assert "Đây là diễn tập. " in page


def test_each_language_has_its_page(house: House, commune: Commune, airing: str) -> None:
    path, phone = link(commune), house.stranger_to_all()
    assert "Nhờ ông/bà đọc to" in phone.get(path).text
    assert "Please say this aloud" in phone.get(f"{path}?lang=en").text
    assert "Merci de dire ceci" in phone.get(f"{path}?lang=fr").text
    assert "Nhờ ông/bà đọc to" in phone.get(f"{path}?lang=xx").text


def told(page: str, text: str) -> bool:
    return text in re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_today_says_who_to_call_and_then_that_nobody_answered(house: House, commune: Commune, airing: str) -> None:
    with house.database.transaction() as session:
        head = commune.cast.village_head.person_id
        reaching.set_phone(session, SYSTEM, head, "0912 345 678", now=commune.now)
    clerk = house.browser(house.cast.clerk)
    today = clerk.get("/").text
    assert told(today, "đang nhờ trưởng bản đọc thay ở 3 thôn, bản")
    assert told(today, "0912 345 678")
    assert told(today, "chưa có kênh: gọi hoặc đưa liên kết")
    pass_time(house, commune, minutes=30)
    commune.look()
    assert told(clerk.get("/").text, "3 thôn, bản chưa có ai đọc: cần gọi ngay")
    assert "0912 345 678" not in house.browser(house.cast.monitor).get("/standing-in").text


def test_the_commune_hands_a_link_over_and_it_works(house: House, commune: Commune, airing: str) -> None:
    clerk, request = house.browser(house.cast.clerk), commune.asked(HOME)[0].id
    page = clerk.send(f"/standing-in/{request}", f"/standing-in/{request}/link#handed").text
    secret = re.findall(r"/say/([\w-]{43})", page)
    assert len(set(secret)) == 1
    assert "<svg" in page
    assert "/say/" not in clerk.get(f"/standing-in/{request}").text
    assert WORDS in house.stranger_to_all().get(f"/say/{secret[0]}").text


def test_the_commune_answers_after_a_call_and_its_name_stands(house: House, commune: Commune, airing: str) -> None:
    clerk, request = house.browser(house.cast.clerk), commune.asked(HOME)[0].id
    path = f"/standing-in/{request}/answer"
    data = hidden_fields(clerk.get(f"/standing-in/{request}").text, path) | {"did": "done"}
    assert clerk.client.post(path, data=data, follow_redirects=False).status_code == 303
    assert clerk.client.post(path, data=data, follow_redirects=False).status_code == 409
    row = commune.asked(HOME)[0]
    assert (row.state, row.on_behalf, row.answered_by_name) == ("done", True, "Cán bộ văn hoá")
    assert commune.audited()[-1] == ("done", "Cán bộ văn hoá")
    assert told(clerk.get("/standing-in").text, "ghi sau khi gọi điện")


def test_the_village_head_answers_himself_when_he_is_signed_in(house: House, commune: Commune, airing: str) -> None:
    head, request = house.browser(house.cast.village_head), commune.asked(HOME)[0].id
    assert told(head.get("/").text, "Bản Nà Pản: Họp bản")
    head.client.post(
        f"/standing-in/{request}/answer",
        data=hidden_fields(head.get(f"/standing-in/{request}").text, f"/standing-in/{request}/answer")
        | {"did": "done"},
    )
    assert not commune.asked(HOME)[0].on_behalf
    assert head.get(f"/standing-in/{commune.asked(VILLAGES[1])[0].id}").status_code == 404


def test_what_could_not_be_said_may_still_be_said_by_somebody_else(house: House, commune: Commune, airing: str) -> None:
    commune.answer(COULD_NOT)
    clerk, request = house.browser(house.cast.clerk), commune.asked(HOME)[0].id
    assert told(clerk.get("/").text, "1 thôn, bản chưa có ai đọc: cần gọi ngay")
    path = f"/standing-in/{request}/answer"
    data = hidden_fields(clerk.get(f"/standing-in/{request}").text, path) | {"did": "done"}
    assert clerk.client.post(path, data=data, follow_redirects=False).status_code == 303
    assert commune.states() == ["done"]


def test_the_board_counts_what_was_heard_what_a_person_said_and_what_is_silent(
    house: House, commune: Commune, airing: str
) -> None:
    commune.tell(airing, "heard", SPEAKERS[1])
    commune.answer()
    board = house.browser(house.cast.clerk).get(f"/airings/{airing}").text
    assert told(board, "1 loa đã xác nhận, 1 nơi người đọc thay, 1 loa im lặng")
    program = house.program(house.cast.clerk)
    shown = program.get(f"/api/v1/airings/{airing}").json()
    assert (shown["counts"], shown["by_person"]) == ({"heard": 1, "planned": 2}, 1)
    deliveries = program.get(f"/api/v1/airings/{airing}/deliveries").json()["items"]
    assert {row["speaker_id"]: (row["state"], bool(row["by_person_at"])) for row in deliveries} == {
        SPEAKERS[0]: ("planned", True),
        SPEAKERS[1]: ("heard", False),
        SPEAKERS[2]: ("planned", False),
    }
    with house.database.transaction() as session:
        session.execute(update(Delivery).where(Delivery.speaker_id == SPEAKERS[0]).values(state="heard"))
    assert program.get(f"/api/v1/airings/{airing}").json()["by_person"] == 0


def test_programs_list_and_answer(house: House, commune: Commune, airing: str) -> None:
    program = house.program(house.cast.clerk)
    found = program.get("/api/v1/stand-ins", params={"state": "open"}).json()["items"]
    assert {row["unit_id"] for row in found} == set(VILLAGES)
    mine = next(row for row in found if row["unit_id"] == HOME)
    assert mine["texts"] == [{"language": "en", "text": "Come to the hall."}, {"language": "vi", "text": WORDS}]
    path, given = f"/api/v1/stand-ins/{mine['id']}/answer", {"did": "could_not", "reason": "Đường lở"}
    first = program.post(path, json=given, headers={"idempotency-key": "1"})
    assert (first.status_code, first.json()["state"], first.json()["reason"]) == (200, "could_not", "Đường lở")
    assert program.post(path, json=given, headers={"idempotency-key": "1"}).json() == first.json()
    refused = program.post(path, json=given, headers={"idempotency-key": "2"})
    assert (refused.status_code, refused.json()["code"]) == (409, "stand_in_ended")
    assert program.get("/api/v1/stand-ins", params={"state": "open"}).json()["items"] != found


@pytest.mark.parametrize(
    "left", [update(Person).values(disabled_at=Person.created_at), delete(Grant).where(Grant.role == "village_head")]
)
def test_whoever_left_opens_nothing_with_the_link_they_were_sent(
    house: House, commune: Commune, left: Update | Delete
) -> None:
    commune.chat()
    commune.notice()
    pass_time(house, commune, minutes=15)
    commune.look()
    sent = commune.take()[0].copy.link
    path = sent[sent.index("/say/") :]
    phone: Browser = house.stranger_to_all()
    assert 'name="name"' not in phone.get(path).text
    with house.database.transaction() as session:
        session.execute(left)
    assert phone.get(path).status_code == 404


def test_the_owner_sets_the_limits_and_says_how_heads_are_reached(house: House, commune: Commune) -> None:
    with house.database.transaction() as session:
        mirrors.add_channel(
            session, SYSTEM, unit_id=COMMUNE, kind="zalo_bot", name="Nhóm xã", settings={"chat_id": "g"}, secret="1:x",
            now=commune.now,
        )  # fmt: skip
    owner, page, head = house.browser(house.cast.owner), f"/units/{COMMUNE}/standing-in", commune.cast.village_head
    assert 'href="/units/xa-yen-chau/standing-in"' in owner.get(f"/units/{COMMUNE}").text
    assert owner.send(page, page, {"ask-emergency": "2", "escalate-emergency": "4"}).status_code == 200
    assert owner.send(page, page, {"ask-emergency": "0", "escalate-emergency": "4"}).status_code == 422
    typed = {"phone": "0912 345 678", "chat": "u-1"}
    assert owner.send(page, f"{page}/{head.person_id}", typed).status_code == 200
    assert owner.send(page, f"{page}/{head.person_id}", typed | {"chat": "a b"}).status_code == 422
    assert "0912 345 678" in owner.get(page).text
    assert house.browser(house.cast.clerk).get(page).status_code == 403
    commune.alert()
    commune.later(minutes=2)
    commune.look()
    work = commune.take()[0]
    assert (work.settings["chat_id"], work.secret) == ("u-1", "1:x")
    owner.send(page, f"{page}/{head.person_id}", {"phone": "", "chat": ""})
    assert 'value="u-1"' not in owner.get(page).text
