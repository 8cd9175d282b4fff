"""The page for developers shows every piece there is: one that is not on it is judged by no test."""

import re

import pytest

from broadcaster.web.render import TEMPLATES
from tests.web.house import House

pytestmark = pytest.mark.pages
PIECES = ("_parts.html", "_tiles.html", "_figures.html", "_second.html")
CONTROLS = ("btn-primary", "btn-outline-secondary", "btn-danger", "form-select", "form-control", "choice", "level-5")


@pytest.mark.parametrize("file", PIECES)
def test_every_piece_is_on_it(file: str) -> None:
    made = re.findall(r"{% macro (\w+)\(", (TEMPLATES / file).read_text(encoding="utf-8"))
    shown = (TEMPLATES / "components.html").read_text(encoding="utf-8")
    assert [name for name in made if not re.search(rf"\b(parts|tiles|figures|seconds)\.{name}\(", shown)] == []


def test_every_icon_and_every_control_is_on_it(house: House) -> None:
    page = house.stranger_to_all().get("/dev/components").text
    icons = (TEMPLATES / "_icons.html").read_text(encoding="utf-8")
    assert [name for name in re.findall(r'^  "(\w+)":', icons, re.MULTILINE) if f'title="{name}"' not in page] == []
    assert [name for name in CONTROLS if name not in page] == []
    for state in ("disabled", 'aria-invalid="true"', "checked", 'aria-current="page"', "required"):
        assert state in page
