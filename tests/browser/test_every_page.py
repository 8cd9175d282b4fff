"""Every page of the table of rights, opened by one who may, on every screen; new pages are taken up by themselves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser

from broadcaster.domain.permissions import Role
from tests import cast
from tests.browser.conftest import listening
from tests.browser.test_a_unit import hang
from tests.browser.visit import EVERY_PAGE, Visit
from tests.databases import Server
from tests.web.every_page import PAGES, address
from tests.web.house import build
from tests.web.test_rights import Matrix

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@dataclass
class Tour:
    """The things pages are about, and everybody's window, opened when first needed."""

    matrix: Matrix
    chromium: Browser
    url: str
    visits: dict[str, Visit] = field(default_factory=dict)

    def visit(self, who: str) -> Visit:
        if who not in self.visits:
            person = None if who == "anonymous" else getattr(self.matrix.house.cast, who)
            self.visits[who] = Visit(self.chromium, (self.matrix.house, self.url), person)
        return self.visits[who]


@pytest.fixture(scope="module")
def tour(chromium: Browser, sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    with sqlite_server.database() as database:
        house = build(database, tmp_path_factory.mktemp("tour"))
        hang(house)
        with database.transaction() as session:
            author, approver = (
                cast.person(session, f"{role}-xa-khac", "Người xã khác", {cast.OTHER_COMMUNE: [role]})
                for role in (Role.CLERK, Role.APPROVER)
            )
        with listening(house) as url:
            made = Tour(Matrix(house, author, approver), chromium, url)
            yield made
            for visit in made.visits.values():
                visit.close()


def name_of(path: str) -> str:
    """What its pictures are called."""
    words = re.sub(r"\{\w+\}", "one", path).strip("/").replace("/", "-")
    return EVERY_PAGE + (words or "today")


@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_fit_for_every_screen_and_every_hand(tour: Tour, path: str) -> None:
    row, who = PAGES[path]
    visit = tour.visit(who)
    place = address(path, tour.matrix.kept(row.thing, foreign=False))
    answer = visit.page.request.get(f"{tour.url}{place}")
    assert answer.status == 200, place
    if "<html" not in answer.text():
        return  # a piece of a page, or a file to be kept
    visit.resize("phone")
    visit.go(place)
    name = name_of(path)
    visit.judge(name)
    visit.squeeze(name)
    visit.resize("desktop")
    visit.picture(f"{name}-desktop")


@pytest.mark.parametrize("who", ["anonymous", "owner"])
def test_and_so_is_the_page_that_is_not_there(tour: Tour, who: str) -> None:
    visit = tour.visit(who)
    visit.resize("phone")
    visit.go("/khong-co")
    visit.judge(f"not-found-{who}")
    visit.squeeze(f"not-found-{who}")


def test_most_pages_are_opened() -> None:
    assert len(PAGES) >= 50
