"""A speaker that was told weeks ahead keeps what a manifest of fewer days does not speak of."""

from dataclasses import replace

import pytest

from device_agent.core import Limits, State, step
from device_agent.events import ClockChanged, ManifestAccepted
from device_agent.ledger import Stage
from firmware_config.protocol import ClockState, Klass, Manifest
from tests.agent.station import DAY, blank_manifest, item

pytestmark = pytest.mark.pure

NOW = 1_790_000_000_000
REFERENCE = "sha256:" + "5a" * 32
NEXT, LATER = (item(f"airing-{day}", REFERENCE, start=NOW + day * DAY) for day in (1, 20))


def after(*manifests: Manifest) -> State:
    state = State(Limits(volumes=dict.fromkeys(Klass, 100), lead_ms=0, tail_ms=0))
    state, _ = step(state, ClockChanged(ClockState.TRUSTED), NOW)
    for manifest in manifests:
        state, _ = step(state, ManifestAccepted(manifest), NOW)
    return state


FAR = replace(blank_manifest(now=NOW), items=(NEXT, LATER), through=NOW + 30 * DAY)


def stages(state: State) -> dict[str, Stage]:
    return {entry.airing: entry.stage for entry in state.ledger.values()}


def test_what_begins_beyond_its_days_is_left_as_it_is() -> None:
    shorter = replace(FAR, version=2, items=(NEXT,), through=NOW + 3 * DAY)
    assert stages(after(FAR, shorter)) == {"airing-1": Stage.SEEN, "airing-20": Stage.SEEN}


def test_what_is_missing_within_its_days_is_taken_back() -> None:
    without = replace(FAR, version=2, items=(NEXT,))
    assert stages(after(FAR, without)) == {"airing-1": Stage.SEEN, "airing-20": Stage.CANCELLED}
    at_the_edge = replace(FAR, version=2, items=(NEXT,), through=LATER.start + 1)
    assert stages(after(FAR, at_the_edge))["airing-20"] is Stage.CANCELLED
    assert stages(after(FAR, replace(at_the_edge, through=LATER.start)))["airing-20"] is Stage.SEEN


def test_what_is_named_as_cancelled_is_taken_back_however_far_it_is() -> None:
    shorter = replace(FAR, version=2, items=(NEXT,), through=NOW + 3 * DAY, cancelled=("airing-20",))
    assert stages(after(FAR, shorter)) == {"airing-1": Stage.SEEN, "airing-20": Stage.CANCELLED}


def test_a_manifest_of_a_broadcaster_that_says_nothing_of_it_takes_back_what_it_does_not_name() -> None:
    old = replace(blank_manifest(now=NOW), version=2, items=(NEXT,))
    assert stages(after(FAR, old)) == {"airing-1": Stage.SEEN, "airing-20": Stage.CANCELLED}
