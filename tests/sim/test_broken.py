"""Code broken on purpose: each time the oracle notices, and says what promise it broke."""

from collections.abc import Callable

import pytest

from bench.sim.worlds import outcomes
from device_agent import core, journal, ledger
from device_agent.chores import Asking
from device_agent.turn import Turn

pytestmark = pytest.mark.database

Break = Callable[[pytest.MonkeyPatch], None]


def no_ledger(patch: pytest.MonkeyPatch) -> None:
    """What was begun is not on disk before it sounds, nor what has ended."""
    save = journal.Journal.save

    def forgetful(self: journal.Journal, entry: ledger.Entry) -> None:
        if entry.starts == 0:
            save(self, entry)

    patch.setattr(journal.Journal, "save", forgetful)


def no_tombstones(patch: pytest.MonkeyPatch) -> None:
    """Nothing is ever taken back."""
    patch.setattr(Turn, "cancel", lambda *_: None)
    converge = core._see
    patch.setattr(core, "_converge", lambda turn, found: [converge(turn, item) for item in found.items])


def no_questions(patch: pytest.MonkeyPatch) -> None:
    """Nobody asks again what the network may have lost."""
    patch.setattr(Asking, "turn", lambda *_: None)


@pytest.mark.parametrize(
    ("broken", "seed", "promise"),
    [(no_ledger, 7, "twice"), (no_tombstones, 2, "cancelled"), (no_questions, 1, "unconfirmed")],
)
def test_the_oracle_notices(broken: Break, seed: int, promise: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)
    [one] = outcomes("faults", [seed])
    assert promise in {fault.partition(":")[0] for fault in one.faults}
