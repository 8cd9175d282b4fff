"""One person at one screen: looks at pages, has each judged by axe, and keeps pictures when asked to."""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

import broadcaster.web
from broadcaster.services.actor import Actor
from broadcaster.web import manual
from tests.web.house import House

AXE = Path(broadcaster.web.__file__).parent / "static" / "vendor" / "axe.min.js"
TOP = Path(__file__).parents[2]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What README and docs show is kept; all others are only to be looked at.
KEPT = {"today-phone", "board-desktop", "unit-phone", "schedule-phone", "emergency-send-phone", "annex-desktop"}
EVERY_PAGE = "page-"
"""How the names of the pictures of every page begin."""
NARROW = ((320, 700), (640, 450))
"""The smallest phone, and a desk's 1280 pixels at 200 %."""
SIZES = {"phone": (390, 844), "desktop": (1280, 900), "dark": (390, 844)}


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a picture is kept, and how large."""

    folder: Path
    highest: int = 1_900
    """Pixels of a page that are shown; the rest of a long one tells nothing more."""
    scales: Mapping[str, float] = field(default_factory=dict)


DOCS, LOOKED_AT = Shelf(TOP / "docs" / "pictures"), Shelf(TOP / "var" / "pictures")
MANUAL = Shelf(manual.PICTURES, 1_000)
# They are many, so only the first screen is kept, and small.
EVERY = Shelf(DOCS.folder, 900, {"phone": 0.66, "desktop": 0.5})


def shelves(name: str) -> list[Shelf]:
    """What a picture is wanted for; at least to be looked at."""
    wanted = {task.picture for task in manual.tasks().values()}
    found = [MANUAL] if name in wanted else []
    if name in KEPT or name.startswith(EVERY_PAGE):
        found.append(EVERY if name.startswith(EVERY_PAGE) else DOCS)
    return found or [LOOKED_AT]


class Visit:
    """A browser window, by default a phone's, in which this person has signed in by their link."""

    def __init__(
        self,
        chromium: Browser,
        served: tuple[House, str],
        person: Actor | None,
        *,
        size: str = "phone",
        scripts: bool = True,
        worker: bool = False,
    ) -> None:
        self.house, self.url = served
        self._size = size
        width, height = SIZES[size]
        viewport: Any = {"width": width, "height": height}
        self._context = chromium.new_context(
            viewport=viewport,
            locale="vi-VN",
            permissions=["microphone"],
            color_scheme="light",
            reduced_motion="reduce",
            java_script_enabled=scripts,
            service_workers="allow" if worker else "block",
        )
        self.page: Page = self._context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda line: self.errors.append(line.text) if "Content Security" in line.text else None)
        if person:
            self.page.goto(f"{self.url}/sign-in/{self.house.link(person)}")
            self.page.get_by_role("button", name="Đăng nhập").click()

    def go(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

    def offline(self, *, lost: bool) -> None:
        """The network goes, or comes back."""
        self._context.set_offline(lost)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def resize(self, size: str) -> None:
        """Look at the same page on another screen, or in the dark."""
        width, height = SIZES[size]
        self._size = size
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme="dark" if size == "dark" else "light")

    def judge(self, name: str) -> None:
        """No breach of WCAG that axe can find, no sideways scrolling, no target too small; a picture when wanted."""
        assert self._breaches({"runOnly": TAGS}) == [], name
        self._fits(SIZES[self._size][0])
        small = self.page.evaluate(SMALL_TARGETS)
        assert small == [], (name, small)
        assert self.errors == [], (name, self.errors)
        self.picture(f"{name}-{self._size}")

    def squeeze(self, name: str) -> None:
        """On the narrowest phone, on a desk at 200 % zoom and in the dark nothing is cut off or lost."""
        for width, height in NARROW:
            self.page.set_viewport_size({"width": width, "height": height})
            self._fits(width)
        self.page.emulate_media(color_scheme="dark")
        assert self._breaches({"runOnly": {"type": "rule", "values": ["color-contrast"]}}) == [], (name, "dark")
        assert self.page.evaluate(OUT_OF_REACH) == [], name
        self.resize(self._size)

    def _fits(self, width: int) -> None:
        """Nothing lies beside the window; a busy machine lays a page out a while after it was narrowed."""
        # Asked by ourselves: the page's policy lets nothing poll inside of it.
        for _ in range(100):
            if self.page.evaluate("document.documentElement.scrollWidth") <= width:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError((self.page.url, width, self.page.evaluate(BESIDE)))

    def _breaches(self, options: dict[str, Any]) -> list[Any]:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("options => axe.run(options)", options | {"resultTypes": ["violations"]})
        return [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found["violations"]]

    def picture(self, name: str) -> None:
        """Kept where README, docs or the manual show it, else only to be looked at; nothing unless asked for."""
        if not os.environ.get("LOA_PICTURES"):
            return
        for shelf in shelves(name):
            self._picture(shelf, name)

    def _picture(self, shelf: Shelf, name: str) -> None:
        shelf.folder.mkdir(parents=True, exist_ok=True)
        width, height = SIZES[self._size]
        whole = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.mouse.move(0, 0)
        self.page.evaluate("scrollTo(0, 0)")
        # What is fixed to the screen's edge would lie across the middle of a picture of the whole page.
        shown = min(max(height, whole), shelf.highest)
        self.page.set_viewport_size({"width": width, "height": shown})
        scale = shelf.scales.get(self._size, 1)
        clip = {"x": 0, "y": 0, "width": width, "height": shown, "scale": scale}
        wanted = {"format": "webp", "quality": 45, "clip": clip}
        taken = self._context.new_cdp_session(self.page).send("Page.captureScreenshot", wanted)
        (shelf.folder / f"{name}.webp").write_bytes(base64.b64decode(taken["data"]))
        self.page.set_viewport_size({"width": width, "height": height})

    def close(self) -> None:
        self._context.close()


# A link within a sentence is as high as its line; whatever stands alone is wide and high enough for a thumb.
SMALL_TARGETS = """() =>
  [...document.querySelectorAll('a[href], button, summary, select, textarea, input:not([type=hidden])')]
  .filter((e) => e.checkVisibility() && !e.closest('.skip') && e.getBoundingClientRect().right > 0)
  .map((e) => ['checkbox', 'radio'].includes(e.type) ? e.closest('label') || e.labels[0] || e : e)
  .filter((e) => Math.min(e.getBoundingClientRect().height, e.getBoundingClientRect().width) < 47.5)
  .filter((e) => getComputedStyle(e).display !== 'inline' || e.parentNode.textContent.trim() === e.textContent.trim())
  .map((e) => e.outerHTML.slice(0, 120))"""

BESIDE = """() =>
  [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth)
  .map((e) => e.outerHTML.slice(0, 160))"""
# What is pressed must be reached by the Tab key too.
OUT_OF_REACH = """() =>
  [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [hx-get], [hx-post]')]
  .filter((e) => e.checkVisibility() && !e.disabled && e.type !== 'hidden')
  .filter((e) => e.tabIndex < 0 && !/load|sse|every|input|change|toggle/.test(e.getAttribute('hx-trigger') || ''))
  .filter((e) => !e.matches('form'))
  .map((e) => e.outerHTML.slice(0, 120))"""
