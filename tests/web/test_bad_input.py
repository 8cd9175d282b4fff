"""Bad input and a missing helper: one clear refusal with its code, in three languages, and nothing accepted is lost."""

import re
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from broadcaster.store.database import Database
from broadcaster.web.api import PREFIX
from broadcaster.web.application import create_app
from broadcaster.web.i18n import LANGUAGES
from tests.cast import COMMUNE
from tests.web.client import TestClient
from tests.web.house import House, build, new_announcement

pytestmark = pytest.mark.pages

DOCS = Path(__file__).parents[2] / "docs" / "errors.md"
HMONG = {"versions": [{"language": "hmn", "text": "Tuaj koom rooj sib tham."}]}


@dataclass
class Scene:
    """A house in which one announcement was accepted and waits for approval."""

    house: House
    standing: str
    content: str
    language: str = "vi"

    def program(self, who: str) -> TestClient:
        """One of the cast, asking in the language of the scene."""
        return self.house.program(getattr(self.house.cast, who), **{"accept-language": self.language})

    def send(self, who: str, path: str, body: object = None, *, put: bool = False) -> Response:
        program = self.program(who)
        headers = {"idempotency-key": uuid.uuid4().hex}
        method = program.put if put else program.post
        answer: Response = method(f"{PREFIX}{path}", json=body, headers=headers)
        return answer

    def everything(self) -> dict[str, Any]:
        """All that was accepted, as a program reads it."""
        program = self.program("approver")
        return {kind: program.get(f"{PREFIX}/{kind}").json()["items"] for kind in ("announcements", "airings")}


def set_scene(house: House) -> Scene:
    scene = Scene(house, "", "")
    scene.standing = scene.send("clerk", "/announcements", new_announcement()).json()["id"]
    scene.content = scene.send("clerk", f"/announcements/{scene.standing}/submit").json()["content_sha256"]
    return scene


Act = Callable[[Scene], Response]


def write(**changes: object) -> Act:
    return lambda scene: scene.send("clerk", "/announcements", new_announcement(**changes))


def with_a_wrong_token(scene: Scene) -> Response:
    stranger = TestClient(scene.house.app, headers={"authorization": "Bearer x", "accept-language": scene.language})
    answer: Response = stranger.post(
        f"{PREFIX}/announcements", json=new_announcement(), headers={"idempotency-key": "k"}
    )
    return answer


def approve_ones_own(scene: Scene) -> Response:
    own = scene.send("owner", "/announcements", new_announcement(title="Của tôi")).json()["id"]
    content = scene.send("owner", f"/announcements/{own}/submit").json()["content_sha256"]
    return scene.send("owner", f"/announcements/{own}/approve", {"content_sha256": content})


def edit(scene: Scene) -> None:
    revision = scene.program("clerk").get(f"{PREFIX}/announcements/{scene.standing}").json()["revision"]
    changed = new_announcement(title="Họp bản lúc 20h") | {"revision": revision}
    assert scene.send("clerk", f"/announcements/{scene.standing}", changed, put=True).status_code == 200


def approve_what_was_read(scene: Scene) -> Response:
    return scene.send("approver", f"/announcements/{scene.standing}/approve", {"content_sha256": scene.content})


def approve_a_draft_edited_since(scene: Scene) -> Response:
    edit(scene)
    return approve_what_was_read(scene)


def approve_what_was_edited_and_submitted_since(scene: Scene) -> Response:
    edit(scene)
    assert scene.send("clerk", f"/announcements/{scene.standing}/submit").status_code == 200
    return approve_what_was_read(scene)


def air_in_the_past(scene: Scene) -> Response:
    approve_what_was_read(scene)
    at = "2026-11-25T09:00:00+07:00"
    return scene.send("approver", "/airings", {"announcement": scene.standing, "at": at})


def submit_to_nobody(scene: Scene) -> Response:
    audience = [{"kind": "unit", "ref": COMMUNE}, {"kind": "unit", "ref": COMMUNE, "include": False}]
    made = scene.send("clerk", "/announcements", new_announcement(audience=audience)).json()["id"]
    return scene.send("clerk", f"/announcements/{made}/submit")


def speak_hmong(scene: Scene) -> Response:
    made = scene.send("clerk", "/announcements", new_announcement(**HMONG)).json()["id"]
    return scene.send("clerk", f"/announcements/{made}/submit")


CASES: list[tuple[str, int, Act]] = [
    ("bad_token", 401, with_a_wrong_token),
    ("unknown_unit", 404, write(unit="ban-khong-co")),
    ("unknown_unit", 404, write(audience=[{"kind": "unit", "ref": "ban-khong-co"}])),
    ("empty_audience", 422, write(audience=[])),
    ("empty_audience", 422, submit_to_nobody),
    ("text_empty", 422, write(versions=[{"language": "vi", "text": " \n"}])),
    ("text_too_long", 422, write(versions=[{"language": "vi", "text": "a" * 5001}])),
    ("version_empty", 422, write(versions=[{"language": "vi"}])),
    ("own_announcement", 403, approve_ones_own),
    ("edited_since", 409, approve_a_draft_edited_since),
    ("edited_since", 409, approve_what_was_edited_and_submitted_since),
    ("in_the_past", 422, air_in_the_past),
    ("in_the_past", 422, write(expires="2026-11-24T00:00:00Z")),
    ("no_voice", 503, speak_hmong),
]


