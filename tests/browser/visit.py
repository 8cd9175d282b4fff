"""One person at one screen: looks at pages, has each judged by axe, and keeps pictures when asked to."""

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

import broadcaster.web
from broadcaster.services.actor import Actor
from tests.web.house import House

AXE = Path(broadcaster.web.__file__).parent / "static" / "vendor" / "axe.min.js"
TOP = Path(__file__).parents[2]
# What README and docs show is kept; all others are only to be looked at.
KEPT = {"today-phone", "write-phone", "approve-phone", "board-phone", "board-desktop"}
KEPT |= {"unit-phone", "schedule-phone", "emergency-send-phone", "annex-desktop"}
HIGHEST = 1_900
"""Pixels of a page that a picture shows; the rest of a long one tells nothing more."""
SIZES = {"phone": (390, 844), "desktop": (1280, 900), "dark": (390, 844)}


class Visit:
    """A browser window, by default a phone's, in which this person has signed in by their link."""

    def __init__(
        self, chromium: Browser, served: tuple[House, str], person: Actor, *, size: str = "phone", scripts: bool = True
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
        )
        self.page: Page = self._context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda line: self.errors.append(line.text) if "Content Security" in line.text else None)
        self.page.goto(f"{self.url}/sign-in/{self.house.link(person)}")
        self.page.get_by_role("button", name="Đăng nhập").click()

    def go(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

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
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "axe.run({resultTypes: ['violations'], "
            "runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})"
        )
        breaches = [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found["violations"]]
        assert breaches == [], (name, breaches)
        assert self.page.evaluate("document.documentElement.scrollWidth") <= SIZES[self._size][0], name
        assert self.page.evaluate(SMALL_TARGETS) == [], name
        assert self.errors == [], name
        if os.environ.get("LOA_PICTURES"):
            self._picture(f"{name}-{self._size}")

    def _picture(self, name: str) -> None:
        folder = TOP / "docs" / "pictures" if name in KEPT else TOP / "var" / "pictures"
        folder.mkdir(parents=True, exist_ok=True)
        width, height = SIZES[self._size]
        whole = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.mouse.move(0, 0)
        # What is fixed to the screen's edge would lie across the middle of a picture of the whole page.
        shown = min(max(height, whole), HIGHEST)
        self.page.set_viewport_size({"width": width, "height": shown})
        self.page.screenshot(path=folder / f"{name}.png", animations="disabled")
        self.page.set_viewport_size({"width": width, "height": height})

    def close(self) -> None:
        self._context.close()


SMALL_TARGETS = """() => [...document.querySelectorAll('button, .btn, nav a, select, input:not([type=hidden])')]
  .filter((e) => e.checkVisibility() && !['checkbox', 'radio'].includes(e.type))
  .filter((e) => e.getBoundingClientRect().height < 44)
  .map((e) => e.outerHTML.slice(0, 120))"""
