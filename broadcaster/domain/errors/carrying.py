"""Loudspeakers that are seldom online: planned far ahead, and reached by hand."""

from broadcaster.domain.errors.base import TYPED, LoaError


class BadDaysAhead(LoaError):
    """A loudspeaker cannot be planned {days} days ahead: {least} to {most} are possible."""

    code, status, kept = "bad_days_ahead", 422, TYPED
    todo = "Give 3 where the loudspeaker is online every day, and up to 35 where somebody carries a stick to it."


class NothingCarried(LoaError):
    """There are no receipts of loudspeakers in what was brought back."""

    code, status = "nothing_carried", 422
    todo = (
        "Give the stick's own folder, or the file the loudspeaker's page handed out; a loudspeaker writes its receipts "
        "within a minute of the stick being there."
    )
