"""From approval to the first frame at a real speaker, and the API under a steady pace; both against bare programs."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from audio.clip import clip_path
from bench.figures import Figure, at_most
from bench.system import PATIENCE, System, system
from broadcaster.demo import commune
from broadcaster.demo.commune import COMMUNE
from broadcaster.demo.phones import Phone, approve, give

TEXT = "Đây là bản tin thử loa của xã."
KINDS = ("emergency", "correction", "normal")
SLOTS = {"place": "xã", "time": "từ bây giờ", "action": TEXT}
BEGINS = {"emergency": "send", "correction": "tap", "normal": "approve"}
RATE = 50
FIRST_FRAME = 1_920
"""Bytes of 20 ms at 48 kHz, mono, 16 bit."""
LOSSES = frozenset({"missed", "refused", "partial"})


@dataclass(frozen=True, slots=True)
class Played:
    """One announcement, milliseconds since its approver asked to approve it, or since an alert or its correction was
    asked for with one tap."""

    airing: str
    answered: float
    armed: float
    sounding: float
    decoder: float
    """What a bare ffmpeg took for the first frame of the same clip, right afterwards."""


def percentile(values: Sequence[float], share: int) -> float:
    """The value that `share` per cent of all do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


def run(quick: bool = False) -> list[Figure]:
    """The figures of both parts, in one system."""
    count, seconds = (10, 5) if quick else (100, 20)
    with system() as place:
        phones = give(place.ground, commune.CLERK), give(place.ground, commune.APPROVER)
        alerts = [alarm(place, phones) for _ in range(count + 1)]
        rounds = {
            "emergency": [sent for sent, _ in alerts],
            "correction": [called for _, called in alerts],
            "normal": [play(place, "normal", number) for number in range(count + 1)],
        }
        figures = [figure for kind in KINDS for figure in first_frames(kind, rounds[kind][1:])]
        return [
            *figures,
            slower(rounds["correction"][1:], rounds["emergency"][1:]),
            *api(place, rounds["normal"][-1].airing, seconds),
        ]


def play(place: System, klass: str, number: int) -> Played:
    """Write, submit, approve and air one; wait for its first frame; stop it. Its clip is in the cache after the first.

    Raises TimeoutError, or RuntimeError when the speaker did not play it.
    """
    draft = place.clerk.post("/announcements", place.draft(f"Thử loa {klass} {number}", TEXT, klass))
    submitted = place.clerk.post(f"/announcements/{draft['id']}/submit")
    begun = time.time()
    place.approver.post(f"/announcements/{draft['id']}/approve", {"content_sha256": submitted["content_sha256"]})
    airing = str(place.approver.post("/airings", {"announcement": draft["id"], "now": True})["id"])
    answered = time.time()
    armed, sounding = _started(place, airing)
    place.approver.post(f"/airings/{airing}/stop", {"reason": "Đo xong"})
    place.household.wait_until(lambda: _over(place, airing), "the end of an airing", PATIENCE)
    decoder = _bare_decoder(place, str(submitted["versions"][0]["clip_sha256"]))
    answered, armed, sounding = (1000 * (moment - begun) for moment in (answered, armed, sounding))
    return Played(airing, answered, armed, sounding, decoder)


def alarm(place: System, phones: tuple[Phone, Phone]) -> tuple[Played, Played]:
    """Write and approve an alert, wait until its correction is on the speaker, send it, then correct it by one tap."""
    body = {"hazard": "fire", "level": 3, "unit": COMMUNE, "slots": {"vi": SLOTS}, "repeat": 1}
    audience = [{"kind": "speaker", "ref": place.speaker.id}]
    draft = str(place.clerk.post("/emergencies", body | {"audience": audience})["id"])
    approved = approve(place.clerk, place.approver, draft, phones=phones)
    place.household.wait_until(lambda: _stored(place, draft), "the correction on the speaker", PATIENCE)
    [version] = approved["versions"]
    bare = _bare_decoder(place, str(version["clip_sha256"]))
    sent = _timed(place, f"/emergencies/{draft}/send", {"place": "Xã Yên Châu"}, bare)
    called = _timed(place, f"/emergencies/{draft}/correction", None, bare)
    place.approver.post(f"/airings/{called.airing}/stop", {"reason": "Đo xong"})
    place.household.wait_until(lambda: _over(place, called.airing), "the end of an airing", PATIENCE)
    return sent, called


def _stored(place: System, draft: str) -> bool:
    return bool(place.clerk.get(f"/emergencies/{draft}")["stored"])


