"""When an airing may sound on this speaker: its window, the neighbours' echo, and the rules of the air."""

from device_agent import playlist
from device_agent.ledger import Entry
from device_agent.turn import State
from firmware_config.protocol import (
    Barred,
    ClockState,
    Klass,
    Millis,
    SignedAnnouncement,
    Sound,
    barred,
    in_force,
    volume_ceiling,
)

_MINUTE_MS = 60_000


def lead_ms(state: State) -> int:
    """Silence before the first sample, while the amplifier wakes, and the code tone."""
    return max(state.limits.lead_ms, state.manifest.lead_ms if state.manifest else 0) + state.limits.tone_ms


def start_at(state: State, entry: Entry) -> Millis:
    """When its first sample is due: so much later than planned as neighbours need for one sound to reach the other."""
    announcement = state.announcements.get(entry.item.announcement)
    start = entry.item.start if announcement is None else max(entry.item.start, announcement.not_before)
    return start + _stagger_ms(state)


def due(state: State, entry: Entry) -> Millis:
    """When the pump must begin, with the silence before the first sample."""
    return start_at(state, entry) - lead_ms(state)


def sounds_at(state: State, entry: Entry, now: Millis, lead: int | None = None) -> Millis:
    """When its first sample would be heard if it began now, after its lead or another one."""
    begins = now + (lead_ms(state) if lead is None else lead)
    if state.clock is ClockState.UNTRUSTED:
        return begins + _stagger_ms(state)
    return max(begins, start_at(state, entry))


def last_start(state: State, entry: Entry) -> Millis:
    """The last millisecond at which the airing may start: in its window, and to end before anything of it expires."""
    item = entry.item
    latest = item.latest_start + _stagger_ms(state)
    announcement = state.announcements.get(item.announcement)
    if announcement is None:
        return min(latest, item.expires - 1)
    ends = min(item.expires, announcement.expires)
    return min(latest, ends - max(1, playlist.sound_ms(item, announcement)) - lead_ms(state))


def may_start(state: State, entry: Entry, now: Millis) -> bool:
    """Whether its window is open, as far as the clock can be believed."""
    if state.clock is ClockState.UNTRUSTED:
        return entry.airing in state.fresh and entry.item.klass is Klass.EMERGENCY
    return now <= last_start(state, entry)


def why_barred(state: State, entry: Entry, announcement: SignedAnnouncement, now: Millis) -> Barred | None:
    """Why the rules of the air forbid that it begins now; without a manifest they forbid all but an emergency."""
    start, ms = sounds_at(state, entry, now), playlist.sound_ms(entry.item, announcement)
    sound = Sound(announcement.klass, announcement.kind, announcement.category, announcement.id, start, ms)
    rules, exempt = (state.manifest.rules, state.manifest.exempt) if state.manifest else ((), ())
    # How long what plays now will really last is known when it ends; until then only the hours are judged.
    heard = () if state.playing else tuple(state.plays.values())
    return barred(rules, sound, heard, exempt)


def pause_over(state: State, now: Millis) -> Millis:
    """When the pause that the rules ask for after the last sound is over."""
    rules = in_force(state.manifest.rules, now) if state.manifest else ()
    pause = max((one.pause_minutes for one in rules), default=0)
    return max((play.end for play in state.plays.values()), default=0) + pause * _MINUTE_MS


def volume(state: State, entry: Entry, now: Millis) -> int:
    """The lowest of all ceilings, 0..100."""
    klass = entry.item.klass
    ceilings = [entry.item.volume, state.limits.volumes[klass], state.cap]
    if state.manifest is not None:
        allowed = volume_ceiling(state.manifest.rules, klass, sounds_at(state, entry, now))
        ceilings += [state.manifest.volume_max, state.manifest.volumes[klass], allowed]
    return min(ceilings)


def _stagger_ms(state: State) -> int:
    return state.manifest.stagger_ms if state.manifest else 0
