"""Every text people may read, gathered from where it is written."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir

import broadcaster.web
from broadcaster.domain.errors import message_ids
from broadcaster.web import problems

FOLDER = Path(broadcaster.web.__file__).parent
WAYS = [("templates/**.html", "jinja2.ext.babel_extract"), ("**.py", "python")]
KEYWORDS = {"_": None, "N_": None}


def in_source() -> Iterator[str]:
    """From templates and from `N_` in Python."""
    for _, _, message, _, _ in extract_from_dir(FOLDER, WAYS, keywords=KEYWORDS):
        yield message if isinstance(message, str) else message[0]


def everything() -> set[str]:
    """What each catalogue must hold; importing the web's own refusals makes them known."""
    assert problems.BadFields.code
    return {*in_source(), *message_ids(), "today", "tomorrow", "yesterday"}