def refused(scene: Scene, act: Act, code: str, status: int) -> dict[str, dict[str, Any]]:
    """The refusal in each language; it changed nothing, and is all that a person needs."""
    said: dict[str, dict[str, Any]] = {}
    for scene.language in LANGUAGES:
        answer = act(scene)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        problem = said[scene.language] = answer.json()
        assert (answer.status_code, problem["code"]) == (status, code)
        assert problem["type"].endswith(f"#{code}")
        assert problem["title"]
        assert problem["kept"]
        assert problem["todo"]
    for part in ("title", "kept", "todo"):
        assert len({one[part] for one in said.values()}) == len(LANGUAGES)
    return said


def anchors() -> set[str]:
    return set(re.findall(r"^### (\w+)$", DOCS.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize(("code", "status", "act"), CASES)
def test_each_gets_one_clear_refusal(house: House, code: str, status: int, act: Act) -> None:
    scene = set_scene(house)
    refused(scene, act, code, status)
    assert code in anchors()


@pytest.mark.parametrize("act", [act for _, _, act in CASES if act.__name__ == "<lambda>"] + [with_a_wrong_token])
def test_what_was_accepted_before_is_untouched(house: House, act: Act) -> None:
    scene = set_scene(house)
    before = scene.everything()
    assert act(scene).is_client_error
    assert scene.everything() == before
    assert approve_what_was_read(scene).json()["state"] == "approved"


def test_a_refused_step_leaves_the_announcement_where_it_was(house: House) -> None:
    scene = set_scene(house)
    for act, state in (
        (submit_to_nobody, "draft"),
        (speak_hmong, "draft"),
        (approve_ones_own, "submitted"),
        (approve_what_was_edited_and_submitted_since, "submitted"),
    ):
        answer = act(scene)
        assert answer.is_error
        last_touched = str(answer.request.url).split("/")[-2]
        assert scene.program("owner").get(f"{PREFIX}/announcements/{last_touched}").json()["state"] == state


def test_five_thousand_characters_are_not_too_many(house: House) -> None:
    assert write(versions=[{"language": "vi", "text": "a" * 5000}])(set_scene(house)).status_code == 201


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_person_reads_it_on_the_page_in_their_language(house: House, language: str) -> None:
    browser = house.browser(house.cast.clerk)
    browser.client.post("/language", data={"language": language, "back": "/"})
    scene = set_scene(house)
    scene.language = language
    page = browser.send("/announcements/new", "/announcements", {"title": "Họp bản", "text-vi": "Mời bà con."}).text
    assert write(audience=[])(scene).json()["title"] in page
    assert "Họp bản" in page


def test_without_ffmpeg_the_draft_is_kept(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = set_scene(house)
    unspoken = [{"language": "vi", "text": "Lời này chưa ai đọc."}]
    draft = scene.send("clerk", "/announcements", new_announcement(versions=unspoken)).json()
    with monkeypatch.context() as machine:
        machine.setenv("PATH", str(programs(tmp_path / "bin", "prlimit", "espeak-ng")))
        refused(scene, lambda scene: scene.send("clerk", f"/announcements/{draft['id']}/submit"), "no_ffmpeg", 503)
    assert scene.program("clerk").get(f"{PREFIX}/announcements/{draft['id']}").json() == draft
    assert scene.send("clerk", f"/announcements/{draft['id']}/submit").json()["state"] == "submitted"


def programs(folder: Path, *names: str) -> Path:
    """A folder with only these programs of this machine."""
    folder.mkdir()
    for name in names:
        (folder / name).symlink_to(shutil.which(name) or pytest.skip(f"{name} is not installed"))
    return folder


def test_a_locked_database_says_so_and_goes_on_afterwards(sqlite_database: Database, tmp_path: Path) -> None:
    scene = set_scene(build(sqlite_database, tmp_path))
    before = scene.everything()
    hurried = Database(str(sqlite_database.engine.url), busy_ms=100)
    scene.house.app = create_app(replace(scene.house.context, database=hurried))
    clerk = {
        language: scene.house.program(scene.house.cast.clerk, **{"accept-language": language}) for language in LANGUAGES
    }

    def post(scene: Scene) -> Response:
        headers = {"idempotency-key": uuid.uuid4().hex}
        answer: Response = clerk[scene.language].post(
            f"{PREFIX}/announcements", json=new_announcement(), headers=headers
        )
        return answer

    with locked(sqlite_database):
        refused(scene, post, "storage_unavailable", 503)
    assert scene.everything() == before
    assert post(scene).status_code == 201
    hurried.dispose()


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Another program is writing, and does not stop."""
    other = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()
