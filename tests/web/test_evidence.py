"""Receipts and the signed report of an airing, as they are read, downloaded, printed and checked."""

import hashlib
import re

import pytest

from broadcaster.services.airtime import airings
from broadcaster.services.moments import millis
from broadcaster.services.speaking import reporting, signing
from broadcaster.store.tables import Delivery, Speaker, StoredReceipt
from firmware_config.protocol import Refused
from tests.cast import NOW, SPEAKERS, approved
from tests.web.house import House

pytestmark = pytest.mark.pages
EVENTS = ("stored", "started", "finished", "heard")


def aired(house: House) -> str:
    """An airing the first loudspeaker played and told about, and the second only pretends to have."""
    with house.database.transaction() as session:
        announcement = approved(session, house.cast).id
        airing = airings.air(session, house.cast.clerk, announcement, at=None, now=NOW).id
        signing.sign_open_airings(session, signing=house.context.signing, now=NOW)
        for speaker in SPEAKERS[:2]:
            row = session.get_one(Delivery, (airing, speaker))
            row.state, row.started_at, row.heard_at, row.level, row.proof = "heard", NOW, NOW, -1650, "frames"
            session.add_all(receipt(airing, speaker, number, event) for number, event in enumerate(EVENTS, 1))
        session.get_one(Speaker, SPEAKERS[1]).pretend = True
    return airing


def receipt(airing: str, speaker: str, number: int, event: str) -> StoredReceipt:
    return StoredReceipt(
        speaker_id=speaker,
        seq=number,
        boot="b",
        airing_id=airing,
        event=event,
        at_ms=millis(NOW),
        clock="ntp",
        attempt=1,
        evidence={"level": -1650, "proof": "frames"} if event == "heard" else None,
        body=b"{}",
        hash=hashlib.sha256(f"{speaker} {number}".encode()).hexdigest(),
        received_at=NOW,
    )


def test_every_receipt_is_listed_with_number_hash_and_key(house: House) -> None:
    airing = aired(house)
    page = house.browser(house.cast.clerk).get(f"/airings/{airing}/receipts").text
    for number in range(1, 5):
        assert hashlib.sha256(f"{SPEAKERS[0]} {number}".encode()).hexdigest() in page
    assert f"speaker-{SPEAKERS[0]}" in page
    assert "−16,5 dB" in page
    rest = house.browser(house.cast.clerk).get(f"/airings/{airing}/receipts?after={SPEAKERS[0]}:3").text
    assert hashlib.sha256(f"{SPEAKERS[0]} 3".encode()).hexdigest() not in rest
    assert house.browser(house.cast.clerk).get(f"/airings/{airing}/receipts?after=x").status_code == 200


def test_the_paper_names_what_the_file_proves(house: House) -> None:
    airing = aired(house)
    clerk = house.browser(house.cast.clerk)
    paper, envelope = clerk.get(f"/airings/{airing}/report").text, clerk.get(f"/airings/{airing}/report/signed").content
    text = reporting.check(envelope, house.context.signing.keys.ring())
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    assert sha256 in paper
    assert house.context.signing.director.keyid in paper
    assert "Kính mời bà con đến nhà văn hoá lúc 19 giờ 30." in paper
    # Who only pretends is on no paper.
    assert "1/2 loa đã xác nhận ra tiếng" in re.sub(r"\s+", " ", paper)
    assert SPEAKERS[1] not in text
    assert f"{SPEAKERS[0]}\tLoa ban-na-pan\theard" in text
    assert f"1-4\t{hashlib.sha256(f'{SPEAKERS[0]} 4'.encode()).hexdigest()}" in text
    with pytest.raises(Refused):
        reporting.check(envelope.replace(b'"sig":"', b'"sig":"A'), house.context.signing.keys.ring())


def test_a_paper_is_compared_with_the_books(house: House) -> None:
    airing = aired(house)
    clerk = house.browser(house.cast.clerk)
    path = f"/airings/{airing}/report"
    link = re.findall(r"Mã băm SHA-256 của báo cáo</th><td[^>]*>(\w{64})", clerk.get(path).text)[0]
    assert "không có gì thêm hay đổi" in clerk.get(f"{path}?sha256={link.upper()}").text
    with house.database.transaction() as session:
        session.get_one(Delivery, (airing, SPEAKERS[2])).state = "missed"
    assert "không khớp" in clerk.get(f"{path}?sha256={link}").text
    assert "không khớp" not in clerk.get(path).text
