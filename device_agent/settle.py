"""Bring the world to what the facts ask for: fetch, climb, give up, push aside, start, forget."""

from device_agent import playlist
from device_agent.effects import (
    CloseRelay,
    FetchAnnouncement,
    FetchClip,
    Forget,
    Part,
    Play,
    StopPlaying,
)
from device_agent.ledger import Entry, Stage, Step, turned_away
from device_agent.turn import Playing, State, Turn
from firmware_config.protocol import ClockState, Klass, Millis, SignedAnnouncement, Sound, barred, volume_ceiling

_DAY_MS = 86_400_000


def settle(turn: Turn) -> None:
    """Carry out every rule once; a second call without a new fact has no effects."""
    _fetch(turn)
    _climb(turn)
    if turn.state.clock is not ClockState.UNTRUSTED:
        _judge(turn)
        _forget(turn)
    _push_aside(turn)
    _start(turn)


def next_wake(state: State, now: Millis) -> Millis | None:
    """The next moment at which time alone changes what is to be done."""
    moments = [state.hold_until]
    for entry in state.open:
        due = _due(state, entry)
        speak = entry.item.start + state.limits.speak_after_ms
        moments += [due, due - state.limits.prepare_ms, speak, last_start(state, entry) + 1]
    return min((moment for moment in moments if moment > now), default=None)


def last_start(state: State, entry: Entry) -> Millis:
    """The last millisecond at which the airing may start: in its window, and to end before anything of it expires."""
    announcement = state.announcements.get(entry.item.announcement)
    if announcement is None:
        return min(entry.item.latest_start, entry.item.expires - 1)
    ends = min(entry.item.expires, announcement.expires)
    return min(entry.item.latest_start, ends - max(1, playlist.sound_ms(entry.item, announcement)))


def _fetch(turn: Turn) -> None:
    asked = turn.state.asked
    for entry in turn.state.open:
        item = entry.item
        announcement = turn.state.announcements.get(item.announcement)
        if announcement is None:
            if item.announcement not in asked:
                asked |= {item.announcement}
                turn.do(FetchAnnouncement(item.announcement, item.klass, item.latest_start))
            continue
        for clip in playlist.clips(item, announcement):
            if clip.sha256 not in turn.state.clips and clip.sha256 not in asked:
                asked |= {clip.sha256}
                turn.do(FetchClip(clip, item.klass, item.latest_start))
    turn.change(asked=asked)


def _climb(turn: Turn) -> None:
    for entry in turn.state.open:
        announcement = turn.state.announcements.get(entry.item.announcement)
        if announcement is None:
            continue
        refusal = _unfit(turn.state, entry, announcement)
        if refusal:
            turn.move(entry.airing, turned_away(entry), refusal)
            continue
        stored = playlist.recorded_parts(entry.item, announcement, turn.state.clips)
        if entry.stage is Stage.SEEN and stored:
            turn.move(entry.airing, Step.STORE)
        # What is already too late is judged, not armed.
        if turn.state.ledger[entry.airing].stage is Stage.STORED and _may_start(turn.state, entry, turn.now):
            turn.move(entry.airing, Step.ARM)


def _unfit(state: State, entry: Entry, announcement: SignedAnnouncement) -> str:
    manifest = state.manifest
    if announcement.klass is not entry.item.klass:
        return "class_differs"
    if not playlist.chosen(entry.item, announcement):
        return "no_version"
    if manifest is not None and not announcement.audience.covers(
        manifest.device, manifest.places.units, manifest.places.groups
    ):
        return "not_in_audience"
    return ""


def _may_start(state: State, entry: Entry, now: Millis) -> bool:
    if state.clock is ClockState.UNTRUSTED:
        return entry.airing in state.fresh and entry.item.klass is Klass.EMERGENCY
    return now <= last_start(state, entry)


def _judge(turn: Turn) -> None:
    for entry in turn.state.open:
        if entry.stage is Stage.STARTED and entry.starts >= entry.item.max_starts:
            turn.move(entry.airing, Step.GIVE_UP, "starts_used")
        elif not _may_start(turn.state, entry, turn.now):
            started = entry.stage is Stage.STARTED
            reason = "too_late" if started else _why_missed(turn.state, entry)
            turn.move(entry.airing, Step.GIVE_UP if started else Step.MISS, reason)
        elif (
            turn.state.manifest is not None
            and _due(turn.state, entry) <= turn.now
            and not _on_air(turn.state, entry, turn.now)
        ):
            turn.move(entry.airing, turned_away(entry), "outside_hours")


