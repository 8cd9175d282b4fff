"""Other systems read our emergencies as signed CAP, from the first to the last message, and drills as exercises."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import feedparser  # type: ignore[import-untyped]
import pytest
from lxml import etree
from sqlalchemy import update
from sqlalchemy.orm import Session

from audio.clip import clip_path
from broadcaster.domain.cap import outgoing
from broadcaster.domain.cap.message import Message, MsgType, Status
from broadcaster.domain.cap.outgoing import Emergency, Told
from broadcaster.domain.cap.reading import read
from broadcaster.domain.cap.refusal import Refused
from broadcaster.services.alarms import drills, emergencies
from broadcaster.services.outlets import cap_out
from broadcaster.services.outlets.cap_seal import Seal, verified
from broadcaster.services.writing import announcements
from broadcaster.store.tables import Airing, Announcement, Unit
from tests.cap.schema import problems
from tests.cast import COMMUNE, NOW
from tests.web.alarms import SLOTS, alarm
from tests.web.house import AUTHORITY, CAP_SEAL, House

pytestmark = pytest.mark.pages

READY = NOW + timedelta(seconds=20)
BORDER = {"type": "MultiPolygon", "coordinates": [[[[104.0, 21.0], [104.2, 21.0], [104.2, 21.2], [104.0, 21.0]]]]}


def sent(house: House) -> Announcement:
    with house.database.transaction() as session:
        session.get_one(Unit, COMMUNE).boundary = BORDER
        made = alarm(session, "alert approved", COMMUNE, house.cast.clerk, house.cast.approver, now=NOW)
        emergencies.send(session, house.cast.clerk, made.id, place="Xã Yên Châu", now=READY)
    house.clock.at = READY + timedelta(seconds=1)
    return made


def published(house: House, identifier: str) -> tuple[Message, bytes]:
    """The message at its address, verified by the certificate of the house; and its bytes."""
    answer = house.stranger_to_all().get(f"/cap/{identifier}.xml")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/cap+xml")
    assert problems(answer.content) == []
    return read(verified(answer.content, CAP_SEAL.certificate_pem.decode(), now=house.clock())), answer.content


def test_an_emergency_is_published_when_it_sounds_and_not_before(house: House) -> None:
    with house.database.transaction() as session:
        made = alarm(session, "alert approved", COMMUNE, house.cast.clerk, house.cast.approver, now=NOW)
    assert house.stranger_to_all().get(f"/cap/{made.public_id}-1.xml").status_code == 404
    made = sent(house)
    message, _ = published(house, f"{made.public_id}-1")
    assert (message.status, message.msg_type) == (Status.ACTUAL, MsgType.ALERT)
    info = message.infos[0]
    assert (info.language, info.event) == ("vi", "Lũ, ngập lụt")
    assert SLOTS["action"] in info.description
    area = info.areas[0]
    assert (area.desc, area.geocodes) == ("Xã Yên Châu", (("loa:unit", COMMUNE),))
    assert area.polygons[0][0] == (21.0, 104.0)


@pytest.mark.parametrize(
    "unheard", [{"state": "refused"}, {"hold_until": READY + timedelta(minutes=5)}, {"cancelled_at": READY}]
)
def test_what_was_not_heard_is_not_published(house: House, unheard: dict[str, object]) -> None:
    made = sent(house)
    with house.database.transaction() as session:
        session.execute(update(Airing).where(Airing.announcement_id == made.id).values(**unheard))
    assert house.stranger_to_all().get(f"/cap/{made.public_id}-1.xml").status_code == 404
    assert made.public_id not in house.stranger_to_all().get("/cap/index.atom").text


def test_what_was_held_up_sounds_when_it_does(house: House) -> None:
    made = sent(house)
    begins = READY + timedelta(minutes=5)
    with house.database.transaction() as session:
        session.execute(update(Airing).where(Airing.announcement_id == made.id).values(hold_until=begins))
    house.clock.at = begins
    assert published(house, f"{made.public_id}-1")[0].sent == begins


def test_a_correction_that_was_taken_back_in_time_cancels_nothing(house: House) -> None:
    made = sent(house)
    with house.database.transaction() as session:
        airing = emergencies.call_up(session, house.cast.clerk, made.id, "correction", now=house.clock())
        session.execute(update(Airing).where(Airing.id == airing.id).values(cancelled_at=airing.planned_at))
    house.clock.at += timedelta(seconds=1)
    assert house.stranger_to_all().get(f"/cap/{made.public_id}-2.xml").status_code == 404


def test_the_sound_is_named_with_its_size_and_its_digest(house: House) -> None:
    made = sent(house)
    with house.database.read() as session:
        clip = session.get_one(Announcement, made.id).versions[0].clip
        assert clip is not None
        path = clip_path(house.context.clips, clip.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"OggS sound")
    (sound,) = published(house, f"{made.public_id}-1")[0].infos[0].resources
    assert (sound.mime_type, sound.size) == ("audio/ogg", clip.bytes)
    assert sound.digest == hashlib.sha1(b"OggS sound", usedforsecurity=False).hexdigest()
    assert house.stranger_to_all().get(sound.uri.removeprefix("http://testserver")).content == b"OggS sound"


def test_a_correction_cancels_and_names_what_it_cancels(house: House) -> None:
    made = sent(house)
    with house.database.transaction() as session:
        emergencies.call_up(session, house.cast.clerk, made.id, "correction", now=house.clock())
    house.clock.at += timedelta(seconds=1)
    first, second = (published(house, f"{made.public_id}-{n}")[0] for n in (1, 2))
    assert second.msg_type is MsgType.CANCEL
    assert second.references == (first.reference,)
    assert "phát nhầm" in second.note
    assert house.stranger_to_all().get(f"/cap/{made.public_id}-3.xml").status_code == 404


def test_an_all_clear_updates_and_a_withdrawal_cancels(house: House) -> None:
    made = sent(house)
    with house.database.transaction() as session:
        emergencies.call_up(session, house.cast.clerk, made.id, "all_clear", now=house.clock())
    house.clock.at += timedelta(seconds=1)
    message = published(house, f"{made.public_id}-2")[0]
    assert message.msg_type is MsgType.UPDATE
    assert [each.value for each in message.infos[0].responses] == ["AllClear"]
    with house.database.transaction() as session:
        other = alarm(session, "alert approved", COMMUNE, house.cast.clerk, house.cast.approver, now=house.clock())
        later = house.clock() + timedelta(seconds=20)
        emergencies.send(session, house.cast.clerk, other.id, place="Xã Yên Châu", now=later)
        announcements.withdraw(session, house.cast.clerk, other.id, reason="Nhầm xã", now=later + timedelta(seconds=5))
    house.clock.at = later + timedelta(seconds=6)
    cancelled = published(house, f"{other.public_id}-2")[0]
    assert (cancelled.msg_type, cancelled.note) == (MsgType.CANCEL, "Nhầm xã")


def test_a_drill_is_an_exercise(house: House) -> None:
    with house.database.transaction() as session:
        made = alarm(session, "drill approved", COMMUNE, house.cast.clerk, house.cast.approver, now=NOW)
        drills.start(session, house.cast.clerk, made.id, now=NOW)
    house.clock.at += timedelta(seconds=1)
    assert published(house, f"{made.public_id}-1")[0].status is Status.EXERCISE


def test_the_list_leads_to_every_message(house: House) -> None:
    made = sent(house)
    listed = feedparser.parse(house.stranger_to_all().get("/cap/index.atom").content)
    assert not listed.bozo
    assert [each.link for each in listed.entries] == [f"http://testserver/cap/{made.public_id}-1.xml"]
    assert house.stranger_to_all().get("/cap/index.atom").headers["etag"]


def test_a_crowd_has_each_drawn_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    made, drawn = sent(house), list[str]()
    draw = outgoing.messages

    def counted(it: Emergency, history: Iterable[Told]) -> tuple[Message, ...]:
        drawn.append(it.public_id)
        return draw(it, history)

    monkeypatch.setattr(outgoing, "messages", counted)
    for path in [f"/cap/{made.public_id}-1.xml", "/cap/index.atom"] * 5:
        assert house.stranger_to_all().get(path).status_code == 200
    assert drawn == [made.public_id] * 2


def test_what_is_not_there_is_not_drawn_again_and_not_looked_for_without_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, looked = sent(house), list[str]()
    find = cap_out.messages

    def counted(session: Session, public_id: str, **known: Any) -> tuple[Message, ...]:
        looked.append(public_id)
        return find(session, public_id, **known)

    monkeypatch.setattr(cap_out, "messages", counted)
    reader = house.stranger_to_all()
    for n in (999, 2, 0, 10**30, 1):
        assert reader.get(f"/cap/{made.public_id}-{n}.xml").status_code == (200 if n == 1 else 404)
    assert looked == [made.public_id]
    asked = [reader.get(f"/cap/khong-co-{n}-1.xml").status_code for n in range(61)]
    assert asked == [404] * 60 + [429]
    assert len(looked) == 61
    assert reader.get(f"/cap/{made.public_id}-1.xml").status_code == 200
    assert reader.get("/cap/index.atom").status_code == 200


def test_the_same_message_is_the_same_bytes_and_another_key_is_not_ours(house: House) -> None:
    made = sent(house)
    _, content = published(house, f"{made.public_id}-1")
    assert published(house, f"{made.public_id}-1")[1] == content
    other = AUTHORITY.issue("cap", now=NOW).certificate_pem.decode()
    with pytest.raises(Refused, match="unsigned"):
        verified(content, other, now=NOW)
    spoiled = content.replace("Lũ, ngập lụt".encode(), "Lũ, ngập lút".encode(), 1)
    assert spoiled != content
    with pytest.raises(Refused, match="unsigned"):
        verified(spoiled, CAP_SEAL.certificate_pem.decode(), now=NOW)


def test_a_signature_wrapped_around_other_words_is_refused(house: House) -> None:
    made = sent(house)
    content = published(house, f"{made.public_id}-1")[1]
    certificate = CAP_SEAL.certificate_pem.decode()
    signed = etree.fromstring(content)
    forged = etree.fromstring(content)
    signature = forged.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    assert signature is not None
    holder = etree.SubElement(signature, "{http://www.w3.org/2000/09/xmldsig#}Object")
    holder.append(signed)
    identifier = forged.find("{*}identifier")
    assert identifier is not None
    identifier.text = "forged-1"
    with pytest.raises(Refused, match="unsigned"):
        verified(etree.tostring(forged), certificate, now=NOW)
    unsigned = etree.fromstring(content)
    found = unsigned.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    assert found is not None
    unsigned.remove(found)
    with pytest.raises(Refused, match="unsigned"):
        verified(etree.tostring(unsigned), certificate, now=NOW)


def test_a_certificate_that_has_ended_vouches_for_nothing() -> None:
    issued = AUTHORITY.issue("old", days=1, now=NOW)
    seal = Seal(issued.key_pem, issued.certificate_pem)
    signed = seal.sign(b"<alert/>")
    pem = issued.certificate_pem.decode()
    assert verified(signed, pem, now=NOW)
    with pytest.raises(Refused, match="certificate"):
        verified(signed, pem, now=NOW + timedelta(days=2))
