"""How loud and how long a sound file is (EBU R128)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from audio.errors import FfmpegFailed
from audio.ffmpeg import Input, ffmpeg
from audio.formats import HEAD, Format, sniff
from audio.programs import Done, Limits

SILENCE_LUFS = -70.0
"""What EBU R128 calls the loudness of nothing."""
_FILTERS = "aresample=48000,ebur128@whole=peak=true:framelog=verbose"
METER = ("-map", "0:a:0", "-ac", "1", "-af", _FILTERS, "-progress", "pipe:1", "-f", "null", "-")
"""The output of an ffmpeg that only measures."""
_SUMMARY = re.compile(r"(?P<name>\w+) @ \w+\] Summary:\s+Integrated loudness:\s+I:\s+(?P<lufs>\S+) LUFS")
_PEAK = re.compile(r"True peak:\s+Peak:\s+(\S+) dBFS")
_LENGTH = re.compile(rb"out_time_us=(\d+)")


@dataclass(frozen=True, slots=True)
class Loudness:
    """What was measured."""

    lufs: float
    """Integrated; -70 for silence."""
    true_peak: float
    """dBTP; -inf for digital silence."""
    ms: int


def loudness(path: Path, *, form: Format | None = None, limits: Limits | None = None) -> Loudness:
    """Measure any sound file we know; raise FfmpegFailed for another, NoFfmpeg, OverLimit."""
    known = form or sniff(_head(path))
    if known is None:
        raise FfmpegFailed(reason="not a sound file")
    done = ffmpeg(Input(known, path), METER, loglevel="info", limits=limits)
    return read_meter(done)


def read_meter(done: Done) -> Loudness:
    """Read what an ffmpeg with the output METER reported."""
    lufs, true_peak = _read(done.stderr)["whole"]
    return Loudness(lufs, true_peak, _length(done.stdout))


def unpack(source: Input, target: Path, limits: Limits | None = None) -> tuple[float, int]:
    """Decode the first sound of a file to a 48 kHz mono WAV file; return its loudness and length in ms."""
    meter = "aresample=48000,aformat=channel_layouts=mono,ebur128@whole=framelog=verbose,aformat=s16"
    output = ["-map", "0:a:0", "-map_metadata", "-1", "-af", meter, "-progress", "pipe:1", "-f", "wav"]
    done = ffmpeg(source, [*output, f"file:{target}"], loglevel="info", limits=limits)
    return _read(done.stderr)["whole"][0], _length(done.stdout)


def after_drives(path: Path, drives: Sequence[float], chain: str) -> list[float]:
    """Measure the loudness of a WAV file behind `chain` once for each drive in dB, in one pass."""
    count = len(drives)
    split = "".join(f"[in{n}]" for n in range(count))
    graph = [f"[0:a:0]aresample=48000,asplit={count}{split}"]
    graph += [
        f"[in{n}]volume={drive:.2f}dB,{chain},ebur128@d{n}=framelog=verbose[out{n}]" for n, drive in enumerate(drives)
    ]
    sinks = [word for n in range(count) for word in ("-map", f"[out{n}]", "-f", "null", "-")]
    done = ffmpeg(Input(Format("wav"), path), ["-filter_complex", ";".join(graph), *sinks], loglevel="info")
    found = _read(done.stderr)
    return [found[f"d{n}"][0] for n in range(count)]


def _read(log: str) -> dict[str, tuple[float, float]]:
    # ffmpeg opens every filter twice and reports the empty first one too; the last report counts.
    found = {}
    for report in log.split("[ebur128@"):
        if summary := _SUMMARY.match(report):
            peak = _PEAK.search(report)
            lufs = float(summary["lufs"])
            found[summary["name"]] = (
                max(SILENCE_LUFS, lufs),
                float(peak[1]) if peak else -math.inf,
            )
    if not found:
        raise FfmpegFailed(reason="ffmpeg measured nothing")
    return found


def _length(progress: bytes) -> int:
    times = _LENGTH.findall(progress)
    return round(int(times[-1]) / 1000) if times else 0


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)
