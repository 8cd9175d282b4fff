"""The way of one announcement, from the clerk's words to the frames at the loudspeaker and back as proof."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from broadcaster.demo import proof
from broadcaster.demo.client import Client, Refused
from broadcaster.demo.commune import COMMUNE
from broadcaster.services import audit
from tests.whole.town import Town, likeness, samples, town

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("town")]

# As a village would hear it: the chime, then one short sentence.
TEXT = "UBND xã mời bà con họp bản lúc 19h30 ngày 24/11/2026."


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as found:
        yield found


def approved(place: Town, title: str, *, text: str = TEXT, klass: str = "normal") -> dict[str, Any]:
    audience = [{"kind": "speaker", "ref": one.id} for one in place.speakers]
    draft = place.clerk.post(
        "/announcements",
        {
            "title": title,
            "class": klass,
            "unit": COMMUNE,
            "versions": [{"language": "vi", "text": text}],
            "audience": audience,
        },
    )
    submitted = place.clerk.post(f"/announcements/{draft['id']}/submit")
    body = {"content_sha256": submitted["content_sha256"]}
    return place.approver.post(f"/announcements/{draft['id']}/approve", body)


def on_air(place: Town, announcement: dict[str, Any]) -> str:
    return str(place.approver.post("/airings", {"announcement": announcement["id"], "now": True})["id"])


def test_what_was_approved_comes_out_of_every_speaker(place: Town) -> None:
    announcement = approved(place, "Họp bản")
    airing = on_air(place, announcement)
    deliveries = place.wait_for(airing, "heard")
    wanted, chime = place.clip(announcement["versions"][0]["clip_sha256"]), place.chime(announcement["id"])
    for speaker in place.speakers:
        delivery = deliveries[speaker.id]
        assert delivery["proof"] == "frames"
        assert delivery["attempt"] == 1
        assert delivery["ms"] == pytest.approx((len(chime) + len(wanted)) / 48, abs=1_500)
        (file,) = speaker.sound.glob("*.wav")
        assert likeness(samples(file), wanted) > 0.95
        assert likeness(samples(file)[: 2 * len(chime)], chime) > 0.95
    with place.ground.database.read() as session:
        for speaker in place.speakers:
            ledger = proof.ledger(session, speaker.id, airing)
            assert ledger.whole
            assert ledger.events == ["stored", "armed", "started 1", "finished", "heard"]


def test_residents_read_the_same_words_and_hear_them_again(place: Town) -> None:
    announcement = approved(place, "Lịch tiêm chủng", text="Trạm y tế tiêm chủng lúc 8h ngày 25/11/2026.")
    on_air(place, announcement)
    messages: list[dict[str, Any]] = []

    def arrived() -> bool:
        messages[:] = [one for one in proof.chat_messages(place.chat_url) if "tiêm chủng" in one["text"]]
        return bool(messages)

    place.household.wait_until(arrived, "the copy", 20.0)
    (link,) = proof.LINK.findall(messages[0]["text"])
    page = httpx.get(link)
    assert page.is_success
    assert "Trạm y tế tiêm chủng" in page.text


def test_the_author_cannot_approve(place: Town) -> None:
    audience = [{"kind": "unit", "ref": COMMUNE}]
    versions = [{"language": "vi", "text": TEXT}]
    draft = place.approver.post(
        "/announcements", {"title": "Tự duyệt", "unit": COMMUNE, "versions": versions, "audience": audience}
    )
    submitted = place.approver.post(f"/announcements/{draft['id']}/submit")
    with pytest.raises(Refused, match="own_announcement"):
        place.approver.post(f"/announcements/{draft['id']}/approve", {"content_sha256": submitted["content_sha256"]})


def test_every_change_stands_in_a_chain_that_is_whole(place: Town) -> None:
    with place.ground.database.read() as session:
        verdict = audit.verify(session)
    assert verdict.sound
    assert verdict.head.seq > 20


def test_a_wrong_token_opens_nothing(place: Town) -> None:
    with Client(place.settings.console_url, "wrong") as stranger, pytest.raises(Refused, match="bad_token"):
        stranger.get("/announcements")
