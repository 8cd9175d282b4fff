"""The speaker's mind: (state, event, now) → (state, effects). No I/O, no clock, no chance.

An event only changes facts; `settle` then brings the world to what the facts ask for.
"""

from dataclasses import replace
from functools import singledispatch

from device_agent import events, playlist
from device_agent.effects import ClipPart, DropClip, Effect, LogPlay, OpenRelay, Report, TurnDown
from device_agent.ledger import Entry, Stage, Step, turned_away
from device_agent.settle import next_wake, settle
from device_agent.turn import HOLD_MS, Limits, Playing, State, Turn
from firmware_config.protocol import ClockState, Event, Evidence, Item, Klass, Manifest, Millis, Played
from firmware_config.protocol.manifest import SILENT

_TOO_QUIET = "too_quiet"
_NOT_HEARD_BACK = "not_heard_back"
_MADE_SILENT = "made_silent"
_LANGUAGE_MISSING = "language_missing"


__all__ = ["Limits", "State", "next_wake", "step"]


def step(state: State, event: events.Incoming, now: Millis) -> tuple[State, tuple[Effect, ...]]:
    """The state after an event, and what to do about it, in order."""
    turn = Turn(state, now)
    _note(event, turn)
    settle(turn)
    return turn.state, tuple(turn.effects)


@singledispatch
def _note(event: object, _turn: Turn) -> None:
    """Change the facts as an event says."""
    raise TypeError(f"no such event: {event!r}")


@_note.register
def _booted(event: events.Booted, turn: Turn) -> None:
    turn.do(*event.news)
    turn.change(
        ledger={entry.airing: entry for entry in event.ledger},
        announcements=event.announcements,
        clips=event.clips,
        plays={(one.airing, one.attempt): one.play for one in event.plays},
        manifest=event.manifest,
    )
    _end_plays(turn)
    if event.manifest is not None:
        _converge(turn, event.manifest)
    turn.do(Report())


def _end_plays(turn: Turn) -> None:
    """What the power cut off was heard at most until now."""
    if turn.state.clock is ClockState.UNTRUSTED:
        return
    for (airing, attempt), play in turn.state.plays.items():
        if play.end > turn.now:
            turn.log(LogPlay(airing, attempt, Played(play.start, max(play.start, turn.now))))


@_note.register
def _manifest(event: events.ManifestAccepted, turn: Turn) -> None:
    turn.change(manifest=event.manifest, asked=frozenset(), failed=frozenset(), cap=100)
    _converge(turn, event.manifest)
    _prune(turn)
    turn.do(Report())


def _converge(turn: Turn, manifest: Manifest) -> None:
    for item in manifest.items:
        _see(turn, item)
    for airing in manifest.cancelled:
        turn.cancel(airing, "cancelled")
    named = {item.airing for item in manifest.items}
    for entry in turn.state.open:
        told = entry.item.start < manifest.through and not entry.live
        if told and entry.airing not in named and entry.stage is not Stage.STARTED:
            turn.move(entry.airing, Step.CANCEL, "not_in_manifest")


def _see(turn: Turn, item: Item, *, live: bool = False) -> None:
    known, playing = turn.state.ledger.get(item.airing), turn.state.playing
    if known is None:
        turn.put(Entry(item, live=live))
        if item.airing in turn.state.stopped:
            turn.move(item.airing, Step.CANCEL, "stopped")
    elif playing is not None and playing.airing == item.airing:
        # What sounds was begun as the old item, and its receipts must say so.
        return
    elif item.standby and not known.item.standby:
        # Called up: a plan made before that, and still on its way, must not call it back.
        return
    elif not known.over and (known.item != item or (live and not known.live)):
        turn.put(replace(known, item=item, live=known.live or live))


def _prune(turn: Turn) -> None:
    """Let go of words and clips that no airing needs; the shell removes them from the disk."""
    planned = turn.state.manifest.items if turn.state.manifest else ()
    named = {item.announcement for item in (*planned, *(entry.item for entry in turn.state.ledger.values()))}
    kept = {name: found for name, found in turn.state.announcements.items() if name in named}
    clips = turn.state.clips & playlist.all_clips(kept.values())
    turn.change(announcements=kept, clips=clips, stopped=frozenset(), fresh=turn.state.fresh & turn.state.ledger.keys())


@_note.register
def _announcement(event: events.AnnouncementStored, turn: Turn) -> None:
    turn.change(announcements={**turn.state.announcements, event.reference: event.announcement})


@_note.register
def _announcement_refused(event: events.AnnouncementRefused, turn: Turn) -> None:
    for entry in turn.state.open:
        if entry.item.announcement == event.reference:
            turn.move(entry.airing, turned_away(entry), event.reason)


@_note.register
def _clip_stored(event: events.ClipStored, turn: Turn) -> None:
    turn.change(clips=turn.state.clips | {event.sha256}, failed=turn.state.failed - {event.sha256})


@_note.register
def _clip_failed(event: events.ClipFailed, turn: Turn) -> None:
    turn.change(failed=turn.state.failed | {event.sha256})


@_note.register
def _live(event: events.LivePlay, turn: Turn) -> None:
    manifest = turn.state.manifest
    if manifest is not None and event.item.airing in manifest.cancelled:
        return
    turn.change(fresh=turn.state.fresh | {event.item.airing}, failed=frozenset(), asked=frozenset())
    _see(turn, event.item, live=True)


@_note.register
def _stop_command(event: events.Stop, turn: Turn) -> None:
    if event.airing is None:
        _stop_everything(turn)
    elif event.airing in turn.state.ledger:
        turn.cancel(event.airing, "stopped")
    else:
        # The command to play it may still be on its way: two brokers keep no order.
        turn.change(stopped=turn.state.stopped | {event.airing})


