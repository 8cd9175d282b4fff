"""The icons of an installed console, drawn from the shapes of loa.svg; run as a program it writes them."""

import struct
import zlib
from itertools import pairwise
from math import asin, atan2, cos, dist, hypot, sin, sqrt
from pathlib import Path

import broadcaster.web

FOLDER = Path(broadcaster.web.__file__).parent / "static"
RED, WHITE = (157, 28, 22), (255, 255, 255)
# As in loa.svg, on a grid of 24: the horn with a stroke of 2.2 round it, and the arc of its sound.
HORN = [(3.0, 9.5), (3.0, 14.5), (7.0, 14.5), (15.0, 19.5), (15.0, 4.5), (7.0, 9.5), (3.0, 9.5)]
STROKE, RADIUS, HALF = 1.1, 4.5, 3.0
MIDDLE = (18.5 - sqrt(RADIUS**2 - HALF**2), 12.0)
# Name: pixels, grid units from edge to edge, and how round its corners are. A mask may cut a fifth from each edge.
ICONS = {"icon-192.png": (192, 31.0, 0.2), "icon-512.png": (512, 31.0, 0.2), "icon-mask.png": (512, 40.0, 0.0)}


def drawn(pixels: int, width: float, roundness: float) -> bytes:
    """One icon as a PNG."""
    unit, corner = width / pixels, roundness * width
    rows = []
    for y in range(pixels):
        row = bytearray(b"\0")
        for x in range(pixels):
            at = ((x + 0.5) * unit - width / 2 + 11.5, (y + 0.5) * unit - width / 2 + 12)
            row += pixel(at, unit, width / 2, corner)
        rows.append(bytes(row))
    head = struct.pack(">IIBBBBB", pixels, pixels, 8, 6, 0, 0, 0)
    body = zlib.compress(b"".join(rows), 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*it) for it in ((b"IHDR", head), (b"IDAT", body), (b"IEND", b"")))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pixel(at: tuple[float, float], unit: float, half: float, corner: float) -> bytes:
    """White where the loudspeaker is, red around it, nothing outside the rounded square."""
    ink = covered(min(to_horn(at), to_arc(at)), unit)
    across, down = (abs(at[0] - 11.5) - half + corner, abs(at[1] - 12) - half + corner)
    edge = hypot(max(across, 0), max(down, 0)) + min(max(across, down), 0) - corner
    colour = (round(red + (white - red) * ink) for red, white in zip(RED, WHITE, strict=True))
    return bytes((*colour, round(255 * covered(edge, unit))))


def covered(distance: float, unit: float) -> float:
    return min(max(0.5 - distance / unit, 0.0), 1.0)


def to_horn(at: tuple[float, float]) -> float:
    """How far outside the horn; less than nothing inside."""
    inside, nearest = False, 99.0
    for (ax, ay), (bx, by) in pairwise(HORN):
        dx, dy = bx - ax, by - ay
        along = min(max(((at[0] - ax) * dx + (at[1] - ay) * dy) / (dx * dx + dy * dy), 0.0), 1.0)
        nearest = min(nearest, hypot(at[0] - ax - along * dx, at[1] - ay - along * dy))
        if (ay > at[1]) != (by > at[1]) and at[0] < dx * (at[1] - ay) / dy + ax:
            inside = not inside
    return (-nearest if inside else nearest) - STROKE


def to_arc(at: tuple[float, float]) -> float:
    """How far from the arc of its sound."""
    widest = asin(HALF / RADIUS)
    turned = min(max(atan2(at[1] - MIDDLE[1], at[0] - MIDDLE[0]), -widest), widest)
    return dist(at, (MIDDLE[0] + RADIUS * cos(turned), MIDDLE[1] + RADIUS * sin(turned))) - STROKE


if __name__ == "__main__":
    for name, how in ICONS.items():
        (FOLDER / name).write_bytes(drawn(*how))
