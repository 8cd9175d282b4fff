"""Bring the world to what the facts ask for: fetch, climb, give up, push aside, start, forget."""

from device_agent import airtime, budget, playlist
from device_agent.effects import CloseRelay, FetchAnnouncement, FetchClip, Forget, ForgetPlays, Part, Play
from device_agent.ledger import Entry, Stage, Step, turned_away
from device_agent.turn import Playing, State, Turn
from firmware_config.protocol import Barred, ClockState, Klass, Millis, SignedAnnouncement

_DAY_MS = 86_400_000


def settle(turn: Turn) -> None:
    """Carry out every rule once; a second call without a new fact has no effects."""
    _fetch(turn)
    _climb(turn)
    if turn.state.clock is not ClockState.UNTRUSTED:
        _judge(turn)
        _forget(turn)
    _supersede(turn)
    _push_aside(turn)
    _start(turn)


def next_wake(state: State, now: Millis) -> Millis | None:
    """The next moment at which time alone changes what is to be done."""
    moments = [state.hold_until, airtime.pause_over(state, now) - airtime.lead_ms(state)]
    for entry in state.open:
        due = airtime.due(state, entry)
        speak = airtime.start_at(state, entry) + state.limits.speak_after_ms
        moments += [due, due - state.limits.prepare_ms, speak, airtime.last_start(state, entry) + 1]
    return min((moment for moment in moments if moment > now), default=None)


def withheld(state: State) -> frozenset[str]:
    """The clips that are wanted and not fetched because the SIM card's month is spent."""
    known = [(entry.item, state.announcements.get(entry.item.announcement)) for entry in state.open]
    wanted = {clip.sha256 for item, words in known if words for clip in playlist.clips(item, words)}
    return frozenset(wanted) - state.clips - state.asked


def _on_the_way(state: State) -> int:
    awaited = state.asked - state.clips
    found = {clip.sha256: clip.bytes for words in state.announcements.values() for clip in words.clips}
    return sum(size for name, size in found.items() if name in awaited)


def _fetch(turn: Turn) -> None:
    asked = turn.state.asked
    cap = turn.state.manifest.month_bytes if turn.state.manifest else 0
    used = turn.state.moved + _on_the_way(turn.state) if cap else 0
    # What corrects an alarm must be here before the alarm; both before everything else.
    for entry in sorted(turn.state.open, key=lambda one: (not one.item.standby, playlist.rank(one.item))):
        item = entry.item
        klass = Klass.EMERGENCY if item.standby else item.klass
        announcement = turn.state.announcements.get(item.announcement)
        if announcement is None:
            if item.announcement not in asked:
                asked |= {item.announcement}
                turn.do(FetchAnnouncement(item.announcement, klass, item.latest_start))
            continue
        for clip in playlist.clips(item, announcement):
            if clip.sha256 in turn.state.clips or clip.sha256 in asked:
                continue
            if budget.may_fetch(klass, used, cap, clip.bytes):
                asked |= {clip.sha256}
                used += clip.bytes
                turn.do(FetchClip(clip, klass, item.latest_start))
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
        if entry.stage is Stage.SEEN and playlist.is_stored(entry.item, announcement, turn.state.clips):
            turn.move(entry.airing, Step.STORE)
        # What is already too late is judged, not armed.
        fit = not entry.item.standby and airtime.may_start(turn.state, entry, turn.now)
        if fit and turn.state.ledger[entry.airing].stage is Stage.STORED:
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


def _judge(turn: Turn) -> None:
    for entry in turn.state.open:
        started = entry.stage is Stage.STARTED
        if entry.item.standby:
            if not airtime.may_start(turn.state, entry, turn.now):
                turn.move(entry.airing, Step.CANCEL, "not_called")
        elif started and entry.starts >= entry.item.max_starts:
            turn.move(entry.airing, Step.GIVE_UP, "starts_used")
        elif not airtime.may_start(turn.state, entry, turn.now):
            reason = "too_late" if started else _why_missed(turn.state, entry)
            turn.move(entry.airing, Step.GIVE_UP if started else Step.MISS, reason)
        elif reason := _why_refused(turn.state, entry, turn.now):
            turn.move(entry.airing, turned_away(entry), reason)


