"""The speaker measures itself when it is asked to."""

from dataclasses import replace

from device_agent.airtime import lead_ms
from device_agent.boot import Parts
from device_agent.effects import Play, Record, TonePart
from device_agent.turn import State
from firmware_config.protocol import Event, Kind, Klass, Manifest, Millis, SelfTest, Sound, barred, volume_ceiling

SELF_TEST = "self-test"
"""Stands in place of an airing's id in the pump's hands."""

_TONE_MS = 1_000


def _allowed(manifest: Manifest, now: Millis) -> bool:
    tone = Sound(Klass.NORMAL, Kind.TEST, SELF_TEST, SELF_TEST, now, _TONE_MS)
    return barred(tuple(replace(rules, categories=()) for rules in manifest.rules), tone) is None


def self_test(action: SelfTest, state: State, parts: Parts, problems: tuple[str, ...]) -> None:
    """Record what is wrong, or sound one second of tone whose measure is recorded when it ends."""
    manifest = state.manifest
    now = parts.time.now()
    allowed = manifest is not None and _allowed(manifest, now)
    if action.silent or manifest is None or not allowed or state.playing is not None:
        with parts.journal.writing():
            parts.outbox.record(Record(Event.SELF_TEST, reason=",".join(problems)[:200] or "ok"))
        return
    night = volume_ceiling(manifest.rules, Klass.NORMAL, now)
    own = state.limits.volumes[Klass.NORMAL]
    volume = min(manifest.volume_max, manifest.volumes[Klass.NORMAL], own, state.cap, night)
    lead = lead_ms(state)
    parts.relay.close()
    parts.speaker.play(Play(SELF_TEST, 1, (TonePart(_TONE_MS),), volume, now + lead, lead, 0), lead / 1000)
