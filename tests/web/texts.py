"""Every text people may read, from where it is written; run as a program it brings the catalogues up to date."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

import broadcaster.web
from broadcaster.domain.errors import message_ids
from broadcaster.web import problems
from broadcaster.web.i18n import LANGUAGES, catalogue, po_file

FOLDER = Path(broadcaster.web.__file__).parent
WAYS = [("templates/**.html", "jinja2.ext.babel_extract"), ("**.py", "python")]
KEYWORDS = {"_": None, "N_": None}
HEAD = "# The words people read; python -m tests.web.texts adds what is new, untranslated, and drops what is gone."
# What changes whenever the file is written, or repeats what git knows.
UNWANTED = ('"POT-', '"PO-', '"Last-Translator', '"Language-Team', '"Generated', '"Report-Msgid')


def in_source() -> Iterator[str]:
    """From templates and from `N_` in Python."""
    for _, _, message, _, _ in extract_from_dir(FOLDER, WAYS, keywords=KEYWORDS):
        yield message if isinstance(message, str) else message[0]


def everything() -> set[str]:
    """What each catalogue must hold; importing the web's own refusals makes them known."""
    assert problems.BadFields.code
    return {*in_source(), *message_ids(), "today", "tomorrow", "yesterday"}


def updated(language: str) -> str:
    """The catalogue of one language as its file should be."""
    known = {str(message.id): message.string for message in catalogue(language) if message.id}
    fresh = Catalog(locale=language, project="loa-lang", version="0.5.0", fuzzy=False)
    fresh.header_comment = HEAD
    for text in sorted(everything()):
        fresh.add(text, known.get(text) or (text if language == "en" else ""))
    written = BytesIO()
    write_po(written, fresh, width=0)
    lines = [line for line in written.getvalue().decode().splitlines() if not line.startswith(UNWANTED)]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    for each in LANGUAGES:
        po_file(each).write_text(updated(each), encoding="utf-8")
