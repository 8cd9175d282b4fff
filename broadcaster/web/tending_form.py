"""The form of a loudspeaker's settings: as it is filled, as it was typed, and what that asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broadcaster.domain.tending import MB, Care, clock, minute_of
from broadcaster.web.asking import Posted
from firmware_config.protocol import Klass

LANGUAGES_ASKED = 4
CLASSES = tuple(klass.value for klass in Klass)


@dataclass(frozen=True, slots=True)
class TendingForm:
    """What stands in the fields."""

    volume_max: str
    volumes: Mapping[str, str]
    """Class → what was typed; empty = as loud as `volume_max`."""
    languages: tuple[str, ...]
    sink: str
    lead_ms: str
    tail_ms: str
    month: str
    """Megabytes; empty = any amount."""
    test_day: str
    test_at: str
    test_silent: bool
    ahead_days: str

    def asked(self) -> dict[str, Any]:
        """By the names of `Care`, still to be checked. Raises BadTestTime."""
        megabytes = _number(self.month or "0")
        return {
            "volume_max": _number(self.volume_max),
            "volumes": {klass: _number(text) for klass, text in self.volumes.items() if text},
            "languages": [tag for tag in self.languages if tag],
            "sink": self.sink,
            "lead_ms": _number(self.lead_ms),
            "tail_ms": _number(self.tail_ms),
            "month_bytes": megabytes * MB if isinstance(megabytes, int) else megabytes,
            "test_day": _number(self.test_day),
            "test_minute": minute_of(self.test_at),
            "test_silent": self.test_silent,
        }

    @property
    def days(self) -> int:
        """How many days ahead it is told; 0 for what is no number."""
        found = _number(self.ahead_days)
        return found if isinstance(found, int) else 0


def filled(care: Care, ahead_days: int) -> TendingForm:
    """The form as things stand."""
    return TendingForm(
        volume_max=str(care.volume_max),
        volumes={klass: str(care.volumes[klass]) if klass in care.volumes else "" for klass in CLASSES},
        languages=care.languages,
        sink=care.sink,
        lead_ms=str(care.lead_ms),
        tail_ms=str(care.tail_ms),
        month=str(care.month_bytes // MB) if care.month_bytes else "",
        test_day=str(care.test_day),
        test_at=clock(care.test_minute),
        test_silent=care.test_silent,
        ahead_days=str(ahead_days),
    )


def posted(form: Posted) -> TendingForm:
    """The form as it was sent."""
    return TendingForm(
        volume_max=form.line("volume_max"),
        volumes={klass: form.line(f"volume-{klass}") for klass in CLASSES},
        languages=tuple(form.lines("languages")),
        sink=form.line("sink"),
        lead_ms=form.line("lead_ms"),
        tail_ms=form.line("tail_ms"),
        month=form.line("month"),
        test_day=form.line("test_day"),
        test_at=form.line("test_at"),
        test_silent=form.line("test_silent") != "chime",
        ahead_days=form.line("ahead_days"),
    )


def _number(text: str) -> int | str:
    """What is no number stays what it is, so that it is refused by its own words."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
