"""How long a 60-second clip takes, against the bare programs doing the same work in the same run."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from audio.level import DRIVES, LIMITER
from audio.measure import loudness
from audio.render import PART_DBFS, Studio
from audio.score import score
from audio.voices.espeak import Espeak
from bench.figures import Figure, at_most, show

ROUNDS = 7
TEXT = (
    "Uỷ ban nhân dân xã thông báo. Từ ngày hai mươi lăm tháng mười một, bà con đến nhà văn hoá bản để làm thủ "
    "tục cấp giấy chứng nhận quyền sử dụng đất. Khi đi mang theo căn cước công dân và giấy tờ liên quan. "
)
REPEATS = 4
SPEAK = "espeak-ng -v vi -s 140 -b 1 -z --stdin --stdout < text.txt"
FFMPEG = "ffmpeg -nostdin -hide_banner -nostats -loglevel info -y -f wav -i pipe:0"
OPUS = "-ac 1 -ar 48000 -c:a libopus -b:a 24k"


def bare(folder: Path) -> None:
    """Speak, measure behind the limiter at two drives, speak again, level and encode: our own filters by hand."""
    base = -16 - PART_DBFS
    split = "[0:a]aresample=48000,asplit=2[a][b]"
    low, high = (f"volume={base + drive}dB,{LIMITER},ebur128=framelog=verbose" for drive in DRIVES)
    graph = f"{split};[a]{low}[c];[b]{high}[d]"
    _shell(f"{SPEAK} | {FFMPEG} -filter_complex '{graph}' -map [c] -f null - -map [d] -f null -", folder)
    chain = f"aresample=48000,volume=6dB,{LIMITER}"
    _shell(f"{SPEAK} | {FFMPEG} -af {chain} {OPUS} bare.ogg", folder)


def loudnorm(folder: Path) -> None:
    """Do it the way the manuals say: ffmpeg's own two-pass loudnorm."""
    first = "loudnorm=I=-16:TP=-1.5:print_format=json"
    _shell(f"{SPEAK} | {FFMPEG} -af {first} -f null -", folder)
    second = "loudnorm=I=-16:TP=-1.5:measured_I=-19:measured_TP=0.1:measured_LRA=2.6:measured_thresh=-29"
    _shell(f"{SPEAK} | {FFMPEG} -af {second} {OPUS} loudnorm.ogg", folder)


def _shell(line: str, folder: Path) -> None:
    subprocess.run(["sh", "-c", line], cwd=folder, check=True, capture_output=True)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def run(quick: bool = False) -> list[Figure]:
    """Measure, the contenders in turn so that a busy machine is fair to all."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "text.txt").write_text(TEXT * REPEATS, encoding="utf-8")
        wanted = score(TEXT * REPEATS, repeat=1, opening="", closing="")
        times: dict[str, list[float]] = {"ours": [], "bare": [], "loudnorm": []}
        for round_ in range(2 if quick else ROUNDS):
            studio = Studio(folder / f"clips{round_}", folder / f"cache{round_}", [Espeak()])
            times["ours"].append(_seconds(lambda studio=studio: studio.render(wanted)))  # type: ignore[misc]
            times["bare"].append(_seconds(lambda: bare(folder)))
            times["loudnorm"].append(_seconds(lambda: loudnorm(folder)))
        again = statistics.median(_seconds(lambda: studio.render(wanted)) for _ in range(50))
        length = loudness(studio.render(wanted).path).ms / 1000
        shorter = loudness(folder / "bare.ogg").ms / 1000
    ours = statistics.median(times["ours"])
    # Ours begins with a chime, so the clips are compared second for second.
    bared, manual = (statistics.median(times[who]) * length / shorter for who in ("bare", "loudnorm"))
    return [
        Figure("length of the clip", length, "s"),
        Figure("rendered the first time", ours, "s"),
        at_most("… against espeak-ng | ffmpeg, the same filters", ours / bared, "×", 1.2),
        at_most("… against espeak-ng | ffmpeg loudnorm, two passes", ours / manual, "×", 1.2),
        at_most("rendered the second time, from the cache", 1000 * again, "ms", 10),
    ]


if __name__ == "__main__":
    show(run(), "Rendering")