def _timed(place: System, path: str, body: dict[str, Any] | None, decoder: float) -> Played:
    begun = time.time()
    airing = str(place.approver.post(path, body)["id"])
    answered = time.time()
    armed, sounding = _started(place, airing)
    answered, armed, sounding = (1000 * (moment - begun) for moment in (answered, armed, sounding))
    return Played(airing, answered, armed, sounding, decoder)


def slower(called: Sequence[Played], sent: Sequence[Played]) -> Figure:
    """From tap to first sound, a correction against its alert."""
    one, other = (statistics.median(each.sounding for each in played) for played in (called, sent))
    return Figure("correction against emergency, tap → first frame, p50", one / other, "×")


def _started(place: System, airing: str) -> tuple[float, float]:
    """When the speaker says it was armed and sounding, by the clock of this machine."""
    place.household.wait_until(lambda: _told(place, airing), "the first frame", PATIENCE)
    found = place.delivery(airing)
    if found.started_at is None or found.armed_at is None:
        raise RuntimeError(f"the speaker did not play {airing}: {found.state} {found.reason}")
    return found.armed_at.timestamp(), found.started_at.timestamp()


def _told(place: System, airing: str) -> bool:
    found = place.delivery(airing)
    return found.started_at is not None or found.state in LOSSES


def _over(place: System, airing: str) -> bool:
    found = place.delivery(airing)
    return found.ended_at is not None or found.finished_at is not None


def _bare_decoder(place: System, sha256: str) -> float:
    path = clip_path(place.ground.home.clips, sha256)
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-threads", "1", "-f", "ogg", "-i", str(path)]
    begun = time.perf_counter()
    with subprocess.Popen([*argv, "-ac", "1", "-ar", "48000", "-f", "s16le", "pipe:1"], stdout=subprocess.PIPE) as bare:
        assert bare.stdout is not None
        bare.stdout.read(FIRST_FRAME)
        spent = time.perf_counter() - begun
        bare.kill()
    return spent * 1000


def first_frames(klass: str, played: Sequence[Played]) -> list[Figure]:
    """What a hundred announcements of one class took."""
    sounding = [one.sounding for one in played]
    median = statistics.median(sounding)
    steps = {
        "requests answered": statistics.median(one.answered for one in played),
        "armed at the speaker": statistics.median(one.armed for one in played),
    }
    return [
        Figure(f"{klass}: {BEGINS[klass]} → first frame, p50 of {len(played)}", median, "ms"),
        Figure("… p99", percentile(sounding, 99), "ms"),
        *(Figure(f"… {step} after, p50", value, "ms") for step, value in steps.items()),
        Figure("… against bare ffmpeg's first frame", median / statistics.median(o.decoder for o in played), "×"),
    ]


def api(place: System, airing: str, seconds: int) -> list[Figure]:
    """The API at a steady pace, in turns with /healthz at the same pace."""
    arguments = [place.url, str(place.service.pid), airing, json.dumps(place.draft("Bản nháp", TEXT, "normal"))]
    generator = subprocess.run(
        [sys.executable, "-m", "bench.open_loop", *arguments, f"--rate={RATE}", f"--seconds={seconds}"],
        env=os.environ | {"LOA_BENCH_TOKEN": place.token},
        capture_output=True,
        check=True,
        timeout=10 * seconds + 60,
    )
    told = json.loads(generator.stdout)
    mix, bare = told["mix"], told["healthz"]
    taken, least = _milliseconds(mix["answers"]), _milliseconds(bare["answers"])
    writing = _milliseconds([one for one in mix["answers"] if one["kind"] == "write"])
    failed = sum(not one["well"] for one in [*mix["answers"], *bare["answers"]])
    return [
        Figure(f"API at {RATE} requests/s, p50 of {len(taken)}", statistics.median(taken), "ms"),
        Figure("… p99", percentile(taken, 99), "ms"),
        Figure("… p99 of those that write", percentile(writing, 99), "ms"),
        Figure("… p50 against /healthz at the same pace", statistics.median(taken) / statistics.median(least), "×"),
        Figure("… p99 against /healthz at the same pace", percentile(taken, 99) / percentile(least, 99), "×"),
        Figure("… processor time of the service for each", 1000 * mix["busy"] / len(taken), "ms"),
        Figure("… against /healthz", mix["busy"] / bare["busy"], "×"),
        at_most("… requests that failed", failed, f"of {len(taken) + len(least)}", 0),
    ]


def _milliseconds(answers: Sequence[dict[str, Any]]) -> list[float]:
    return [1000 * one["seconds"] for one in answers]
