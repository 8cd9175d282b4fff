"""Whether an outlet says what stands: the same revision, or why not. PURE"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from broadcaster.domain.mirror import Action, CopyState, Past


class Says(StrEnum):
    """What readers of one outlet find there."""

    SAME = "same"
    COMING = "coming"
    """It waits: for its turn, for the end of quiet hours, for somebody's hand."""
    UNSURE = "unsure"
    """It was sent, and no answer came."""
    OLDER = "older"
    """They read something that does not stand any more; what should take its place was refused."""
    SILENT = "silent"
    """They read nothing of it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What every outlet is to say."""

    revision: int
    """The latest that was approved."""
    withdrawn: bool = False

    def fits(self, copy: Past) -> bool:
        """Whether a copy says this; of a revision that leaves its readers out that is a withdrawal too."""
        return copy.action is Action.WITHDRAW if self.withdrawn else copy.revision == self.revision


def says(standing: Standing, history: Sequence[Past]) -> Says:
    """What an outlet says whose copies came to this, the earliest first; what nobody read need not be taken back."""
    read = [copy for copy in history if copy.may_be_out]
    if not read and (standing.withdrawn or not history):
        return Says.SAME if standing.withdrawn else Says.SILENT
    place = max((place for place, copy in enumerate(history) if standing.fits(copy)), default=None)
    if place is None or history[place].state is CopyState.FAILED or any(it.may_be_out for it in history[place + 1 :]):
        return Says.OLDER if read else Says.SILENT
    wanted = history[place]
    if wanted.state is CopyState.QUEUED:
        return Says.COMING
    return Says.UNSURE if wanted.state is CopyState.UNKNOWN else Says.SAME
