"""One thing the doctor looked at, in words: its own, or those of the alarm that the pages show for the same."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from firmware_config.alarms import alarm

_FILE = Path(__file__).with_name("doctor.toml")


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence, and what to do; the latter is empty where nothing is to be done."""

    says: str
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` names it for programs; `values` fill in the sentence, `detail` follows it."""

    what: str
    well: bool
    values: Mapping[str, object]
    detail: str = ""
    is_alarm: bool = False

    def words(self, language: str) -> Words:
        """What to tell a person."""
        if self.is_alarm:
            found = alarm(self.what)
            said = Words(found.says(language), found.cure(language))
        else:
            said = sentence(self.what, language, **self.values)
        return Words(f"{said.says} ({self.detail})" if self.detail else said.says, said.cure)


def well(what: str, **values: object) -> Finding:
    """Something that is as it should be."""
    return Finding(what, True, values)  # noqa: FBT003


def ill(what: str, **values: object) -> Finding:
    """Something that is not, in the doctor's own words."""
    return Finding(what, False, values)  # noqa: FBT003


def alarmed(code: str, detail: str = "") -> Finding:
    """Something that is not, in the words that the pages use."""
    return Finding(code, False, {}, detail, is_alarm=True)  # noqa: FBT003


def sentence(what: str, language: str, **values: object) -> Words:
    """One sentence of the doctor's."""
    return Words(*(text.format(**values) for text in sentences()[what][language]))


@cache
def sentences() -> Mapping[str, Mapping[str, list[str]]]:
    """All of them, by name and language."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
