"""How a loudspeaker is, as a calm list: each thing with its figure, and where it is ill a sentence with what to do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from broadcaster.services.places.health import Standing
from broadcaster.store.tables import Speaker
from broadcaster.web.labels import N_
from firmware_config.alarms import Alarm
from firmware_config.thresholds import THRESHOLDS, Threshold


@dataclass(frozen=True, slots=True)
class Fact:
    """One line; `text` is translated and then filled with `values`."""

    name: str
    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    at: datetime | None = None
    """A moment in place of the text."""
    alarms: tuple[Alarm, ...] = ()
    known: bool = True
    """Whether the loudspeaker has said anything of it yet."""


@dataclass(frozen=True, slots=True)
class HealthView:
    """What its page shows of its health."""

    facts: tuple[Fact, ...]
    measured_at: datetime | None
    other: tuple[Alarm, ...]
    """What is wrong beside the list."""

    @property
    def ill(self) -> int:
        """How many things are wrong."""
        return len(self.other) + sum(len(fact.alarms) for fact in self.facts)


CLOCK = {
    "trusted": N_("right"),
    "holdover": N_("goes on by itself since it was last set"),
    "untrusted": N_("not known"),
}
Figures = Mapping[str, int | bool]
Line = tuple[str, tuple[str, ...], Callable[[Figures], tuple[str, Mapping[str, object]] | None]]


def _number(figure: str, text: str) -> Callable[[Figures], tuple[str, Mapping[str, object]] | None]:
    return lambda found: (text, {"n": found[figure]}) if figure in found else None


def _megabytes(figure: str) -> Callable[[Figures], tuple[str, Mapping[str, object]] | None]:
    def shown(found: Figures) -> tuple[str, Mapping[str, object]] | None:
        if figure not in found:
            return None
        free = found[figure]
        return (N_("{n} GB free"), {"n": free // 1000}) if free >= 10_000 else (N_("{n} MB free"), {"n": free})

    return shown


def _power(found: Figures) -> tuple[str, Mapping[str, object]] | None:
    if "under_voltage" not in found:
        return None
    if found["under_voltage"]:
        return N_("too weak now"), {}
    return (N_("was too weak at times"), {}) if found.get("under_voltage_seen") else (N_("steady"), {})


def _amplifier(found: Figures) -> tuple[str, Mapping[str, object]] | None:
    if "amplifier" not in found:
        return None
    return (N_("switched on"), {}) if found["amplifier"] else (N_("switched off, as between announcements"), {})


def _card(found: Figures) -> tuple[str, Mapping[str, object]] | None:
    if found.get("read_only"):
        return N_("can only be read"), {}
    if found.get("disk_errors"):
        return N_("{n} errors"), {"n": found["disk_errors"]}
    if "worn_percent" in found:
        return N_("{n} % of its life used"), {"n": min(found["worn_percent"], 100)}
    return (N_("no errors"), {}) if "disk_errors" in found or "read_only" in found else None


def _data(found: Figures) -> tuple[str, Mapping[str, object]] | None:
    return (N_("{n} MB this month"), {"n": found["bytes_month"] // 1_000_000}) if "bytes_month" in found else None


LINES: Sequence[Line] = (
    (N_("Heat"), ("too_hot",), _number("centigrade", N_("{n} °C"))),
    (N_("Power supply"), ("under_voltage", "under_voltage_seen"), _power),
    (N_("Memory card"), ("disk_read_only", "disk_errors", "disk_worn"), _card),
    (N_("Room on the card"), ("disk_full", "disk_nearly_full", "cache_full"), _megabytes("free_disk_mb")),
    (N_("Working memory"), ("memory_low",), _megabytes("free_memory_mb")),
    (N_("Mobile signal"), ("signal_weak",), _number("signal_percent", N_("{n} %"))),
    (N_("Data used"), ("data_budget_spent",), _data),
    (N_("Amplifier"), ("relay_failed",), _amplifier),
)


BOUNDS = {
    "centigrade": N_("Heat: from {bound} °C, until it is back at {clear} °C"),
    "free_disk_mb": N_("Room on the card: {bound} MB or less, until {clear} MB are free"),
    "worn_percent": N_("Memory card: from {bound} % of its life used"),
    "disk_errors": N_("Memory card: from {bound} errors"),
    "free_memory_mb": N_("Working memory: {bound} MB or less, until {clear} MB are free"),
    "clock_offset_ms": N_("Clock: the board’s own {bound} s off or more, until {clear} s"),
    "signal_percent": N_("Mobile signal: {bound} % or less, until {clear} %"),
}
"""What is said of each bound; the rest is simply so or not."""


def bounds() -> list[tuple[str, Mapping[str, int]]]:
    """From which figures an alarm is raised, as the loudspeakers themselves decide it."""
    return [(BOUNDS[one.figure], _shown(one)) for one in THRESHOLDS if one.figure in BOUNDS]


def _shown(one: Threshold) -> Mapping[str, int]:
    unit = 1_000 if one.figure.endswith("_ms") else 1
    return {"bound": one.bound // unit, "clear": one.clear // unit}


def health_view(speaker: Speaker, standing: Standing) -> HealthView:
    """The list for one loudspeaker; what its board cannot tell has no line unless something is wrong with it."""
    wrong = {one.code: one for one in standing.alarms}

    def taken(codes: Sequence[str]) -> tuple[Alarm, ...]:
        return tuple(wrong.pop(code) for code in codes if code in wrong)

    facts = [
        _moment(N_("Last heard from"), N_("never"), speaker.last_seen_at, taken(["out_of_reach"])),
        _clock(speaker, taken(["clock_unknown", "clock_wrong"])),
        _moment(N_("Self-test"), N_("none yet"), speaker.tested_at, taken(["tests_missed"])),
    ]
    for name, codes, shown in LINES:
        said, alarms = shown(speaker.health), taken(codes)
        if said is not None or alarms:
            text, values = said or ("", {})
            facts.append(Fact(name, text, values, alarms=alarms))
    facts.append(_records(speaker, taken(["broken_chain", "journal_lost"])))
    if speaker.cache_bytes is not None:
        facts.append(Fact(N_("Sounds kept ready"), N_("{n} MB"), {"n": round(speaker.cache_bytes / 1e6)}))
    if speaker.agent:
        facts.append(Fact(N_("Software"), "{n}", {"n": speaker.agent}))
    return HealthView(tuple(facts), speaker.health_at or speaker.state_at, tuple(wrong.values()))


def _moment(name: str, never: str, at: datetime | None, alarms: tuple[Alarm, ...]) -> Fact:
    return Fact(name, never, at=at, alarms=alarms, known=at is not None)


def _clock(speaker: Speaker, alarms: tuple[Alarm, ...]) -> Fact:
    offset = speaker.health.get("clock_offset_ms")
    text = CLOCK.get(speaker.clock or "")
    if isinstance(offset, int) and abs(offset) >= 1000:
        return Fact(N_("Clock"), N_("the board’s own is off by {n} s"), {"n": abs(offset) // 1000}, alarms=alarms)
    return Fact(N_("Clock"), text or N_("not known yet"), alarms=alarms, known=text is not None)


def _records(speaker: Speaker, alarms: tuple[Alarm, ...]) -> Fact:
    if speaker.chain_problem == "gap":
        return Fact(N_("Records"), N_("some are still on their way"), alarms=alarms)
    if alarms or not speaker.receipts_through:
        return Fact(N_("Records"), N_("none yet") if not alarms else "", alarms=alarms, known=bool(alarms))
    return Fact(N_("Records"), N_("whole, {n} lines"), {"n": speaker.receipts_through}, alarms=alarms)
