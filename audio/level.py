"""Bring any sound to the loudness every clip has, and encode it: EBU R128 in two passes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from audio.disk import full_disk_named
from audio.errors import CannotLevel
from audio.ffmpeg import Input, ffmpeg_pair
from audio.formats import CLIP, Format
from audio.measure import METER, SILENCE_LUFS, Loudness, after_drives, read_meter

TARGET_LUFS = -16.0
WITHIN_LU = 0.4
HIGHEST_TRUE_PEAK = -1.5
ENCODER = "loa-1: libopus 24k 48000 mono limiter -3 dB"
"""Changes whenever the same score would give other bytes."""

# The limiter stays 1.5 dB under the true peak allowed: Opus puts about as much on top of it.
LIMITER = "alimiter=limit=-3dB:attack=2:release=20:level=0"
# Speech loses 0 to 4 LU in the limiter; between two drives this far apart its loudness is nearly a line.
DRIVES = (0.5, 4.5)
FLATTEST = 0.2
ATTEMPTS = 5
_STEADY = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-serial_offset", "0"]
_OPUS = ["-ac", "1", "-ar", "48000", "-c:a", "libopus", "-b:a", "24k", "-vbr", "on", "-f", "ogg"]


def level(source: Path, target: Path, *, rough: float) -> Loudness:
    """Encode a WAV file as a clip at −16 LUFS ± 0.5 and at most −1.5 dBTP, and say what came out.

    `rough` is the loudness of `source` in LUFS to within some 3 LU: it saves a pass. Raises CannotLevel
    for silence and for sound too short to have a loudness, and what `audio.ffmpeg` raises.
    """
    drives = [TARGET_LUFS - rough + more for more in DRIVES]
    points = dict(zip(drives, after_drives(source, drives, LIMITER), strict=True))
    if max(points.values()) <= SILENCE_LUFS:
        raise CannotLevel(lufs=SILENCE_LUFS)
    trim = 0.0
    for _ in range(ATTEMPTS):
        drive = drive_for(points, TARGET_LUFS - trim)
        heard = encode(source, target, drive=drive, trim=trim)
        over = heard.true_peak - HIGHEST_TRUE_PEAK
        if abs(heard.lufs - TARGET_LUFS) <= WITHIN_LU and over <= 0:
            return heard
        points[drive] = heard.lufs - trim
        trim -= over + 0.1 if over > 0 else 0.0
    raise CannotLevel(lufs=heard.lufs, true_peak=heard.true_peak)


def drive_for(points: Mapping[float, float], wanted: float) -> float:
    """Say which drive in dB gives the loudness wanted, from at least two drives and what they gave.

    The limiter takes the more the harder it is driven: below the points a dB is a dB, above them it is
    worth no more than between the last two.
    """
    pairs = list(pairwise(sorted(points.items())))
    (low, quiet), (high, loud) = next((pair for pair in pairs if wanted <= pair[1][1]), pairs[-1])
    if wanted <= quiet:
        return low - (quiet - wanted)
    return low + (wanted - quiet) / max((loud - quiet) / (high - low), FLATTEST)


def encode(source: Path, target: Path, *, drive: float, trim: float = 0.0) -> Loudness:
    """Encode a WAV file `drive` dB louder through the limiter, then `trim` dB; measure what came out.

    The same in gives the same bytes out.
    """
    chain = f"aresample=48000,volume={drive:.2f}dB,{LIMITER},volume={trim:.2f}dB"
    output = ["-map", "0:a:0", "-af", chain, *_STEADY, *_OPUS]
    with full_disk_named():
        _, measured = ffmpeg_pair(Input(Format("wav"), source), output, target, CLIP, METER)
    return read_meter(measured)
