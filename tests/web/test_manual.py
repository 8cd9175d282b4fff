"""The manual: the same in every language, found without diacritics, one step from every page, its pictures there."""

import re

import pytest

from broadcaster.web import manual
from broadcaster.web.i18n import LANGUAGES, say
from tests.web.house import House
from tests.web.rights import TABLE
from tests.web.texts import everything

pytestmark = pytest.mark.pages
TASKS = manual.tasks()
MOST = 1_500_000
"""Bytes of all its pictures."""


@pytest.mark.parametrize("slug", TASKS)
def test_each_task_says_the_same_in_every_language(slug: str) -> None:
    texts = TASKS[slug].texts
    assert list(texts) == list(LANGUAGES)
    assert len({len(text.steps) for text in texts.values()}) == 1
    assert len({len(text.warnings) for text in texts.values()}) == 1
    shape = {tuple(sorted(labels(text))) for text in texts.values()}
    assert len(shape) == 1
    assert 3 <= len(texts["vi"].steps) <= 6


@pytest.mark.parametrize("slug", TASKS)
def test_what_it_calls_a_button_the_console_calls_it_too(slug: str) -> None:
    assert labels(TASKS[slug].texts["vi"]) <= everything()


@pytest.mark.parametrize("slug", [slug for slug, task in TASKS.items() if task.picture])
def test_its_picture_was_taken(slug: str) -> None:
    assert (manual.PICTURES / f"{TASKS[slug].picture}.webp").is_file()


def test_all_pictures_are_shown_and_small() -> None:
    taken = {file.stem: file.stat().st_size for file in manual.PICTURES.iterdir()}
    assert taken.keys() == {task.picture for task in TASKS.values() if task.picture}
    assert sum(taken.values()) < MOST


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("sua thong bao", "correct"),
        ("hủy khẩn", "call-back"),
        ("loa im", "silent-speaker"),
        ("them loa", "add-speaker"),
        ("GOP XA", "merge"),
        ("bao cao thang", "report"),
        ("ma hai buoc", "sign-in"),
        ("dien tap", "drill"),
    ],
)
def test_people_find_it_as_they_type(typed: str, first: str) -> None:
    assert manual.find(typed, "vi", lambda text: say("vi", text))[0].slug == first


@pytest.mark.parametrize("path", sorted({r.split()[1] for r in TABLE if r.startswith("GET ") and "/api/" not in r}))
def test_no_address_breaks_the_way_to_it(path: str) -> None:
    slug = manual.fitting(re.sub(r"\{\w+\}", "x1", path))
    assert slug in {"", *TASKS}


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("/", "write"),
        ("/announcements/new", "write"),
        ("/announcements/x1/approve", "approve"),
        ("/announcements/x1", "correct"),
        ("/units/x1/stop", "stop"),
        ("/units/x1", "merge"),
        ("/emergency/fire", "emergency"),
        ("/emergency/at/x1", "call-back"),
        ("/khong-co", ""),
    ],
)
def test_each_page_leads_to_the_task_that_fits_it(house: House, path: str, slug: str) -> None:
    assert manual.fitting(path) == slug
    page = house.browser(house.cast.owner).get(path).text
    assert f'class="help" href="/help/{slug}'.rstrip("/") + '"' in page


def test_it_is_read_before_signing_in_and_searched_in_the_page(house: House) -> None:
    stranger = house.stranger_to_all()
    found = stranger.get("/help?q=dang+nhap").text
    assert '<a class="tile" href="/help/sign-in">' in found
    assert '<a class="tile" href="/help/drill">' not in found
    assert "Chưa có hướng dẫn nào" in stranger.get("/help?q=xyzzy").text
    task = stranger.get("/help/sign-in").text
    assert "<b>Tài khoản của tôi</b>" in task
    assert stranger.get("/help/none").status_code == 404


def labels(text: manual.Text) -> set[str]:
    """What it calls by the name the console has for it."""
    return {it.text for line in (*text.before, *text.steps, *text.warnings) for it in line if it.label}