def _stop_everything(turn: Turn) -> None:
    if turn.state.playing is not None:
        turn.stop(turn.state.playing, "stopped")
    for entry in turn.state.open:
        # What stands by is not due: it is what takes a false alarm back.
        if entry.item.start <= turn.now and not entry.item.standby:
            turn.cancel(entry.airing, "stopped")


@_note.register
def _volume(event: events.VolumeCapped, turn: Turn) -> None:
    turn.change(cap=event.volume)
    if turn.state.playing is not None:
        turn.do(TurnDown(turn.state.playing.airing, event.volume))
    turn.do(Report())


def _current(turn: Turn, airing: str, attempt: int) -> Playing | None:
    playing = turn.state.playing
    return playing if playing and (playing.airing, playing.attempt) == (airing, attempt) else None


@_note.register
def _sounding(event: events.Sounding, turn: Turn) -> None:
    playing = _current(turn, event.airing, event.attempt)
    if playing is None or playing.sounding:
        return
    turn.change(playing=replace(playing, sounding=True), trouble="")
    if turn.state.ledger[event.airing].item.klass is not Klass.EMERGENCY:
        # Its whole length, until it is known that it ended before.
        whole = Played(turn.now, turn.now + playlist.parts_ms(playing.parts))
        turn.log(LogPlay(event.airing, event.attempt, whole))
    turn.record(Event.STARTED, turn.state.ledger[event.airing], fallback=playing.fallback)


@_note.register
def _finished(event: events.Finished, turn: Turn) -> None:
    playing = _current(turn, event.airing, event.attempt)
    if playing is None:
        return
    if playing.fallback:
        _log_measured(turn, playing, event.evidence)
    _free(turn)
    evidence, unheard = event.evidence, _unheard(event.evidence, turn.state)
    reason = _LANGUAGE_MISSING if _left_out(turn, playing) else ""
    # The level of each second travels once.
    brief = evidence if unheard else replace(evidence, seconds="")
    turn.move(event.airing, Step.FINISH, unheard or reason, brief, fallback=playing.fallback)
    if not unheard:
        turn.move(event.airing, Step.HEAR, reason, evidence, fallback=playing.fallback)


def _unheard(evidence: Evidence, state: State) -> str:
    """Why what was played in full is not proved to have been heard; empty when it is."""
    if state.manifest is not None and state.manifest.sink == SILENT:
        return _MADE_SILENT
    if evidence.level < state.limits.heard_level:
        return _TOO_QUIET
    return _NOT_HEARD_BACK if state.limits.tone_ms and evidence.proof != "loop" else ""


def _left_out(turn: Turn, playing: Playing) -> bool:
    item = turn.state.ledger[playing.airing].item
    announcement = turn.state.announcements.get(item.announcement)
    return announcement is not None and playlist.missing(item, announcement, playing.parts)


def _log_measured(turn: Turn, playing: Playing, evidence: Evidence | None) -> None:
    """How long the board's own voice, or what was cut off, took is known only when it has ended."""
    begun = turn.state.plays.get((playing.airing, playing.attempt))
    if begun is not None and evidence is not None:
        turn.log(LogPlay(playing.airing, playing.attempt, Played(begun.start, begun.start + evidence.ms)))


@_note.register
def _cut(event: events.Cut, turn: Turn) -> None:
    playing = _current(turn, event.airing, event.attempt)
    if playing is None:
        return
    _log_measured(turn, playing, event.evidence)
    _free(turn)
    turn.awake = event.evidence is not None and not event.reason
    if event.reason:
        turn.change(hold_until=turn.now + HOLD_MS, trouble=event.reason)
    undecoded = not playing.sounding and event.reason.startswith("decoder")
    if undecoded:
        _drop_first_clip(turn, playing)
    if playing.cancel_reason:
        turn.move(event.airing, Step.CANCEL, playing.cancel_reason, event.evidence)
    elif not playing.sounding and not undecoded:
        turn.move(event.airing, Step.UNSTART)
    elif turn.state.ledger[event.airing].starts >= turn.state.ledger[event.airing].item.max_starts:
        turn.move(event.airing, Step.GIVE_UP, event.reason or "interrupted", event.evidence)
    for item in turn.state.manifest.items if turn.state.manifest else ():
        if item.airing == event.airing:
            _see(turn, item)


def _drop_first_clip(turn: Turn, playing: Playing) -> None:
    """A clip that gives no sound is fetched anew; meanwhile the rest may be heard, or an emergency spoken instead."""
    for part in playing.parts[:1]:
        if isinstance(part, ClipPart):
            gone = {part.clip.sha256}
            turn.change(clips=turn.state.clips - gone, asked=turn.state.asked - gone, failed=turn.state.failed | gone)
            turn.do(DropClip(part.clip.sha256))


def _free(turn: Turn) -> None:
    turn.change(playing=None)
    turn.do(OpenRelay())


@_note.register
def _clock(event: events.ClockChanged, turn: Turn) -> None:
    was, turn.state = turn.state.clock, replace(turn.state, clock=event.clock)
    if was is not event.clock:
        # Errands may have been given up by a false time.
        turn.change(asked=frozenset())
        turn.do(Report())


@_note.register
def _moved(event: events.DataMoved, turn: Turn) -> None:
    turn.change(moved=event.bytes)


@_note.register
def _leaving(_event: events.Leaving, turn: Turn) -> None:
    turn.change(leaving=True)


@_note.register
def _tick(_event: events.Tick, _turn: Turn) -> None:
    """Time alone changes no fact."""
