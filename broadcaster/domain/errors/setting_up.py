"""The first ten minutes: lists of villages, chat groups, and the loudspeaker that only pretends."""

from broadcaster.domain.errors.base import TYPED, UNCHANGED, LoaError


class ListUnreadable(LoaError):
    """This file is no list that can be read."""

    code, status, kept = "list_unreadable", 422, UNCHANGED
    todo = "Save it as an Excel workbook (.xlsx) or as CSV in UTF-8 and choose it again, or paste the names."


class ListTooLong(LoaError):
    """The list has more than {most} rows."""

    code, status, kept, todo = "list_too_long", 422, UNCHANGED, "Send it in several parts."


class ListEmpty(LoaError):
    """There is no village in the list."""

    code, status, kept, todo = "list_empty", 422, TYPED, "Type one name on each line, or choose a file."


class ChannelIncomplete(LoaError):
    """“{setting}” is missing."""

    code, status, kept, todo = "channel_incomplete", 422, TYPED, "Fill it in; the secret only has to be typed again."


class ChannelUnusable(LoaError):
    """No chat group can be reached with these settings: {problem}."""

    code, status, kept, todo = "channel_unusable", 422, TYPED, "Compare them with what the provider shows."


class SecretAgain(LoaError):
    """The address changed, and the kept secret would go there."""

    code, status, kept, todo = "secret_again", 422, TYPED, "Type the secret again, or leave the address as it was."


class SecretUnreadable(LoaError):
    """The kept secret cannot be read on this server any more."""

    code, status, kept = "secret_unreadable", 409, TYPED
    todo = "Enter the secret again and save, then switch the group on. The file factors.key is missing or another one."


class NotDueThere(LoaError):
    """That is not to be heard on this pretend loudspeaker now."""

    code, status, kept, todo = "not_due_there", 409, UNCHANGED, "Nothing needs doing; the page looks again by itself."
