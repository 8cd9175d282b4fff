"""The pages of the voice banks, walked through by the people of a commune; what is heard is real sound."""

import io

import pytest

from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.people import native_speakers
from broadcaster.services.sound import takes, voice_bank
from tests.audio.fakes import tone
from tests.bank import TAG, begun
from tests.cast import NOW, VILLAGES
from tests.web.house import House

pytestmark = pytest.mark.pages

HOME = f"/voices/{TAG}"
SLOTS = {"place": VILLAGES[0], "time": "19:30", "date": "2026-11-26"}


def speaking(house: House, *actors: Actor) -> None:
    with house.database.transaction() as session:
        for actor in actors:
            native_speakers.declare(session, SYSTEM, actor.person_id, TAG, able=True, now=NOW)


def test_a_language_is_begun_by_one_click(house: House) -> None:
    clerk = house.browser(house.cast.clerk)
    assert "H’Mông" in clerk.get("/voices").text
    assert clerk.send(HOME, f"{HOME}/start").status_code == 200
    page = clerk.get(HOME).text
    assert '<progress class="far" max="131" value="0"' in page
    assert "Kính mời bà con chú ý lắng nghe thông báo." in page


def test_a_piece_is_recorded_by_one_and_accepted_by_another(house: House) -> None:
    cast = house.cast
    speaking(house, cast.village_head, cast.approver)
    with house.database.transaction() as session:
        voice_bank.start(session, SYSTEM, TAG, now=NOW)
        first, second = (row.id for row in voice_bank.phrases(session, TAG)[:2])
    head, approver = house.browser(cast.village_head), house.browser(cast.approver)
    assert f"{HOME}/record/{first}" in head.get(HOME).text
    here = f"{HOME}/record/{first}"
    answer = head.send(here, here, file=tone(1.2).to_wav())
    assert answer.url.path == f"{HOME}/record/{second}"
    with house.database.read() as session:
        [(take, _)] = takes.waiting(session, TAG)
    action = f"{HOME}/takes/{take.id}"
    assert action not in head.get(HOME).text
    assert action in approver.get(HOME).text
    assert approver.send(HOME, action, {"do": "accept", "note": "rõ"}).status_code == 200
    with house.database.read() as session:
        assert list(voice_bank.accepted(session, TAG).values()) == [take.clip_sha256]


def test_what_is_no_sound_is_refused_on_the_page_of_the_piece(house: House) -> None:
    speaking(house, house.cast.village_head)
    with house.database.transaction() as session:
        voice_bank.start(session, SYSTEM, TAG, now=NOW)
        first = voice_bank.phrases(session, TAG)[0]
    here = f"{HOME}/record/{first.id}"
    answer = house.browser(house.cast.village_head).send(here, here, file=b"no sound at all")
    assert answer.status_code == 422
    assert first.meaning in answer.text


def test_who_does_not_speak_it_sees_and_may_not(house: House) -> None:
    with house.database.transaction() as session:
        voice_bank.start(session, SYSTEM, TAG, now=NOW)
        first = voice_bank.phrases(session, TAG)[0].id
    clerk = house.browser(house.cast.clerk)
    here = f"{HOME}/record/{first}"
    page = clerk.get(here).text
    assert 'type="file"' not in page
    assert 'href="/me"' in page
    answer = clerk.client.post(here, data={"csrf": csrf(page)}, files={"file": ("a.wav", tone(1).to_wav())})
    assert answer.status_code == 403
    assert clerk.get("/voices/tai").status_code == 422


def csrf(page: str) -> str:
    return page.split('name="csrf" value="')[1].split('"', maxsplit=1)[0]


def test_a_sentence_is_heard_or_its_missing_pieces_become_tasks(house: House) -> None:
    with house.database.transaction() as session:
        begun(session, house.cast)
    clerk = house.browser(house.cast.clerk)
    here = f"{HOME}/sentences/meeting"
    typed = {f"slot-{name}": value for name, value in SLOTS.items()}
    answer = clerk.send(here, here, typed | {"slot-time": "19:37"})
    assert "37 phút" in answer.text
    assert f"{HOME}/record/" in answer.text
    with house.database.read() as session:
        assert "37" in {row.key for row in voice_bank.phrases(session, TAG) if row.kind == "minute"}
    refused = clerk.send(here, here, typed | {"slot-time": ""})
    assert refused.status_code == 422
    assert f'value="{VILLAGES[0]}" selected' in refused.text


def test_a_filled_bank_speaks(house: House) -> None:
    cast = house.cast
    with house.database.transaction() as session:
        begun(session, cast)
        rows = {row.key: row.id for row in voice_bank.phrases(session, TAG) if row.kind == "phrase"}
    for key in ("attention", "storm", "follow-officials"):
        take = takes.record(house.database, house.context.clips, cast.village_head, rows[key], sound_of(key), now=NOW)
        with house.database.transaction() as session:
            takes.review(session, cast.approver, take.id, accept=True, now=NOW)
    here = f"{HOME}/sentences/storm"
    answer = house.browser(cast.clerk).send(here, here)
    assert answer.status_code == 200
    assert "<audio" in answer.text


def sound_of(key: str) -> io.BytesIO:
    return io.BytesIO(tone(0.6 + len(key) / 50, hertz=200 + 7 * len(key)).to_wav())
