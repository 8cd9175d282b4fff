"""What may not be done with a copy in a chat group."""

from broadcaster.domain.errors.base import UNCHANGED, LoaError


class CopyNotNeeded(LoaError):
    """This copy cannot be sent again: it went out after all, a newer one replaced it, or its words hold no longer."""

    code, status, kept = "copy_not_needed", 409, UNCHANGED
    todo = "Look at the list of copies once more; it shows how they stand now."
