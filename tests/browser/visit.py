"""One person at one screen: looks at pages, has each judged by axe, and keeps pictures when asked to."""

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

import broadcaster.web
from broadcaster.services.actor import Actor
from tests.web.house import House

AXE = Path(broadcaster.web.__file__).parent / "static" / "vendor" / "axe.min.js"
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SIZES = {"phone": (390, 844), "desktop": (1280, 900), "dark": (390, 844)}


class Visit:
    """A browser window, by default a phone's, in which this person has signed in by their link."""

    def __init__(self, chromium: Browser, served: tuple[House, str], person: Actor, *, size: str = "phone") -> None:
        self.house, self.url = served
        self._size = size
        width, height = SIZES[size]
        viewport: Any = {"width": width, "height": height}
        light: Any = "dark" if size == "dark" else "light"
        self._context = chromium.new_context(
            viewport=viewport, locale="vi-VN", permissions=["microphone"], color_scheme=light
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

    def judge(self, name: str) -> None:
        """No breach of WCAG that axe can find, no sideways scrolling, no target too small; a picture when wanted."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})")
        breaches = [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found["violations"]]
        assert breaches == [], (name, breaches)
        assert self.page.evaluate("document.documentElement.scrollWidth") <= SIZES[self._size][0], name
        assert self.page.evaluate(SMALL_TARGETS) == [], name
        assert self.errors == [], name
        if os.environ.get("LOA_PICTURES"):
            PICTURES.mkdir(parents=True, exist_ok=True)
            width, height = SIZES[self._size]
            whole = self.page.evaluate("document.documentElement.scrollHeight")
            # What is fixed to the screen's edge would lie across the middle of a picture of the whole page.
            self.page.set_viewport_size({"width": width, "height": max(height, whole)})
            self.page.screenshot(path=PICTURES / f"{name}-{self._size}.png", full_page=True)
            self.page.set_viewport_size({"width": width, "height": height})

    def close(self) -> None:
        self._context.close()


SMALL_TARGETS = """() => [...document.querySelectorAll('button, .btn, nav a, select, input:not([type=hidden])')]
  .filter((e) => e.checkVisibility() && !['checkbox', 'radio'].includes(e.type))
  .filter((e) => e.getBoundingClientRect().height < 44)
  .map((e) => e.outerHTML.slice(0, 120))"""
