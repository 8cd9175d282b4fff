"""Anything may happen to a speaker, in any order; these things must still hold."""

from collections import Counter
from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from device_agent import events
from device_agent.ledger import OVER
from firmware_config.protocol import ClockState, Event, Hours, Kind, Klass, Rules, Sound, barred
from tests.agent.scenes import NOON, Scene, clip, ref, words

pytestmark = pytest.mark.pure

HOUR = 3_600_000
DAYTIME = Rules(3, "Asia/Ho_Chi_Minh", (Hours(tuple(range(7)), 5 * 60, 13 * 60),))
ENDS = {Event.FINISHED, Event.PARTIAL, Event.MISSED, Event.REFUSED, Event.CANCELLED}
NAMES = st.integers(1, 4)


class SpeakerLife(RuleBasedStateMachine):
    """Plans, power cuts, duplicates, clock jumps and a pump that fails."""

    @initialize()
    def begin(self) -> None:
        self.scene = Scene()
        self.scene.manifest = replace(self.scene.manifest, rules=(DAYTIME,))

    @rule(
        name=NAMES,
        klass=st.sampled_from(Klass),
        ahead=st.integers(-20_000, 2 * HOUR),
        window=st.integers(0, HOUR),
        starts=st.integers(1, 3),
        order=st.integers(0, 2),
    )
    def plan(self, name: int, klass: Klass, ahead: int, window: int, starts: int, order: int) -> None:
        scene = self.scene
        begin = max(0, scene.now + ahead)
        made = replace(
            scene.item(name, klass),
            start=begin,
            latest_start=begin + window,
            expires=begin + window + 10_000,
            max_starts=starts,
            order=order,
        )
        others = [one for one in scene.manifest.items if one.airing != made.airing]
        scene.plan(*others, made)

    @rule(name=NAMES, with_clip=st.booleans())
    def bring(self, name: int, with_clip: bool) -> None:
        scene = self.scene
        klass = next((one.klass for one in scene.manifest.items if one.announcement == ref(name)), Klass.NORMAL)
        if ref(name) not in scene.known:
            scene.known[ref(name)] = words(name, klass)
        scene.tell(events.AnnouncementStored(ref(name), scene.known[ref(name)]))
        if with_clip:
            scene.stored.add(clip(name).sha256)
            scene.tell(events.ClipStored(clip(name).sha256))
        else:
            scene.tell(events.ClipFailed(clip(name).sha256))

    @rule(name=NAMES)
    def cancel(self, name: int) -> None:
        scene = self.scene
        airing = f"airing-{name}"
        scene.plan(*[one for one in scene.manifest.items if one.airing != airing], cancelled=(airing,))

    @rule(name=NAMES, klass=st.sampled_from(Klass))
    def live(self, name: int, klass: Klass) -> None:
        self.scene.tell(events.LivePlay(self.scene.item(name, klass)))

    @rule(ms=st.integers(0, 30 * 60_000))
    def pass_time(self, ms: int) -> None:
        self.scene.pass_time(ms)

    @rule(ms=st.integers(-HOUR, HOUR), state=st.sampled_from(ClockState))
    def clock_jumps(self, ms: int, state: ClockState) -> None:
        self.scene.now = max(NOON - HOUR, self.scene.now + ms)
        self.scene.clock(state)

    @precondition(lambda self: self.scene.playing)
    @rule(level=st.integers(-9_000, 0))
    def finish(self, level: int) -> None:
        self.scene.finish(level)

    @precondition(lambda self: self.scene.playing)
    @rule()
    def sound(self) -> None:
        self.scene.sound()

    @precondition(lambda self: self.scene.playing)
    @rule(reason=st.sampled_from(["", "sink_failed", "decoder_failed"]))
    def cut(self, reason: str) -> None:
        self.scene.cut(reason)

    @rule()
    def stop(self) -> None:
        self.scene.tell(events.Stop(None))

    @rule(ms=st.integers(0, HOUR), clock=st.sampled_from(ClockState))
    def power_cut(self, ms: int, clock: ClockState) -> None:
        self.scene.power_cut(ms, clock)

    @invariant()
    def the_same_again_has_no_effects(self) -> None:
        assert self.scene.tell(events.Tick()) == ()

    @invariant()
    def disk_and_memory_agree(self) -> None:
        assert self.scene.journal == dict(self.scene.state.ledger)

    @invariant()
    def each_ends_once_and_starts_as_often_as_allowed(self) -> None:
        ends = Counter(record.airing for record in self.scene.records if record.event in ENDS)
        assert all(count == 1 for count in ends.values())
        for entry in self.scene.state.ledger.values():
            assert (entry.airing in ends) == entry.over

    @invariant()
    def the_relay_is_closed_only_while_something_plays(self) -> None:
        assert self.scene.relay_closed == (self.scene.playing is not None)

    @invariant()
    def what_was_started_was_allowed_to(self) -> None:
        scene = self.scene
        for at, play in scene.plays:
            entry = scene.state.ledger[play.airing]
            if scene.state.clock is ClockState.UNTRUSTED:
                assert entry.item.klass is Klass.EMERGENCY
            elif entry.item.klass is not Klass.EMERGENCY:
                sound = Sound(entry.item.klass, Kind.LIVE, "general", "tb-1", max(at, entry.item.start), 4_000)
                assert barred((DAYTIME,), sound) is None
            assert play.attempt <= entry.item.max_starts
            if scene.state.clock is not ClockState.UNTRUSTED:
                assert at <= entry.item.latest_start
                assert at < entry.item.expires
        scene.plays.clear()

    def teardown(self) -> None:
        """Left alone long enough with a good clock, every airing ends; none is dropped in silence."""
        if not hasattr(self, "scene"):
            return
        scene = self.scene
        scene.clock(ClockState.TRUSTED)
        for _ in range(40):
            if scene.playing:
                scene.finish()
            scene.pass_time(15 * 60_000)
        told = {record.airing for record in scene.records if record.event in ENDS}
        assert all(entry.stage in OVER for entry in scene.state.ledger.values())
        assert {entry.airing for entry in scene.state.ledger.values()} <= told


SpeakerLife.TestCase.settings = settings(
    max_examples=50, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestSpeakerLife = SpeakerLife.TestCase