def _why_missed(state: State, entry: Entry) -> str:
    if entry.item.announcement not in state.announcements:
        return "no_announcement"
    if entry.stage is Stage.SEEN:
        wanted = playlist.clips(entry.item, state.announcements[entry.item.announcement])
        return "data_budget" if withheld(state) & {clip.sha256 for clip in wanted} else "no_clip"
    return "queued" if state.playing is not None else state.trouble or "late"


def _why_refused(state: State, entry: Entry, now: Millis) -> str:
    """The rule of the air that ends an airing which is due; a pause that will be over in time is waited for."""
    announcement = state.announcements.get(entry.item.announcement)
    if announcement is None or state.manifest is None or airtime.due(state, entry) > now:
        return ""
    reason = airtime.why_barred(state, entry, announcement, now)
    begins = airtime.pause_over(state, now) - airtime.lead_ms(state)
    if reason is Barred.PAUSE and begins <= airtime.last_start(state, entry):
        return ""
    return reason or ""


def _parts(turn: Turn, entry: Entry) -> tuple[Part, ...]:
    """What of an airing can sound now; nothing as long as waiting may bring more."""
    state, item = turn.state, entry.item
    announcement = state.announcements.get(item.announcement)
    if announcement is None:
        return ()
    waited = turn.now >= airtime.start_at(state, entry) + state.limits.speak_after_ms
    if not waited and not playlist.hopeless(item, announcement, state.clips, state.failed):
        return ()
    return playlist.parts(item, announcement, state.clips, state.limits.speakable)


def _ready(turn: Turn, early_ms: int) -> list[Entry]:
    if turn.state.holds(turn.now):
        return []
    return [entry for entry in turn.state.open if _is_ready(turn, entry, early_ms)]


def _is_ready(turn: Turn, entry: Entry, early_ms: int) -> bool:
    state, now = turn.state, turn.now
    announcement = state.announcements.get(entry.item.announcement)
    if announcement is None or entry.item.standby or entry.starts >= entry.item.max_starts:
        return False
    return (
        (state.clock is ClockState.UNTRUSTED or airtime.due(state, entry) - early_ms <= now)
        and airtime.may_start(state, entry, now)
        and airtime.why_barred(state, entry, announcement, now) is None
        and bool(_parts(turn, entry))
    )


def _supersede(turn: Turn) -> None:
    playing, known = turn.state.playing, turn.state.announcements
    if not any(words.supersedes for words in known.values()):
        return
    beginning = {entry.item.announcement for entry in _ready(turn, 0)}
    names = beginning | ({turn.state.ledger[playing.airing].item.announcement} if playing else set())
    newer = [known[name] for name in names if name in known and known[name].supersedes]
    for entry in [one for one in turn.state.ledger.values() if newer and not one.over]:
        older = known.get(entry.item.announcement)
        if older is not None and any(playlist.supersedes(one, older) for one in newer):
            turn.cancel(entry.airing, "superseded")


def _push_aside(turn: Turn) -> None:
    playing = turn.state.playing
    if playing is None or playing.stopping:
        return
    if turn.state.ledger[playing.airing].item.klass is Klass.EMERGENCY:
        return
    if any(entry.item.klass is Klass.EMERGENCY for entry in _ready(turn, 0)):
        turn.stop(playing)


def _start(turn: Turn) -> None:
    if turn.state.playing is not None:
        return
    entry = playlist.first(_ready(turn, turn.state.limits.prepare_ms))
    if entry is None:
        return
    parts = _parts(turn, entry)
    started = turn.move(entry.airing, Step.START)
    turn.change(playing=Playing(entry.airing, started.starts, parts))
    manifest, limits = turn.state.manifest, turn.state.limits
    lead = limits.tone_ms if turn.awake else airtime.lead_ms(turn.state)
    turn.do(
        CloseRelay(),
        Play(
            airing=entry.airing,
            attempt=started.starts,
            parts=parts,
            volume=airtime.volume(turn.state, entry, turn.now),
            at=airtime.sounds_at(turn.state, entry, turn.now, lead),
            lead_ms=lead,
            tail_ms=max(limits.tail_ms, manifest.tail_ms if manifest else 0),
        ),
    )


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
    # A session of last night may still count for today in one zone or another.
    bygone = turn.now - 2 * _DAY_MS
    if any(play.end < bygone for play in turn.state.plays.values()):
        turn.change(plays={key: play for key, play in turn.state.plays.items() if play.end >= bygone})
        turn.do(ForgetPlays(bygone))
