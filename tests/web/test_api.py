"""The API as a program meets it: one announcement from its words to the air."""

import uuid
from typing import Any

import pytest
from httpx import Response

from broadcaster.store.tables import Speaker
from broadcaster.web.api import PREFIX
from tests.cast import COMMUNE, OTHER_SPEAKER, SPEAKERS, VILLAGES
from tests.web.client import TestClient
from tests.web.house import House, new_announcement

pytestmark = pytest.mark.pages


def post(program: TestClient, path: str, body: object = None, *, key: str | None = None) -> Response:
    """A write with a key of its own."""
    headers = {"idempotency-key": key or uuid.uuid4().hex}
    answer: Response = program.post(f"{PREFIX}{path}", json=body, headers=headers)
    return answer


def get(program: TestClient, path: str) -> dict[str, Any]:
    """What a list or a thing says."""
    answer = program.get(f"{PREFIX}{path}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def approved(house: House) -> str:
    """An announcement on its way: written, submitted and approved through the API."""
    clerk, approver = house.program(house.cast.clerk), house.program(house.cast.approver)
    written = post(clerk, "/announcements", new_announcement())
    assert written.status_code == 201, written.text
    announcement = written.json()["id"]
    submitted = post(clerk, f"/announcements/{announcement}/submit")
    assert submitted.status_code == 200, submitted.text
    content = {"content_sha256": submitted.json()["content_sha256"]}
    assert post(approver, f"/announcements/{announcement}/approve", content).json()["state"] == "approved"
    return str(announcement)


def test_one_announcement_from_its_words_to_the_air(house: House) -> None:
    announcement = approved(house)
    clerk = house.program(house.cast.clerk)
    clip = get(clerk, f"/announcements/{announcement}")["versions"][0]["clip_sha256"]
    sound = clerk.get(f"{PREFIX}/clips/{clip}")
    assert sound.content.startswith(b"OggS")
    part = clerk.get(f"{PREFIX}/clips/{clip}", headers={"range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"OggS")

    aired = post(clerk, "/airings", {"announcement": announcement, "now": True})
    assert aired.status_code == 201, aired.text
    airing = aired.json()
    assert airing["counts"] == {"planned": 3}
    deliveries = get(clerk, f"/airings/{airing['id']}/deliveries")["items"]
    assert {delivery["speaker_id"] for delivery in deliveries} == set(SPEAKERS)

    stopped = post(clerk, f"/airings/{airing['id']}/stop", {"reason": "Nhầm giờ"})
    assert stopped.json()["state"] == "cancelled"
    actions = [entry["action"] for entry in get(house.program(house.cast.approver), "/audit")["items"]]
    assert actions[:5] == ["stop", "air", "approve", "submit", "write"]


def test_the_same_key_does_its_work_once(house: House) -> None:
    clerk = house.program(house.cast.clerk)
    first = post(clerk, "/announcements", new_announcement(), key="a-key")
    again = post(clerk, "/announcements", new_announcement(), key="a-key")
    assert again.headers["idempotency-replayed"] == "true"
    assert again.content == first.content
    other = post(clerk, "/announcements", new_announcement(title="Khác"), key="a-key")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert len(get(clerk, "/announcements")["items"]) == 1


def test_a_write_without_a_key_is_refused(house: House) -> None:
    answer = house.program(house.cast.clerk).post(f"{PREFIX}/announcements", json=new_announcement())
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


def test_lists_come_in_pages(house: House) -> None:
    monitor = house.program(house.cast.monitor)
    seen: list[str] = []
    after = ""
    while True:
        page = get(monitor, f"/units?limit=2{after}")
        seen += [unit["id"] for unit in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == sorted(seen)
    assert {COMMUNE, *VILLAGES} < set(seen)


def test_nobody_sees_past_their_own_units(house: House) -> None:
    announcement = approved(house)
    stranger = house.program(house.cast.stranger)
    assert get(stranger, "/announcements")["items"] == []
    assert [speaker["id"] for speaker in get(stranger, "/speakers")["items"]] == [OTHER_SPEAKER]
    answer = stranger.get(f"{PREFIX}/announcements/{announcement}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    withdrawn = post(stranger, f"/announcements/{announcement}/withdraw", {"reason": "x"})
    assert withdrawn.status_code == 404


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"title": " "}, 422, "title_empty"),
        ({"audience": []}, 422, "empty_audience"),
        ({"versions": []}, 422, "versions_missing"),
        ({"versions": [{"language": "vi"}]}, 422, "version_empty"),
        ({"versions": [{"language": "vi", "text": ""}]}, 422, "text_empty"),
        ({"versions": [{"language": "vi", "text": "a" * 5001}]}, 422, "text_too_long"),
        ({"unit": "ban-khong-co"}, 404, "unknown_unit"),
        ({"audience": [{"kind": "speaker", "ref": "loa-khong-co"}]}, 404, "unknown_speaker"),
        ({"versions": [{"language": "vi", "recording": "0" * 64}]}, 404, "unknown_clip"),
        ({"expires": "2026-11-24T00:00:00Z"}, 422, "in_the_past"),
        ({"versions": "vi"}, 422, "bad_fields"),
    ],
)
def test_what_an_announcement_must_be(house: House, changes: dict[str, Any], status: int, code: str) -> None:
    answer = post(house.program(house.cast.clerk), "/announcements", new_announcement(**changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_approval_is_for_what_was_read_and_never_by_its_writer(house: House) -> None:
    owner = house.program(house.cast.owner)
    announcement = post(owner, "/announcements", new_announcement()).json()["id"]
    content = post(owner, f"/announcements/{announcement}/submit").json()["content_sha256"]
    own = post(owner, f"/announcements/{announcement}/approve", {"content_sha256": content})
    assert (own.status_code, own.json()["code"]) == (403, "own_announcement")
    other = post(
        house.program(house.cast.approver), f"/announcements/{announcement}/approve", {"content_sha256": "0" * 64}
    )
    assert (other.status_code, other.json()["code"]) == (409, "edited_since")


def test_a_recording_is_taken_in_and_silence_is_not(house: House) -> None:
    clerk = house.program(house.cast.clerk)
    fields = {"language": "vi", "unit": COMMUNE}

    def send(content: bytes) -> Response:
        headers = {"idempotency-key": uuid.uuid4().hex}
        answer: Response = clerk.post(
            f"{PREFIX}/recordings", data=fields, files={"file": ("a.webm", content)}, headers=headers
        )
        return answer

    from tests.audio.fakes import tone  # noqa: PLC0415

    taken = send(tone(2).to_wav())
    assert taken.status_code == 201, taken.text
    assert taken.json()["source"] == "recording"
    refused = send(b"#EXTM3U\nfile:///etc/passwd\n" * 40)
    assert (refused.status_code, refused.json()["code"]) == (422, "recording_not_sound")


def test_health_and_metrics(house: House) -> None:
    with house.database.transaction() as session:
        session.get_one(Speaker, SPEAKERS[0]).online = True
    anybody = house.stranger_to_all()
    assert anybody.get("/healthz").json() == {"status": "ok"}
    assert 'loa_speakers{online="yes"} 1.0' in anybody.get("/metrics").text
