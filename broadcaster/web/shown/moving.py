"""What a loudspeaker's move to another unit changes, as people read it before they agree."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.services.places.boxes import Moved
from broadcaster.web.shown.rules import SetView, rule_sets
from broadcaster.web.shown.sight import Sight

MOST_TITLES = 8


@dataclass(frozen=True, slots=True)
class MoveView:
    """The move in words."""

    unit: str
    path: tuple[str, ...]
    """The names of its new unit and those above, topmost first."""
    languages: tuple[tuple[str, ...], tuple[str, ...]]
    ended: tuple[SetView, ...]
    """Rules of the air that no longer hold for it, and those that will."""
    begun: tuple[SetView, ...]
    left: list[tuple[datetime, str]]
    joined: list[tuple[datetime, str]]
    kept: int
    refused: int
    more_left: int
    more_joined: int


def move_view(session: Session, seen: Sight, moved: Moved, language: str, *, now: datetime) -> MoveView:
    """From what a trial changed."""
    before, after = (
        {(each.unit, each.version): each for each in rule_sets(session, unit, language, now) if not each.coming}
        for unit in (moved.before, moved.after)
    )
    return MoveView(
        unit=moved.after,
        path=tuple(seen.names_of(unit) for unit in seen.tree.path(moved.after)),
        languages=moved.languages,
        ended=tuple(before[one] for one in before if one not in after),
        begun=tuple(after[one] for one in after if one not in before),
        left=moved.left[:MOST_TITLES],
        joined=moved.joined[:MOST_TITLES],
        kept=moved.kept,
        refused=moved.refused,
        more_left=max(0, len(moved.left) - MOST_TITLES),
        more_joined=max(0, len(moved.joined) - MOST_TITLES),
    )