def _why_missed(state: State, entry: Entry) -> str:
    if entry.item.announcement not in state.announcements:
        return "no_announcement"
    if entry.stage is Stage.SEEN:
        return "no_clip"
    return "queued" if state.playing is not None else "late"


def _on_air(state: State, entry: Entry, now: Millis) -> bool:
    if entry.item.klass is Klass.EMERGENCY:
        return True
    announcement = state.announcements.get(entry.item.announcement)
    if state.manifest is None or announcement is None:
        return announcement is None
    ms = playlist.sound_ms(entry.item, announcement)
    words = (announcement.klass, announcement.kind, announcement.category, announcement.id)
    return barred(state.manifest.rules, Sound(*words, max(now, entry.item.start), ms)) is None


def _due(state: State, entry: Entry) -> Millis:
    announcement = state.announcements.get(entry.item.announcement)
    start = entry.item.start if announcement is None else max(entry.item.start, announcement.not_before)
    return start - _lead(state)


def _lead(state: State) -> int:
    return max(state.limits.lead_ms, state.manifest.lead_ms if state.manifest else 0)


def _parts(turn: Turn, entry: Entry) -> tuple[tuple[Part, ...], bool]:
    """What can be played of an airing now, and whether the board itself speaks some of it."""
    state = turn.state
    announcement = state.announcements.get(entry.item.announcement)
    if announcement is None:
        return (), False
    recorded = playlist.recorded_parts(entry.item, announcement, state.clips)
    if recorded or entry.item.klass is not Klass.EMERGENCY:
        return recorded, False
    waited = turn.now >= entry.item.start + state.limits.speak_after_ms
    if waited or playlist.hopeless(entry.item, announcement, state.clips, state.failed):
        return playlist.spoken_parts(entry.item, announcement, state.clips, state.limits.speakable), True
    return (), False


def _ready(turn: Turn, early_ms: int) -> list[Entry]:
    if turn.state.holds(turn.now):
        return []
    return [
        entry
        for entry in turn.state.open
        if _may_start(turn.state, entry, turn.now)
        and entry.starts < entry.item.max_starts
        and (turn.state.clock is ClockState.UNTRUSTED or _due(turn.state, entry) - early_ms <= turn.now)
        and _on_air(turn.state, entry, turn.now)
        and _parts(turn, entry)[0]
    ]


def _push_aside(turn: Turn) -> None:
    playing = turn.state.playing
    if playing is None or playing.stopping:
        return
    if turn.state.ledger[playing.airing].item.klass is Klass.EMERGENCY:
        return
    if any(entry.item.klass is Klass.EMERGENCY for entry in _ready(turn, 0)):
        turn.do(StopPlaying(playing.airing, turn.state.limits.fade_ms))
        turn.change(playing=Playing(playing.airing, playing.attempt, playing.fallback, playing.sounding, stopping=True))


def _start(turn: Turn) -> None:
    if turn.state.playing is not None:
        return
    entry = playlist.first(_ready(turn, turn.state.limits.prepare_ms))
    if entry is None:
        return
    parts, fallback = _parts(turn, entry)
    started = turn.move(entry.airing, Step.START)
    turn.change(playing=Playing(entry.airing, started.starts, fallback))
    manifest, limits = turn.state.manifest, turn.state.limits
    turn.do(
        CloseRelay(),
        Play(
            airing=entry.airing,
            attempt=started.starts,
            parts=parts,
            volume=_volume(turn.state, entry, turn.now),
            at=max(turn.now, _due(turn.state, entry) + _lead(turn.state)),
            lead_ms=_lead(turn.state),
            tail_ms=max(limits.tail_ms, manifest.tail_ms if manifest else 0),
        ),
    )


def _volume(state: State, entry: Entry, now: Millis) -> int:
    klass = entry.item.klass
    ceilings = [entry.item.volume, state.limits.volumes[klass], state.cap]
    if state.manifest is not None:
        night = volume_ceiling(state.manifest.rules, klass, max(now, entry.item.start))
        ceilings += [state.manifest.volume_max, state.manifest.volumes[klass], night]
    return min(ceilings)


def _forget(turn: Turn) -> None:
    named = {item.airing for item in turn.state.manifest.items} if turn.state.manifest else set()
    old = [
        entry.airing
        for entry in turn.state.ledger.values()
        if entry.over and entry.item.expires + _DAY_MS < turn.now and entry.airing not in named
    ]
    if old:
        turn.change(ledger={key: entry for key, entry in turn.state.ledger.items() if key not in old})
        turn.do(*(Forget(airing) for airing in old))
