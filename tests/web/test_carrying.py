"""The page on which a technician takes a loudspeaker's file along and hands its receipts in."""

import io
import zipfile

import pytest
from sqlalchemy import func, select, update

from broadcaster.services.places.ahead_days import set_ahead
from broadcaster.store.tables import Airing, AuditEntry, Speaker, SpeakerManifest, StoredReceipt
from firmware_config import carried, pki
from firmware_config.protocol import Event, Signer
from firmware_config.protocol import Role as KeyRole
from tests.cast import NOW, OTHER_SPEAKER, SPEAKERS, approved
from tests.services.planned import repeat
from tests.speakers.world import Ledger
from tests.web.house import House

pytestmark = pytest.mark.pages

ONE = SPEAKERS[0]
PATH = f"/speakers/{ONE}/carry"


def written(house: House) -> bytes:
    """The zip of a loudspeaker that said two things."""
    signer = Signer(ONE, KeyRole.SPEAKER, pki.new_signing_key())
    with house.database.transaction() as session:
        session.execute(update(Speaker).where(Speaker.id == ONE).values(public_key=signer.public))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(carried.receipts(ONE, 1), Ledger(ONE, signer).say((Event.BOOTED, ""), (Event.SELF_TEST, "")))
        archive.writestr("../x", b"of no interest")
    return packed.getvalue()


def hand_in(house: House, content: bytes) -> tuple[int, str]:
    browser = house.browser(house.cast.technician)
    answer = browser.send(PATH, PATH, receipts=content)
    return answer.status_code, answer.text


def test_the_file_holds_what_the_loudspeaker_asks_for(house: House) -> None:
    browser = house.browser(house.cast.technician)
    assert f'href="{PATH}"' in browser.get(f"/speakers/{ONE}").text
    page = browser.get(PATH).text
    assert "MB</dd>" in page
    with house.database.read() as session:
        assert session.scalar(select(func.count()).select_from(SpeakerManifest)) == 0
        assert "carry_out" not in session.scalars(select(AuditEntry.action)).all()
    answer = browser.send(PATH, f"{PATH}/bundle")
    assert answer.status_code == 200
    assert f'filename="{ONE}-' in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert set(archive.namelist()) >= {carried.KEYS, carried.manifest(ONE)}
    with house.database.read() as session:
        assert "carry_out" in session.scalars(select(AuditEntry.action)).all()


def test_receipts_are_handed_in_once_or_twice(house: House) -> None:
    content = written(house)
    status, text = hand_in(house, content)
    assert (status, "2 báo cáo mới" in text) == (200, True)
    assert "0 báo cáo mới" in hand_in(house, content)[1]
    with house.database.read() as session:
        assert session.scalars(select(StoredReceipt.seq)).all() == [1, 2]


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_zip_of_receipts_is_said(house: House, content: bytes) -> None:
    status, text = hand_in(house, content)
    assert (status, "Trong dữ liệu mang về không có báo cáo phát nào của loa" in text) == (422, True)


def test_only_who_tends_it_may(house: House) -> None:
    assert house.browser(house.cast.clerk).get(PATH).status_code == 403
    assert house.browser(house.cast.technician).get(f"/speakers/{OTHER_SPEAKER}/carry").status_code == 404
    assert "/carry" not in house.browser(house.cast.clerk).get(f"/speakers/{ONE}").text


def test_weeks_of_airings_do_not_hide_what_comes_next(house: House) -> None:
    with house.database.transaction() as session:
        set_ahead(session, house.cast.technician, ONE, 35, now=NOW)
        announcement = approved(session, house.cast)
        repeat(session, announcement)
        path = f"/announcements/{announcement.id}"
        assert session.scalar(select(func.count()).select_from(Airing)) == 72
    text = house.browser(house.cast.clerk).get(path).text
    assert text.count('href="/airings/0') == 6
