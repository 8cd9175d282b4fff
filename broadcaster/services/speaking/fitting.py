"""A manifest that a speaker can take: what begins last is left for a later one, and the manifest says so."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from firmware_config.protocol import Item, Manifest, Millis
from firmware_config.protocol.manifest import MAX_ITEMS
from firmware_config.protocol.strict_json import SIZE_LIMIT

ENVELOPE = 1_024
"""More than the signature and its names take."""
MOST = (SIZE_LIMIT - ENVELOPE) * 3 // 4
"""Bytes of the document itself, which travels as base64."""


def fitted(whole: Manifest, missing: Collection[tuple[Millis, str]] = ()) -> bytes:
    """Its bytes, with as many of the items as it may have and has room for; those kept begin before all others.

    What is taken back by not being told (`missing`, by its beginning) is named where it would begin after the cut.
    """
    kept = _first(whole.items, MAX_ITEMS)
    body = (whole if len(kept) == len(whole.items) else _with(whole, kept, missing)).to_bytes()
    while len(body) > MOST and kept:
        spare = len(body) - MOST
        each = max(1, sum(len(one.to_bytes()) for one in kept) // len(kept))
        kept = _first(kept, len(kept) - max(1, spare // each))
        body = _with(whole, kept, missing).to_bytes()
    return body


def _first(items: Sequence[Item], most: int) -> Sequence[Item]:
    if len(items) <= most:
        return items
    # What stands by takes an alarm back, whenever it was laid down.
    order = sorted(items, key=lambda one: (not one.standby, one.start, one.order, one.airing))
    chosen = {one.airing for one in order[:most]}
    return [one for one in items if one.airing in chosen]


def _with(whole: Manifest, kept: Sequence[Item], missing: Collection[tuple[Millis, str]]) -> Manifest:
    names = {one.airing for one in kept}
    through = min(whole.through, *(one.start for one in whole.items if one.airing not in names))
    gone = {*whole.cancelled, *(airing for start, airing in missing if start >= through)}
    return replace(whole, items=tuple(kept), through=through, cancelled=tuple(sorted(gone)))
