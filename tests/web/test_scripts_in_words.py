"""T32: words that are scripts, from people and from loudspeakers, are shown as words on every page."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcaster.services.actor import SYSTEM
from broadcaster.services.airtime import airings
from broadcaster.services.places import units
from broadcaster.services.writing import announcements
from broadcaster.store.tables import Delivery, Speaker
from broadcaster.web.api import PREFIX
from tests import cast
from tests.web.house import House

pytestmark = pytest.mark.pages
CORPUS = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</textarea><svg onload=alert(1)>",
    "</title><iframe src=javascript:alert(1)>",
    "{{ 7 * 7 }}{% raw %}%(x)s {person} &lt;b&gt;",
    '" autofocus onfocus="alert(1)',
    "<!--<math><mi//xlink:href=data:x,<script>alert(1)</script>",
    "' hx-on:load='alert(1)' hx-get='/audit",
)
EVERYTHING = " ".join(CORPUS)


class Elements(HTMLParser):
    """Each element of a page with the names of its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, *sorted(name for name, _ in attrs)))


@pytest.fixture
def said(house: House) -> dict[str, str]:
    """Everything anybody may name, with the corpus in it; where it is shown."""
    house_cast, now = house.cast, house.clock()
    with house.database.transaction() as session:
        units.change(session, SYSTEM, cast.VILLAGES[0], name=EVERYTHING[:200], now=now)
        made = cast.approved(session, house_cast, title=EVERYTHING[:200], klass="emergency", versions=[version()])
        airing = airings.air(session, house_cast.clerk, made.id, at=None, now=now, emergency=True).id
        back = cast.submitted(session, house_cast, versions=[version()])
        announcements.reject(session, house_cast.approver, back.id, reason=EVERYTHING, now=now)
        waiting = cast.submitted(session, house_cast, title=EVERYTHING[:200], versions=[version()])
        speaker = session.get_one(Speaker, cast.SPEAKERS[0])
        speaker.name, speaker.problems, speaker.agent = EVERYTHING, list(CORPUS), EVERYTHING
        speaker.last_seen_at = now
        row = session.get_one(Delivery, (airing, cast.SPEAKERS[0]))
        row.state, row.reason, row.ended_at = "refused", EVERYTHING, now
        return {"made": made.id, "airing": airing, "back": back.id, "waiting": waiting.id, "public": made.public_id}


def version() -> announcements.DraftVersion:
    return announcements.DraftVersion("vi", EVERYTHING)


def test_no_page_has_an_element_that_words_made(house: House, said: dict[str, str]) -> None:
    pages = {
        "approver": [
            "/",
            "/approvals",
            "/announcements",
            "/speakers",
            "/audit",
            f"/announcements/{said['waiting']}/approve",
        ],
        "clerk": [
            *(f"/announcements/{said[it]}" for it in ("made", "back", "waiting")),
            *(f"/announcements/{said['made']}/{it}" for it in ("edit", "air")),
            f"/emergency/at/{said['made']}",
            f"/airings/{said['airing']}",
            "/announcements?q=" + "<script>alert(1)</script>",
            "/announcements?state=" + "'><img src=x>",
        ],
    }
    for who, paths in pages.items():
        browser = house.browser(getattr(house.cast, who))
        for path in paths:
            answer = browser.get(path)
            assert answer.status_code == 200, (path, answer.text)
            harmless(answer.text, path)


def harmless(text: str, path: str) -> None:
    """No element and no attribute came out of words; what stands there is the words themselves."""
    elements = Elements(text).found
    assert {tag for tag, *_ in elements} & {"iframe", "math", "mi", "img"} == set(), path
    assert [it for it in elements if any(name.startswith(("on", "hx-on", "autofocus")) for name in it[1:])] == [], path
    assert [it for it in elements if it[0] == "script" and "nonce" not in it] == [], path
    assert not re.search(r"\b49\b", text), path


def test_what_residents_read_is_words_too(house: House, said: dict[str, str]) -> None:
    for language in ("vi", "en"):
        answer = house.stranger_to_all().get(f"/n/{said['public']}?lang={language}")
        assert answer.status_code == 200
        harmless(answer.text, "/n")
        assert not any(tag == "script" for tag, *_ in Elements(answer.text).found)


def test_a_refusal_repeats_words_as_words(house: House) -> None:
    browser = house.browser(house.cast.clerk)
    for word in CORPUS:
        sent = {"title": word, "languages": "vi", "text-vi": word, "unit": word, "audience": f"u:{word}"}
        answer = browser.send("/announcements/new", "/announcements", sent)
        assert answer.status_code == 404
        harmless(answer.text, word)
        problem = house.program(house.cast.clerk).get(f"{PREFIX}/announcements/{word.replace('/', '')}")
        assert problem.headers["content-type"] == "application/problem+json"
        assert problem.headers["x-content-type-options"] == "nosniff"


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Blanks alone are no words: a form that is still empty offers texts to start from.
@given(
    words=st.text(alphabet=st.sampled_from("<>\"'&/= {}%$`abonclick-!\\\n"), min_size=1, max_size=60).filter(str.strip)
)
def test_no_words_change_what_a_form_is_made_of(house: House, words: str) -> None:
    browser = house.browser(house.cast.clerk)
    usual = {"languages": "vi", "do": "add", "add_language": "xx"}
    shapes = [
        Elements(browser.send("/announcements/new", "/announcements/again", usual | typed).text).found
        for typed in ({"title": "a", "text-vi": "a"}, {"title": words, "text-vi": words})
    ]
    assert shapes[0] == shapes[1]
