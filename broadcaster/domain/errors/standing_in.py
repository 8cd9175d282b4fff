"""Saying it with a human voice."""

from broadcaster.domain.errors.base import UNCHANGED, LoaError


class StandInLinkGone(LoaError):
    """This link leads nowhere, or no longer leads anywhere."""

    code, status, kept = "stand_in_link_gone", 404, UNCHANGED
    todo = "Ask the commune by phone whether anything must be said."


class StandInEnded(LoaError):
    """This was answered already, or nobody need say it any more."""

    code, status, kept = "stand_in_ended", 409, "What was written down first stays."
    todo = "Open it again and read how it stands now."
