"""The state diagrams of docs/states.md, drawn from the tables; `python -m tests.diagrams` writes them anew."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from broadcaster.domain import airing, announcement, mirror, stand_in
from broadcaster.domain.cap import incoming, outgoing
from device_agent import ledger

PAGE = Path(__file__).parent.parent / "docs" / "states.md"

S = TypeVar("S", bound=str)
E = TypeVar("E", bound=str)
Arrow = tuple[str, str, str]
"""From, what happens, to."""


def arrows(table: Mapping[tuple[S, E], S]) -> list[Arrow]:
    """A flat table as arrows; staying where one is needs no arrow."""
    return [(str(state), str(event), str(after)) for (state, event), after in table.items() if state != after]


def diagram(found: Iterable[Arrow]) -> str:
    """A Mermaid state diagram; events between the same two states share one arrow."""
    labels: dict[tuple[str, str], list[str]] = {}
    for state, event, after in found:
        labels.setdefault((state, after), []).append(event)
    lines = [f"  {state} --> {after}: {' / '.join(events)}" for (state, after), events in labels.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def page() -> str:
    """The whole document."""
    nested = [(str(s), str(e), str(a)) for s, row in ledger.TABLE.items() for e, a in row.items() if s is not a]
    parts = {
        "An announcement (`broadcaster/domain/announcement.py`)": arrows(announcement.TABLE),
        "An airing (`broadcaster/domain/airing.py`)": arrows(airing.TABLE),
        "An airing on one speaker (`device_agent/ledger.py`)": nested,
        "A copy in a chat group (`broadcaster/domain/mirror.py`)": arrows(mirror.TABLE),
        "A person who speaks for a loudspeaker (`broadcaster/domain/stand_in.py`)": arrows(stand_in.TABLE),
        "What other systems are told of an emergency (`broadcaster/domain/cap/outgoing.py`)": arrows(outgoing.TABLE),
        "An alert of others (`broadcaster/domain/cap/incoming.py`)": arrows(incoming.TABLE),
    }
    head = (
        "# State machines\n\nDrawn from the tables in the code by `python -m tests.diagrams`; a test fails when they "
        "differ. What has no arrow raises and changes nothing.\nA delivery on the server only ever climbs its ladder "
        "(`broadcaster/domain/delivery.py`): a late or double receipt never takes it back.\n"
    )
    return head + "".join(f"\n## {title}\n\n{diagram(found)}\n" for title, found in parts.items())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
