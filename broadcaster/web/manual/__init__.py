"""The manual: short task pages, one text file each, in every language of the console.

A file begins with `pages:`, the addresses it helps with (`*` is any one part), and perhaps `picture:`; then, after
`== vi` and so on, the title, `words:` people may search for, sentences, steps after `- ` and a warning after `! `.
`[[Approve]]` is what the console itself calls it, by the message's English id.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from broadcaster.domain.words import plain

FOLDER = Path(__file__).parent
PICTURES = FOLDER.parent / "static" / "manual"
LABEL = re.compile(r"\[\[(.+?)\]\]")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a line; those the console shows on its buttons stand out."""

    text: str
    label: bool = False


Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A task in one language."""

    title: str
    words: str
    before: tuple[Line, ...]
    steps: tuple[Line, ...]
    warnings: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """One thing somebody wants to do."""

    slug: str
    pages: tuple[tuple[str, ...], ...]
    picture: str
    texts: dict[str, Text]


def read(slug: str, written: str) -> Task:
    """One file of the manual. Raises KeyError, ValueError for what is not written as it should be."""
    head, *parts = re.split(r"^== (\w+)\n", written, flags=re.MULTILINE)
    facts = dict(line.split(": ", 1) for line in head.strip().splitlines())
    pages = tuple(tuple(page.strip("/").split("/")) for page in facts["pages"].split())
    texts = {language: _text(body) for language, body in zip(parts[::2], parts[1::2], strict=True)}
    return Task(slug, pages, facts.get("picture", ""), texts)


def _text(body: str) -> Text:
    title, *lines = body.strip().splitlines()
    found: dict[str, list[str]] = {"- ": [], "! ": [], "words: ": [], "": []}
    for line in lines:
        mark = next(mark for mark in found if line.startswith(mark))
        found[mark].append(line.removeprefix(mark))
    before, steps, warnings = (tuple(map(_line, found[mark])) for mark in ("", "- ", "! "))
    return Text(title, " ".join(found["words: "]), before, steps, warnings)


def _line(text: str) -> Line:
    return tuple(Piece(part, label=at % 2 == 1) for at, part in enumerate(LABEL.split(text)) if part)


@cache
def tasks() -> dict[str, Task]:
    """Every task by its name, in the order of the files."""
    files = sorted(FOLDER.glob("*.txt"))
    slugs = {file: file.stem.partition("-")[2] for file in files}
    return {slug: read(slug, file.read_text(encoding="utf-8")) for file, slug in slugs.items()}


def find(wanted: str, language: str, say: Callable[[str], str]) -> list[Task]:
    """The tasks that hold every word wanted, however it is typed; those with all of them in the title first."""
    parts = plain(wanted).split()
    if not parts:
        return list(tasks().values())
    found = []
    for task in tasks().values():
        text = task.texts[language]
        body = plain(" ".join([text.title, text.words, *_said(text, say)]))
        if all(part in body for part in parts):
            found.append((not all(part in plain(text.title) for part in parts), task))
    return [task for _, task in sorted(found, key=lambda pair: pair[0])]


def _said(text: Text, say: Callable[[str], str]) -> Iterator[str]:
    for line in (*text.before, *text.steps, *text.warnings):
        yield from (say(it.text) if it.label else it.text for it in line)


@lru_cache(maxsize=2_000)
def fitting(path: str) -> str:
    """The name of the task that fits a page best; "" where none does."""
    parts = path.strip("/").split("/")
    best = max(((_fit(page, parts), task.slug) for task in tasks().values() for page in task.pages), default=None)
    return best[1] if best and best[0] > (0, 0) else ""


def _fit(page: tuple[str, ...], parts: list[str]) -> tuple[int, int]:
    """How many parts agree, and how many of them by their very name; nothing if one does not."""
    known = page if page != ("",) else ()
    if len(known) > len(parts) or any(name not in {"*", part} for name, part in zip(known, parts, strict=False)):
        return 0, 0
    if not known:
        return (1, 1) if parts == [""] else (0, 0)
    return len(known), sum(name != "*" for name in known)
