"""T07: a day on a mobile line. Speaker and service in namespaces of their own, our line between them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.ground.namespaces import Line, line
from bench.faults.ground.wire import MOBILE
from bench.faults.stage import Setting, Stage, must, stage, until
from bench.faults.verdict import all_ended, judge
from broadcaster.demo import commune
from broadcaster.demo.commune import COMMUNE
from broadcaster.demo.phones import Phone, give
from broadcaster.store.tables import Delivery

WHOLE_S = 1_800.0
EMERGENCY_EACH, HEARD_EACH = 5, 4
SLOTS = {"place": "xã", "time": "từ bây giờ", "action": "Mời bà con lên chỗ cao."}
STORED_P95_S, STORED_P99_S, SOUND_P95_S = 5.0, 15.0, 8.0


@dataclass(slots=True)
class Asked:
    """What was put on air, and when: approved, or sent with one tap."""

    normal: dict[str, float] = field(default_factory=dict)
    approved: dict[str, float] = field(default_factory=dict)
    """Emergencies by the moment of their approval."""
    to_hear: set[str] = field(default_factory=set)
    """Those that are not stopped once they are stored."""
    sent: dict[str, float] = field(default_factory=dict)

    @property
    def airings(self) -> list[str]:
        """All of it."""
        return [*self.normal, *self.sent]


def run(scale: Scale) -> Outcome:
    """Announcements one after another for the whole time, every fifth an emergency."""
    seconds = max(45.0, WHOLE_S * scale.share)
    with ExitStack() as stack:
        wire = stack.enter_context(line(MOBILE, seed=scale.seed))
        stack.enter_context(wire.center.entered())
        setting = Setting(address=wire.address, prefix=wire.village.prefix)
        place = stack.enter_context(stage(scale.folder, setting))
        asked = _speak(place, seconds)
        until(lambda: all_ended(place, asked.airings), 90.0)
        return _judged(place, wire, asked)


def _speak(place: Stage, seconds: float) -> Asked:
    phones = give(place.ground, commune.CLERK), give(place.ground, commune.APPROVER)
    asked, end, number = Asked(), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        number += 1
        progress(f"T07 {number} announcements, {end - time.monotonic():.0f} s left")
        if number % EMERGENCY_EACH:
            _normal(place, asked, number)
        else:
            _emergency(place, asked, phones)
    return asked


def _normal(place: Stage, asked: Asked, number: int) -> None:
    written = place.clerk.post("/announcements", _draft(place, number))
    submitted = place.clerk.post(f"/announcements/{written['id']}/submit")
    begun = time.time()
    content = {"content_sha256": submitted["content_sha256"]}
    place.approver.post(f"/announcements/{written['id']}/approve", content)
    airing = place.aired(written["id"])
    asked.normal[airing] = begun
    until(lambda: _reached(place, airing, "stored_at"), 30.0)
    if number % HEARD_EACH:
        # Each takes a quarter of a minute to be heard: what waited for all of them would measure little else.
        place.approver.post(f"/airings/{airing}/stop", {"reason": "Đo xong"})
    else:
        asked.to_hear.add(airing)


def _emergency(place: Stage, asked: Asked, phones: tuple[Phone, Phone]) -> None:
    audience = [{"kind": "speaker", "ref": one.id} for one in place.speakers]
    body = {"hazard": "fire", "level": 3, "unit": COMMUNE, "slots": {"vi": SLOTS}, "repeat": 1, "audience": audience}
    draft = str(place.clerk.post("/emergencies", body)["id"])
    submitted = place.clerk.post(f"/announcements/{draft}/submit", {"second_factor": phones[0].factor()})
    begun = time.time()
    body = {"content_sha256": submitted["content_sha256"], "second_factor": phones[1].factor()}
    place.approver.post(f"/announcements/{draft}/approve", body)
    # An alert leaves only when its correction lies ready on the speakers: that time counts too.
    must("the correction on the speaker", lambda: bool(place.clerk.get(f"/emergencies/{draft}")["stored"]), 60.0)
    tapped = time.time()
    airing = str(place.approver.post(f"/emergencies/{draft}/send", {"place": "Xã Yên Châu"})["id"])
    asked.approved[airing], asked.sent[airing] = begun, tapped
    until(lambda: _reached(place, airing, "started_at"), 60.0)
    # A minute of siren each time would leave few of them to measure.
    place.approver.post(f"/airings/{airing}/stop", {"reason": "Đo xong"})


def _draft(place: Stage, number: int) -> dict[str, object]:
    return {
        "title": f"Thông báo {number}",
        "class": "normal",
        "unit": COMMUNE,
        # Words of its own each time: a clip that is on the speaker already would cross no line.
        "versions": [{"language": "vi", "text": f"Mời bà con họp lần thứ {number}."}],
        "audience": [{"kind": "speaker", "ref": one.id} for one in place.speakers],
    }


def _reached(place: Stage, airing: str, moment: str) -> bool:
    return any(getattr(row, moment) is not None for row in _rows(place, airing))


def _rows(place: Stage, airing: str) -> list[Delivery]:
    with place.ground.database.read() as session:
        return [row for one in place.speakers if (row := session.get(Delivery, (airing, one.id)))]


def _judged(place: Stage, wire: Line, asked: Asked) -> Outcome:
    stored = _spent(place, asked.normal, "stored_at")
    tapped, approved = (_spent(place, one, "started_at") for one in (asked.sent, asked.approved))
    verdict = judge(place, asked.airings)
    missing = len(asked.normal) - len(stored) + len(asked.sent) - len(tapped)
    lost = missing + len(asked.to_hear) - judge(place, asked.to_hear).heard
    p95, p99 = percentile(stored, 95), percentile(stored, 99)
    sound, whole = percentile(tapped, 95), percentile(approved, 95)
    in_time = p95 <= STORED_P95_S and p99 <= STORED_P99_S and sound <= SOUND_P95_S
    figure = (
        f"stored p95 {p95:.1f} s, p99 {p99:.1f} s of {len(stored)}; emergency's first sound p95 {sound:.1f} s after "
        f"the tap, {whole:.1f} s after its approval, of {len(tapped)}; {lost} lost"
    )
    lanes = ", ".join(
        f"{name}: {one.carried} carried ({one.bytes_carried // 1000} kB), {one.lost} lost"
        for name, one in (("up", wire.up), ("down", wire.down))
    )
    return Outcome(in_time and verdict.clean and lost == 0, figure, f"{verdict.words}\n{lanes}")


def _spent(place: Stage, asked: dict[str, float], moment: str) -> list[float]:
    found = [(getattr(row, moment), begun) for airing, begun in asked.items() for row in _rows(place, airing)]
    return [at.timestamp() - begun for at, begun in found if at is not None]


def percentile(values: Sequence[float], share: int) -> float:
    """The value that `share` per cent of all do not exceed; infinite when there is none."""
    if len(values) < 2:
        return max(values, default=float("inf"))
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


FAULT = Fault(
    number="T07",
    title="A mobile line: 60–100 ms each way, 5 % loss, 1 % doubled, 32 kB/s",
    criterion="approve → stored p95 ≤ 5 s, p99 ≤ 15 s; an emergency's tap → first sound p95 ≤ 8 s; 0 lost",
    run=run,
    needs=frozenset({"root", "tun"}),
)
