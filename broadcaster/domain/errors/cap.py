"""Alerts of others."""

from broadcaster.domain.errors.base import TYPED, UNCHANGED, LoaError


class CapRefused(LoaError):
    """This is no alert that is believed here: {reason}."""

    code, status, kept = "cap_refused", 422, "Nothing was aired."
    todo = "Look at docs/cap.md for the reason; send it again once it is mended."


class CapIncomplete(LoaError):
    """“{field}” is missing or is not what it should be: {problem}."""

    code, status, kept, todo = "cap_incomplete", 422, TYPED, "Fill it in and save again."


class OwnOrder(LoaError):
    """Alerts are aired without a person only where two people said so, and you are the one who asked."""

    code, status, kept = "own_order", 403, UNCHANGED
    todo = "Ask somebody else who may approve."


class NoOrder(LoaError):
    """What was asked for is not there any more, or it was changed since."""

    code, status, kept, todo = "no_order", 409, UNCHANGED, "Read once more what stands on the page."


class CapNotLive(LoaError):
    """This is an exercise, a test or a message between systems: no alert is ever made of it."""

    code, status, kept = "cap_not_live", 409, UNCHANGED
    todo = "Write a drill if you want to practise."


class CapOver(LoaError):
    """This alert is over: its time has passed, or its sender has cancelled or replaced it."""

    code, status, kept = "cap_over", 409, UNCHANGED
    todo = "Write an announcement yourself if people must still hear of it."


class CapNoDraft(LoaError):
    """No draft can be made of this: it was not refused, there is one already, or it has no words to be read out."""

    code, status, kept = "cap_no_draft", 409, UNCHANGED
    todo = "Look at the source’s page once more."
