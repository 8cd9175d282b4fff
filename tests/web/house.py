"""The console in-process: real database, services and voice, and browsers signed in as each of the cast."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from httpx import Response

from broadcaster.mirrors.keeping import NOTHING
from broadcaster.mirrors.official_tokens import OfficialTokens
from broadcaster.mirrors.outgoing import client
from broadcaster.mirrors.trying import TriedChannels
from broadcaster.mirrors.zalo_desk import ZaloDesk
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.outlets.cap_seal import Seal
from broadcaster.services.people import people
from broadcaster.services.speaking.signing import make_keys
from broadcaster.store.database import Database
from broadcaster.web.application import create_app
from broadcaster.web.context import Context, WebSettings
from broadcaster.web.live import LiveHub
from firmware_config.pki import create_authority
from tests.cast import COMMUNE, NOW, VAULT, Cast, code, gather, second
from tests.studios import RememberingStudio
from tests.web.client import TestClient

AUTHORITY = create_authority("Loa", now=NOW)
"""One for all houses: making one takes longer than most tests."""
CAP_ISSUED = AUTHORITY.issue("cap", now=NOW)
CAP_SEAL = Seal(CAP_ISSUED.key_pem, CAP_ISSUED.certificate_pem)


@dataclass
class Clock:
    """The time it is, until a test moves it."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


class Browser:
    """A person's browser without scripts: it sends forms as they stand in the page."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str, **headers: str) -> Response:
        answer: Response = self.client.get(
            path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        return answer

    def send(self, page: str, action: str, typed: dict[str, Any] | None = None, **files: bytes) -> Response:
        """Fill in the form of a page that goes to `action`; its hidden fields go along as they are."""
        data = hidden_fields(self.get(page).text, action) | (typed or {})
        sent = {name.replace("_", "-"): ("recording", content) for name, content in files.items()}
        answer: Response = self.client.post(action, data=data, files=sent or None)
        return answer


def hidden_fields(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that, or a button of which, goes to `action`, or else to its own page."""
    forms = {form.partition(">")[0]: form for form in re.findall(r"<form.*?</form>", page, re.DOTALL)}
    named = [form for form in forms.values() if f'action="{action}"' in form or f'hx-post="{action}"' in form]
    own = [form for tag, form in forms.items() if "action=" not in tag and "post" in tag]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', (named or own or [""])[0]))


@dataclass
class House:
    """Everything a test of the console needs."""

    app: FastAPI
    context: Context
    cast: Cast
    clock: Clock

    @property
    def database(self) -> Database:
        return self.context.database

    def stranger_to_all(self) -> Browser:
        """A browser nobody is signed in with."""
        return Browser(TestClient(self.app))

    def browser(self, actor: Actor) -> Browser:
        """A browser this person is signed in with, through a real link."""
        browser = self.stranger_to_all()
        answer = browser.client.post(f"/sign-in/{self.link(actor)}", follow_redirects=False)
        assert answer.status_code == 303
        return browser

    def code(self, actor: Actor) -> str:
        """What this person's phone shows; it may be given again, for the clock stands still."""
        with self.database.transaction() as session:
            second(session, actor, self.clock())
        return code(self.clock())

    def link(self, actor: Actor) -> str:
        with self.database.transaction() as session:
            return people.one_time_link(session, SYSTEM, actor.person_id, now=self.clock())

    def program(self, actor: Actor, **headers: str) -> TestClient:
        """A program with this person's token."""
        with self.database.transaction() as session:
            token = people.create_token(session, SYSTEM, actor.person_id, name="test", now=self.clock())
        return TestClient(self.app, headers={"authorization": f"Bearer {token}", **headers})


def build(database: Database, folder: Path, *, url: str = "http://testserver") -> House:
    """The house over an empty database, with everybody in it."""
    clock = Clock()
    context = furnish(database, folder, clock, url=url)
    return House(create_app(context), context, gather(database), clock)


def furnish(database: Database, folder: Path, clock: Clock, *, url: str = "http://testserver") -> Context:
    """All that pages need, and nobody in it."""
    clips = folder / "clips"
    clips.mkdir()
    tokens = OfficialTokens(database, client(private=True), clock)
    return Context(
        database=database,
        studio=RememberingStudio(folder),
        clips=clips,
        signing=make_keys(folder / "keys", now=clock()),
        vault=replace(VAULT, url=url),
        authority=AUTHORITY,
        cap_seal=CAP_SEAL,
        outlets=TriedChannels(private=True, keeping=replace(NOTHING, tokens=tokens)),
        zalo=ZaloDesk.opened(database, clock, private=True),
        live=LiveHub(),
        settings=WebSettings(public_url=url, developer_pages=True),
        now=clock,
    )


def new_announcement(**changes: object) -> dict[str, Any]:
    """What a program sends for an ordinary announcement."""
    usual: dict[str, Any] = {
        "title": "Họp bản",
        "unit": COMMUNE,
        "versions": [{"language": "vi", "text": "Mời bà con họp lúc 19h30."}],
        "audience": [{"kind": "unit", "ref": COMMUNE}],
    }
    return usual | changes
